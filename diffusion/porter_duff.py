"""Lays pictures with transparency over each other by the rules of Porter and Duff (SIGGRAPH 1984) and kin.

S and D are source and destination multiplied by their opacities s and d; the result is divided by its own.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from diffusion.compose import like_shape, with_channels
from diffusion.porter_duff_modes import Mode

VISIBLE = 1e-5
"""Less opacity than this has no colour."""


class Layers(NamedTuple):
    """Both pictures [B, H, W, 3], multiplied by their opacities [B, H, W, 1]."""

    S: Tensor
    s: Tensor
    D: Tensor
    d: Tensor

    @property
    def union(self) -> Tensor:
        """How opaque either or both are."""
        return self.s + self.d - self.s * self.d

    def around(self, both: Tensor) -> Tensor:
        """What shows outside of the other, and `both` where they meet."""
        return (1 - self.d) * self.S + (1 - self.s) * self.D + both


def hard(of: Layers) -> Tensor:
    """Multiplied where the destination is dark, screened where it is light."""
    S, s, D, d = of
    return torch.where(d > 2 * D, 2 * S * D, s * d - 2 * (d - S) * (s - D))


MODES: dict[Mode, Callable[[Layers], tuple[Tensor, Tensor]]] = {
    "ADD": lambda of: ((of.S + of.D).clamp(0, 1), (of.s + of.d).clamp(0, 1)),
    "CLEAR": lambda of: (torch.zeros_like(of.S), torch.zeros_like(of.s)),
    "DARKEN": lambda of: (of.around(torch.minimum(of.S, of.D)), of.union),
    "DST": lambda of: (of.D, of.d),
    "DST_ATOP": lambda of: (of.s * of.D + (1 - of.d) * of.S, of.s),
    "DST_IN": lambda of: (of.D * of.s, of.s * of.d),
    "DST_OUT": lambda of: ((1 - of.s) * of.D, (1 - of.s) * of.d),
    "DST_OVER": lambda of: (of.D + (1 - of.d) * of.S, of.union),
    "LIGHTEN": lambda of: (of.around(torch.maximum(of.S, of.D)), of.union),
    "MULTIPLY": lambda of: (of.S * of.D, of.s * of.d),
    "OVERLAY": lambda of: (hard(of), of.union),
    "SCREEN": lambda of: (of.S + of.D - of.S * of.D, of.union),
    "SRC": lambda of: (of.S, of.s),
    "SRC_ATOP": lambda of: (of.d * of.S + (1 - of.s) * of.D, of.d),
    "SRC_IN": lambda of: (of.S * of.d, of.s * of.d),
    "SRC_OUT": lambda of: ((1 - of.d) * of.S, (1 - of.d) * of.s),
    "SRC_OVER": lambda of: (of.S + (1 - of.s) * of.D, of.union),
    "XOR": lambda of: ((1 - of.d) * of.S + (1 - of.s) * of.D, of.s + of.d - 2 * of.s * of.d),
}


def porter_duff(
    source: Tensor, source_mask: Tensor, destination: Tensor, destination_mask: Tensor, mode: Mode
) -> tuple[Tensor, Tensor]:
    """Pictures [B, H, W, 3] and where they are transparent [B, H, W], at the destination's size.

    Masks are 1 where their picture is transparent. There are as many results as the fewest of the four are.
    """
    count = min(map(len, (source, source_mask, destination, destination_mask)))
    like = with_channels(destination, 3)[:count].movedim(-1, 1)
    planes = [
        with_channels(source, 3).movedim(-1, 1),
        1 - source_mask[:, None],
        1 - destination_mask[:, None],
    ]
    sized = [like_shape(each[:count], like, "bicubic").movedim(1, -1) for each in planes]
    S, s, d = (each.clamp(0, 1) for each in sized)
    mixed, opacity = MODES[mode](Layers(S * s, s, like.movedim(1, -1) * d, d))
    colours = torch.where(opacity > VISIBLE, mixed / opacity.clamp(min=VISIBLE), torch.zeros(()))
    return colours.clamp(0, 1), 1 - opacity[..., 0]
