"""Nodes that say where in the picture a prompt applies, and how strongly."""

from typing import Annotated, Literal

from graph import Range, node
from nodes.types import Conditioning, Mask

Weight = Annotated[float, Range(0, 10, 0.01), "against other prompts at the same place"]
Side = Annotated[int, Range(64, 16384, 8), "in pixels"]
Place = Annotated[int, Range(0, 16384, 8), "in pixels from the left or upper edge"]
Part = Annotated[float, Range(0, 1, 0.01), "as a part of the picture's side"]


@node(
    id="ConditioningSetArea",
    title="Conditioning (Set Area)",
    category="conditioning",
    search=("regional prompt", "composition"),
)
def conditioning_set_area(
    conditioning: Conditioning,
    width: Side = 64,
    height: Side = 64,
    x: Place = 0,
    y: Place = 0,
    strength: Weight = 1.0,
) -> Conditioning:
    """Let a prompt apply in a rectangle, which the model sees on its own; its inner edges fade."""
    from diffusion.conditioning import pixel_area, placed

    return placed(conditioning, pixel_area(x, y, width, height), strength)


@node(
    id="ConditioningSetAreaPercentage",
    title="Conditioning (Set Area with Percentage)",
    category="conditioning",
    search=("regional prompt", "composition"),
)
def conditioning_set_area_percentage(
    conditioning: Conditioning,
    width: Part = 1.0,
    height: Part = 1.0,
    x: Part = 0.0,
    y: Part = 0.0,
    strength: Weight = 1.0,
) -> Conditioning:
    """Let a prompt apply in a rectangle given in parts of the picture, whatever its size."""
    from diffusion.conditioning import placed
    from diffusion.values import Area

    return placed(conditioning, Area(y, x, height, width, relative=True), strength)


@node(
    id="ConditioningSetAreaStrength",
    title="ConditioningSetAreaStrength",
    category="conditioning",
    search=("weight",),
)
def conditioning_set_area_strength(conditioning: Conditioning, strength: Weight = 1.0) -> Conditioning:
    """Weigh a prompt against others at the same place."""
    from diffusion.conditioning import strengthened

    return strengthened(conditioning, strength)


@node(
    id="ConditioningSetMask",
    title="Conditioning (Set Mask)",
    category="conditioning",
    search=("regional prompt", "inpaint"),
)
def conditioning_set_mask(
    conditioning: Conditioning,
    mask: Annotated[Mask, "of any size; 1 where the prompt counts fully"],
    strength: Weight = 1.0,
    set_cond_area: Annotated[
        Literal["default", "mask bounds"],
        "mask bounds shows the model only the rectangle around the mask",
    ] = "default",
) -> Conditioning:
    """Let a prompt count as much at each place as a mask says."""
    from diffusion.conditioning import masked

    return masked(conditioning, mask, strength, bounds=set_cond_area == "mask bounds")
