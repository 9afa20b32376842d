"""Lettering: text broken into lines that fit, and drawn.

The typeface is the one that Pillow carries. It has Latin letters without accents only, which `accents` draws:
other text is set in a typeface of the system that has its characters. Where there is none, what has a
counterpart in plain letters is set as that (Strasse for Straße), and boxes stand for the rest.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Literal

from PIL import ImageDraw, ImageFont

from diffusion.accents import Accented, accented, draw_accented, drawable

LEADING = 1.28
"""From one line to the next, in sizes of the type."""
Align = Literal["left", "centre", "right"]
SHARES = {"left": 0.0, "centre": 0.5, "right": 1.0}
"""How much of a line stands to the left of where it is put."""

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
    """The typeface that can set most of a text's characters; our own where that can set as many."""
    own = own_font(size)
    if text.isascii() or not lacking(own, text):
        return own
    found = [own, *(each for name in SYSTEM if (each := system_font(name, size)) is not None)]
    return min(found, key=lambda each: lacking(each, text))


def lacking(typeface: ImageFont.FreeTypeFont, text: str) -> int:
    """How many characters a typeface neither has nor can be helped to by drawn accents."""
    return sum(not drawable(character, partial(has, typeface)) for character in set(text))


@lru_cache(maxsize=4096)
def has(typeface: ImageFont.FreeTypeFont, character: str) -> bool:
    """Whether a typeface has a character; all that it has not look the same."""
    return character.isascii() or bytes(typeface.getmask(character)) != bytes(typeface.getmask("\uffff"))


@dataclass(frozen=True)
class Lines:
    """Text that has been broken into lines, and the room that it takes."""

    lines: tuple[str, ...]
    size: int
    typeface: ImageFont.FreeTypeFont

    @property
    def width(self) -> int:
        return max((math.ceil(length(self.typeface, line)) for line in self.lines), default=0)

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
            left = x - SHARES[align] * length(self.typeface, line)
            height = round(y + top + number * self.size * LEADING)
            made = set_in(self.typeface, line)
            if made.marks:
                draw_accented(canvas, self.typeface, made, left, height, colour)
            else:
                canvas.text((left, height), made.letters, font=self.typeface, fill=colour, anchor="ls")


def set_in(typeface: ImageFont.FreeTypeFont, line: str) -> Accented:
    """A line in the letters that a typeface has."""
    return Accented(line, ()) if line.isascii() else accented(line, partial(has, typeface))


def length(typeface: ImageFont.FreeTypeFont, line: str) -> float:
    """How wide a line is, in pixels."""
    return float(typeface.getlength(set_in(typeface, line).letters))


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
        if length(typeface, longer) <= width:
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
        if part and length(typeface, part + character) > width:
            parts.append(part)
            part = ""
        part += character
    return [*parts, part]


def _shortened(line: str, typeface: ImageFont.FreeTypeFont, width: float) -> str:
    while line and length(typeface, line + "…") > width:
        line = line[:-1]
    return line.rstrip(" ,.;:") + "…"
