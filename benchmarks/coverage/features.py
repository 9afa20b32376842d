"""FreeU, HyperTile and token merging, which patch a UNet: against diffusers' parts and definitions."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from benchmarks.coverage.row import Measured, Run, apart, farthest
from diffusion.features.attention import blocks
from diffusion.features.free_u import FreeUJoin
from diffusion.features.hyper_tile import TiledAttention
from diffusion.features.token_merging import MergedAttention, plan_merging
from tests.diffusion import pipelines
from tests.diffusion.pipelines import UNET, random

STRENGTHS = {32: (1.3, 0.9), 16: (1.4, 0.2)}
"""By the width of what comes from below, (b, s): four times and twice the model's first."""


class Join(nn.Module):
    """Gives both halves of what is joined."""

    def forward(self, h: Tensor, skip: Tensor) -> tuple[Tensor, Tensor]:
        return h, skip


@torch.no_grad()
def numbers(_: Run) -> Iterator[Measured]:
    """Each patch at the place where it acts."""
    from diffusers.utils.torch_utils import apply_freeu

    names = {"b1": 1.3, "s1": 0.9, "b2": 1.4, "s2": 0.2}
    pairs, second = [], []
    for stage, width in enumerate(STRENGTHS):
        h, skip = random(1, 2, width, 6, 10), random(2, 2, 24, 6, 10)
        expected = apply_freeu(stage, h.clone(), skip.clone(), **names)
        pairs += zip(FreeUJoin(Join(), STRENGTHS, second=False)(h, skip), expected, strict=True)
        ours, filtered = FreeUJoin(Join(), STRENGTHS, second=True)(h, skip)
        second += [(ours, weighed(h, STRENGTHS[width][0])), (filtered, expected[1])]
    untouched = random(3, 1, 8, 4, 4), random(4, 1, 8, 4, 4)
    pairs += zip(FreeUJoin(Join(), STRENGTHS, second=False)(*untouched), untouched, strict=True)
    yield Measured("FreeU at both widths", "diffusers apply_freeu", farthest(pairs), 2e-6)
    yield Measured("FreeU_V2 at both widths", "formula in float64", farthest(second), 2e-6)
    made = pipelines.pair(UNET)
    own = next(block for _, _, block in blocks(made.model.network)).attn1
    theirs = made.parts["unet"].down_blocks[0].attentions[0].transformer_blocks[0].attn1
    yield Measured("HyperTile", "diffusers Attention, tile by tile", apart(*tiled(own, theirs)), 2e-6)
    yield Measured(
        "TomePatchModel", "diffusers Attention, merged by loops", apart(*merged(own, theirs)), 2e-6
    )


def weighed(h: Tensor, strength: float) -> Tensor:
    """The first half of the channels times 1 + (b - 1) of the pixel's mean between the least and the most."""
    result = h.double().clone()
    for picture in result:
        mean = picture.mean(0)
        picture[: len(picture) // 2] *= 1 + (strength - 1) * (mean - mean.min()) / (mean.max() - mean.min())
    return result


def tiled(own: nn.Module, theirs: nn.Module) -> tuple[Tensor, Tensor]:
    """Attention in a grid of 2 x 3 tiles of 4 x 4, ours and one tile after another."""
    x = random(5, 2, 8 * 12, 32)
    ours = TiledAttention(own, 4, 1)(x, x, (8, 12))
    picture, expected = x.reshape(2, 8, 12, 32), torch.zeros(2, 8, 12, 32)
    for top in range(0, 8, 4):
        for left in range(0, 12, 4):
            place = (slice(None), slice(top, top + 4), slice(left, left + 4))
            expected[place] = theirs(picture[place].reshape(2, 16, 32)).reshape(2, 4, 4, 32)
    return ours, expected.reshape(2, 96, 32)


def merged(own: nn.Module, theirs: nn.Module) -> tuple[Tensor, Tensor]:
    """Attention over half of the tokens: the likeliest pairs averaged, and given back what they became."""
    x, size, ratio = random(6, 2, 64, 32), (8, 8), 0.5
    stayers = plan_merging(x, size, ratio, 1).stayers.tolist()  # drawn from a seed: one of each 2 x 2
    ours = MergedAttention(own, ratio)(x, x, size)
    return ours, torch.stack([merged_by_loops(picture, stayers, int(64 * ratio), theirs) for picture in x])


def merged_by_loops(picture: Tensor, stayers: list[int], amount: int, attention: nn.Module) -> Tensor:
    """The definition of arXiv 2303.17604, token by token; [N, C] -> [N, C]."""
    movers = [place for place in range(len(picture)) if place not in stayers]
    likeness = {
        mover: [float(torch.cosine_similarity(picture[mover], picture[stayer], dim=0)) for stayer in stayers]
        for mover in movers
    }
    leaving = sorted(movers, key=lambda mover: -max(likeness[mover]))[:amount]
    into = {mover: likeness[mover].index(max(likeness[mover])) for mover in leaving}
    groups = [
        [stayer, *(mover for mover in leaving if into[mover] == index)]
        for index, stayer in enumerate(stayers)
    ]
    groups += [[mover] for mover in movers if mover not in leaving]
    attended = attention(torch.stack([picture[group].mean(0) for group in groups])[None])[0]
    result = torch.zeros_like(picture)
    for group, value in zip(groups, attended, strict=True):
        result[group] = value
    return result
