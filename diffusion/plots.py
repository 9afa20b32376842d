"""Noise schedules as curves: small charts beside each other, drawn so that they can be read and shown."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from diffusion.errors import Unsuitable
from diffusion.sampling.sigmas import alphas_cumprod, check_numbers

Point = tuple[float, float]
Colour = tuple[int, int, int]

SMOOTH = 3
"""Everything is drawn this much larger and scaled down: Pillow's lines have no soft edges."""
PAPER, PANEL, GRID = (250, 250, 252), (255, 255, 255), (232, 234, 240)
INK, FAINT = (38, 42, 54), (122, 128, 144)
COLOURS: tuple[Colour, ...] = ((47, 98, 214), (226, 106, 44))
MOST_DOTS = 60


@dataclass(frozen=True)
class Chart:
    """What one panel shows: `measure` of every level, on a logarithmic axis or a plain one."""

    title: str
    note: str
    measure: Callable[[Sequence[float]], np.ndarray]
    logarithmic: bool = False
    ends: tuple[float, float] | None = None


CHARTS = (
    Chart("sigma", "noise level, logarithmic", lambda sigmas: np.asarray(sigmas), logarithmic=True),
    Chart("alpha bar", "share of the picture left", alphas_cumprod, ends=(0.0, 1.0)),
    Chart("log SNR", "signal over noise, in e-foldings", lambda sigmas: -2 * np.log(np.asarray(sigmas))),
)


@dataclass(frozen=True)
class Scale:
    """From numbers to pixels along one axis."""

    low: float
    high: float
    first: float
    last: float

    def __call__(self, value: float) -> float:
        part = (value - self.low) / (self.high - self.low)
        return self.first + part * (self.last - self.first)


def plot_schedules(named: Sequence[tuple[str, Sequence[float] | None]], width: int, height: int) -> Tensor:
    """A picture [1, height, width, 3] of every schedule given, over its steps."""
    drawn = [(name, tuple(sigmas)) for name, sigmas in named if sigmas]
    for name, sigmas in drawn:
        check_numbers(sigmas)
        if not any(sigmas):
            remedy = "Connect a scheduler such as BasicScheduler."
            raise Unsuitable("there is no level above 0 to draw", input=name, remedy=remedy)
    if not drawn:
        remedy = "Connect a scheduler such as BasicScheduler, with denoise above 0."
        raise Unsuitable("there are no levels to draw", input="sigmas", remedy=remedy)
    page = Page(width, height)
    page.legend([f"{name}: {len(sigmas) - 1} steps" for name, sigmas in drawn])
    for place, chart in enumerate(CHARTS):
        page.chart(chart, place, [sigmas for _, sigmas in drawn])
    return page.picture()


