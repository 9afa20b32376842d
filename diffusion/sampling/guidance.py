"""Guidance: from what a model sees under each entry of a conditioning to the one picture a sampler steps to.

Entries of one side (positive or negative) are averaged with their weights; the positive side is then pushed
away from the negative (classifier-free guidance, arXiv 2207.12598). All that can share a call of the network
does. Which entries take part at a level is decided by host numbers only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import torch
from torch import Tensor

from diffusion.patches import Patch
from diffusion.sampling.beside import Channels
from diffusion.sampling.denoiser import Denoiser
from diffusion.sampling.parts import Part, Place, batched
from diffusion.sampling.progress import Progress
from diffusion.sampling.schedules import NoiseSchedule
from diffusion.sampling.steering import Ask, Guess, Steering
from diffusion.values import Conditioning

Side = tuple[Part, ...]


@dataclass(frozen=True)
class Guider:
    """How to mix what is seen under each side; the last of several is the one to go away from.

    `scales` is (cfg,) for a positive and a negative side. For two positive ones it is how strongly the first
    is preferred to the second, and the second (`nested`: both) to the negative.
    """

    sides: tuple[Conditioning, ...]
    scales: tuple[float, ...] = ()
    nested: bool = False

    @property
    def needed(self) -> int:
        """How many sides have a say: guidance of 1 leaves the negative out, unless terms are added to it."""
        terms = {cond.term for cond in self.sides[0]}
        alone = self.scales == (1.0,) and len(terms) <= 1 and all(weight == 1 for _, weight in terms)
        return 1 if alone else len(self.sides)

    def mix(self, seen: Sequence[Tensor]) -> Tensor:
        """The picture to step to."""
        if self.needed == 1 or len(seen) == 1:
            return seen[0]
        if len(seen) == 3:
            first, second, away = seen
            if self.nested:
                return away + self.scales[1] * (second + self.scales[0] * (first - second) - away)
            return away + self.scales[1] * (second - away) + self.scales[0] * (first - second)
        towards, away = seen
        return away + self.scales[0] * (towards - away)


class Guided:
    """A denoiser that sees what its guider and steerings make of its answers, for pictures as `like`.

    `sides` tells what the negative side saw, too. `sigmas` are the levels that a sampler visits, `channels`
    makes what the network reads beside the latent.
    """

    def __init__(
        self,
        denoiser: Denoiser,
        guider: Guider,
        *,
        like: Tensor,
        schedule: NoiseSchedule,
        sigmas: Sequence[float] = (),
        steerings: Sequence[Steering] = (),
        channels: Channels | None = None,
    ) -> None:
        self._denoiser, self._guider = denoiser, guider
        self._progress = Progress(sigmas)
        self._steerings = tuple(steering.begin() for steering in steerings)
        place = Place(like, schedule, sigmas, channels)
        self._parts = cache(lambda conditioning: tuple(map(place.prepare, conditioning)))
        self._batches = cache(batched)
        self._also = tuple(conditioning for steering in steerings for conditioning in steering.also)

    def __call__(self, x: Tensor, sigma: float) -> Tensor:
        both = any(steering.both_sides for steering in self._steerings)
        guider = self._guider_at(sigma)
        return self._guess(x, sigma, guider, len(guider.sides) if both else guider.needed).guided

    def sides(self, x: Tensor, sigma: float) -> tuple[Tensor, Tensor]:
        """The mixed picture and the negative side's."""
        guess = self._guess(x, sigma, self._guider_at(sigma), len(self._guider.sides))
        return guess.guided, guess.seen[-1]

    def _guider_at(self, sigma: float) -> Guider:
        """The guider, as strong as steerings ask for at a level; of several scales, the last is changed."""
        if not self._guider.scales:
            return self._guider
        *others, scale = self._guider.scales
        progress = self._progress(sigma)
        for steering in self._steerings:
            scale = steering.guidance(progress, scale)
        return replace(self._guider, scales=(*others, scale))

    def _guess(self, x: Tensor, sigma: float, guider: Guider, needed: int) -> Guess:
        """All that is known at a level, after all steerings in their order."""
        asked = (*guider.sides[:needed], *self._also)
        pictures = self._seen(x, sigma, asked, away=needed - 1 if needed > 1 else None)
        guess = Guess(
            x=x,
            sigma=sigma,
            scale=guider.scales[0] if guider.scales else 1.0,
            sides=guider.sides,
            seen=pictures[:needed],
            guided=pictures[0],
            ask=self._asking(x, sigma, dict(zip(asked, pictures, strict=True))),
        )
        for steering in self._steerings:
            guess = replace(guess, seen=steering.before(guess))
        guess = replace(guess, guided=guider.mix(guess.seen))
        for steering in self._steerings:
            guess = replace(guess, guided=steering.mixed(guess))
        for steering in self._steerings:
            guess = replace(guess, guided=steering.after(guess))
        return guess

    def _asking(self, here: Tensor, level: float, known: Mapping[Conditioning, Tensor]) -> Ask:
        """How a steering asks at this level: what is known already is not asked again."""

        def ask(
            conditioning: Conditioning,
            *,
            x: Tensor | None = None,
            sigma: float | None = None,
            extra: Sequence[Patch] = (),
        ) -> Tensor:
            if x is None and sigma is None and not extra and conditioning in known:
                return known[conditioning]
            place = here if x is None else x
            return self._seen(place, level if sigma is None else sigma, (conditioning,), extra)[0]

        return ask

    def _seen(
        self,
        x: Tensor,
        sigma: float,
        sides: Sequence[Conditioning],
        extra: Sequence[Patch] = (),
        *,
        away: int | None = None,
    ) -> tuple[Tensor, ...]:
        """What the model sees under each side; `away` is the place of the negative one."""
        active = [
            tuple(part for part in self._parts(side) if part.last <= sigma <= part.first) for side in sides
        ]
        seen: dict[Part, Tensor] = {}
        each = tuple(dict.fromkeys(part for side in active for part in side))
        for parts, inputs in self._batches(each, tuple(part.acting(sigma) for part in each)):
            crops = torch.cat([x[..., *part.region] for part in parts])
            answers = self._denoiser(crops, sigma, inputs, extra).chunk(len(parts))
            seen |= zip(parts, answers, strict=True)
        negative = None if away is None else blend(active[away], seen, x)
        return tuple(
            negative if negative is not None and index == away else composed(side, seen, x, negative)
            for index, side in enumerate(active)
        )


def composed(side: Side, seen: dict[Part, Tensor], x: Tensor, negative: Tensor | None) -> Tensor:
    """What one side shows: its only term, or what each of its terms adds to the negative side."""
    terms = dict.fromkeys(part.term for part in side)
    if negative is None or set(terms) <= {(0, 1.0)}:
        return blend(side, seen, x)
    pictures = [(blend([part for part in side if part.term == term], seen, x), term[1]) for term in terms]
    total = negative
    for picture, weight in pictures:
        total = total + weight * (picture - negative)
    return total


def blend(parts: Sequence[Part], seen: dict[Part, Tensor], x: Tensor) -> Tensor:
    """The weighted mean of what the parts show; where nothing applies, nothing is seen."""
    if len(parts) == 1 and parts[0].weight is None:
        return seen[parts[0]]
    total, count = torch.zeros_like(x), torch.zeros_like(x)
    for part in parts:
        weight = 1.0 if part.weight is None else part.weight
        total[..., *part.region] += seen[part] * weight
        count[..., *part.region] += weight
    return total / count.clamp(min=torch.finfo(x.dtype).tiny)
