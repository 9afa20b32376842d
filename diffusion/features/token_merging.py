"""Token merging: self-attention over fewer tokens, the most alike averaged (ToMe, arXiv 2303.17604)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from diffusion.features.attention import blocks, replace_attention
from diffusion.features.hyper_tile import levels_of
from diffusion.models.unet import Size, UNet

CELL = 2
"""Of every square of so many tokens a side, one stays and the others may be merged into ones that stay."""


@dataclass(frozen=True, eq=False)
class Merging:
    """Which tokens of [B, N, C] are merged: `kept` [B, K] and `merged` [B, M] into the stayers `into` [B, M].

    `stayers` [S] are the same for all pictures.
    """

    stayers: Tensor
    kept: Tensor
    merged: Tensor
    into: Tensor

    def merge(self, x: Tensor) -> Tensor:
        """[B, N, C] -> [B, K + S, C]."""
        stayed = x[:, self.stayers]
        sources = rows(x, self.merged)
        index = self.into[..., None].expand_as(sources)
        averaged = stayed.scatter_reduce(1, index, sources, reduce="mean")
        return torch.cat([rows(x, self.kept), averaged], dim=1)

    def unmerge(self, x: Tensor, count: int) -> Tensor:
        """[B, K + S, C] -> [B, N, C]: every merged token gets what its stayer got."""
        kept, stayed = x.split([self.kept.shape[1], len(self.stayers)], dim=1)
        out = x.new_empty(len(x), count, x.shape[2])
        out[:, self.stayers] = stayed
        out.scatter_(1, self.kept[..., None].expand_as(kept), kept)
        from_stayers = rows(stayed, self.into)
        return out.scatter_(1, self.merged[..., None].expand_as(from_stayers), from_stayers)


def rows(x: Tensor, index: Tensor) -> Tensor:
    """Tokens of [B, N, C] by index [B, M] -> [B, M, C]."""
    return x.gather(1, index[..., None].expand(-1, -1, x.shape[2]))


def plan_merging(x: Tensor, size: Size, ratio: float, seed: int) -> Merging | None:
    """Merge `ratio` of the tokens [B, N, C] of a picture; None where there is nothing to merge.

    One random token of each cell stays; of the others those most like a stayer are merged into it.
    """
    height, width = size
    down, across = height // CELL, width // CELL
    amount = min(int(height * width * ratio), height * width - down * across)
    if amount <= 0 or down == 0 or across == 0:
        return None
    choice = torch.randint(CELL**2, (down, across), generator=Generator().manual_seed(seed))
    row = torch.arange(down)[:, None] * CELL + choice // CELL
    column = torch.arange(across)[None] * CELL + choice % CELL
    stayers = (row * width + column).flatten().to(x.device)
    moving = torch.ones(height * width, dtype=torch.bool, device=x.device)
    moving[stayers] = False
    movers = moving.nonzero().flatten()
    unit = F.normalize(x, dim=-1)
    likeness, nearest = (unit[:, movers] @ unit[:, stayers].mT).max(dim=-1)
    order = likeness.argsort(dim=-1, descending=True, stable=True)
    merged, kept = order[:, :amount], order[:, amount:]
    return Merging(stayers, movers[kept], movers[merged], nearest.gather(1, merged))


class MergedAttention(nn.Module):
    """Self-attention of merged tokens; which ones stay changes from call to call."""

    def __init__(self, attention: nn.Module, ratio: float) -> None:
        super().__init__()
        self.attention, self.ratio, self.turn = attention, ratio, 0

    def forward(self, x: Tensor, context: Tensor, size: Size) -> Tensor:
        self.turn += 1
        merging = plan_merging(x, size, self.ratio, self.turn) if context is x else None
        if merging is None:
            return self.attention(x, context, size)
        merged = merging.merge(x)
        return merging.unmerge(self.attention(merged, merged, size), x.shape[1])


@dataclass(frozen=True)
class TokenMerging:
    """The patch: merges `ratio` of the tokens of the finest level, where they are many."""

    ratio: float

    def apply(self, network: UNet) -> None:
        levels = levels_of(network)
        for half, index, block in blocks(network):
            if levels[half, index] == 0:
                replace_attention(block, "attn1", lambda own: MergedAttention(own, self.ratio))
