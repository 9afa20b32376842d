"""Nodes that make, change and combine masks."""

from pathlib import Path
from typing import Annotated, Literal

from graph import Artifact, Context, File, Range, node
from nodes.errors import reported
from nodes.image import PICTURES
from nodes.saving import save_pictures
from nodes.types import Image, Mask, mask_to_image

Place = Annotated[int, Range(0, 16384, 1), "in pixels"]
Side = Annotated[int, Range(1, 16384, 1), "in pixels"]
Colour = Annotated[int, Range(0, 0xFFFFFF, 1), "red, green and blue in one number: 0xRRGGBB"]


@node(id="LoadImageMask", title="Load Image (as Mask)", category="mask", lane="io", search=("open", "alpha"))
def load_image_mask(
    image: Annotated[Path, File("input", upload=True, extensions=PICTURES), "a picture in the input folder"],
    channel: Annotated[
        Literal["alpha", "red", "green", "blue"], "what to read; alpha gives 1 where it is transparent"
    ] = "alpha",
) -> Mask:
    """Read one channel of a picture as a mask."""
    from diffusion.images import read_image
    from diffusion.masks import channel_mask

    with reported("image"):
        picture, transparent = read_image(image)
    return transparent if channel == "alpha" else channel_mask(picture, channel)


@node(id="SolidMask", title="SolidMask", category="mask", search=("empty mask", "full mask"))
def solid_mask(
    value: Annotated[float, Range(0, 1, 0.01), "1 selects everything"] = 1.0,
    width: Side = 512,
    height: Side = 512,
) -> Mask:
    """A mask of one value."""
    import torch

    return torch.full((1, height, width), value)


@node(id="InvertMask", title="InvertMask", category="mask", search=("negative", "not"))
def invert_mask(mask: Mask) -> Mask:
    """Select what is not selected."""
    return 1.0 - mask


@node(id="GrowMask", title="GrowMask", category="mask", search=("dilate", "erode", "shrink", "expand"))
def grow_mask(
    mask: Mask,
    expand: Annotated[int, Range(-16384, 16384, 1), "in pixels; below 0 shrinks"] = 0,
    tapered_corners: Annotated[bool, "grow as a diamond instead of a square"] = True,
) -> Mask:
    """Grow or shrink what is selected."""
    from diffusion.masks import grow

    return grow(mask, expand, tapered=tapered_corners)


@node(id="FeatherMask", title="FeatherMask", category="mask", search=("fade", "soft edge", "gradient"))
def feather_mask(mask: Mask, left: Place = 0, top: Place = 0, right: Place = 0, bottom: Place = 0) -> Mask:
    """Fade a mask towards the sides of the picture."""
    from diffusion.masks import feather

    return feather(mask, left, top, right, bottom)


@node(
    id="MaskComposite", title="MaskComposite", category="mask", search=("combine masks", "union", "intersect")
)
def mask_composite(
    destination: Mask,
    source: Mask,
    x: Place = 0,
    y: Place = 0,
    operation: Annotated[
        Literal["multiply", "add", "subtract", "and", "or", "xor"], "what becomes of the two where they meet"
    ] = "multiply",
) -> Mask:
    """Lay one mask over another at a place."""
    from diffusion.masks import combine

    return combine(destination, source, x, y, operation)


@node(id="CropMask", title="CropMask", category="mask", search=("cut",))
def crop_mask(mask: Mask, x: Place = 0, y: Place = 0, width: Side = 512, height: Side = 512) -> Mask:
    """Cut out a part of a mask, as far as it lies inside."""
    from diffusion.masks import crop

    return crop(mask, x, y, width, height)


@node(id="ThresholdMask", title="ThresholdMask", category="mask", search=("binary", "black and white"))
def threshold_mask(
    mask: Mask, value: Annotated[float, Range(0, 1, 0.01), "the highest that is not"] = 0.5
) -> Mask:
    """Select fully what is selected more than a value, and nothing else."""
    return (mask > value).float()


@node(id="ImageToMask", title="Convert Image to Mask", category="mask", search=("channel",))
def image_to_mask(image: Image, channel: Literal["red", "green", "blue", "alpha"] = "red") -> Mask:
    """Take one channel of a picture as a mask."""
    from diffusion.masks import channel_mask

    with reported():
        return channel_mask(image, channel).clone()


@node(id="MaskToImage", title="Convert Mask to Image", category="mask", search=("show mask", "grey"))
def mask_as_image(mask: Mask) -> Image:
    """Show a mask as a grey picture: white is selected."""
    return mask_to_image(mask)


@node(id="ImageColorToMask", title="ImageColorToMask", category="mask", search=("chroma", "key", "colour"))
def image_color_to_mask(image: Image, color: Colour = 0) -> Mask:
    """Select the pixels that have exactly one colour."""
    from diffusion.masks import colour_mask

    return colour_mask(image, color)


@node(
    id="MaskPreview", title="MaskPreview", category="mask", lane="io", sink=True, search=("show mask", "view")
)
def mask_preview(context: Context, mask: Mask) -> tuple[Artifact, ...]:
    """Show masks without keeping them."""
    return save_pictures(context, mask_to_image(mask), "temp", "mask")
