"""What samplers share: the contract with the model, what a step tells, and the arithmetic of noise levels."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log
from typing import Protocol

import numpy as np
from torch import Tensor

Denoise = Callable[[Tensor, float], Tensor]
Noise = Callable[[float, float], Tensor]


@dataclass(frozen=True, eq=False)
class Step:
    """What a sampler tells after a step: `x` is at the next level, `denoised` is the guess from `sigma`."""

    index: int
    total: int
    x: Tensor
    denoised: Tensor
    sigma: float


Sampler = Callable[..., Iterator[Step]]


class SidedDenoise(Protocol):
    """A denoiser that can also tell what it saw under the negative side: (guided, negative)."""

    def __call__(self, x: Tensor, sigma: float) -> Tensor: ...

    def sides(self, x: Tensor, sigma: float) -> tuple[Tensor, Tensor]: ...


def levels(sigmas: Sequence[float]) -> Iterator[tuple[int, int, float, float]]:
    """Every step as (index, total, sigma, sigma_next)."""
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        yield index, len(sigmas) - 1, sigma, sigma_next


def ancestral_split(sigma: float, sigma_next: float, eta: float = 1.0) -> tuple[float, float]:
    """Split a step into going down to a lower level and adding noise back up: (down, up)."""
    if eta == 0:
        return sigma_next, 0.0
    up = min(sigma_next, eta * math.sqrt(sigma_next**2 * (sigma**2 - sigma_next**2) / sigma**2))
    return math.sqrt(sigma_next**2 - up**2), up


def between(sigma: float, sigma_next: float, ratio: float = 0.5) -> float:
    """The level `ratio` of the way in log sigma."""
    return exp((1 - ratio) * log(sigma) + ratio * log(sigma_next))


def log_step(sigma: float, sigma_next: float) -> float:
    """h, the length of a step in t = -log sigma."""
    return log(sigma) - log(sigma_next)


def combined(weights: Sequence[float], tensors: Sequence[Tensor]) -> Tensor:
    """The weighted sum of as many tensors as there are weights."""
    first, *rest = (weight * tensor for weight, tensor in zip(weights, tensors, strict=True))
    for term in rest:
        first = first + term
    return first


def lagrange_integral(nodes: Sequence[float], j: int, start: float, end: float) -> float:
    """Integral from `start` to `end` of the polynomial that is 1 at nodes[j] and 0 at the others."""
    others = [node for k, node in enumerate(nodes) if k != j]
    scale = math.prod(nodes[j] - node for node in others)
    integral = np.polynomial.polynomial.polyint(np.polynomial.polynomial.polyfromroots(others))
    ends = np.polynomial.polynomial.polyval([start, end], integral)
    return float(ends[1] - ends[0]) / scale
