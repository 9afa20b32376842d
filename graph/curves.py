"""Curves: a value over a way from 0 to 1, given by points and by what lies between them (docs/data.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import Literal, TypeAlias, get_args

from graph.problems import words

Interpolation: TypeAlias = Literal["linear", "smooth", "step"]
Across: TypeAlias = Literal["steps", "items", "tones"]
"""What the way is: the steps of a sampler, the items of a list, or from dark to bright."""
INTERPOLATIONS: tuple[Interpolation, ...] = get_args(Interpolation)
FIELDS = ("points", "interpolation")
MOST_POINTS = 256
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """Points from left to right; before the first and behind the last their values hold."""

    points: tuple[Point, ...]
    interpolation: Interpolation = "linear"

    @classmethod
    def flat(cls, value: float) -> Curve:
        """The same value everywhere."""
        return cls.line(value, value)

    @classmethod
    def line(cls, first: float, last: float) -> Curve:
        """Straight from one value to another."""
        return cls(((0.0, float(first)), (1.0, float(last))))

    def to_json(self) -> dict[str, object]:
        """As a document holds it."""
        return {"points": [list(point) for point in self.points], "interpolation": self.interpolation}

    def __str__(self) -> str:
        """`0: 8 → 0.5: 6 → 1: 1, smooth`."""
        return f"{' → '.join(f'{x:g}: {y:g}' for x, y in self.points)}, {self.interpolation}"


class CurveFault(Exception):
    """What keeps a value from being a curve."""

    def __init__(self, code: str, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.code, self.remedy = code, remedy


def _wrong(reason: str, remedy: str = "") -> CurveFault:
    example = 'Give a curve: {"points": [[0, 1], [1, 0]], "interpolation": "smooth"}.'
    return CurveFault("wrong_value_type", reason, remedy or example)


def read_curve(value: object, low: float, high: float) -> Curve:
    """The curve that a literal writes, or one of a link, with its values checked; else a CurveFault."""
    if isinstance(value, Curve):
        return Curve(_points([list(point) for point in value.points], low, high), value.interpolation)
    if not isinstance(value, Mapping):
        raise _wrong(f"{words(value)} is not a curve")
    if unknown := [name for name in value if name not in FIELDS]:
        raise _wrong(f"{words(unknown[0])} is no field of a curve", "Remove the field.")
    interpolation = value.get("interpolation", "linear")
    if interpolation not in INTERPOLATIONS:
        remedy = f"Choose one of {', '.join(INTERPOLATIONS)}."
        raise CurveFault("value_not_a_choice", f"interpolation is {words(interpolation)}", remedy)
    return Curve(_points(value.get("points"), low, high), interpolation)


def in_words(literal: object) -> object:
    """A literal that is a curve as text; any other as it is."""
    if not isinstance(literal, Mapping):
        return literal
    try:
        return str(read_curve(literal, -inf, inf))
    except CurveFault:
        return literal


def _points(given: object, low: float, high: float) -> tuple[Point, ...]:
    if not isinstance(given, list | tuple):
        raise _wrong(f"points is {words(given)}, not a list")
    if not given or len(given) > MOST_POINTS:
        raise _wrong(f"it has {len(given)} points", f"Give 1 to {MOST_POINTS} points.")
    points = tuple(_point(place, each, low, high) for place, each in enumerate(given))
    for place, ((x, _), (following, _)) in enumerate(pairwise(points)):
        if following <= x:
            reason = f"point {place + 1} at x = {following:g} is not right of x = {x:g}"
            raise _wrong(reason, "Give the points from left to right, each at an x of its own.")
    return points


def _point(place: int, given: object, low: float, high: float) -> Point:
    if not isinstance(given, list | tuple) or len(given) != 2:
        raise _wrong(f"point {place} is {words(given)}, not [x, y]")
    x, y = _number(place, "x", given[0]), _number(place, "y", given[1])
    for axis, number, least, most in (("x", x, 0.0, 1.0), ("y", y, low, high)):
        if not least <= number <= most:
            side, bound = ("below", least) if number < least else ("above", most)
            reason = f"{axis} of point {place} is {number:g}, {side} {bound:g}"
            raise CurveFault("value_out_of_range", reason, f"Move the point to {axis} = {bound:g}.")
    return x, y


def _number(place: int, axis: str, given: object) -> float:
    is_whole = isinstance(given, int) and not isinstance(given, bool) and given.bit_length() < 1000
    if is_whole or (isinstance(given, float) and given - given == 0):
        assert isinstance(given, int | float)  # one of the two
        return float(given) + 0.0  # -0.0 is 0.0: one value has one key
    raise _wrong(f"{axis} of point {place} is {words(given)}, not a number", "Give a number.")
