"""Accents for a typeface that has none: drawn over and under its letters, in its weight.

Measures are in sizes of the type, x to the right of the letter's middle and y down from its top, or, for what
hangs below, from its foot.
"""

import math
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

from PIL import Image, ImageChops, ImageDraw, ImageFont

Point = tuple[float, float]
Stroke = Sequence[Point]

WEIGHT = 0.075
GAP = 0.065
"""Between a letter and what stands over it."""
FINER = 4
"""Strokes are drawn so many times larger and made smaller, which smooths them."""
DOTTED = "ij"


def curve(points: Callable[[float], Point], count: int = 12) -> Stroke:
    """A line through points along the way from 0 to 1."""
    return [points(step / count) for step in range(count + 1)]


def circle(radius: float, x: float = 0.0) -> Stroke:
    """A ring that rests on the line."""
    return curve(lambda t: (x + radius * math.sin(math.tau * t), radius * (math.cos(math.tau * t) - 1)))


def dot(x: float = 0.0) -> Stroke:
    return circle(0.02, x)


OVER: dict[str, Sequence[Stroke]] = {
    "\u0300": [[(-0.1, -0.13), (0.04, 0.0)]],  # grave
    "\u0301": [[(0.1, -0.13), (-0.04, 0.0)]],  # acute
    "\u0302": [[(-0.13, 0.0), (0.0, -0.12), (0.13, 0.0)]],  # circumflex
    "\u0303": [curve(lambda t: (0.3 * t - 0.15, -0.05 - 0.035 * math.sin(math.tau * t)))],  # tilde
    "\u0304": [[(-0.13, -0.05), (0.13, -0.05)]],  # macron
    "\u0306": [curve(lambda t: (0.26 * t - 0.13, -0.36 * (t - 0.5) ** 2 * 1.2))],  # breve
    "\u0307": [dot()],
    "\u0308": [dot(-0.1), dot(0.1)],  # diaeresis
    "\u030a": [circle(0.075)],  # ring
    "\u030b": [[(0.0, -0.13), (-0.09, 0.0)], [(0.16, -0.13), (0.07, 0.0)]],  # two acutes
    "\u030c": [[(-0.13, -0.12), (0.0, 0.0), (0.13, -0.12)]],  # caron
}
UNDER: dict[str, Sequence[Stroke]] = {
    "\u0323": [[(0.0, 0.08), (0.0, 0.09)]],  # dot
    "\u0326": [[(0.02, 0.07), (-0.03, 0.16)]],  # comma
    "\u0327": [[(0.01, 0.0), (0.0, 0.05), (0.06, 0.1), (0.0, 0.16), (-0.07, 0.14)]],  # cedilla
    "\u0328": [[(0.09, 0.0), (0.03, 0.08), (0.08, 0.15), (0.14, 0.13)]],  # ogonek
}
ACROSS = "/"
CROSSED = {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D"}
"""Letters with a stroke through them, which Unicode does not take apart."""
STAND_INS = {
    "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th",
    "•": "·", "¡": "!", "¿": "?", "€": "EUR", "£": "GBP", "©": "(c)", "®": "(r)", "÷": ":", "„": "”",
    "→": "->", "←": "<-", "≤": "<=", "≥": ">=",
    "\u00a0": " ", "\u202f": " ", "\u0131": "i", "\u00d7": "x", "\u2212": "-",
    "\u2010": "-", "\u2011": "-", "\u2013": "-", "\u2014": "-", "\u201a": ",", "\u2039": "<", "\u203a": ">",
}  # fmt: skip
"""What says the same in letters that every typeface has."""


class Accented(NamedTuple):
    """A line as bare letters, and by the place of a letter what is drawn at it."""

    letters: str
    marks: tuple[tuple[int, str], ...]


def apart(character: str) -> tuple[str, str]:
    """A letter and the marks at it that can be drawn; the character and none where it cannot be so."""
    if character in CROSSED:
        return CROSSED[character], ACROSS
    letter, *marks = unicodedata.normalize("NFD", character)
    drawn = all(mark in OVER or mark in UNDER for mark in marks)
    return (letter, "".join(marks)) if drawn else (character, "")


def accented(line: str, has: Callable[[str], bool]) -> Accented:
    """A line for a typeface: what it lacks is drawn, or replaced by what says the same."""
    letters, marks = "", []
    for character in unicodedata.normalize("NFC", line):
        letter, drawn = (character, "") if has(character) else apart(character)
        if not has(letter):
            letter, drawn = STAND_INS.get(letter, letter), ""
        marks += [(len(letters), mark) for mark in drawn]
        letters += letter
    return Accented(letters, tuple(marks))


def drawable(character: str, has: Callable[[str], bool]) -> bool:
    """Whether a typeface has a character, or the letter that it is made of."""
    return has(character) or (apart(character) != (character, "") and has(apart(character)[0]))


def draw_accented(
    canvas: ImageDraw.ImageDraw,
    typeface: ImageFont.FreeTypeFont,
    line: Accented,
    x: float,
    y: float,
    colour: str,
) -> None:
    """Draw a line whose first letter stands at x on the line y."""
    room = math.ceil(2 * typeface.size)
    length = math.ceil(typeface.getlength(line.letters))
    mask = Image.new("L", (length + 2 * room, 2 * room))
    pen = ImageDraw.Draw(mask)
    pen.text((room, room), line.letters, font=typeface, fill=255, anchor="ls")
    for place, mark in line.marks:
        letter = line.letters[place]
        left = room + typeface.getlength(line.letters[:place])
        if letter in DOTTED and mark in OVER:  # whose own dot gives way
            above = room + top_of_stem(typeface) - 1
            pen.rectangle((left, 0, left + typeface.getlength(letter), above), fill=0)
        start = left + typeface.getlength(letter) / 2, room + height_of(typeface, letter, mark)
        drawn = strokes_mask(mask.size, mark_strokes(typeface, letter, mark), start, typeface.size)
        mask = ImageChops.lighter(mask, drawn)
        pen = ImageDraw.Draw(mask)
    canvas.bitmap((round(x) - room, round(y) - room), mask, fill=colour)


def height_of(typeface: ImageFont.FreeTypeFont, letter: str, mark: str) -> float:
    """Where the strokes of a mark start, in pixels below the line."""
    top, foot = (typeface.getbbox(letter, anchor="ls")[side] for side in (1, 3))
    if mark == ACROSS:
        return (top + foot) / 2
    if mark in UNDER:
        return max(foot, 0.0)
    top = top_of_stem(typeface) if letter in DOTTED else top
    return top - (GAP + WEIGHT / 2) * typeface.size


def mark_strokes(typeface: ImageFont.FreeTypeFont, letter: str, mark: str) -> Sequence[Stroke]:
    if mark != ACROSS:
        return OVER.get(mark) or UNDER[mark]
    _, top, _, foot = typeface.getbbox(letter, anchor="ls")
    half = (foot - top) / typeface.size / 2
    return [[(-0.22, half * 0.75), (0.22, -half * 0.75)]]


def strokes_mask(size: tuple[int, int], strokes: Sequence[Stroke], start: Point, scale: float) -> Image.Image:
    """Strokes from a place as a mask of a size, with round ends."""
    sheet = Image.new("L", (size[0] * FINER, size[1] * FINER))
    pen, reach = ImageDraw.Draw(sheet), WEIGHT * scale * FINER / 2
    for stroke in strokes:
        points = [((start[0] + x * scale) * FINER, (start[1] + y * scale) * FINER) for x, y in stroke]
        pen.line(points, fill=255, width=max(round(2 * reach), 1), joint="curve")
        for x, y in (points[0], points[-1]):
            pen.ellipse((x - reach, y - reach, x + reach, y + reach), fill=255)
    return sheet.resize(size, Image.Resampling.BOX)


@cache
def top_of_stem(typeface: ImageFont.FreeTypeFont) -> float:
    """How high small letters reach, in pixels below the line, so below 0: where an i without dot ends."""
    return float(typeface.getbbox("x", anchor="ls")[1])
