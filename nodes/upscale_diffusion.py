"""The node for the model that enlarges pictures by painting them anew."""

from typing import Annotated

from graph import Range, node
from nodes.errors import reported
from nodes.inpainting import Prepared
from nodes.types import Conditioning, Image


@node(
    id="SD_4XUpscale_Conditioning",
    title="SD x4 Upscale Conditioning",
    category="conditioning/upscale_diffusion",
    search=("x4", "upscaler", "enlarge", "super resolution"),
)
def sd_4x_upscale_conditioning(
    images: Annotated[Image, "the small pictures"],
    positive: Conditioning,
    negative: Conditioning,
    scale_ratio: Annotated[float, Range(0, 10, 0.01), "4 is what the model was made for"] = 4.0,
    noise_augmentation: Annotated[
        float, Range(0, 1, 0.001), "how much noise hides the small picture; 1 is level 350"
    ] = 0.0,
) -> Prepared:
    """Give the x4 upscaler a small picture, and the latent of the enlarged one."""
    from diffusion.upscale_diffusion import upscale_conditioning

    with reported():
        ratios = {"ratio": scale_ratio, "noise": noise_augmentation}
        return Prepared(*upscale_conditioning(positive, negative, images, **ratios))
