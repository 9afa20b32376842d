"""Entries of a conditioning made ready for one picture: where each applies, how strongly, and when.

What can share a call of the network is put together here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.curves import Curve, value_at
from diffusion.errors import Unsuitable
from diffusion.models.unet import Residuals
from diffusion.sampling.beside import Channels, repeated, sized
from diffusion.sampling.denoiser import Inputs
from diffusion.sampling.progress import Progress
from diffusion.sampling.schedules import NoiseSchedule
from diffusion.values import Cond

FEATHER = 8
"""Latent pixels over which an area fades at edges that are not the picture's."""
LONGEST_REPEAT = 4
"""A context is repeated at most this often to match longer ones; beyond, calls of their own are cheaper."""
SMALLEST = 8
"""Latent pixels that the rectangle around a mask has at least on each side."""

Region = tuple[slice, slice]
Share = Callable[[float], float]
"""By noise level, how much of a control's strength counts."""
Kind = tuple[tuple[int, int], tuple["PlacedControl", ...], bool, bool]
"""What parts of one call have in common: size, acting controls, no channels beside, no label."""


def whole(sigma: float) -> float:
    """All of it at every level."""
    return 1.0


class Control(Protocol):
    """What guides a network beside the prompt: a ControlNet or T2I-adapter with its picture.

    `over` is how much of it counts from the sampler's first step to its last; None for all.
    """

    over: Curve | None

    def placed(self, like: Tensor, region: Region, schedule: NoiseSchedule) -> PlacedControl:
        """Ready for the region of a latent batch shaped and placed as `like`."""
        ...


class PlacedControl(Protocol):
    """A control for one region, acting from noise level `first` down to `last`, as much as `share` says."""

    first: float
    last: float
    share: Share

    def residuals(self, scaled: Tensor, timesteps: Tensor, context: Tensor) -> Residuals:
        """For crops [n B, 4, h, w] as the network is given them, n entries one after another."""
        ...


