"""Asks a network in as few calls as memory allows: all pictures at once, else one by one, else in slices."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from diffusion.adapters.weight_patch import WeightPatch
from diffusion.models.controlnet import ControlNet, ControlNetConfig
from diffusion.models.layers import attention
from diffusion.models.unet import (
    CrossAttention,
    FeedForward,
    Residuals,
    Size,
    TransformerBlock,
    UNet,
    UNetConfig,
)
from diffusion.patches import StructurePatch, Structures
from diffusion.residency import memory_of
from diffusion.watching import Check, unstopped

FIXED, SLICED = 14, 20
"""Numbers for each token and channel of the finest level: what stays, and what slices divide. Tensors alone
are 11 and 15; the rest is what convolutions take for themselves (docs/performance.md)."""
ANSWERED = 6
"""The same, of what a ControlNet answers; 5.3 with SD1's levels."""


@dataclass(frozen=True)
class Way:
    """How to ask: with all pictures or one by one, attention in slices, weights part by part."""

    one_by_one: bool = False
    slices: int = 1
    streamed: bool = False


WAYS = (
    Way(),
    Way(one_by_one=True),
    Way(one_by_one=True, slices=4),
    Way(one_by_one=True, slices=16),
    Way(streamed=True),
    Way(one_by_one=True, slices=16, streamed=True),
)
"""From the fastest to the smallest; all give the same answer up to rounding. Weights that are not there leave
room for whole batches again."""


class InSlices(nn.Module):
    """A layer of tokens [B, N, C] that sees them in slices, because what it makes of each is its own."""

    def __init__(self, layer: FeedForward, slices: int) -> None:
        super().__init__()
        self.layer, self.slices = layer, slices

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.layer(part) for part in sliced(x, self.slices)], dim=1)


class AskingInSlices(nn.Module):
    """Attention of slices of tokens [B, N, C] to the whole context."""

    def __init__(self, layer: CrossAttention, slices: int) -> None:
        super().__init__()
        self.layer, self.slices = layer, slices

    def forward(self, x: Tensor, context: Tensor, size: Size) -> Tensor:
        own = self.layer
        k, v = own.to_k(context), own.to_v(context)
        parts = [attention(own.to_q(part), k, v, heads=own.heads) for part in sliced(x, self.slices)]
        return own.to_out(torch.cat(parts, dim=1))


def sliced(x: Tensor, slices: int) -> tuple[Tensor, ...]:
    """Tokens [B, N, C] in so many parts, the last of which may be shorter."""
    return x.split(math.ceil(x.shape[1] / slices), dim=1)


@dataclass(frozen=True)
class Sliced:
    """The patch: attention and feed-forward in slices, where no other patch looks at whole pictures."""

    slices: int

    def apply(self, network: UNet) -> None:
        for block in network.modules():
            if not isinstance(block, TransformerBlock):
                continue
            for name in ("attn1", "attn2"):
                if isinstance(own := getattr(block, name), CrossAttention):
                    setattr(block, name, AskingInSlices(own, self.slices))
            if isinstance(block.ff, FeedForward):
                block.ff = InSlices(block.ff, self.slices)


Ask = Callable[[Any, slice], Sequence[Tensor]]
"""What a network answers to some pictures of a batch."""


class Fitting:
    """Asks one network, a UNet or a ControlNet; remembers which ways took too much memory."""

    def __init__(self, network: UNet | ControlNet, check: Check = unstopped) -> None:
        self._network, self._check, self._memory = network, check, memory_of(network)
        self._structures = Structures()
        self._way = 0

    def answers(
        self,
        x: Tensor,
        ask: Ask,
        weights: Sequence[WeightPatch] = (),
        structure: tuple[StructurePatch, ...] = (),
        *,
        held: int = 0,
    ) -> tuple[Tensor, ...]:
        """What the network answers to x [B, C, h, w] under patches; OutOfMemory if no way is small enough.

        `held` are bytes of all pictures' inputs or answers that are there besides.
        """
        ways = [partial(self._asked, way, x, ask, weights, structure, held) for way in WAYS]
        answers, self._way = self._memory.first_that_fits(ways, self._way)
        return answers

    def _asked(
        self,
        way: Way,
        x: Tensor,
        ask: Ask,
        weights: Sequence[WeightPatch],
        structure: tuple[StructurePatch, ...],
        held: int,
    ) -> tuple[Tensor, ...]:
        slicing = (Sliced(way.slices),) if way.slices > 1 else ()
        each = [slice(k, k + 1) for k in range(len(x))] if way.one_by_one else [slice(0, len(x))]
        size = working_bytes(self._network.config, x[each[0]], way.slices) + held
        height, width = (8 * side for side in x.shape[-2:])
        with (
            self._memory.use(self._network, weights, streamed=way.streamed, check=self._check) as ready,
            self._memory.working(size, f"a step of {width} x {height} pixels"),
        ):
            network = self._structures.of(ready, (*structure, *slicing))
            said = []
            for rows in each:
                self._check()
                said.append(ask(network, rows))
            return tuple(map(torch.cat, zip(*said, strict=True)))


def working_bytes(config: UNetConfig | ControlNetConfig, x: Tensor, slices: int) -> int:
    """About what a network computes with beside its weights for x [B, C, h, w]."""
    unet = config if isinstance(config, UNetConfig) else config.unet
    tokens = len(x) * math.prod(x.shape[-2:])
    return int(tokens * unet.model_channels * x.dtype.itemsize * (FIXED + SLICED / slices))


def answer_bytes(config: ControlNetConfig, x: Tensor) -> int:
    """About what a ControlNet's answers to x [B, C, h, w] take."""
    return int(ANSWERED * len(x) * math.prod(x.shape[-2:]) * config.unet.model_channels * x.dtype.itemsize)


def bytes_in(residuals: Residuals) -> int:
    """What residuals take."""
    middle = () if residuals.middle is None else (residuals.middle,)
    return sum(tensor.nbytes for tensor in (*residuals.skips, *middle, *residuals.levels))


def rows_of(residuals: Residuals, span: slice, count: int) -> Residuals:
    """What guides some pictures of a batch of `count`."""

    def rows(tensor: Tensor) -> Tensor:
        return tensor[span] if len(tensor) == count else tensor

    return Residuals(
        tuple(map(rows, residuals.skips)),
        None if residuals.middle is None else rows(residuals.middle),
        tuple(map(rows, residuals.levels)),
    )
