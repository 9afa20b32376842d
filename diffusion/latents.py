"""What is done to latents, their masks and their places in a batch: cutting, turning, joining, arithmetic."""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from diffusion.compose import Axis, Rotation, edge_mask, flip, join_batches, like_shape, overlay, rotate, take
from diffusion.errors import Unsuitable
from diffusion.masks import repeat_to, resize_mask
from diffusion.resize import Method
from diffusion.values import Latent

PIXELS = 8
"""Picture pixels per latent pixel, which nodes count in."""
LEAST = 8
"""The fewest latent pixels that a crop leaves at a side."""


def changed(latent: Latent, change: Callable[[Tensor], Tensor]) -> Latent:
    """A latent whose samples and mask went through the same turn."""
    mask = latent.noise_mask
    return replace(latent, samples=change(latent.samples), noise_mask=None if mask is None else change(mask))


def flip_latent(latent: Latent, axis: Axis) -> Latent:
    """Turned over, and its mask with it."""
    return changed(latent, lambda x: flip(x, axis, height=-2, width=-1))


def rotate_latent(latent: Latent, rotation: Rotation) -> Latent:
    """Turned clockwise, and its mask with it."""
    return changed(latent, lambda x: rotate(x, rotation, height=-2, width=-1))


def crop_latent(latent: Latent, width: int, height: int, x: int, y: int) -> Latent:
    """The part at a place, in pixels of the picture, and its part of the mask."""
    tall, wide = latent.samples.shape[-2:]
    left, top = max(min(x // PIXELS, wide - LEAST), 0), max(min(y // PIXELS, tall - LEAST), 0)
    rows, columns = slice(top, top + height // PIXELS), slice(left, left + width // PIXELS)
    mask = latent.noise_mask
    if mask is not None:
        mask = resize_mask(mask, tall, wide)[..., rows, columns]
    return replace(latent, samples=latent.samples[..., rows, columns].contiguous(), noise_mask=mask)


def take_latents(latent: Latent, index: int, length: int) -> Latent:
    """Some pictures of a batch; each remembers which one it was, so that noise follows it."""
    count = len(latent.samples)
    order = torch.tensor(latent.batch_index or range(count))
    mask = latent.noise_mask
    if mask is not None and len(mask) > 1:
        mask = take(repeat_to(mask, count), index, length)
    kept = tuple(take(order, index, length).tolist())
    return replace(latent, samples=take(latent.samples, index, length), noise_mask=mask, batch_index=kept)


def repeat_latents(latent: Latent, amount: int) -> Latent:
    """The batch so many times over; repeats get places of their own, and with them their own noise."""
    mask, order = latent.noise_mask, latent.batch_index
    if mask is not None and len(mask) > 1:
        mask = repeat_to(mask, len(latent.samples)).repeat(amount, 1, 1)
    if order is not None:
        offset = max(order) - min(order) + 1
        order = tuple(index + time * offset for time in range(amount) for index in order)
    return replace(latent, samples=latent.samples.repeat(amount, 1, 1, 1), noise_mask=mask, batch_index=order)


def join_latents(first: Latent, second: Latent) -> Latent:
    """Two batches as one, at the first's size."""
    orders = [latent.batch_index or tuple(range(len(latent.samples))) for latent in (first, second)]
    masks = None
    if first.noise_mask is not None or second.noise_mask is not None:
        size = next(mask for mask in (first.noise_mask, second.noise_mask) if mask is not None).shape[-2:]
        masks = torch.cat([whole_mask(latent, size) for latent in (first, second)])
    return Latent(join_batches(first.samples, second.samples), masks, (*orders[0], *orders[1]))


def whole_mask(latent: Latent, size: torch.Size) -> Tensor:
    """A mask for every picture at a size: 1 everywhere where there is none."""
    mask = torch.ones(1, *size) if latent.noise_mask is None else resize_mask(latent.noise_mask, *size)
    return repeat_to(mask, len(latent.samples))


def combine_latents(
    first: Latent, second: Latent, operation: Callable[[Tensor, Tensor], Tensor], method: Method = "bilinear"
) -> Latent:
    """Two latents through one formula; the second takes the first's size and count."""
    other = repeat_to(like_shape(second.samples, first.samples, method), len(first.samples))
    return first.with_samples(operation(first.samples, other))


def interpolate(a: Tensor, b: Tensor, ratio: float) -> Tensor:
    """From `b` (0) to `a` (1): directions mixed, and lengths mixed apart from them."""
    lengths = [x.norm(dim=1, keepdim=True) for x in (a, b)]
    mixed = (a / lengths[0]).nan_to_num() * ratio + (b / lengths[1]).nan_to_num() * (1 - ratio)
    direction = (mixed / mixed.norm(dim=1, keepdim=True)).nan_to_num()
    return direction * (lengths[0] * ratio + lengths[1] * (1 - ratio))


def composite_feathered(destination: Latent, source: Latent, x: int, y: int, *, over: int) -> Latent:
    """One latent over another, fading at its sides inside the picture; all numbers in picture pixels."""
    x, y, size = x // PIXELS, y // PIXELS, destination.samples.shape[-2:]
    samples = source.samples[..., : max(size[0] - y, 0), : max(size[1] - x, 0)]
    mask = edge_mask((samples.shape[-2], samples.shape[-1]), (size[0], size[1]), x, y, over // PIXELS)
    mask = mask if samples.numel() else None
    return destination.with_samples(overlay(destination.samples, samples, x, y, mask=mask))


def composite_masked(
    destination: Latent, source: Latent, x: int, y: int, *, mask: Tensor | None, stretch: bool
) -> Latent:
    """One latent over another where the mask is 1; the place in picture pixels."""
    place = (x // PIXELS, y // PIXELS)
    return destination.with_samples(
        overlay(destination.samples, source.samples, *place, mask=mask, stretch=stretch)
    )


AXES = {"x": -1, "y": -2}


def axis_of(dim: str) -> int:
    """The axis of latents [B, 4, h, w] that a name means; Unsuitable where it is time."""
    if dim not in AXES:
        raise Unsuitable(
            f"{dim} is the axis of time, which only latents of videos have",
            input="dim",
            remedy="Choose x or y.",
        )
    return AXES[dim]


def stitch_latents(first: Latent, second: Latent, dim: str) -> Latent:
    """The second after the first along x or y, before it along -x or -y; their masks, too."""
    axis = axis_of(dim.removeprefix("-"))
    across = -3 - axis
    sides = [latent.samples.shape[across] for latent in (first, second)]
    if sides[0] != sides[1]:
        raise Unsuitable(
            f"the latents have {sides[0]} and {sides[1]} latent pixels along the other axis",
            input="samples2",
            remedy="Crop or scale one of them to the size of the other.",
        )
    pair = [first, replace(second, samples=repeat_to(second.samples, len(first.samples)))]
    ordered = pair[::-1] if dim.startswith("-") else pair
    mask = None
    if any(latent.noise_mask is not None for latent in pair):
        mask = torch.cat([whole_mask(latent, latent.samples.shape[-2:]) for latent in ordered], dim=axis)
    return replace(first, samples=torch.cat([each.samples for each in ordered], dim=axis), noise_mask=mask)


def cut_latent(latent: Latent, dim: str, index: int, amount: int) -> Latent:
    """So many latent pixels along an axis from one on, as far as there are; below 0 counts from the end."""
    axis = axis_of(dim)
    size = latent.samples.shape[-2:]
    length = size[axis]
    start = min(index, length - 1) if index >= 0 else max(index, -length) + length
    amount = min(length - start, amount)
    mask = latent.noise_mask
    if mask is not None:
        mask = resize_mask(mask, *size).narrow(axis, start, amount).contiguous()
    return replace(latent, samples=latent.samples.narrow(axis, start, amount).contiguous(), noise_mask=mask)
