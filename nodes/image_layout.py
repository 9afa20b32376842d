"""Nodes that put pictures side by side, onto sheets of a size, and apart into brightness and colour."""

from typing import Annotated, Literal, NamedTuple

from graph import Range, node
from nodes.errors import reported
from nodes.mask import Side
from nodes.types import Image


@node(
    id="ImageStitch",
    title="Image Stitch",
    category="image/transform",
    search=("side by side", "concatenate", "beside", "join"),
)
def image_stitch(
    image1: Image,
    *,
    direction: Annotated[Literal["right", "down", "left", "up"], "where the second goes"] = "right",
    match_image_size: Annotated[bool, "scale the second to the first's side; else pad the shorter"] = True,
    spacing_width: Annotated[int, Range(0, 1024, 2), "pixels between them"] = 0,
    spacing_color: Literal["white", "black", "red", "green", "blue"] = "white",
    image2: Annotated[Image | None, "without it the first is passed on"] = None,
) -> Image:
    """Put two pictures side by side, or above each other."""
    from diffusion.stitching import stitch

    if image2 is None:
        return image1
    return stitch(
        image1, image2, direction, match=match_image_size, spacing=spacing_width, colour=spacing_color
    )


@node(
    id="ResizeAndPadImage",
    title="ResizeAndPadImage",
    category="image/transform",
    search=("letterbox", "fit", "border"),
)
def resize_and_pad_image(
    image: Image,
    target_width: Side = 512,
    target_height: Side = 512,
    padding_color: Literal["white", "black"] = "white",
    interpolation: Literal["area", "bicubic", "nearest-exact", "bilinear", "lanczos"] = "area",
) -> Image:
    """Scale pictures into the middle of a sheet of a size, without distorting them."""
    from diffusion.stitching import fit_and_pad

    return fit_and_pad(image, target_width, target_height, interpolation, white=padding_color == "white")


class Apart(NamedTuple):
    """A picture's brightness and two differences of colour, each as a grey picture."""

    Y: Image
    U: Image
    V: Image


@node(id="ImageRGBToYUV", category="image/batch", search=("luminance", "chroma", "brightness", "split"))
def image_rgb_to_yuv(image: Image) -> Apart:
    """Take pictures apart into brightness (Y) and colour (U and V, 0.5 for none)."""
    from diffusion.yuv import apart

    return Apart(*apart(image))


@node(id="ImageYUVToRGB", category="image/batch", search=("luminance", "chroma", "merge"))
def image_yuv_to_rgb(Y: Image, U: Image, V: Image) -> Image:
    """Put pictures together from brightness (Y) and colour (U and V)."""
    from diffusion.yuv import together

    with reported():
        return together(Y, U, V)
