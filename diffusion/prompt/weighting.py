"""What weights do to encoded tokens: vectors [windows, 77, D] and weights [windows, 77]."""

from collections.abc import Sequence

import torch
from torch import Tensor

from diffusion.prompt.tokens import Token


def weights_of(windows: Sequence[Sequence[Token]], places: int) -> Tensor:
    """The weight at every place [windows, places]; begin, end and padding weigh 1."""
    weights = torch.ones(len(windows), places)
    for row, window in zip(weights, windows, strict=True):
        row[1 : len(window) + 1] = torch.tensor([token.weight for token in window])
    return weights


def from_empty(vectors: Tensor, weights: Tensor, empty: Tensor) -> Tensor:
    """ComfyUI's: a vector moves along the line from the empty prompt's [1, 77, D] at its place."""
    return empty + weights[..., None] * (vectors - empty)


def multiplied(vectors: Tensor, weights: Tensor, *, restore_mean: bool) -> Tensor:
    """A1111's: a vector is multiplied, and the mean of its whole window may be restored afterwards."""
    weighted = vectors * weights[..., None]
    if not restore_mean:
        return weighted
    before, after = (each.mean(dim=(1, 2), keepdim=True) for each in (vectors, weighted))
    changed = (weights != 1).any(dim=1)[:, None, None]
    return torch.where(changed, weighted * (before / after), vectors)
