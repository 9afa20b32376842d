"""Grids: pictures side by side under the labels of what was varied, drawn as one picture."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal, TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw
from torch import Tensor

from diffusion.errors import Unsuitable
from diffusion.lettering import LEADING, Lines, wrapped

LARGEST_SIDE = 16_384
WIDE = 1.5
"""How much wider than high a sheet is at best."""
Colours = Literal["light", "dark"]
T = TypeVar("T")


@dataclass(frozen=True)
class Palette:
    paper: str
    cell: str
    """Beside a picture that does not fill its cell."""
    ink: str
    faint: str
    rule: str


PALETTES: dict[Colours, Palette] = {
    "light": Palette("#ffffff", "#f1f1f3", "#1d1d1f", "#5f5f66", "#d9d9de"),
    "dark": Palette("#17181c", "#212227", "#ededf0", "#a3a3ac", "#3a3b42"),
}


@dataclass(frozen=True)
class Labelled:
    """One way in which pictures vary: its name, and a label for each position."""

    name: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Pictures by their numbers, row by row; `captions` stand under them where no header names them."""

    numbers: tuple[tuple[int, ...], ...]
    columns: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    title: str = ""


@dataclass(frozen=True)
class Section:
    tables: tuple[Table, ...]
    title: str = ""


def sections_of(axes: Sequence[Labelled], order: Sequence[int] | None = None) -> list[Section]:
    """Tables for pictures that are in the order of the axes' product, the last axis fastest.

    `order` names the axes from the outside in. The innermost makes the columns, the next one the rows, the
    next tables with titles, and what is further out sections of tables.
    """
    order = list(range(len(axes))) if order is None else list(order)
    shown = [axes[place] for place in order]
    none = Labelled("", ("",))
    blocks, rows, columns = [none] * (3 - len(shown)) + shown[-3:]
    outer = shown[:-3]
    sizes = [len(axis.labels) for axis in axes]
    placed = np.arange(math.prod(sizes)).reshape(sizes).transpose(order)
    shape = (-1, len(blocks.labels), len(rows.labels), len(columns.labels))
    numbers = placed.reshape(shape).tolist()
    return [
        Section(
            tuple(
                Table(tuple(map(tuple, cells)), columns.labels, rows.labels, title=name)
                for name, cells in zip(blocks.labels, group, strict=True)
            ),
            " · ".join(titles),
        )
        for titles, group in zip(product(*(axis.labels for axis in outer)), numbers, strict=True)
    ]


def contact_sheet(count: int, columns: int, captions: Sequence[str] = ()) -> list[Section]:
    """Pictures in rows, each over its caption."""
    rows = _rows(range(count), columns)
    return [Section((Table(tuple(map(tuple, rows)), captions=tuple(captions)),))]


def _rows(items: Sequence[T], length: int) -> list[Sequence[T]]:
    return [items[start : start + length] for start in range(0, len(items), length)]


