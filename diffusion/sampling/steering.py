"""Steerings: what a model changes of the way in which its answers are mixed to the picture to step to.

A steering sees a Guess, all that is known at one noise level, and answers in up to three places: before the
sides are mixed, instead of the mix, and after it. It also says how strong the guidance is on the way, and how
far a mask of what may change is open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from torch import Tensor

if TYPE_CHECKING:
    from diffusion.patches import Patch
    from diffusion.values import Conditioning


class Ask(Protocol):
    """What the model sees under a conditioning; of other pictures, at another level, under more patches."""

    def __call__(
        self,
        conditioning: Conditioning,
        *,
        x: Tensor | None = None,
        sigma: float | None = None,
        extra: Sequence[Patch] = (),
    ) -> Tensor: ...


@dataclass(frozen=True, eq=False)
class Guess:
    """What is known at a noise level: x [B, C, h, w], what each side shows in it, and the mix so far.

    `sides` are the conditionings of the guider, the positive first; `seen` what the model sees under each. A
    negative side that has no say is not asked, and then there is only one.
    """

    x: Tensor
    sigma: float
    scale: float
    sides: tuple[Conditioning, ...]
    seen: tuple[Tensor, ...]
    guided: Tensor
    ask: Ask

    @property
    def positive(self) -> Tensor:
        """What is seen under the first side."""
        return self.seen[0]

    @property
    def negative(self) -> Tensor | None:
        """What is seen under the last side, if it was asked."""
        return self.seen[-1] if len(self.seen) > 1 else None


class Steering:
    """Changes nothing; a kind of steering overrides what it changes.

    `also` are conditionings asked in the same calls as the sides; `both_sides` asks for the negative one
    even where guidance of 1 gives it no say.
    """

    also: tuple[Conditioning, ...] = ()
    both_sides: bool = False

    def begin(self) -> Steering:
        """What to use for one sampling: itself, unless it remembers earlier steps."""
        return self

    def guidance(self, progress: float, scale: float) -> float:
        """How strong guidance is, instead of `scale`, at a part of the way: 0 first step, 1 last."""
        return scale

    def before(self, guess: Guess) -> tuple[Tensor, ...]:
        """What to mix instead of what was seen."""
        return guess.seen

    def mixed(self, guess: Guess) -> Tensor:
        """The mix instead of that of the guider."""
        return guess.guided

    def after(self, guess: Guess) -> Tensor:
        """What to step to instead of the mix."""
        return guess.guided

    def opened(self, mask: Tensor, left: float) -> Tensor:
        """Where [B, 1, h, w] sampling may change the picture when `left`, 1 to 0, of the way is left."""
        return mask


@dataclass(frozen=True)
class RescaleCfg(Steering):
    """Takes `amount` of the contrast that guidance adds away again, in terms of v (arXiv 2305.08891)."""

    amount: float

    def mixed(self, guess: Guess) -> Tensor:
        if guess.negative is None:
            return guess.guided
        sigma = guess.sigma
        scale, still = sigma / (sigma**2 + 1) ** 0.5, guess.x / (sigma**2 + 1)
        v, v_positive = (still - guess.guided) / scale, (still - guess.positive) / scale
        ratio = v_positive.std(dim=(1, 2, 3), keepdim=True) / v.std(dim=(1, 2, 3), keepdim=True)
        return still - v * (self.amount * ratio + 1 - self.amount) * scale
