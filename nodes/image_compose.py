"""Nodes that lay pictures over each other, put them into batches, and handle their alpha channel."""

from typing import Annotated

from diffusion.porter_duff_modes import Mode
from graph import Range, node
from nodes.mask import Colour, Place, Side
from nodes.types import Image, Mask

Border = Annotated[int, Range(0, 16384, 8), "in pixels"]


@node(
    id="ImageCompositeMasked",
    title="ImageCompositeMasked",
    category="image",
    search=("paste", "overlay", "layer"),
)
def image_composite_masked(
    destination: Image,
    source: Image,
    x: Place = 0,
    y: Place = 0,
    resize_source: Annotated[bool, "make the source as large as the destination"] = False,
    mask: Annotated[Mask | None, "lies over the source: 1 shows it"] = None,
) -> Image:
    """Lay one picture over another at a place, where a mask says so."""
    from diffusion.compose import composite

    return composite(destination, source, x, y, mask=mask, stretch=resize_source)


@node(
    id="ImagePadForOutpaint",
    title="Pad Image for Outpainting",
    category="image",
    search=("border", "extend", "outpaint"),
)
def image_pad_for_outpaint(
    image: Image,
    left: Border = 0,
    top: Border = 0,
    right: Border = 0,
    bottom: Border = 0,
    feathering: Annotated[int, Range(0, 16384, 1), "how far the mask fades into the picture, in pixels"] = 40,
) -> tuple[Image, Mask]:
    """Add a grey border, and a mask of what is to be painted."""
    from diffusion.compose import pad_for_outpaint

    return pad_for_outpaint(image, left, top, right, bottom, feathering=feathering)


@node(id="ImageBatch", title="Batch Images", category="image", search=("join", "append"))
def image_batch(image1: Image, image2: Image) -> Image:
    """Put two batches of pictures into one; the second is scaled to the first's size."""
    from diffusion.compose import join_images

    return join_images(image1, image2)


@node(id="ImageFromBatch", title="ImageFromBatch", category="image/batch", search=("pick", "select", "index"))
def image_from_batch(
    image: Image,
    batch_index: Annotated[int, Range(0, 4095), "the first to take, counted from 0"] = 0,
    length: Annotated[int, Range(1, 4096), "how many to take"] = 1,
) -> Image:
    """Take some pictures of a batch."""
    from diffusion.compose import take

    return take(image, batch_index, length).clone()


@node(id="RepeatImageBatch", title="RepeatImageBatch", category="image/batch", search=("copy", "duplicate"))
def repeat_image_batch(image: Image, amount: Annotated[int, Range(1, 4096)] = 1) -> Image:
    """Put copies of pictures into one batch."""
    return image.repeat(amount, 1, 1, 1)


@node(id="EmptyImage", title="EmptyImage", category="image", search=("solid", "colour", "blank"))
def empty_image(
    width: Side = 512, height: Side = 512, batch_size: Annotated[int, Range(1, 4096)] = 1, color: Colour = 0
) -> Image:
    """Pictures of one colour."""
    from diffusion.compose import solid
    from diffusion.masks import rgb_of

    return solid(width, height, batch_size, rgb_of(color))


@node(
    id="GetImageSize",
    title="Get Image Size",
    category="image",
    outputs=("width", "height", "batch_size"),
    search=("dimensions", "resolution"),
)
def get_image_size(image: Image) -> tuple[int, int, int]:
    """Width and height in pixels, and how many pictures there are."""
    batch, height, width = image.shape[:3]
    return width, height, batch


@node(
    id="JoinImageWithAlpha",
    title="Join Image with Alpha",
    category="mask/compositing",
    search=("transparent",),
)
def join_image_with_alpha(image: Image, alpha: Annotated[Mask, "1 is transparent"]) -> Image:
    """Make pictures transparent where a mask is 1."""
    from diffusion.compose import join_alpha

    return join_alpha(image, alpha)


@node(
    id="SplitImageWithAlpha",
    title="Split Image with Alpha",
    category="mask/compositing",
    search=("transparent",),
)
def split_image_with_alpha(image: Image) -> tuple[Image, Mask]:
    """Take the alpha channel off pictures; the mask is 1 where they are transparent."""
    from diffusion.compose import split_alpha

    return split_alpha(image)


@node(
    id="PorterDuffImageComposite",
    title="Porter-Duff Image Composite",
    category="mask/compositing",
    search=("overlay", "layer", "blend mode", "transparent"),
)
def porter_duff_image_composite(
    source: Image,
    source_alpha: Annotated[Mask, "1 is transparent"],
    destination: Image,
    destination_alpha: Annotated[Mask, "1 is transparent"],
    mode: Annotated[Mode, "what shows where: the source (SRC), the destination (DST), both"] = "DST",
) -> tuple[Image, Mask]:
    """Lay a picture over another, both with their own transparency."""
    from diffusion.porter_duff import porter_duff

    return porter_duff(source, source_alpha, destination, destination_alpha, mode)
