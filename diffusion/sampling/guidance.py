"""Guidance: from what a model sees under each entry of a conditioning to the one picture a sampler steps to.

Entries of one side (positive or negative) are averaged with their weights; the positive side is then pushed
away from the negative (classifier-free guidance, arXiv 2207.12598). All that can share a call of the network
does. Which entries take part at a level is decided by host numbers only.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.sampling.denoiser import Denoiser
from diffusion.sampling.schedules import NoiseSchedule
from diffusion.values import Cond, Conditioning

FEATHER = 8
"""Latent pixels over which an area fades at edges that are not the picture's."""
LONGEST_REPEAT = 4
"""A context is repeated at most this often to match longer ones; beyond, calls of their own are cheaper."""


@dataclass(frozen=True, eq=False)
class Part:
    """An entry made ready for one picture size: where it applies, from level `first` down to `last`."""

    context: Tensor
    region: tuple[slice, slice]
    weight: Tensor | None
    first: float
    last: float


@dataclass(frozen=True)
class Guider:
    """How to mix what is seen under each side; the last of several is the one to go away from.

    `scales` is (cfg,) for a positive and a negative side. For two positive ones it is how strongly the first
    is preferred to the second, and the second (`nested`: both) to the negative.
    """

    sides: tuple[Conditioning, ...]
    scales: tuple[float, ...] = ()
    nested: bool = False
    rescale: float = 0.0

    @property
    def needed(self) -> int:
        """How many sides have a say: guidance of 1 leaves the negative out."""
        return 1 if self.scales == (1.0,) else len(self.sides)

    def mix(self, x: Tensor, sigma: float, seen: Sequence[Tensor]) -> Tensor:
        """The picture to step to."""
        if self.needed == 1:
            return seen[0]
        if len(seen) == 3:
            first, second, away = seen
            if self.nested:
                return away + self.scales[1] * (second + self.scales[0] * (first - second) - away)
            return away + self.scales[1] * (second - away) + self.scales[0] * (first - second)
        towards, away = seen
        mixed = away + self.scales[0] * (towards - away)
        return rescaled(x, sigma, mixed, towards, self.rescale) if self.rescale else mixed


def rescaled(x: Tensor, sigma: float, mixed: Tensor, towards: Tensor, amount: float) -> Tensor:
    """The mixed prediction with `amount` of its contrast taken from the positive one (arXiv 2305.08891)."""
    scale, still = sigma / (sigma**2 + 1) ** 0.5, x / (sigma**2 + 1)
    v, v_towards = (still - mixed) / scale, (still - towards) / scale
    ratio = v_towards.std(dim=(1, 2, 3), keepdim=True) / v.std(dim=(1, 2, 3), keepdim=True)
    return still - v * (amount * ratio + 1 - amount) * scale


def guided(
    denoiser: Denoiser,
    positive: Conditioning,
    negative: Conditioning,
    cfg: float,
    *,
    like: Tensor,
    schedule: NoiseSchedule,
) -> "Guided":
    """A denoiser for pictures shaped and placed as `like`; `cfg` 1 leaves the negative side out."""
    return Guided(denoiser, Guider((positive, negative), (cfg,)), like=like, schedule=schedule)


class Guided:
    """A denoiser that sees what its guider mixes; `sides` tells what the negative side saw, too."""

    def __init__(self, denoiser: Denoiser, guider: Guider, *, like: Tensor, schedule: NoiseSchedule) -> None:
        self._denoiser, self._guider = denoiser, guider
        self._sides = [[prepare(cond, like, schedule) for cond in side] for side in guider.sides]
        self._batches = cache(batched)

    def __call__(self, x: Tensor, sigma: float) -> Tensor:
        return self._guider.mix(x, sigma, self._seen(x, sigma, self._sides[: self._guider.needed]))

    def sides(self, x: Tensor, sigma: float) -> tuple[Tensor, Tensor]:
        """The mixed picture and the negative side's."""
        seen = self._seen(x, sigma, self._sides)
        return self._guider.mix(x, sigma, seen), seen[-1]

    def _seen(self, x: Tensor, sigma: float, sides: Sequence[Sequence[Part]]) -> list[Tensor]:
        active = [[part for part in side if part.last <= sigma <= part.first] for side in sides]
        seen: dict[Part, Tensor] = {}
        for parts, contexts in self._batches(tuple(part for side in active for part in side)):
            crops = torch.cat([x[..., *part.region] for part in parts])
            seen |= zip(parts, self._denoiser(crops, sigma, contexts).chunk(len(parts)), strict=True)
        return [blend(side, [seen[part] for part in side], x) for side in active]


