"""Conditioning made from conditioning: joined, averaged, emptied, and given a place and a time."""

from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.errors import Unsuitable
from diffusion.values import Area, Cond, Conditioning

LATENT_PIXEL = 8


def concatenated(to: Conditioning, other: Conditioning) -> Conditioning:
    """Every entry with the vectors of the other's first one behind its own."""
    behind = first_of(other, to).tensor
    return tuple(replace(cond, tensor=torch.cat((cond.tensor, behind), dim=1)) for cond in to)


def averaged(to: Conditioning, other: Conditioning, strength: float) -> Conditioning:
    """Every entry, `strength` of it, mixed with the other's first one, cut or filled with 0 to its length."""
    mixed_in = first_of(other, to)
    return tuple(
        replace(
            cond,
            tensor=mixed(cond.tensor, as_long(mixed_in.tensor, cond.tensor.shape[1]), strength),
            pooled=mixed_pooled(cond.pooled, mixed_in.pooled, strength),
        )
        for cond in to
    )


def first_of(other: Conditioning, to: Conditioning) -> Cond:
    """The entry that others are joined with; Unsuitable if it is for another text encoder."""
    if not other:
        raise Unsuitable(
            "the conditioning has no entry", input="conditioning_from", remedy="Connect a prompt."
        )
    for cond in to:
        if cond.tensor.shape[-1] != other[0].tensor.shape[-1]:
            raise Unsuitable(
                f"its vectors have {other[0].tensor.shape[-1]} numbers, "
                f"those that they should join have {cond.tensor.shape[-1]}",
                input="conditioning_from",
                remedy="Encode both prompts with the CLIP of the same checkpoint.",
            )
    return other[0]


def as_long(vectors: Tensor, length: int) -> Tensor:
    """Vectors [1, L, D] with L cut, or filled with 0, to a length."""
    return F.pad(vectors[:, :length], (0, 0, 0, max(0, length - vectors.shape[1])))


def mixed(one: Tensor, other: Tensor, strength: float) -> Tensor:
    """The first by its strength and the second by the rest."""
    return one * strength + other * (1 - strength)


def mixed_pooled(one: Tensor | None, other: Tensor | None, strength: float) -> Tensor | None:
    """Two pooled vectors mixed; where one is missing, the other."""
    if one is None or other is None:
        return other if one is None else one
    return mixed(one, other, strength)


def emptied(conditioning: Conditioning) -> Conditioning:
    """The same entries with all their vectors 0, which is less than an empty prompt says."""
    return tuple(
        replace(
            cond,
            tensor=torch.zeros_like(cond.tensor),
            pooled=None if cond.pooled is None else torch.zeros_like(cond.pooled),
        )
        for cond in conditioning
    )


def placed(conditioning: Conditioning, area: Area, strength: float) -> Conditioning:
    """Entries that count in a rectangle only."""
    return tuple(replace(cond, area=area, strength=strength) for cond in conditioning)


def pixel_area(x: int, y: int, width: int, height: int) -> Area:
    """A rectangle given in pixels, on the grid of latent pixels."""
    top, left, tall, wide = (side // LATENT_PIXEL for side in (y, x, height, width))
    return Area(top, left, tall, wide)


def strengthened(conditioning: Conditioning, strength: float) -> Conditioning:
    """Entries with another weight."""
    return tuple(replace(cond, strength=strength) for cond in conditioning)


def masked(conditioning: Conditioning, mask: Tensor, strength: float, *, bounds: bool) -> Conditioning:
    """Entries that count as a mask [1, H, W] says, times `strength` and times their own weight."""
    weights = mask.reshape(-1, *mask.shape[-2:]) * strength
    return tuple(replace(cond, mask=weights, mask_bounds=bounds) for cond in conditioning)


def timed(conditioning: Conditioning, start: float, end: float) -> Conditioning:
    """Entries that apply on a part of the way from noise (0) to picture (1)."""
    if start > end:
        raise Unsuitable(
            f"it starts at {start:g}, after its end at {end:g}: it would never apply",
            input="start",
            remedy="Give a start that is not above the end.",
        )
    return tuple(replace(cond, start=start, end=end) for cond in conditioning)
