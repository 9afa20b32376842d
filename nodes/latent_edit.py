"""Nodes that cut, turn, combine and mask latents."""

from typing import Annotated, Literal

from graph import Range, node
from nodes.errors import reported
from nodes.types import Latent, Mask

Place = Annotated[int, Range(0, 16384, 8), "in pixels of the picture"]
Side = Annotated[int, Range(64, 16384, 8), "in pixels of the picture"]
Method = Literal["nearest-exact", "bilinear", "area", "bicubic", "bislerp"]


@node(id="SetLatentNoiseMask", title="Set Latent Noise Mask", category="latent/inpaint", search=("inpaint",))
def set_latent_noise_mask(samples: Latent, mask: Annotated[Mask, "1 where sampling may change it"]) -> Latent:
    """Let sampling change a latent only where a mask is 1."""
    from dataclasses import replace

    return replace(samples, noise_mask=mask)


@node(id="LatentUpscaleBy", title="Upscale Latent By", category="latent", search=("scale", "resize", "hires"))
def latent_upscale_by(
    samples: Latent,
    upscale_method: Method = "nearest-exact",
    scale_by: Annotated[float, Range(0.01, 8, 0.01)] = 1.5,
) -> Latent:
    """Scale latents by a factor; sampling them again with some denoising makes the details."""
    from diffusion.resize import resize

    height, width = (max(round(side * scale_by), 1) for side in samples.samples.shape[-2:])
    return samples.with_samples(resize(samples.samples, width, height, upscale_method))


@node(
    id="LatentFromBatch",
    title="Latent From Batch",
    category="latent/batch",
    search=("pick", "select", "index"),
)
def latent_from_batch(
    samples: Latent,
    batch_index: Annotated[int, Range(0, 63), "the first to take, counted from 0"] = 0,
    length: Annotated[int, Range(1, 64), "how many to take"] = 1,
) -> Latent:
    """Take some latents of a batch; each keeps the noise that it had in the batch."""
    from diffusion.latents import take_latents

    return take_latents(samples, batch_index, length)


@node(
    id="RepeatLatentBatch",
    title="Repeat Latent Batch",
    category="latent/batch",
    search=("copy", "variations"),
)
def repeat_latent_batch(samples: Latent, amount: Annotated[int, Range(1, 64)] = 1) -> Latent:
    """Put copies of latents into one batch."""
    from diffusion.latents import repeat_latents

    return repeat_latents(samples, amount)


@node(id="LatentBatch", title="Batch Latents", category="latent/batch", search=("join", "append"))
def latent_batch(samples1: Latent, samples2: Latent) -> Latent:
    """Put two batches of latents into one; the second is scaled to the first's size."""
    from diffusion.latents import join_latents

    return join_latents(samples1, samples2)


@node(id="LatentComposite", title="Latent Composite", category="latent", search=("paste", "overlay"))
def latent_composite(
    samples_to: Latent,
    samples_from: Latent,
    x: Place = 0,
    y: Place = 0,
    feather: Annotated[int, Range(0, 16384, 8), "how far it fades at its sides, in pixels"] = 0,
) -> Latent:
    """Lay one latent over another at a place."""
    from diffusion.latents import composite_feathered

    return composite_feathered(samples_to, samples_from, x, y, over=feather)


@node(
    id="LatentCompositeMasked",
    title="LatentCompositeMasked",
    category="latent",
    search=("paste", "overlay", "mask"),
)
def latent_composite_masked(
    destination: Latent,
    source: Latent,
    x: Place = 0,
    y: Place = 0,
    resize_source: Annotated[bool, "make the source as large as the destination"] = False,
    mask: Annotated[Mask | None, "lies over the source: 1 shows it"] = None,
) -> Latent:
    """Lay one latent over another at a place, where a mask says so."""
    from diffusion.latents import composite_masked

    return composite_masked(destination, source, x, y, mask=mask, stretch=resize_source)


@node(id="LatentFlip", title="Flip Latent", category="latent/transform", search=("mirror",))
def latent_flip(
    samples: Latent,
    flip_method: Literal["x-axis: vertically", "y-axis: horizontally"] = "x-axis: vertically",
) -> Latent:
    """Turn latents upside down, or left to right."""
    from diffusion.latents import flip_latent

    return flip_latent(samples, flip_method)