def draw_grid(
    pictures: Sequence[Tensor | None],
    sections: Sequence[Section],
    *,
    title: str = "",
    picture_size: int = 0,
    text_size: int = 0,
    colours: Colours = "light",
) -> Tensor:
    """A picture [1, H, W, 3] of pictures [H, W, C] of any sizes, each as large as its cell lets it be.

    The cell is as large as the largest picture, or has `picture_size` as its longer side; a `text_size` of 0
    goes by the cell. None leaves its cell empty.
    """
    there = [picture for picture in pictures if picture is not None]
    high, wide = (max(picture.shape[side] for picture in there) for side in (0, 1))
    factor = picture_size / max(high, wide) if picture_size else 1
    cell = (max(1, round(wide * factor)), max(1, round(high * factor)))
    drawing = Drawing(cell, text_size or max(13, round(0.035 * min(cell) + 7)), PALETTES[colours])
    laid = [drawing.section(section, len(sections)) for section in sections]
    width = max(part.width for part in laid)
    heading = wrapped(title, round(drawing.text * 1.55), max(width, drawing.text * 12), 4)
    width = max(width, heading.width) + 2 * drawing.margin
    top = drawing.margin + (heading.height + drawing.margin if heading.lines else 0)
    height = top + sum(part.height for part in laid) + drawing.apart * (len(laid) - 1) + drawing.margin
    if max(width, height) > LARGEST_SIDE:
        message = f"the grid would be {width} x {height}, and a side holds {LARGEST_SIDE} at most"
        fits = int(0.95 * max(cell) * LARGEST_SIDE / max(width, height)) // 8 * 8
        remedy = f"Set picture_size to {max(8, fits)}."
        raise Unsuitable(message, input="picture_size", remedy=remedy)
    sheet = Image.new("RGB", (width, height), drawing.palette.paper)
    canvas = ImageDraw.Draw(sheet)
    heading.draw(canvas, drawing.margin, drawing.margin, drawing.palette.ink)
    places: list[tuple[int, int, int]] = []
    for part in laid:
        places += part.draw(canvas, drawing.margin, top)
        top += part.height + drawing.apart
    image = torch.from_numpy(np.array(sheet)).float() / 255
    for number, x, y in places:
        if (picture := pictures[number]) is not None:
            _paste(image, picture, x, y, cell)
    return image[None]


def _paste(sheet: Tensor, picture: Tensor, x: int, y: int, cell: tuple[int, int]) -> None:
    """Lay a picture [H, W, 1, 3 or 4] into the middle of its cell."""
    high, wide, channels = picture.shape
    factor = min(cell[0] / wide, cell[1] / high)
    size = (max(1, round(high * factor)), max(1, round(wide * factor)))
    if size != (high, wide):
        planes = picture.movedim(-1, 0)[None]
        planes = F.interpolate(planes, size, mode="bicubic", antialias=factor < 1, align_corners=False)
        picture = planes[0].movedim(0, -1).clamp(0, 1)
    x, y = x + (cell[0] - size[1]) // 2, y + (cell[1] - size[0]) // 2
    place = sheet[y : y + size[0], x : x + size[1]]
    opacity = picture[..., 3:4] if channels == 4 else 1.0
    place.copy_(picture[..., :3] * opacity + place * (1 - opacity))


@dataclass(frozen=True)
class Drawing:
    """What all parts of one sheet share: the size of a cell, of the type, and the space between."""

    cell: tuple[int, int]
    text: int
    palette: Palette

    @property
    def gap(self) -> int:
        return max(4, round(self.text * 0.35))

    @property
    def margin(self) -> int:
        return round(self.text * 1.4)

    @property
    def apart(self) -> int:
        """Between tables."""
        return round(self.text * 2)

    def section(self, section: Section, sections: int) -> "LaidSection":
        """Tables next to each other, as many as make so many sections a sheet that is wide, not long."""
        tables = [LaidTable(self, table) for table in section.tables]
        wide, high = (max(table.width for table in tables), max(table.height for table in tables))
        wide, high = wide + self.apart, high + self.apart

        def away(across: int) -> float:
            down = math.ceil(len(tables) / across)
            empty = (across * down - len(tables)) / len(tables)
            return abs(math.log(across * wide / (down * sections * high) / WIDE)) + empty

        across = min(range(1, len(tables) + 1), key=away)
        return LaidSection(self, section.title, tuple(tables), across)


