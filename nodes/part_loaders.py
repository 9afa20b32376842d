"""Nodes that read one network of a model: the UNet or the text encoder."""

from pathlib import Path
from typing import Annotated, Literal

from graph import Context, File, node
from nodes.errors import reported
from nodes.types import Clip, Model

WeightDtype = Annotated[
    Literal["default", "fp8_e4m3fn", "fp8_e4m3fn_fast", "fp8_e5m2"],
    "fp8 rounds the weights, as there; it saves no memory here",
]
ClipType = Annotated[
    Literal[
        "stable_diffusion",
        "stable_cascade",
        "sd3",
        "stable_audio",
        "mochi",
        "ltxv",
        "pixart",
        "cosmos",
        "lumina2",
        "wan",
        "hidream",
        "chroma",
        "ace",
        "omnigen2",
        "qwen_image",
        "hunyuan_image",
    ],
    "of the model that it is for: here always stable_diffusion",
]
Device = Annotated[Literal["default", "cpu"], "where it computes"]


@node(
    id="UNETLoader",
    title="Load Diffusion Model",
    category="advanced/loaders",
    lane="io",
    search=("unet", "diffusers"),
)
def unet_loader(
    context: Context,
    unet_name: Annotated[Path, File("diffusion_models"), "a UNet of Stable Diffusion 1 or 2, in any layout"],
    weight_dtype: WeightDtype = "default",
) -> Model:
    """Load the denoising model from a file of its own."""
    from dataclasses import replace

    import torch

    from diffusion.checkpoint.load import load_unet

    rounded = {
        "fp8_e4m3fn": torch.float8_e4m3fn,
        "fp8_e4m3fn_fast": torch.float8_e4m3fn,
        "fp8_e5m2": torch.float8_e5m2,
    }.get(weight_dtype)
    with reported("unet_name"):
        model = load_unet(unet_name, rounded=rounded, check=context.check_cancelled)
    return replace(model, name=unet_name.stem)


@node(id="CLIPLoader", title="Load CLIP", category="advanced/loaders", lane="io", search=("text encoder",))
def clip_loader(
    context: Context,
    clip_name: Annotated[Path, File("text_encoders"), "a text encoder of Stable Diffusion 1 or 2"],
    type: ClipType = "stable_diffusion",
    device: Device = "default",
) -> Clip:
    """Load a text encoder from a file of its own."""
    import torch

    from diffusion.checkpoint.load import load_text_encoder
    from diffusion.errors import Unsuitable

    with reported("clip_name"):
        if type != "stable_diffusion":
            remedy = "Choose stable_diffusion: only models of Stable Diffusion 1 and 2 can be used."
            raise Unsuitable(f"no model of the type {type} can be used", input="type", remedy=remedy)
        chosen = torch.device("cpu") if device == "cpu" else None
        return load_text_encoder(clip_name, device=chosen, check=context.check_cancelled)
