"""Guidance that does not oversaturate: projected (arXiv 2410.02416), renormed, and directed by likeness."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.sampling.steering import Guess, Steering

PICTURE = (1, 2, 3)


def length(x: Tensor) -> Tensor:
    """The Euclidean norm of every picture, [B, 1, 1, 1]."""
    return x.square().sum(dim=PICTURE, keepdim=True).sqrt()


@dataclass(frozen=True)
class ProjectedGuidance(Steering):
    """APG: the guidance is at most `norm_threshold` long, its part along the picture counts `eta`.

    `momentum` of the last step's guidance is added, negative to slow it; a threshold of 0 limits nothing.
    """

    eta: float
    norm_threshold: float
    momentum: float
    earlier: list[Tensor] = field(default_factory=list, repr=False, compare=False)

    def begin(self) -> Steering:
        return ProjectedGuidance(self.eta, self.norm_threshold, self.momentum)

    def mixed(self, guess: Guess) -> Tensor:
        if guess.negative is None:
            return guess.guided
        guidance = guess.positive - guess.negative
        if self.momentum:
            if self.earlier:
                guidance = guidance + self.momentum * self.earlier[0]
            self.earlier[:] = [guidance]
        if self.norm_threshold > 0:
            guidance = guidance * (self.norm_threshold / length(guidance).clamp(min=1e-12)).clamp(max=1)
        along = guess.positive / length(guess.positive).clamp(min=1e-12)
        parallel = (guidance * along).sum(dim=PICTURE, keepdim=True) * along
        update = guidance - parallel + self.eta * parallel
        return guess.positive + (guess.scale - 1) * update


@dataclass(frozen=True)
class RenormGuidance(Steering):
    """A guided picture no longer than `limit` times the positive one; no guidance at levels above `highest`.

    A `limit` of 0 limits nothing.
    """

    highest: float
    limit: float

    def mixed(self, guess: Guess) -> Tensor:
        if guess.sigma >= self.highest:
            return guess.positive
        if self.limit <= 0:
            return guess.guided
        longest = self.limit * length(guess.positive)
        return guess.guided * (longest / length(guess.guided).clamp(min=1e-12)).clamp(max=1)


@dataclass(frozen=True)
class LikenessGuidance(Steering):
    """Mahiro: the less the guided picture is like the scaled positive one, the more of the latter."""

    def after(self, guess: Guess) -> Tensor:
        if guess.negative is None:
            return guess.guided
        leap = guess.scale * guess.positive
        negative, merged = guess.scale * guess.negative, (leap + guess.guided) / 2
        likeness = F.cosine_similarity(signed_root(negative), signed_root(merged), dim=1)
        share = likeness.mean(dim=(1, 2))[:, None, None, None] / 2 + 0.5
        return share * guess.guided + (1 - share) * leap


def signed_root(x: Tensor) -> Tensor:
    """The square root of every absolute value, under its sign."""
    return x.abs().sqrt() * torch.sign(x)