class LaidTable:
    """A table whose text is broken into lines, so that its size is known."""

    def __init__(self, drawing: Drawing, table: Table) -> None:
        self.drawing, self.table = drawing, table
        wide, high = drawing.cell
        size = drawing.text
        longest = max(wide, 11 * size)
        in_height = max(1, int(high / (size * LEADING)))
        self.columns = [wrapped(label, size, wide, 5) for label in table.columns]
        self.rows = [wrapped(label, size, longest, in_height) for label in table.rows]
        self.captions = [wrapped(label, size, wide, 5) for label in table.captions]
        self.side = max((label.width for label in self.rows), default=0)
        self.left = self.side + 2 * drawing.gap if self.side else 0
        self.head = _tallest(self.columns)
        self.top = self.head + round(1.5 * drawing.gap) if self.head else 0
        across = max(len(row) for row in table.numbers)
        self.body = across * wide + (across - 1) * drawing.gap
        self.width = self.left + self.body
        self.title = wrapped(table.title, round(size * 1.2), self.width, 3)
        self.feet = [self._foot(row) for row in table.numbers]
        count = len(table.numbers)
        self.above = self.title.height + drawing.gap if self.title.lines else 0
        self.height = self.above + self.top + sum(self.feet) + count * high + (count - 1) * drawing.gap

    def _foot(self, row: Sequence[int]) -> int:
        """The room under a row for its captions."""
        tallest = _tallest([self.captions[number] for number in row if number < len(self.captions)])
        return tallest + 2 * self.drawing.gap if tallest else 0

    def draw(self, canvas: ImageDraw.ImageDraw, x: int, y: int) -> list[tuple[int, int, int]]:
        """Draw labels and empty cells; the answer is where each picture belongs."""
        (wide, high), gap, palette = self.drawing.cell, self.drawing.gap, self.drawing.palette
        self.title.draw(canvas, x + self.left, y, palette.ink)
        y += self.above
        for place, label in enumerate(self.columns):
            middle = x + self.left + place * (wide + gap) + wide / 2
            label.draw(canvas, middle, y + self.head - label.height, palette.ink, "centre")
        y += self.top
        places = []
        for at, row in enumerate(self.table.numbers):
            if self.rows:
                label = self.rows[at]
                label.draw(canvas, x + self.side, y + (high - label.height) / 2, palette.ink, "right")
            for place, number in enumerate(row):
                left = x + self.left + place * (wide + gap)
                canvas.rectangle((left, y, left + wide - 1, y + high - 1), fill=palette.cell)
                places.append((number, left, y))
                if number < len(self.captions):
                    self.captions[number].draw(canvas, left + wide / 2, y + high + gap, palette.ink, "centre")
            y += high + self.feet[at] + gap
        return places


@dataclass(frozen=True)
class LaidSection:
    """Tables in rows under a title."""

    drawing: Drawing
    title: str
    tables: tuple[LaidTable, ...]
    across: int

    @property
    def grouped(self) -> list[Sequence[LaidTable]]:
        return _rows(self.tables, self.across)

    @property
    def width(self) -> int:
        apart = self.drawing.apart
        return max(sum(table.width for table in row) + apart * (len(row) - 1) for row in self.grouped)

    @property
    def height(self) -> int:
        heights = [max(table.height for table in row) for row in self.grouped]
        return self.above + sum(heights) + self.drawing.apart * (len(heights) - 1)

    @property
    def heading(self) -> Lines:
        return wrapped(self.title, round(self.drawing.text * 1.35), self.width, 3)

    @property
    def above(self) -> int:
        heading = self.heading
        return heading.height + 3 * self.drawing.gap if heading.lines else 0

    def draw(self, canvas: ImageDraw.ImageDraw, x: int, y: int) -> list[tuple[int, int, int]]:
        palette, gap, apart = self.drawing.palette, self.drawing.gap, self.drawing.apart
        if self.heading.lines:
            self.heading.draw(canvas, x, y, palette.ink)
            line = y + self.heading.height + gap
            canvas.line(
                (x, line, x + self.width, line), fill=palette.rule, width=max(1, self.drawing.text // 14)
            )
        y += self.above
        places = []
        for row in self.grouped:
            left = x
            for table in row:
                places += table.draw(canvas, left, y)
                left += table.width + apart
            y += max(table.height for table in row) + apart
        return places


def _tallest(labels: Sequence[Lines]) -> int:
    return max((label.height for label in labels), default=0)
