"""Nodes that make latents, scale them, and go between latents and pictures."""

from typing import Annotated, Literal

from graph import Context, Range, node
from nodes.errors import reported
from nodes.progress import warned_of_tiles
from nodes.types import Image, Latent, Vae

Side = Annotated[int, Range(16, 16384, 8)]
NewSide = Annotated[int, Range(0, 16384, 8), "in pixels of the picture; 0 keeps the shape"]


@node(
    id="EmptyLatentImage",
    title="Empty Latent Image",
    category="latent",
    search=("size", "resolution", "width", "height"),
)
def empty_latent_image(
    width: Annotated[Side, "of the picture, in pixels"] = 512,
    height: Annotated[Side, "of the picture, in pixels"] = 512,
    batch_size: Annotated[int, Range(1, 4096), "how many pictures at once"] = 1,
) -> Latent:
    """An empty latent of a size, to be filled by a sampler."""
    import torch

    from diffusion.values import Latent

    return Latent(torch.zeros(batch_size, 4, height // 8, width // 8))


@node(id="VAEDecode", title="VAE Decode", category="latent", lane="gpu", search=("latent to image",))
def vae_decode(context: Context, samples: Latent, vae: Vae) -> Image:
    """Decode latents into pictures; in tiles, where memory is too small for all at once."""
    with reported():
        return vae.decode(samples.samples, on_tile=warned_of_tiles(context), check=context.check_cancelled)


@node(id="VAEEncode", title="VAE Encode", category="latent", lane="gpu", search=("image to latent",))
def vae_encode(context: Context, pixels: Image, vae: Vae) -> Latent:
    """Encode pictures into latents, cropped around the centre to multiples of 8 pixels."""
    from diffusion.values import Latent

    with reported():
        return Latent(vae.encode(pixels, on_tile=warned_of_tiles(context), check=context.check_cancelled))


@node(id="LatentUpscale", title="Upscale Latent", category="latent", search=("scale", "resize", "hires"))
def latent_upscale(
    samples: Latent,
    upscale_method: Literal["nearest-exact", "bilinear", "area", "bicubic", "bislerp"] = "nearest-exact",
    width: NewSide = 512,
    height: NewSide = 512,
    crop: Annotated[Literal["disabled", "center"], "whether to cut to the new shape first"] = "disabled",
) -> Latent:
    """Scale latents; sampling them again with some denoising makes the details."""
    from diffusion.resize import fit_size, resize

    if width == height == 0:
        return samples
    tall, wide = samples.samples.shape[-2:]
    width, height = fit_size(width, height, (wide * 8, tall * 8), least=64)
    return samples.with_samples(resize(samples.samples, width // 8, height // 8, upscale_method, crop=crop))
