"""Nodes that read, show, save and change pictures."""

from pathlib import Path
from typing import Annotated, Literal

from graph import Artifact, Context, File, Range, node
from nodes.errors import reported
from nodes.saving import save_pictures
from nodes.types import Image, Mask

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff")
NewSide = Annotated[int, Range(0, 16384, 1), "in pixels; 0 keeps the shape"]


@node(id="LoadImage", title="Load Image", category="image", lane="io", search=("open", "input", "picture"))
def load_image(
    image: Annotated[Path, File("input", upload=True, extensions=PICTURES), "a picture in the input folder"],
) -> tuple[Image, Mask]:
    """Read a picture; the mask is 1 where it is transparent."""
    from diffusion.images import read_image

    with reported("image"):
        return read_image(image)


@node(
    id="LoadImageOutput",
    title="Load Image (from Outputs)",
    category="image",
    lane="io",
    search=("open", "result", "picture"),
)
def load_image_output(
    image: Annotated[Path, File("output", extensions=PICTURES), "a picture in the output folder"],
) -> tuple[Image, Mask]:
    """Read a picture that a run saved; the mask is 1 where it is transparent."""
    from diffusion.images import read_image

    with reported("image"):
        return read_image(image)


@node(
    id="SaveImage",
    title="Save Image",
    category="image",
    lane="io",
    sink=True,
    search=("output", "write", "png"),
)
def save_image(
    context: Context,
    images: Image,
    filename_prefix: Annotated[
        str, "folders allowed; %width%, %height%, %year%, %batch_num% are filled in"
    ] = ("Tessera"),
) -> tuple[Artifact, ...]:
    """Write pictures into the output folder, each with the workflow that made it."""
    return save_pictures(context, images, "output", filename_prefix)


@node(
    id="PreviewImage", title="Preview Image", category="image", lane="io", sink=True, search=("show", "view")
)
def preview_image(context: Context, images: Image) -> tuple[Artifact, ...]:
    """Show pictures without keeping them."""
    return save_pictures(context, images, "temp", "preview")


@node(
    id="ImageScale",
    title="Upscale Image",
    category="image/upscaling",
    search=("resize", "scale image", "size"),
)
def image_scale(
    image: Image,
    upscale_method: Literal["nearest-exact", "bilinear", "area", "bicubic", "lanczos"] = "nearest-exact",
    width: NewSide = 512,
    height: NewSide = 512,
    crop: Annotated[Literal["disabled", "center"], "whether to cut to the new shape first"] = "disabled",
) -> Image:
    """Scale pictures to a size."""
    from diffusion.resize import scale_image

    return scale_image(image, width, height, upscale_method, crop=crop)


@node(id="ImageInvert", title="Invert Image", category="image", search=("negative",))
def image_invert(image: Image) -> Image:
    """Turn light into dark and back."""
    return 1.0 - image
