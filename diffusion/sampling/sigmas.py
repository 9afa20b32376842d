"""Noise levels as a value: cut, turned, refined and checked; a tuple of floats, usually descending to 0."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Literal

import numpy as np

from diffusion.curves import Curve, sampled
from diffusion.errors import Unsuitable
from diffusion.sampling.schedules import NoiseSchedule, check_span, to_zero

Sigmas = tuple[float, ...]
Spacing = Literal["linear", "cosine", "sine"]
SPACINGS: dict[Spacing, Callable[[float], float]] = {
    "linear": lambda x: x,
    "cosine": lambda x: math.sin(x * math.pi / 2),
    "sine": lambda x: 1 - math.cos(x * math.pi / 2),
}
BARELY_NOISY = 0.0001
"""What stands for no noise where a way begins there: no network can be asked about none."""


def split_at(sigmas: Sequence[float], step: int) -> tuple[Sigmas, Sigmas]:
    """The levels of the first `step` steps, and those of the rest; both have the level in between."""
    return tuple(sigmas[: step + 1]), tuple(sigmas[step:])


def split_for(sigmas: Sequence[float], denoise: float) -> tuple[Sigmas, Sigmas]:
    """Split so that the second part is the last `denoise` part of the steps."""
    steps = max(len(sigmas) - 1, 0)
    return split_at(sigmas, steps - round(steps * denoise))


def flipped(sigmas: Sequence[float]) -> Sigmas:
    """The way back, from little noise to much: turns a picture into the noise that would lead to it."""
    if not sigmas:
        return ()
    first, *rest = reversed(sigmas)
    return (first or BARELY_NOISY, *rest)


def with_first(sigmas: Sequence[float], sigma: float) -> Sigmas:
    """The same levels from another first one."""
    return (sigma, *sigmas[1:]) if sigmas else ()


def extended(
    sigmas: Sequence[float], steps: int, *, start: float, end: float, spacing: Spacing = "linear"
) -> Sigmas:
    """Every step that begins between the levels `start` (-1: any) and `end` cut into `steps`."""
    bend = SPACINGS[spacing]
    start = math.inf if start < 0 else start
    levels = list(sigmas[:1])
    for sigma, sigma_next in pairwise(sigmas):
        if end <= sigma <= start:
            levels += [sigma + bend(k / steps) * (sigma_next - sigma) for k in range(1, steps)]
        levels.append(sigma_next)
    return tuple(levels)


def last_part(levels: Sequence[float], steps: int, denoise: float) -> Sigmas:
    """The last `denoise` part of a way of `steps` steps, going fewer steps; none for no denoising."""
    if denoise <= 0:
        return ()
    return tuple(levels[-(round(steps * denoise) + 1) :])


def level_at(schedule: NoiseSchedule, part: float, *, exact: bool) -> float:
    """The level after a part of the way from noise to picture.

    The ends stand for any level, above and below the schedule's; `exact` gives its own highest and lowest.
    """
    if part <= 0:
        return schedule.sigma_max if exact else 999999999.9
    if part >= 1:
        return schedule.sigma_min if exact else 0.0
    return schedule.sigma((1 - part) * (schedule.steps - 1))


def along_curve(
    curve: Curve, steps: int, *, highest: float, lowest: float, spacing: Literal["logarithm", "level"]
) -> Sigmas:
    """The levels of `steps` steps, `highest` where the curve is 1 and `lowest` where it is 0; then 0."""
    check_span(highest, lowest)
    shape = np.array(sampled(curve, steps))
    if spacing == "level":
        return tuple(to_zero(lowest + shape * (highest - lowest)))
    return tuple(to_zero(np.exp(shape * (np.log(highest) - np.log(lowest)) + np.log(lowest))))


def bent(sigmas: Sequence[float], curve: Curve) -> Sigmas:
    """As many levels of the same way, each as far along it as the curve says; in between by the logarithm."""
    steps = len(sigmas) - 1
    if steps < 1:
        return tuple(sigmas)
    return tuple(_level_along(sigmas, part * steps) for part in sampled(curve, steps + 1))


def _level_along(sigmas: Sequence[float], place: float) -> float:
    nearest = round(place)
    if math.isclose(place, nearest, abs_tol=1e-9):
        return sigmas[nearest]
    left = math.floor(place)
    a, b, t = sigmas[left], sigmas[left + 1], place - left
    return a ** (1 - t) * b**t if a > 0 and b > 0 else a + (b - a) * t


def check_numbers(sigmas: Sequence[float]) -> None:
    """Refuse what is no level: below 0, infinite or not a number."""
    for place, sigma in enumerate(sigmas):
        if not math.isfinite(sigma) or sigma < 0:
            raise unsuitable(
                f"level {place} is {sigma}, expected a number of 0 or more", "Correct the level."
            )


def checked(sigmas: Sequence[float], *, may_rise: bool, sampler: str) -> Sigmas:
    """The levels without repetition, or why `sampler` cannot go that way."""
    check_numbers(sigmas)
    levels = tuple(sigma for place, sigma in enumerate(sigmas) if place == 0 or sigma != sigmas[place - 1])
    for place, sigma in enumerate(levels[:-1]):
        if sigma == 0:
            remedy = "Cut the levels there with SplitSigmas, or start above 0 with SetFirstSigma."
            raise unsuitable(f"level {place} of {len(levels)} is 0, expected that only of the last", remedy)
        if levels[place + 1] > sigma and not may_rise:
            raise unsuitable(
                f"the levels rise from {sigma:g} to {levels[place + 1]:g}; with {sampler} they can only fall",
                "Choose a sampler that can go up, such as euler, or turn the levels with FlipSigmas.",
            )
    return levels


def unsuitable(message: str, remedy: str) -> Unsuitable:
    """The error of levels that cannot be sampled."""
    return Unsuitable(message, input="sigmas", remedy=remedy)


def alphas_cumprod(sigmas: Sequence[float]) -> np.ndarray:
    """How much of the picture's variance each level leaves, 0..1."""
    return 1 / (1 + np.square(np.asarray(sigmas, dtype=np.float64)))
