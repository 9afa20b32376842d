"""Reading JSON of strangers: what is there in the expected shape, or else a sane default."""

from __future__ import annotations

import math
from typing import Any

Record = dict[str, Any]
FARTHEST = 1e7  # px; what lies beyond is no place on a canvas


def records(value: object) -> list[Record]:
    """The objects of a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def record(value: object) -> Record:
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


def name(value: object) -> str:
    """A node's id as text; "" for what is no id."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and small(value) else ""


def small(value: int) -> bool:
    return value.bit_length() <= 64


def index(value: object) -> int | None:
    """A slot's number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() else None
    return int(value) if math.isfinite(value) and value == int(value) and 0 <= value < 10_000 else None


def number(value: object, otherwise: float = 0.0) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return otherwise
    return float(value) if abs(value) < FARTHEST else otherwise  # NaN compares false


def pair(value: object, otherwise: tuple[float, float] = (0.0, 0.0)) -> tuple[float, float]:
    """A place or a size: [x, y], {"0": x, "1": y}, {"x": x, "y": y}, or {"width", "height"}."""
    if isinstance(value, dict):
        for first, second in (("0", "1"), ("x", "y"), ("width", "height")):
            if first in value and second in value:
                value = [value[first], value[second]]
                break
    if not isinstance(value, list) or len(value) < 2:
        return otherwise
    return number(value[0], otherwise[0]), number(value[1], otherwise[1])