def prepare(cond: Cond, like: Tensor, schedule: NoiseSchedule) -> Part:
    """Put an entry where the picture is, and turn its fractions of the way into noise levels."""
    batch, _, height, width = like.shape
    top, left, tall, wide = cond.area or (0, 0, height, width)
    region = (slice(top, min(top + tall, height)), slice(left, min(left + wide, width)))
    return Part(
        context=cond.tensor.to(like.device).expand(batch, -1, -1),
        region=region,
        weight=weight_map(cond, region, like),
        first=math.inf if cond.start <= 0 else schedule.sigma((1 - cond.start) * (schedule.steps - 1)),
        last=0.0 if cond.end >= 1 else schedule.sigma((1 - cond.end) * (schedule.steps - 1)),
    )


def weight_map(cond: Cond, region: tuple[slice, slice], like: Tensor) -> Tensor | None:
    """How much an entry counts at every latent pixel of its region; None for 1 everywhere."""
    if cond.mask is None and cond.area is None and cond.strength == 1.0:
        return None
    height, width = like.shape[-2:]
    if cond.mask is not None:
        mask = cond.mask.to(like.device, like.dtype)[:, None]
        mask = F.interpolate(mask, size=(height, width), mode="bilinear")
        return mask[..., *region] * cond.strength
    rows, columns = fade(region[0], height), fade(region[1], width)
    return (rows[:, None] * columns).to(like.device, like.dtype)[None, None] * cond.strength


def fade(span: slice, size: int) -> Tensor:
    """1 along a span, rising from 0 at ends that lie inside the picture."""
    length = span.stop - span.start
    ramp = min(FEATHER, length // 4)
    places = torch.arange(1, length + 1)
    ones = torch.ones(length)
    rising = (places / ramp).clamp(max=1) if ramp and span.start > 0 else ones
    falling = (places.flip(0) / ramp).clamp(max=1) if ramp and span.stop < size else ones
    return rising * falling


def batched(parts: tuple[Part, ...]) -> list[tuple[list[Part], Tensor]]:
    """Which parts share a call: equal sizes, and contexts that repetition makes equally long.

    Repeating a context changes nothing: attention weighs each of its tokens by the same share.
    """
    by_shape = sorted(parts, key=shape)
    groups = [list(group) for _, group in groupby(by_shape, key=shape)]
    calls = [call for group in groups for call in by_length(group)]
    return [(call, torch.cat(same_length([part.context for part in call]))) for call in calls]


def shape(part: Part) -> tuple[int, int]:
    """Height and width of a part's region."""
    rows, columns = part.region
    return rows.stop - rows.start, columns.stop - columns.start


def by_length(parts: Sequence[Part]) -> list[list[Part]]:
    """All parts in one call where their contexts are not too different in length, else one call a length."""
    lengths = {part.context.shape[1] for part in parts}
    if math.lcm(*lengths) <= LONGEST_REPEAT * min(lengths):
        return [list(parts)]
    return [[part for part in parts if part.context.shape[1] == length] for length in sorted(lengths)]


def same_length(contexts: Sequence[Tensor]) -> list[Tensor]:
    """Repeat contexts [B, L, D] along L to their least common length."""
    length = math.lcm(*(context.shape[1] for context in contexts))
    return [context.repeat(1, length // context.shape[1], 1) for context in contexts]


def blend(parts: Sequence[Part], seen: Sequence[Tensor], x: Tensor) -> Tensor:
    """The weighted mean of what one side saw; where nothing applies, nothing is seen."""
    if len(parts) == 1 and parts[0].weight is None:
        return seen[0]
    total, count = torch.zeros_like(x), torch.zeros_like(x)
    for part, picture in zip(parts, seen, strict=True):
        weight = 1.0 if part.weight is None else part.weight
        total[..., *part.region] += picture * weight
        count[..., *part.region] += weight
    return total / count.clamp(min=torch.finfo(x.dtype).tiny)


@dataclass(frozen=True, eq=False)
class InsideMask:
    """Denoises where the mask [B, 1, h, w] is 1; elsewhere shows and answers the given latent."""

    denoise: Guided
    latent: Tensor
    noise: Tensor
    mask: Tensor

    def __call__(self, x: Tensor, sigma: float) -> Tensor:
        return self._inside(self.denoise(self._shown(x, sigma), sigma))

    def sides(self, x: Tensor, sigma: float) -> tuple[Tensor, Tensor]:
        denoised, away = self.denoise.sides(self._shown(x, sigma), sigma)
        return self._inside(denoised), self._inside(away)

    def _shown(self, x: Tensor, sigma: float) -> Tensor:
        return x * self.mask + (self.latent + self.noise * sigma) * (1 - self.mask)

    def _inside(self, denoised: Tensor) -> Tensor:
        return denoised * self.mask + self.latent * (1 - self.mask)
