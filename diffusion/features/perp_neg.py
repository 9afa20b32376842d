"""Perp-Neg: away from only that part of the negative prompt that the positive lacks (arXiv 2304.04968)."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from diffusion.sampling.steering import Guess, Steering
from diffusion.values import Conditioning

PICTURE = (1, 2, 3)


def perpendicular(away: Tensor, towards: Tensor) -> Tensor:
    """The part of `away` that points nowhere `towards` does, picture by picture."""
    length = towards.square().sum(dim=PICTURE, keepdim=True)
    shared = (away * towards).sum(dim=PICTURE, keepdim=True) / length.clamp(min=1e-12)
    return away - shared * towards


@dataclass(frozen=True, eq=False)
class PerpNeg(Steering):
    """Guides from `empty`, the encoding of no prompt, instead of from the negative side."""

    empty: Conditioning
    negative_scale: float = 1.0
    both_sides: bool = True

    @property
    def also(self) -> tuple[Conditioning, ...]:  # type: ignore[override]
        """The empty prompt, asked in the same call."""
        return (self.empty,)

    def mixed(self, guess: Guess) -> Tensor:
        if guess.negative is None:
            return guess.guided
        nothing = guess.ask(self.empty)
        towards, away = guess.positive - nothing, guess.negative - nothing
        away = self.negative_scale * perpendicular(away, towards)
        return nothing + guess.scale * (towards - away)
