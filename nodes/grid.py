"""The grid of pictures: what a sweep made, side by side, under labels of what was varied."""

import math
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Literal

from graph import Axes, Axis, NodeError, Range, Text, node, takes_gaps
from nodes.errors import reported
from nodes.types import Image

if TYPE_CHECKING:
    from torch import Tensor

    from diffusion.grid import Labelled, Section

FILES = {".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".png", ".jpg", ".jpeg", ".webp"}
IN_A_ROW = 6


@takes_gaps
@node(
    id="ImageGrid",
    title="Image Grid",
    category="image",
    search=("compare", "comparison", "xyz plot", "contact sheet", "matrix", "labels", "sweep"),
)
def image_grid(
    images: Annotated[list[Image], "all results of a sweep, or several links"],
    axes: Axes,
    columns: Annotated[str, "the axis to go across, or how many pictures"] = "",
    rows: Annotated[str, "the axis to go down"] = "",
    title: str = "",
    labels: Annotated[str, Text(multiline=True), "a line for each picture, instead of the axes"] = "",
    picture_size: Annotated[int, Range(0, 4096, 8), "the longer side in the grid; 0: as it is"] = 0,
    text_size: Annotated[int, Range(0, 256), "of the labels; 0: by the pictures' size"] = 0,
    colours: Literal["light", "dark"] = "light",
) -> Image:
    """Draw all results of a sweep as one picture with labelled rows and columns.

    The cell of what was skipped stays empty.
    """
    from diffusion.grid import draw_grid

    pictures = with_gaps(axes, images)
    every = with_batches(axes, [len(batch) for batch in images])
    sections = arranged(every, len(pictures), columns, rows, labels.splitlines())
    with reported():
        return draw_grid(
            pictures, sections, title=title, picture_size=picture_size, text_size=text_size, colours=colours
        )


def with_gaps(axes: Axes, images: Sequence["Tensor"]) -> list["Tensor | None"]:
    """All pictures in their order, and None for each that was skipped."""
    left, gaps = iter(images), set(axes.gaps)
    batches = [None if place in gaps else next(left) for place in range(len(images) + len(gaps))]
    size = len(images[0]) if images else 0
    return [picture for batch in batches for picture in ([None] * size if batch is None else batch)]


def with_batches(axes: Axes, sizes: Sequence[int]) -> Axes:
    """The axes of all pictures: where each coordinate made several, these are the innermost axis."""
    total = sum(sizes)
    if not len(axes) or not sizes:
        return axes
    each, rest = divmod(total, axes.count - len(axes.gaps))
    if rest or len(set(sizes)) > 1:
        message = (
            f"{total} pictures in batches of {', '.join(map(str, sorted(set(sizes))))} do not fill the axes"
        )
        remedy = "Let every coordinate of the sweep make the same number of pictures."
        raise refused(message, "images", remedy)
    return axes if each == 1 else Axes((*axes, Axis("picture", tuple(range(1, each + 1)))))


def arranged(axes: Axes, count: int, columns: str, rows: str, captions: Sequence[str]) -> list["Section"]:
    """Where each picture goes, and under which labels."""
    from diffusion.grid import contact_sheet, sections_of

    if not count:
        raise refused("there is no picture to show", "images", "Link a picture.")
    shown = [labelled(axis) for axis in axes]
    across, down = place_of(axes, "columns", columns), place_of(axes, "rows", rows)
    in_rows = columns.strip().isdecimal() and across is None
    if captions or not shown or in_rows or (len(shown) == 1 and down is across is None and count > IN_A_ROW):
        if len(shown) > 1 and not captions:
            message = f"there are {len(shown)} axes, which {columns} columns cannot hold"
            raise refused(message, "columns", f"Name the axis to go across: {named(axes)}.")
        captions = captions or [label for axis in shown for label in axis.labels]
        return contact_sheet(count, int(columns) if in_rows else nearly_square(count), captions)
    if len(shown) == 1 and down is not None:
        return sections_of([*shown, labelled(Axis("", ("",)))])
    return sections_of(shown, order(axes, across, down))


def order(axes: Axes, across: int | None, down: int | None) -> list[int]:
    """The axes from the outside in."""
    if across is not None and across == down:
        message = f"rows and columns both name the axis {axes.axes[across].name!r}"
        raise refused(message, "rows", "Name another axis, or none.")
    places = range(len(axes))
    if down is not None and across is None:  # what is left and innermost goes across
        across = max(place for place in places if place != down)
    inside = [place for place in (down, across) if place is not None]
    return [place for place in places if place not in inside] + inside


def nearly_square(count: int) -> int:
    """How many columns make as many pictures a sheet that is rather wide than high."""
    return min(count, math.ceil(math.sqrt(count)))


def place_of(axes: Axes, given: str, name: str) -> int | None:
    """Which axis an input names; None where it names none, or a number of columns."""
    names = [axis.name.casefold() for axis in axes]
    wanted = name.strip().casefold()
    if wanted in names:
        return names.index(wanted)
    if not wanted or not names or (given == "columns" and wanted.isdecimal() and int(wanted)):
        return None
    raise refused(f"there is no axis {name!r}", given, f"Name one of {named(axes)}, or none.")


def named(axes: Axes) -> str:
    return ", ".join(axis.name for axis in axes if axis.name)


def refused(message: str, given: str, remedy: str) -> NodeError:
    return NodeError(message, code="unsuitable", input=given, remedy=remedy)


def labelled(axis: Axis) -> "Labelled":
    from diffusion.grid import Labelled

    return Labelled(axis.name, tuple(label_of(axis, value) for value in axis.values))


def label_of(axis: Axis, value: object) -> str:
    """A value as a reader wants it: numbers with their name, files without folder and ending."""
    name = axis.name.rpartition(".")[2].replace("_", " ")
    if isinstance(value, bool):
        return f"{name} {'on' if value else 'off'}"
    if isinstance(value, int | float):
        return f"{name} {value:.6g}" if isinstance(value, float) else f"{name} {value}"
    if not isinstance(value, str):
        return f"{name} as preset"
    if not axis.name and not value:
        return ""
    path = PurePosixPath(value)
    return path.stem if path.suffix.lower() in FILES else value.strip() or f"no {name}"