class Page:
    """The sheet that charts are drawn on; lengths are in pixels of the finished picture."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._image = Image.new("RGB", (width * SMOOTH, height * SMOOTH), PAPER)
        self._pen = ImageDraw.Draw(self._image)
        self._size = min(max(height / 30, 10.0), width / 80 + 2)

    def picture(self) -> Tensor:
        """The finished sheet, in 0..1."""
        small = self._image.resize((self._width, self._height), Image.Resampling.LANCZOS)
        return torch.from_numpy(np.asarray(small, dtype=np.float32) / 255)[None]

    def legend(self, names: Sequence[str]) -> None:
        """A line and a name for each schedule, at the top."""
        x, y = 2 * self._size, 1.7 * self._size
        for name, colour in zip(names, COLOURS, strict=False):
            self._line([(x, y), (x + 2 * self._size, y)], colour, 2.4)
            x += 2.6 * self._size
            x += self._text((x, y), name, anchor="lm") + 2.5 * self._size

    def chart(self, chart: Chart, place: int, schedules: Sequence[Sequence[float]]) -> None:
        """One panel: title, grid with numbers, and a curve with a dot for every level."""
        size, gap = self._size, 2 * self._size
        panel = (self._width - gap) / len(CHARTS)
        left, right = gap + place * panel + 3.2 * size, gap + (place + 1) * panel - 1.6 * size
        top, bottom = 6.4 * size, self._height - 4.4 * size
        self._text((left, 3.9 * size), chart.title, scale=1.15, anchor="lm")
        self._text((left, 5.3 * size), chart.note, colour=FAINT, scale=0.85, anchor="lm")
        self._pen.rectangle([v * SMOOTH for v in (left, top, right, bottom)], fill=PANEL)
        curves = [points(chart, sigmas) for sigmas in schedules]
        steps = max(max(len(sigmas) - 1 for sigmas in schedules), 1)
        values = [y for curve in curves for _, y in curve]
        low, high, marks = axis(min(values), max(values), chart)
        across, upward = Scale(0, steps, left, right), Scale(low, high, bottom, top)
        for value, label in marks:
            self._line([(left, upward(value)), (right, upward(value))], GRID, 1)
            self._text((left - 0.5 * size, upward(value)), label, colour=FAINT, scale=0.85, anchor="rm")
        for step in whole_marks(steps):
            self._line([(across(step), bottom), (across(step), bottom + 0.3 * size)], FAINT, 1)
            self._text((across(step), bottom + 1.1 * size), str(step), FAINT, 0.85, "mm")
        self._text(((left + right) / 2, bottom + 2.6 * size), "step", FAINT, 0.85, "mm")
        for curve, colour in zip(curves, COLOURS, strict=False):
            self._curve([(across(x), upward(y)) for x, y in curve], colour)

    def _curve(self, places: Sequence[Point], colour: Colour) -> None:
        self._line(places, colour, 1.8)
        if len(places) > MOST_DOTS:
            return
        for x, y in places:
            r = 0.2 * self._size
            self._pen.ellipse([v * SMOOTH for v in (x - r, y - r, x + r, y + r)], fill=colour)

    def _line(self, places: Sequence[Point], colour: Colour, width: float) -> None:
        scaled = [(x * SMOOTH, y * SMOOTH) for x, y in places]
        self._pen.line(scaled, fill=colour, width=round(width * SMOOTH), joint="curve")

    def _text(
        self, at: Point, text: str, colour: Colour = INK, scale: float = 1.0, anchor: str = "lm"
    ) -> float:
        """Write, and tell how wide that is."""
        font = ImageFont.load_default(self._size * scale * SMOOTH)
        self._pen.text((at[0] * SMOOTH, at[1] * SMOOTH), text, fill=colour, font=font, anchor=anchor)
        return self._pen.textlength(text, font=font) / SMOOTH


def points(chart: Chart, sigmas: Sequence[float]) -> list[Point]:
    """(step, value) of every level; without noise there is no logarithm."""
    shown = [(step, sigma) for step, sigma in enumerate(sigmas) if sigma > 0 or chart.ends]
    values = chart.measure([sigma for _, sigma in shown])
    values = np.log10(values) if chart.logarithmic else values
    return [(step, float(value)) for (step, _), value in zip(shown, values, strict=True)]


def axis(low: float, high: float, chart: Chart) -> tuple[float, float, list[tuple[float, str]]]:
    """Both ends, and where to write which number."""
    if chart.logarithmic:
        first, last = math.floor(low), max(math.ceil(high), math.floor(low) + 1)
        return first, last, [(power, f"{10.0**power:g}") for power in range(first, last + 1)]
    low, high = chart.ends or (low, high)
    step = nice_step((high - low) / 4)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return first * step, last * step, [(k * step, f"{k * step:g}") for k in range(first, last + 1)]


def nice_step(rough: float) -> float:
    """The next of 1, 2, 2.5 and 5 times a power of ten."""
    if rough <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    return next(nice * power for nice in (1, 2, 2.5, 5, 10) if nice * power >= rough * (1 - 1e-9))


def whole_marks(steps: int) -> list[int]:
    """Round step numbers from 0, at most eight."""
    step = max(1, math.ceil(nice_step(steps / 6)))
    return list(range(0, steps + 1, step))
