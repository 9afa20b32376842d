"""Nodes for models that keep the depth of a picture."""

from pathlib import Path
from typing import Annotated

from graph import File, node
from nodes.errors import reported
from nodes.inpainting import Prepared
from nodes.types import Conditioning, DepthModel, Image, Vae


@node(
    id="DepthModelFromCheckpoint",
    title="Load Depth Model (from Checkpoint)",
    category="loaders",
    lane="io",
    search=("midas", "dpt", "depth2img", "estimator"),
)
def depth_model_from_checkpoint(
    ckpt_name: Annotated[Path, File("checkpoints"), "a Stable Diffusion 2 depth checkpoint"],
) -> DepthModel:
    """Load the depth estimator that an SD2-depth checkpoint brings along."""
    from diffusion.depth import load_depth

    with reported("ckpt_name"):
        return load_depth(ckpt_name)


@node(
    id="DepthToImageConditioning",
    title="Depth to Image Conditioning",
    category="conditioning/depth",
    lane="gpu",
    search=("depth2img", "midas", "structure"),
)
def depth_to_image_conditioning(
    positive: Conditioning,
    negative: Conditioning,
    vae: Vae,
    pixels: Annotated[Image, "cropped around the centre to multiples of 8 pixels"],
    depth_model: Annotated[DepthModel | None, "estimates the picture's depth"] = None,
    depth: Annotated[Image | None, "the depth instead of an estimate: light is near"] = None,
) -> Prepared:
    """Give a depth model a picture's depth, by an estimate or drawn, and the picture to start from."""
    from diffusion.depth_to_image import depth_conditioning

    with reported():
        made = depth_conditioning(positive, negative, vae, pixels, network=depth_model, drawn=depth)
        return Prepared(*made)