@dataclass(frozen=True, eq=False)
class Part:
    """An entry made ready: its inputs, its region, how much it counts there; from `first` down to `last`."""

    inputs: Inputs
    region: Region
    weight: Tensor | None
    first: float
    last: float
    term: tuple[int, float]

    def acting(self, sigma: float) -> tuple[PlacedControl, ...]:
        """The controls that act at a level."""
        within = (control for control in self.inputs.controls if control.last <= sigma <= control.first)
        return tuple(control for control in within if control.share(sigma) != 0)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the region."""
        rows, columns = self.region
        return rows.stop - rows.start, columns.stop - columns.start


class Place:
    """Makes entries ready for pictures shaped and placed as `like`, sampled over `sigmas`.

    `channels` makes what is read beside the latent; without, it is what an entry has.
    """

    def __init__(
        self,
        like: Tensor,
        schedule: NoiseSchedule,
        sigmas: Sequence[float] = (),
        channels: Channels | None = None,
    ) -> None:
        self._like, self._schedule, self._sigmas = like, schedule, sigmas
        self._progress = Progress(sigmas)
        self._channels = channels or (lambda cond: placed_channels(cond.concat, like))
        self._controls: dict[tuple[int, tuple[int, ...]], PlacedControl] = {}

    def prepare(self, cond: Cond) -> Part:
        """An entry where the picture is, with its times as noise levels."""
        like, region = self._like, region_of(cond, self._like)
        first, last = self._levels(cond)
        batch = len(like)
        concat = self._channels(cond)
        return Part(
            inputs=Inputs(
                context=cond.tensor.to(like.device).expand(batch, -1, -1),
                concat=None if concat is None else concat[:, :, *region],
                label=None if cond.label is None else torch.full((batch,), cond.label, device=like.device),
                controls=tuple(self._placed(control, region) for control in cond.control),
            ),
            region=region,
            weight=weight_map(cond, region, like),
            first=first,
            last=last,
            term=cond.term,
        )

    def _levels(self, cond: Cond) -> tuple[float, float]:
        first, last = self._schedule.interval(cond.start, cond.end)
        if cond.steps is not None and self._sigmas:
            begin, end = (min(step, len(self._sigmas) - 1) for step in cond.steps)
            # A step belongs to the levels above the next one: midpoints are its own.
            after = self._sigmas[end]
            first = min(first, self._sigmas[begin] if begin > 0 else math.inf)
            last = max(last, math.nextafter(after, math.inf) if after > 0 else 0.0)
            if begin == end:
                first = -1.0
        return first, last

    def _placed(self, control: Control, region: Region) -> PlacedControl:
        """The same for every entry that shares the control and the region, so that they share its calls."""
        rows, columns = region
        key = id(control), (rows.start, rows.stop, columns.start, columns.stop)
        if key not in self._controls:
            placed = control.placed(self._like, region, self._schedule)
            self._controls[key] = placed if control.over is None else self._over(placed, control.over)
        return self._controls[key]

    def _over(self, placed: PlacedControl, curve: Curve) -> PlacedControl:
        """The control, with as much of it as the curve says at each level."""
        return replace(placed, share=lambda sigma: value_at(curve, self._progress(sigma)))


def region_of(cond: Cond, like: Tensor) -> Region:
    """Rows and columns that an entry is computed for; Unsuitable if its area lies outside of the picture."""
    height, width = like.shape[-2:]
    if cond.area is not None:
        region = rows, columns = cond.area.region(height, width)
        if rows.start >= rows.stop or columns.start >= columns.stop:
            raise Unsuitable(
                f"the area begins at {columns.start * 8}, {rows.start * 8} (x, y), "
                f"the picture ends at {width * 8}, {height * 8}",
                input="positive",
                remedy="Move the area of the prompt into the picture, or enlarge the picture.",
            )
        return region
    if cond.mask is not None and cond.mask_bounds:
        return bounds(latent_sized(cond.mask, like))
    return slice(0, height), slice(0, width)


def bounds(mask: Tensor) -> Region:
    """The rectangle around what a mask [B, 1, h, w] selects, of a smallest size; of nothing: the corner."""
    found = mask.abs().amax(dim=(0, 1)).nonzero()
    spans = []
    for axis, size in enumerate(mask.shape[-2:]):
        low, high = (int(found[:, axis].min()), int(found[:, axis].max()) + 1) if len(found) else (0, 0)
        spans.append(slice(low, min(max(high, low + SMALLEST), size)))
    return spans[0], spans[1]


def latent_sized(mask: Tensor, like: Tensor) -> Tensor:
    """A mask [n, H, W] at the size of latents, [n, 1, h, w]."""
    mask = mask.to(like.device, like.dtype)[:, None]
    return F.interpolate(mask, size=like.shape[-2:], mode="bilinear")


def placed_channels(concat: Tensor | None, like: Tensor) -> Tensor | None:
    """Channels [n, c, H, W] at the size of latents and for every picture: [B, c, h, w]."""
    return None if concat is None else repeated(sized(concat.to(like.device, like.dtype), like), len(like))


def weight_map(cond: Cond, region: Region, like: Tensor) -> Tensor | None:
    """How much an entry counts at every latent pixel of its region; None for 1 everywhere."""
    if cond.mask is None and cond.area is None and cond.strength == 1.0:
        return None
    if cond.mask is not None:
        return latent_sized(cond.mask, like)[..., *region] * cond.strength
    height, width = like.shape[-2:]
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


def batched(
    parts: tuple[Part, ...], acting: tuple[tuple[PlacedControl, ...], ...]
) -> list[tuple[list[Part], Inputs]]:
    """Which parts share a call: equal sizes and kinds of input, and contexts that repetition makes equal.

    `acting` are the controls of each part at the level that is asked for. Repeating a context changes
    nothing: attention weighs each of its tokens by the same share.
    """
    groups: dict[Kind, list[Part]] = {}
    for part, controls in zip(parts, acting, strict=True):
        kind = part.shape, controls, part.inputs.concat is None, part.inputs.label is None
        groups.setdefault(kind, []).append(part)
    return [
        (call, replace(together([part.inputs for part in call]), controls=controls))
        for (_, controls, _, _), group in groups.items()
        for call in by_length(group)
    ]


def by_length(parts: Sequence[Part]) -> list[list[Part]]:
    """All parts in one call where their contexts are not too different in length, else one call a length."""
    lengths = {part.inputs.context.shape[1] for part in parts}
    if math.lcm(*lengths) <= LONGEST_REPEAT * min(lengths):
        return [list(parts)]
    return [[part for part in parts if part.inputs.context.shape[1] == length] for length in sorted(lengths)]


def together(inputs: Sequence[Inputs]) -> Inputs:
    """The inputs of one call for several parts; contexts are repeated to their least common length."""
    length = math.lcm(*(given.context.shape[1] for given in inputs))
    contexts = [given.context.repeat(1, length // given.context.shape[1], 1) for given in inputs]
    concats = [given.concat for given in inputs if given.concat is not None]
    labels = [given.label for given in inputs if given.label is not None]
    return Inputs(
        context=torch.cat(contexts),
        concat=torch.cat(concats) if concats else None,
        label=torch.cat(labels) if labels else None,
    )
