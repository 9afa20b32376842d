"""Nodes that change the look of pictures."""

from typing import Annotated, Literal

from graph import Curve, CurveRange, Range, Seed, node
from nodes.types import Image

Radius = Annotated[int, Range(1, 31, 1), "in pixels"]


@node(
    id="ImageBlend",
    title="Blend Images",
    category="image/postprocessing",
    search=("mix", "multiply", "layer"),
)
def image_blend(
    image1: Image,
    image2: Image,
    blend_factor: Annotated[float, Range(0, 1, 0.01), "0 keeps the first picture"] = 0.5,
    blend_mode: Literal["normal", "multiply", "screen", "overlay", "soft_light", "difference"] = "normal",
) -> Image:
    """Mix two pictures; the second is scaled to the first's size."""
    from diffusion.effects import blend

    return blend(image1, image2, blend_factor, blend_mode)


@node(id="ImageBlur", title="Blur Image", category="image/postprocessing", search=("gaussian", "soft"))
def image_blur(
    image: Image,
    blur_radius: Radius = 1,
    sigma: Annotated[float, Range(0.1, 10, 0.1), "how flat the weights are within the radius"] = 1.0,
) -> Image:
    """Blur pictures."""
    from diffusion.effects import blur

    return blur(image, blur_radius, sigma)


@node(id="ImageSharpen", title="Sharpen Image", category="image/postprocessing", search=("unsharp", "crisp"))
def image_sharpen(
    image: Image,
    sharpen_radius: Radius = 1,
    sigma: Annotated[float, Range(0.1, 10, 0.01), "how flat the weights are within the radius"] = 1.0,
    alpha: Annotated[float, Range(0, 5, 0.01), "how much"] = 1.0,
) -> Image:
    """Sharpen pictures."""
    from diffusion.effects import sharpen

    return sharpen(image, sharpen_radius, sigma, alpha)


@node(
    id="ImageQuantize", title="Quantize Image", category="image/postprocessing", search=("palette", "dither")
)
def image_quantize(
    image: Image,
    colors: Annotated[int, Range(1, 256, 1), "how many"] = 256,
    dither: Literal["none", "floyd-steinberg", "bayer-2", "bayer-4", "bayer-8", "bayer-16"] = "none",
) -> Image:
    """Show pictures in few colours."""
    from diffusion.effects import quantize

    return quantize(image, colors, dither)


@node(id="ImageAddNoise", title="ImageAddNoise", category="image", search=("grain", "gaussian"))
def image_add_noise(
    image: Image, seed: Seed = 0, strength: Annotated[float, Range(0, 1, 0.01), "its deviation"] = 0.5
) -> Image:
    """Add noise to pictures."""
    from diffusion.effects import add_noise

    return add_noise(image, seed, strength)


@node(
    id="Morphology",
    title="ImageMorphology",
    category="image/postprocessing",
    search=("erode", "dilate", "open", "close", "outline"),
)
def morphology(
    image: Image,
    operation: Annotated[
        Literal["erode", "dilate", "open", "close", "gradient", "bottom_hat", "top_hat"],
        "to the darkest, the lightest, both in turn, or what these change",
    ] = "erode",
    kernel_size: Annotated[int, Range(3, 999, 1), "side of the square around a pixel"] = 3,
) -> Image:
    """Thin or thicken what is light, close gaps, or find outlines."""
    from diffusion.morphology import OPERATIONS

    return OPERATIONS[operation](image, kernel_size)


TONES = CurveRange(across="tones")
AS_IT_IS = Curve.line(0, 1)


@node(
    id="ImageCurves",
    title="Image Curves",
    category="image/postprocessing",
    search=("tone", "levels", "contrast", "brightness", "gamma", "colour correction", "rgb curves"),
)
def image_curves(
    image: Image,
    rgb: Annotated[Curve, TONES, "of all colours, after their own"] = AS_IT_IS,
    red: Annotated[Curve, TONES] = AS_IT_IS,
    green: Annotated[Curve, TONES] = AS_IT_IS,
    blue: Annotated[Curve, TONES] = AS_IT_IS,
) -> Image:
    """Change tones by curves from dark to bright, of all colours and of each."""
    from diffusion.curves import toned

    return toned(image, rgb, (red, green, blue))
