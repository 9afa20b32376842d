"""Nodes for models that paint inside a mask or edit by instruction, and for masks that open bit by bit."""

from typing import Annotated, NamedTuple

from graph import Range, node
from nodes.errors import reported
from nodes.types import Conditioning, Image, Latent, Mask, Model, Vae


class Prepared(NamedTuple):
    """Both prompts, and the latent to start from."""

    positive: Conditioning
    negative: Conditioning
    latent: Latent


@node(
    id="InpaintModelConditioning",
    title="InpaintModelConditioning",
    category="conditioning/inpaint",
    lane="gpu",
    search=("mask", "repaint", "outpaint"),
)
def inpaint_model_conditioning(
    positive: Conditioning,
    negative: Conditioning,
    vae: Vae,
    pixels: Annotated[Image, "cropped around the centre to multiples of 8 pixels"],
    mask: Annotated[Mask, "1 where to paint; scaled to the picture"],
    noise_mask: Annotated[bool, "whether everything outside the mask stays as it is"] = True,
) -> Prepared:
    """Give an inpainting model the picture and the mask of what to paint."""
    from diffusion.inpaint import inpaint_conditioning

    with reported():
        return Prepared(*inpaint_conditioning(positive, negative, vae, pixels, mask, masked=noise_mask))


@node(
    id="DifferentialDiffusion",
    title="Differential Diffusion",
    category="_for_testing",
    search=("inpaint", "grey mask", "soft mask", "gradual"),
)
def differential_diffusion(
    model: Model,
    strength: Annotated[float, Range(0, 1, 0.01), "0 takes the mask as it is"] = 1.0,
) -> Model:
    """Let a grey mask say how much may change: a place opens for its own last part of the steps."""
    from diffusion.sampling.inside import DifferentialMask

    return model.with_steering(DifferentialMask(strength))


@node(
    id="InstructPixToPixConditioning",
    title="Instruct Pix2Pix Conditioning",
    category="conditioning/instructpix2pix",
    lane="gpu",
    search=("edit", "ip2p", "instruction"),
)
def instruct_pix_to_pix_conditioning(
    positive: Annotated[Conditioning, "the instruction"],
    negative: Conditioning,
    vae: Vae,
    pixels: Annotated[Image, "the picture to edit"],
) -> Prepared:
    """Give a model that edits by instruction the picture to edit."""
    from diffusion.inpaint import edit_conditioning

    with reported():
        return Prepared(*edit_conditioning(positive, negative, vae, pixels))


class Bounds(NamedTuple):
    """A place in a picture and its size, in pixels."""

    x: int
    y: int
    width: int
    height: int


@node(
    id="MaskBounds",
    title="Bounds of Mask",
    category="mask",
    search=("inpaint", "crop", "detail", "only masked", "region"),
)
def mask_bounds(
    mask: Mask,
    margin: Annotated[int, Range(0, 4096), "pixels around what is selected"] = 32,
    square: Annotated[bool, "as tall as wide, as models like it"] = True,
) -> Bounds:
    """Find the part of a picture around a mask, to cut it out, paint it large and lay it back."""
    from diffusion.inpaint import surroundings

    with reported():
        return Bounds(*surroundings(mask, margin, square=square))
