"""Lettering: text broken into lines that fit, and drawn.

The typeface is the one that Pillow carries. It has Latin letters without accents only: other text is set in
a typeface of the system that has its characters.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from PIL import ImageDraw, ImageFont

LEADING = 1.28
"""From one line to the next, in sizes of the type."""
Align = Literal["left", "centre", "right"]
ANCHORS = {"left": "ls", "centre": "ms", "right": "rs"}


SYSTEM = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "NotoSansCJK-Regular.ttc",
    "Arial Unicode.ttf",
    "arial.ttf",
    "Arial.ttf",
    "PingFang.ttc",
    "msyh.ttc",
)


@cache
def own_font(size: int) -> ImageFont.FreeTypeFont:
    found = ImageFont.load_default(size)
    if not isinstance(found, ImageFont.FreeTypeFont):
        raise RuntimeError(
            "Pillow was built without FreeType: install a Pillow that has it to letter pictures"
        )
    return found


@cache
def system_font(name: str, size: int) -> ImageFont.FreeTypeFont | None:
    try:
        return ImageFont.truetype(name, size)
    except OSError:
        return None


def font(size: int, text: str = "") -> ImageFont.FreeTypeFont:
    """The typeface that has most of a text's characters; for what it lacks it draws boxes."""
    own = own_font(size)
    if text.isascii() or not lacking(own, text):
        return own
    found = [own, *(each for name in SYSTEM if (each := system_font(name, size)) is not None)]
    return min(found, key=lambda each: lacking(each, text))


def lacking(typeface: ImageFont.FreeTypeFont, text: str) -> int:
    """How many characters a typeface has not: all of these look the same."""
    missing = bytes(typeface.getmask("\uffff"))
    return sum(bytes(typeface.getmask(character)) == missing for character in set(text))


@dataclass(frozen=True)
class Lines:
    """Text that has been broken into lines, and the room that it takes."""

    lines: tuple[str, ...]
    size: int
    typeface: ImageFont.FreeTypeFont

    @property
    def width(self) -> int:
        return max((math.ceil(self.typeface.getlength(line)) for line in self.lines), default=0)

    @property
    def height(self) -> int:
        return round(len(self.lines) * self.size * LEADING)

    def draw(
        self, canvas: ImageDraw.ImageDraw, x: float, y: float, colour: str, align: Align = "left"
    ) -> None:
        """Draw below y; x is the left end, the middle or the right end of all lines."""
        ascent, descent = self.typeface.getmetrics()
        top = (self.size * LEADING - ascent - descent) / 2 + ascent
        for number, line in enumerate(self.lines):
            place = (x, round(y + top + number * self.size * LEADING))
            canvas.text(place, line, font=self.typeface, fill=colour, anchor=ANCHORS[align])


def wrapped(text: str, size: int, width: float, most: int) -> Lines:
    """Text in at most so many lines of at most this width; what does not fit ends in an ellipsis."""
    typeface = font(size, "".join(text.split()))
    lines: list[str] = []
    for paragraph in text.splitlines():
        lines += _broken(paragraph.split(), typeface, width)
        if len(lines) > most:
            break
    if len(lines) > most:
        lines = [*lines[: most - 1], _shortened(lines[most - 1], typeface, width)]
    return Lines(tuple(lines), size, typeface)


def _broken(words: Sequence[str], typeface: ImageFont.FreeTypeFont, width: float) -> list[str]:
    lines, line = [], ""
    for word in words:
        longer = f"{line} {word}" if line else word
        if typeface.getlength(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *whole, line = _cut(word, typeface, width)
        lines += whole
    return [*lines, line] if line else lines


def _cut(word: str, typeface: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """A word in parts that fit, one character at least in each."""
    parts, part = [], ""
    for character in word:
        if part and typeface.getlength(part + character) > width:
            parts.append(part)
            part = ""
        part += character
    return [*parts, part]


def _shortened(line: str, typeface: ImageFont.FreeTypeFont, width: float) -> str:
    while line and typeface.getlength(line + "…") > width:
        line = line[:-1]
    return line.rstrip(" ,.;:") + "…"
