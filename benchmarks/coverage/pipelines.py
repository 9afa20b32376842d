"""Whole samplings against diffusers' pipelines on the same weights: latent and picture at the end."""

from collections.abc import Iterator
from dataclasses import replace

from benchmarks.coverage.row import Measured, Run, apart
from tests.diffusion import pipelines
from tests.diffusion.pipelines import UNET, Compared

# Latents of untrained networks reach 10, and 4 guided steps add up the rounding of float32.
LATENT_ERROR, PICTURE_ERROR = 2e-4, 2e-5


def measured(what: str, pipeline: str, compared: Compared) -> Iterator[Measured]:
    """Both results of one sampling."""
    reference = f"diffusers {pipeline}"
    latent, picture = compared.theirs
    yield Measured(f"{what}: latent", reference, apart(compared.latent, latent), LATENT_ERROR)
    yield Measured(f"{what}: picture", reference, apart(compared.picture, picture), PICTURE_ERROR)


def text_to_image(_: Run) -> Iterator[Measured]:
    """From noise, and from a picture."""
    yield from measured("text to image", "StableDiffusionPipeline", pipelines.text_to_image())
    yield from measured("image to image", "StableDiffusionImg2ImgPipeline", pipelines.image_to_image())


def velocity(_: Run) -> Iterator[Measured]:
    """SD2's structure with v-prediction."""
    config = replace(UNET, linear_projections=True, head_dim=16)
    made = pipelines.text_to_image(v=True, unet=config)
    yield from measured("v-prediction", "StableDiffusionPipeline", made)


def inpainting(_: Run) -> Iterator[Measured]:
    """Models of nine channels for both families, and any model inside a mask."""
    name = "StableDiffusionInpaintPipeline"
    yield from measured("9 channels, SD1", name, pipelines.inpainting())
    sd2 = pipelines.inpainting(linear_projections=True, head_dim=16)
    yield from measured("9 channels, SD2", name, sd2)
    yield from measured("latent inside a mask", name, pipelines.masked_latent())


def depth_to_image(_: Run) -> Iterator[Measured]:
    """A model of five channels."""
    yield from measured("5 channels", "StableDiffusionDepth2ImgPipeline", pipelines.depth_to_image())


def editing(_: Run) -> Iterator[Measured]:
    """A model of eight channels, guided by picture and sentence apart."""
    made = pipelines.editing_by_instruction()
    yield from measured("8 channels", "StableDiffusionInstructPix2PixPipeline", made)


def x4_upscaling(_: Run) -> Iterator[Measured]:
    """A model of seven channels, at the usual and at the highest level of noise."""
    for level in (20, 350):
        made = pipelines.x4_upscaling(level)
        yield from measured(f"7 channels, level {level}", "StableDiffusionUpscalePipeline", made)