@node(id="LatentRotate", title="Rotate Latent", category="latent/transform", search=("turn",))
def latent_rotate(
    samples: Latent, rotation: Literal["none", "90 degrees", "180 degrees", "270 degrees"] = "none"
) -> Latent:
    """Turn latents clockwise."""
    from diffusion.latents import rotate_latent

    return rotate_latent(samples, rotation)


@node(id="LatentCrop", title="Crop Latent", category="latent/transform", search=("cut",))
def latent_crop(samples: Latent, width: Side = 512, height: Side = 512, x: Place = 0, y: Place = 0) -> Latent:
    """Cut out a part of latents, as far as it lies inside."""
    from diffusion.latents import crop_latent

    return crop_latent(samples, width, height, x, y)


@node(id="LatentBlend", title="Latent Blend", category="_for_testing", search=("mix",))
def latent_blend(
    samples1: Latent,
    samples2: Latent,
    blend_factor: Annotated[float, Range(0, 1, 0.01), "1 keeps the first"] = 0.5,
) -> Latent:
    """Mix two latents; the second is scaled to the first's size."""
    from diffusion.latents import combine_latents

    return combine_latents(
        samples1, samples2, lambda a, b: a * blend_factor + b * (1 - blend_factor), "bicubic"
    )


@node(id="LatentAdd", title="Add Latents", category="latent/advanced", search=("plus", "sum"))
def latent_add(samples1: Latent, samples2: Latent) -> Latent:
    """Add two latents, number by number."""
    from diffusion.latents import combine_latents

    return combine_latents(samples1, samples2, lambda a, b: a + b)


@node(
    id="LatentSubtract", title="Subtract Latents", category="latent/advanced", search=("minus", "difference")
)
def latent_subtract(samples1: Latent, samples2: Latent) -> Latent:
    """Take the second latent from the first, number by number."""
    from diffusion.latents import combine_latents

    return combine_latents(samples1, samples2, lambda a, b: a - b)


@node(id="LatentMultiply", title="Multiply Latent", category="latent/advanced", search=("times", "scale"))
def latent_multiply(samples: Latent, multiplier: Annotated[float, Range(-10, 10, 0.01)] = 1.0) -> Latent:
    """Multiply every number of a latent."""
    return samples.with_samples(samples.samples * multiplier)


@node(
    id="LatentInterpolate", title="Interpolate Latents", category="latent/advanced", search=("mix", "between")
)
def latent_interpolate(
    samples1: Latent, samples2: Latent, ratio: Annotated[float, Range(0, 1, 0.01), "1 keeps the first"] = 1.0
) -> Latent:
    """Mix the directions of two latents and, apart from them, their strengths."""
    from diffusion.latents import combine_latents, interpolate

    return combine_latents(samples1, samples2, lambda a, b: interpolate(a, b, ratio))


@node(id="LatentConcat", category="latent/advanced", search=("stitch", "beside", "join"))
def latent_concat(
    samples1: Latent,
    samples2: Annotated[Latent, "as tall, or as wide, as the first"],
    dim: Annotated[
        Literal["x", "-x", "y", "-y", "t", "-t"], "to the right, left, below, above; t is for videos"
    ] = "x",
) -> Latent:
    """Put latents side by side."""
    from diffusion.latents import stitch_latents

    with reported():
        return stitch_latents(samples1, samples2, dim)


@node(id="LatentCut", category="latent/advanced", search=("crop", "slice", "narrow"))
def latent_cut(
    samples: Latent,
    dim: Annotated[Literal["x", "y", "t"], "across or down; t is for videos"] = "x",
    index: Annotated[int, Range(-16384, 16384, 1), "the first latent pixel; below 0 from the end"] = 0,
    amount: Annotated[int, Range(1, 16384, 1), "how many latent pixels, of 8 of the picture each"] = 1,
) -> Latent:
    """Take a strip of latents."""
    from diffusion.latents import cut_latent

    with reported():
        return cut_latent(samples, dim, index, amount)
