"""Nodes that scale, cut and turn pictures."""

from typing import Annotated, Literal

from graph import Range, node
from nodes.mask import Place, Side
from nodes.types import Image

Method = Literal["nearest-exact", "bilinear", "area", "bicubic", "lanczos"]


@node(id="ImageScaleBy", title="Upscale Image By", category="image/upscaling", search=("resize", "factor"))
def image_scale_by(
    image: Image,
    upscale_method: Method = "nearest-exact",
    scale_by: Annotated[float, Range(0.01, 8, 0.01)] = 1.0,
) -> Image:
    """Scale pictures by a factor."""
    from diffusion.resize import scale_image

    height, width = (max(round(side * scale_by), 1) for side in image.shape[1:3])
    return scale_image(image, width, height, upscale_method, crop="disabled")


@node(
    id="ImageScaleToTotalPixels",
    title="Scale Image to Total Pixels",
    category="image/upscaling",
    search=("megapixels", "resize"),
)
def image_scale_to_total_pixels(
    image: Image,
    upscale_method: Method = "nearest-exact",
    megapixels: Annotated[float, Range(0.01, 16, 0.01), "of 1024 x 1024 pixels"] = 1.0,
) -> Image:
    """Scale pictures to so many pixels, whatever their shape."""
    from diffusion.resize import scale_image

    tall, wide = image.shape[1:3]
    factor = (megapixels * 1024 * 1024 / (tall * wide)) ** 0.5
    width, height = max(round(wide * factor), 1), max(round(tall * factor), 1)
    return scale_image(image, width, height, upscale_method, crop="disabled")


@node(
    id="ImageScaleToMaxDimension",
    title="ImageScaleToMaxDimension",
    category="image/upscaling",
    search=("resize", "longer side", "fit"),
)
def image_scale_to_max_dimension(
    image: Image,
    upscale_method: Literal["area", "lanczos", "bilinear", "nearest-exact", "bicubic"] = "area",
    largest_size: Annotated[int, Range(0, 16384, 1), "of the longer side, in pixels"] = 512,
) -> Image:
    """Scale pictures to the length of their longer side."""
    from diffusion.resize import scale_image

    tall, wide = image.shape[1:3]
    longest = max(tall, wide)
    width, height = (max(round(side / longest * largest_size), 1) for side in (wide, tall))
    return scale_image(image, width, height, upscale_method, crop="disabled")


@node(id="ImageCrop", title="Image Crop", category="image/transform", search=("cut",))
def image_crop(image: Image, width: Side = 512, height: Side = 512, x: Place = 0, y: Place = 0) -> Image:
    """Cut out a part of pictures, as far as it lies inside."""
    from diffusion.masks import crop

    return crop(image, x, y, width, height)


@node(id="ImageFlip", title="ImageFlip", category="image/transform", search=("mirror",))
def image_flip(
    image: Image,
    flip_method: Literal["x-axis: vertically", "y-axis: horizontally"] = "x-axis: vertically",
) -> Image:
    """Turn pictures upside down, or left to right."""
    from diffusion.compose import flip

    return flip(image, flip_method, height=1, width=2)


@node(id="ImageRotate", title="ImageRotate", category="image/transform", search=("turn",))
def image_rotate(
    image: Image, rotation: Literal["none", "90 degrees", "180 degrees", "270 degrees"] = "none"
) -> Image:
    """Turn pictures clockwise."""
    from diffusion.compose import rotate

    return rotate(image, rotation, height=1, width=2)
