"""The node that enlarges pictures with a network."""

from graph import Context, node
from nodes.progress import told_by_tile
from nodes.types import Image, UpscaleModel


@node(
    id="ImageUpscaleWithModel",
    title="Upscale Image (using Model)",
    category="image/upscaling",
    lane="gpu",
    search=("esrgan", "enlarge", "super resolution"),
)
def image_upscale_with_model(context: Context, upscale_model: UpscaleModel, image: Image) -> Image:
    """Enlarge pictures with a network, tile by tile."""
    from diffusion.resize import enlarge

    return enlarge(upscale_model, image, on_tile=told_by_tile(context))
