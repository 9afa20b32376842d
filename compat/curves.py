"""Curves as ComfyUI's interface writes them, made ours."""

from __future__ import annotations

from typing import Any

NAMES = {"monotone_cubic": "smooth"}
"""What lies between the points, in their words and in ours."""


def our_curve(value: Any) -> Any:
    """A list of points is smooth there; anything that is no curve stays as it is."""
    if isinstance(value, list) and value and all(isinstance(point, list) for point in value):
        return {"points": value, "interpolation": "smooth"}
    if isinstance(value, dict) and value.get("interpolation") in tuple(NAMES):
        return {**value, "interpolation": NAMES[value["interpolation"]]}
    return value
