"""Curves: values over a way from 0 to 1, of points and what lies between them; docs/data.md says which."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import hypot
from typing import Literal, Protocol

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from diffusion.values import rgb

Points = Sequence[tuple[float, float]]


class Curve(Protocol):
    """Points (x, y) with x rising in 0..1."""

    @property
    def points(self) -> Points: ...
    @property
    def interpolation(self) -> Literal["linear", "smooth", "step"]: ...


def values(curve: Curve, x: ArrayLike) -> np.ndarray:
    """The curve at every x, of any shape; before the first point and behind the last their values hold."""
    places = np.asarray(x, dtype=np.float64)
    xs, ys = np.array(curve.points, dtype=np.float64).T
    if curve.interpolation == "step":
        return ys[np.maximum(np.searchsorted(xs, places, side="right") - 1, 0)]
    if curve.interpolation == "linear" or len(xs) < 3:
        return np.interp(places, xs, ys)
    return _smooth(xs, ys, np.clip(places, xs[0], xs[-1]))


def value_at(curve: Curve, x: float) -> float:
    """The curve at one x."""
    return float(values(curve, x))


def sampled(curve: Curve, count: int) -> list[float]:
    """The curve at `count` places evenly from 0 to 1; a single one is at 0."""
    return values(curve, np.linspace(0.0, 1.0, count)).tolist()


def _smooth(xs: np.ndarray, ys: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Cubic Hermite pieces."""
    slopes = tangents(xs, ys)
    left = np.clip(np.searchsorted(xs, x, side="right") - 1, 0, len(xs) - 2)
    width = xs[left + 1] - xs[left]
    t = (x - xs[left]) / width
    rise = ys[left + 1] - ys[left]
    away = t * t * (3 - 2 * t)
    leaving, arriving = t * (1 - t) ** 2, t * t * (t - 1)
    return ys[left] + rise * away + width * (slopes[left] * leaving + slopes[left + 1] * arriving)


def tangents(xs: np.ndarray, ys: np.ndarray) -> np.ndarray:
    """Slopes that keep each piece monotone (Fritsch and Carlson 1980, the circle of radius 3)."""
    secants = np.diff(ys) / np.diff(xs)
    turns = secants[:-1] * secants[1:] <= 0
    inner = np.where(turns, 0.0, (secants[:-1] + secants[1:]) / 2)
    slopes = np.concatenate([secants[:1], inner, secants[-1:]])
    for place, secant in enumerate(secants):
        if secant == 0:
            slopes[place] = slopes[place + 1] = 0.0
            continue
        alpha, beta = slopes[place] / secant, slopes[place + 1] / secant
        if (length := hypot(alpha, beta)) > 3:
            slopes[place], slopes[place + 1] = 3 * alpha / length * secant, 3 * beta / length * secant
    return slopes


def is_identity(curve: Curve) -> bool:
    """Whether what goes in comes out."""
    straight = curve.interpolation != "step" and len(curve.points) > 1
    ends = (curve.points[0][0], curve.points[-1][0]) == (0, 1)
    slopes = {(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(curve.points)}
    return straight and ends and all(x == y for x, y in curve.points) and slopes == {1.0}


def toned(image: Tensor, every: Curve, channels: Sequence[Curve]) -> Tensor:
    """A picture [B, H, W, C] whose tones follow a curve of their colour and then one of all; alpha stays."""
    made = image.clone()
    shown = rgb(image) if image.shape[-1] != 1 else image
    for channel in range(shown.shape[-1]):
        tones = shown[..., channel]
        for curve in (channels[channel] if image.shape[-1] != 1 else None, every):
            if curve is not None and not is_identity(curve):
                tones = torch.from_numpy(values(curve, tones.numpy())).float()
        made[..., channel] = tones
    return made
