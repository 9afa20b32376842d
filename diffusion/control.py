"""What guides a model beside the text: a ControlNet or a T2I-adapter with its hint, how strongly and when.

A hint is a picture that the network was trained to follow: edges, depth, a pose. It takes the size of the
picture to sample: nearest pixels of its central part of the same shape.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, cycle, islice, repeat

import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.curves import Curve
from diffusion.errors import Unsuitable
from diffusion.memory import sent_to
from diffusion.models.controlnet import HINT_FACTOR, ControlNet
from diffusion.models.t2i_adapter import T2IAdapter
from diffusion.models.unet import Residuals, UNetConfig, skip_widths
from diffusion.residency import memory_of, resident
from diffusion.resize import resize
from diffusion.sampling.fitting import Fitting, answer_bytes
from diffusion.sampling.parts import Share, whole
from diffusion.sampling.schedules import NoiseSchedule
from diffusion.values import Conditioning, rgb

SEEN = 40
"""Numbers for each pixel of a hint, at most, while a network looks at it; pictures pass one by one."""
FAMILIES = {768: "Stable Diffusion 1", 1024: "Stable Diffusion 2"}
"""By the numbers a token of their prompts has."""

Region = tuple[slice, slice]


@dataclass(frozen=True, eq=False)
class ControlModel:
    """A network that makes a hint guide a UNet.

    What a ControlNet says of its finest level weighs `decay`^n times what it says of the middle, n levels
    deeper (0.825 is the original's guess mode). `pooled` lets it speak of the whole picture alone, without
    places (global average pooling, as the one for shuffled pictures needs).
    """

    network: ControlNet | T2IAdapter = field(repr=False)
    name: str = ""
    digest: str = ""
    decay: float = 1.0
    pooled: bool = False

    @property
    def hint_channels(self) -> int:
        """1 where the hint is grey, else 3."""
        return self.network.config.hint_channels

    def with_weights(self, *, decay: float, pooled: bool | None) -> ControlModel:
        """The same network, its answers weighted otherwise; None keeps what the file asks for."""
        if not isinstance(self.network, ControlNet):
            raise Unsuitable(
                f"{self.name} is a T2I-adapter, which has no middle to weigh against",
                input="control_net",
                remedy="Choose a ControlNet, or set the strength where the adapter is applied.",
            )
        return replace(self, decay=decay, pooled=self.pooled if pooled is None else pooled)


@dataclass(frozen=True, eq=False)
class Control:
    """A control model with its hint [B, C, H, W], from the part `start` of the way to the picture to `end`.

    `both_sides` lets it guide the negative side, too, where that has no control of its own. `over` is how
    much of the strength it has from the sampler's first step to its last.
    """

    model: ControlModel
    hint: Tensor
    strength: float = 1.0
    start: float = 0.0
    end: float = 1.0
    both_sides: bool = False
    over: Curve | None = None

    def check_fit(self, unet: UNetConfig) -> None:
        """Unsuitable where the network was made for a UNet of another shape."""
        network = self.model.network
        if guides(network, unet):
            return
        if isinstance(network, ControlNet):
            own = network.config.unet
            made_for = f"the ControlNet {self.model.name} is for {shape_of(own.widths, own.context_dim)}"
        else:
            made_for = f"the T2I-adapter {self.model.name} is for {shape_of(network.config.widths)}"
        raise Unsuitable(
            f"{made_for}, the model is for {shape_of(unet.widths, unet.context_dim)}",
            input="positive",
            remedy="Choose a control model that was made for the family of your checkpoint.",
        )

    def placed(self, like: Tensor, region: Region, schedule: NoiseSchedule) -> PlacedControl:
        """Ready for the region of a latent batch shaped and placed as `like`; its hint is seen once, here."""
        network = self.model.network
        hint = sent_to(network, hint_at(self.hint, like, region))
        first, last = schedule.interval(self.start, self.end)
        size = SEEN * hint[0, 0].numel() * hint.dtype.itemsize
        with (
            torch.no_grad(),
            resident(network) as ready,
            memory_of(network).working(size, "what a control sees in its picture"),
        ):
            if isinstance(network, ControlNet):
                features = torch.cat([ready.features(each) for each in hint.split(1)])
                return PlacedControlNet(first, last, self.model, self.strength, features, Fitting(network))
            levels = zip(*(ready(each) for each in hint.split(1)), strict=True)
            scaled = [torch.cat(level) * self.strength for level in levels]
            return PlacedAdapter(first, last, tuple(scaled))


def hint_at(hint: Tensor, like: Tensor, region: Region) -> Tensor:
    """The hint's pixels of a region of `like`, one hint for all pictures or one for each, in turn."""
    height, width = like.shape[-2:]
    sized = resize(hint, width * HINT_FACTOR, height * HINT_FACTOR, "nearest-exact", crop="center")
    rows, columns = (slice(span.start * HINT_FACTOR, span.stop * HINT_FACTOR) for span in region)
    return for_batch(sized[..., rows, columns], len(like))


def for_batch(each: Tensor, count: int) -> Tensor:
    """One for all, or as many as there are pictures: in turn where there are fewer."""
    if len(each) == 1:
        return each
    return each.repeat(math.ceil(count / len(each)), *(1,) * (each.ndim - 1))[:count]


@dataclass(frozen=True, eq=False)
class PlacedControlNet:
    """A ControlNet for one region, with the features of its hint [1 or B, C, h, w]; `fitting` asks it."""

    first: float
    last: float
    model: ControlModel
    strength: float
    features: Tensor
    fitting: Fitting
    share: Share = whole

    @torch.no_grad()
    def residuals(self, scaled: Tensor, timesteps: Tensor, context: Tensor) -> Residuals:
        """For crops [n B, 4, h, w] as the UNet is given them, n entries of a conditioning in turn."""
        dtype, features = self.features.dtype, for_batch(self.features, len(scaled))
        if len(features) == 1:
            features = features.expand(len(scaled), -1, -1, -1)
        x, context = scaled.to(dtype), context.to(dtype)

        def ask(network: ControlNet, rows: slice) -> Sequence[Tensor]:
            return network(x[rows], features[rows], timesteps[rows], context[rows])

        held = answer_bytes(self.model.network.config, x)
        answers: Sequence[Tensor] = self.fitting.answers(x, ask, held=held)
        if self.model.pooled:
            answers = [answer.mean(dim=(2, 3), keepdim=True).expand_as(answer) for answer in answers]
        deepest = len(answers) - 1
        weights = [self.strength * self.model.decay ** (deepest - index) for index in range(len(answers))]
        *skips, middle = (
            (answer * weight).to(scaled.dtype) for answer, weight in zip(answers, weights, strict=True)
        )
        return Residuals(skips=tuple(skips), middle=middle)


@dataclass(frozen=True, eq=False)
class PlacedAdapter:
    """A T2I-adapter for one region: what it adds to each level, [1 or B, C, h, w], is always the same."""

    first: float
    last: float
    features: tuple[Tensor, ...]
    share: Share = whole

    def residuals(self, scaled: Tensor, timesteps: Tensor, context: Tensor) -> Residuals:
        """For crops [n B, 4, h, w] as the UNet is given them, n entries of a conditioning in turn."""
        return Residuals(
            levels=tuple(for_batch(feature, len(scaled)).to(scaled.dtype) for feature in self.features)
        )


PlacedControl = PlacedControlNet | PlacedAdapter


def guides(network: ControlNet | T2IAdapter, unet: UNetConfig) -> bool:
    """Whether all that the network answers has its place in the UNet."""
    if isinstance(network, ControlNet):
        own = network.config.unet
        return (skip_widths(own), own.context_dim) == (skip_widths(unet), unet.context_dim)
    return network.config.widths == unet.widths[: len(network.config.widths)]


def shape_of(widths: Sequence[int], context_dim: int | None = None) -> str:
    """What a network is for, by its shape."""
    levels = f"levels {', '.join(map(str, widths))} wide"
    if context_dim is None:
        return levels
    numbers = f"{levels}, {context_dim} numbers a token"
    return f"{FAMILIES[context_dim]} ({numbers})" if context_dim in FAMILIES else numbers


# --- on conditioning


def make_control(
    model: ControlModel,
    image: Tensor,
    *,
    strength: float,
    start: float = 0.0,
    end: float = 1.0,
    both_sides: bool = False,
    over: Curve | None = None,
) -> Control:
    """A control by a picture [B, H, W, C], whose alpha is left out; for lines, its colours are averaged."""
    hint = rgb(image).movedim(-1, 1)
    if model.hint_channels == 1:
        hint = hint.mean(dim=1, keepdim=True)
    return Control(model, hint, strength=strength, start=start, end=end, both_sides=both_sides, over=over)


def is_nothing(over: Curve | None) -> bool:
    """Whether a curve leaves nothing of a strength at any time."""
    return over is not None and all(y == 0 for _, y in over.points)


def with_control(conditioning: Conditioning, control: Control) -> Conditioning:
    """The conditioning guided by one more control; none that never acts."""
    if control.strength == 0 or control.start >= control.end or is_nothing(control.over):
        return conditioning
    return tuple(replace(cond, control=(*cond.control, control)) for cond in conditioning)


def shared_with_negative(sides: tuple[Conditioning, ...]) -> tuple[Conditioning, ...]:
    """The sides, the last of which takes over controls `both_sides` of the first if it has none itself."""
    *others, negative = sides
    marked = (cond.control for cond in sides[0] if any(control.both_sides for control in cond.control))
    shared = [*dict.fromkeys(marked)]
    if not others or not shared or any(cond.control for cond in negative):
        return sides
    everywhere = [cond for cond in negative if cond.area is None]
    if not everywhere:
        return sides
    count = max(len(shared), len(everywhere))
    turns = islice(zip(cycle(everywhere), chain(shared, repeat(()))), count)
    guided = (replace(cond, control=control) for cond, control in turns)
    return (*others, (*(cond for cond in negative if cond.area is not None), *guided))


def inpaint_hint(image: Tensor, mask: Tensor) -> Tensor:
    """A picture [B, H, W, C] that is -1 where the mask [n, h, w] is above 0.5: what a ControlNet fills in."""
    pixels = rgb(image)
    resized = F.interpolate(mask[:, None], size=pixels.shape[1:3], mode="bilinear")
    hidden = for_batch(resized.movedim(1, -1), len(pixels)) > 0.5
    return pixels.masked_fill(hidden, -1.0)
