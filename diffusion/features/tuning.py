"""Small steerings: of the predicted noise, the frequencies of the guidance, and how much there is when."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from diffusion.curves import Curve, value_at
from diffusion.features.free_u import scale_low_frequencies
from diffusion.sampling.steering import Guess, Steering

LatentOperation = Callable[[Tensor], Tensor]
"""Changes latent samples [B, C, h, w]."""


@dataclass(frozen=True)
class EpsilonScaling(Steering):
    """Divides the predicted noise by `factor`, against exposure bias (arXiv 2308.15321)."""

    factor: float

    def after(self, guess: Guess) -> Tensor:
        return guess.x - (guess.x - guess.guided) / self.factor


@dataclass(frozen=True)
class FrequencyGuidance(Steering):
    """FreSca: low and high frequencies of the guidance have scales of their own (arXiv 2504.02154)."""

    low: float
    high: float
    cutoff: int

    def before(self, guess: Guess) -> tuple[Tensor, ...]:
        if guess.negative is None:
            return guess.seen
        guidance = guess.positive - guess.negative
        scaled = scale_low_frequencies(guidance, self.low, cutoff=self.cutoff, others=self.high)
        return (guess.negative + scaled, *guess.seen[1:])


@dataclass(frozen=True, eq=False)
class OperateOnGuidance(Steering):
    """Applies an operation to the guidance, or to what is seen where there is none."""

    operation: LatentOperation

    def before(self, guess: Guess) -> tuple[Tensor, ...]:
        if guess.negative is None:
            return (self.operation(guess.positive), *guess.seen[1:])
        changed = guess.negative + self.operation(guess.positive - guess.negative)
        return (changed, *guess.seen[1:])


@dataclass(frozen=True)
class GuidanceInterval(Steering):
    """Classifier-free guidance only at levels from `first` down to `last` (arXiv 2404.07724)."""

    first: float = math.inf
    last: float = 0.0

    def mixed(self, guess: Guess) -> Tensor:
        return guess.guided if self.last <= guess.sigma <= self.first else guess.positive


@dataclass(frozen=True)
class GuidanceOverTime(Steering):
    """Classifier-free guidance as strong as a curve says, from the first step to the last.

    Where it is 1, the negative side is not asked, so that a step costs half (arXiv 2404.07724 for intervals).
    """

    curve: Curve

    def guidance(self, progress: float, scale: float) -> float:
        return value_at(self.curve, progress)
