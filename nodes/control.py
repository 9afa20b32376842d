"""Nodes that let a picture guide sampling beside the text: ControlNets and T2I-adapters."""

from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from graph import Context, Curve, CurveRange, File, Range, node
from nodes.errors import reported
from nodes.types import Conditioning, ControlNet, Image, Mask, Model, Vae

Strength = Annotated[float, Range(0, 10, 0.01), "1 as it was trained, 0 not at all"]
Hint = Annotated[Image, "what to follow: edges, depth, a pose; it takes the size of the picture"]
ControlFile = Annotated[Path, File("controlnet"), "a ControlNet or T2I-adapter for your checkpoint's family"]
Part = Range(0, 1, 0.001)
FADING = Curve.line(1, 0)


@node(
    id="ControlNetLoader",
    title="Load ControlNet Model",
    category="loaders",
    lane="io",
    search=("t2i adapter", "canny", "openpose"),
)
def control_net_loader(context: Context, control_net_name: ControlFile) -> ControlNet:
    """Load a ControlNet or a T2I-adapter."""
    from diffusion.checkpoint.control_files import load_control

    with reported("control_net_name"):
        return load_control(control_net_name, check=context.check_cancelled)


@node(id="DiffControlNetLoader", title="Load ControlNet Model (diff)", category="loaders", lane="io")
def diff_control_net_loader(context: Context, model: Model, control_net_name: ControlFile) -> ControlNet:
    """Load a ControlNet whose file holds differences to a model's weights, and add them to this model's."""
    from diffusion.checkpoint.control_files import load_control

    with reported("control_net_name"):
        return load_control(control_net_name, base=model, check=context.check_cancelled)


@node(id="ControlNetApply", title="Apply ControlNet (OLD)", category="conditioning/controlnet")
def control_net_apply(
    conditioning: Conditioning, control_net: ControlNet, image: Hint, strength: Strength = 1.0
) -> Conditioning:
    """Guide a prompt by a picture, and the negative prompt, too, unless it has a guide of its own."""
    from diffusion.control import make_control, with_control

    control = make_control(control_net, image, strength=strength, both_sides=True)
    return with_control(conditioning, control)


class Sides(NamedTuple):
    """Both prompts."""

    positive: Conditioning
    negative: Conditioning


@node(
    id="ControlNetApplyAdvanced",
    title="Apply ControlNet",
    category="conditioning/controlnet",
    search=("t2i adapter", "guide", "hint"),
)
def control_net_apply_advanced(
    positive: Conditioning,
    negative: Conditioning,
    control_net: ControlNet,
    image: Hint,
    strength: Strength = 1.0,
    start_percent: Annotated[float, Part, "the part of the way to the picture where it begins"] = 0.0,
    end_percent: Annotated[float, Part, "and where it ends"] = 1.0,
    vae: Annotated[Vae | None, "not needed by ControlNets of Stable Diffusion 1 and 2"] = None,
) -> Sides:
    """Guide both prompts by a picture; several can follow each other."""
    from diffusion.control import make_control, with_control

    control = make_control(control_net, image, strength=strength, start=start_percent, end=end_percent)
    return Sides(with_control(positive, control), with_control(negative, control))


@node(
    id="ControlNetApplyCurve",
    title="Apply ControlNet (Curve)",
    category="conditioning/controlnet",
    search=("control strength schedule", "timestep", "weight over time", "soft"),
)
def control_net_apply_curve(
    positive: Conditioning,
    negative: Conditioning,
    control_net: ControlNet,
    image: Hint,
    strength: Annotated[
        Curve, CurveRange(0, 10, shown=(0, 1.5)), "from the sampler's first step to its last; 0 not at all"
    ] = FADING,
) -> Sides:
    """Guide both prompts by a picture, as strongly as a curve says from step to step."""
    from diffusion.control import make_control, with_control

    control = make_control(control_net, image, strength=1.0, over=strength)
    return Sides(with_control(positive, control), with_control(negative, control))


POOLED = {"as the file": None, "enable": True, "disable": False}


@node(
    id="ControlNetWeights",
    title="ControlNet Weights",
    category="conditioning/controlnet",
    search=("guess mode", "soft weights", "shuffle", "global average pooling"),
)
def control_net_weights(
    control_net: ControlNet,
    decay: Annotated[
        float, Range(0, 1, 0.005), "each finer output weighs this much of the next; 1 all alike"
    ] = 0.825,
    global_average_pooling: Annotated[
        Literal["as the file", "enable", "disable"], "answers without places, as for shuffled pictures"
    ] = "as the file",
) -> ControlNet:
    """Let a ControlNet say more about the composition than about details (guess mode)."""
    with reported():
        return control_net.with_weights(decay=decay, pooled=POOLED[global_average_pooling])


@node(
    id="InpaintPreprocessor",
    title="Inpaint Preprocessor",
    category="conditioning/controlnet",
    search=("controlnet inpaint", "hint", "mask"),
)
def inpaint_preprocessor(image: Image, mask: Annotated[Mask, "what to fill in"]) -> Image:
    """Make the hint of an inpainting ControlNet: the picture, with -1 where it is to be filled in."""
    from diffusion.control import inpaint_hint

    return inpaint_hint(image, mask)
