"""Nodes that make lists, look into them and join them; a list calls what takes one item for each."""

from typing import Annotated, Any

from graph import NodeError, Range, Text, node
from nodes.errors import reported
from nodes.types import Image, Latent

CATEGORY = "utils/list"
SEARCH = ("list", "batch", "items", "for each")
Size = Annotated[int, Range(1, 4096), "how many at once"]
MOST = 10_000


@node(
    id="ListMake",
    title="List",
    category=CATEGORY,
    search=("make", "join", "append", *SEARCH),
    outputs=("list",),
)
def list_make(items: Annotated[list[Any], "values and lists, in the order of the links"]) -> list[Any]:
    """Put values and lists into one list."""
    return list(items)


@node(
    id="ListItem", title="List Item", category=CATEGORY, search=("pick", "index", *SEARCH), outputs=("item",)
)
def list_item(
    items: list[Any], index: Annotated[int, "counted from 0; negative ones from the end"] = 0
) -> Any:
    """Take one item of a list."""
    if not -len(items) <= index < len(items):
        message = f"there is no item {index} in a list of {len(items)}"
        remedy = f"Choose 0 to {len(items) - 1}, or -1 for the last." if items else "Give a list with items."
        raise NodeError(message, code="no_such_item", input="index", remedy=remedy)
    return items[index]


@node(
    id="ListSlice", title="List Slice", category=CATEGORY, search=("part", "cut", *SEARCH), outputs=("list",)
)
def list_slice(
    items: list[Any],
    start: Annotated[int, "the first to take, counted from 0; negative ones from the end"] = 0,
    count: Annotated[int, Range(0, MOST), "how many; 0: all that follow"] = 0,
) -> list[Any]:
    """Take some items of a list that follow each other."""
    first = max(len(items) + start, 0) if start < 0 else start
    return items[first : first + count] if count else items[first:]


@node(id="ListLength", title="List Length", category=CATEGORY, search=("count", *SEARCH), outputs=("length",))
def list_length(items: list[Any]) -> int:
    """How many items a list has."""
    return len(items)


@node(
    id="ListCross",
    title="List Cross",
    category=CATEGORY,
    search=("product", "combinations", "all pairs", *SEARCH),
    outputs=("a", "b"),
)
def list_cross(a: list[Any], b: list[Any]) -> tuple[list[Any], list[Any]]:
    """Make all pairs of two lists, as two lists: every item of one with each of the other."""
    if len(a) * len(b) > MOST:
        message = f"{len(a)} x {len(b)} are {len(a) * len(b):,} pairs, more than {MOST:,}"
        raise NodeError(
            message, code="too_many_items", input="b", remedy="Take a part of one list by ListSlice."
        )
    return [first for first in a for _ in b], [second for _ in a for second in b]


@node(
    id="ListOfNumbers",
    title="List of Numbers",
    category=CATEGORY,
    search=("seeds", "range", *SEARCH),
    outputs=("list",),
)
def list_of_numbers(start: int = 0, count: Annotated[int, Range(0, MOST)] = 4, step: int = 1) -> list[int]:
    """Whole numbers in a row: seeds, for example."""
    return [start + step * place for place in range(count)]


@node(
    id="TextToLines",
    title="Text to Lines",
    category="utils/string",
    search=("split", "prompts", *SEARCH),
    outputs=("lines",),
)
def text_to_lines(
    text: Annotated[str, Text(multiline=True)] = "",
    keep_empty: Annotated[bool, "take empty lines, too"] = False,
) -> list[str]:
    """Split a text into a list of its lines."""
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line or keep_empty]


@node(
    id="LinesToText",
    title="Lines to Text",
    category="utils/string",
    search=("join", "concatenate", *SEARCH),
    outputs=("text",),
)
def lines_to_text(
    lines: list[str], separator: Annotated[str, Text(multiline=True), "stands between"] = "\n"
) -> str:
    """Join a list of texts into one."""
    return separator.join(lines)


@node(id="RebatchImages", title="Rebatch Images", category="image/batch", search=("split", *SEARCH))
def rebatch_images(images: list[Image], batch_size: Size = 1) -> list[Image]:
    """Make a list of batches of one size of pictures; other sizes of pictures begin a new batch."""
    from diffusion import batches

    return batches.rebatch_images(images, batch_size)


@node(id="RebatchLatents", title="Rebatch Latents", category="latent/batch", search=("split", *SEARCH))
def rebatch_latents(latents: list[Latent], batch_size: Size = 1) -> list[Latent]:
    """Make a list of batches of one size of latents; each keeps the noise that it had."""
    from diffusion import batches

    return batches.rebatch_latents(latents, batch_size)


@node(
    id="ImageListToImageBatch", title="Image List to Batch", category="image/batch", search=("join", *SEARCH)
)
def image_list_to_image_batch(images: list[Image]) -> Image:
    """Put all pictures of a list into one batch, at the size of the first."""
    from diffusion.batches import one_batch

    with reported():
        return one_batch(images)
