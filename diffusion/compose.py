"""Puts pictures and latents together: laying one over another, batches, borders to paint into, alpha."""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.masks import repeat_to, resize_mask
from diffusion.resize import Method, resize

Axis = Literal["x-axis: vertically", "y-axis: horizontally"]
Rotation = Literal["none", "90 degrees", "180 degrees", "270 degrees"]
GREY = 0.5


def overlay(
    destination: Tensor, source: Tensor, x: int, y: int, *, mask: Tensor | None = None, stretch: bool = False
) -> Tensor:
    """`source` over `destination`, both [B, C, H, W], with its corner at x, y, where the mask is 1.

    The mask, of any size, lies over the source; `stretch` first makes the source as large as the destination.
    """
    height, width = destination.shape[-2:]
    if stretch:
        source = F.interpolate(source, size=(height, width), mode="bilinear")
    tall, wide = source.shape[-2:]
    weight = torch.ones(1, tall, wide) if mask is None else resize_mask(mask, tall, wide)
    source, weight = (repeat_to(part, len(destination)) for part in (source, weight))
    seen_tall, seen_wide = max(min(tall, height - y), 0), max(min(wide, width - x), 0)
    weight = weight[:, None, :seen_tall, :seen_wide]
    place = (..., slice(y, y + seen_tall), slice(x, x + seen_wide))
    result = destination.clone()
    result[place] = weight * source[..., :seen_tall, :seen_wide] + (1 - weight) * result[place]
    return result


def composite(
    destination: Tensor, source: Tensor, x: int, y: int, *, mask: Tensor | None, stretch: bool
) -> Tensor:
    """`overlay` for pictures [B, H, W, C]; the result has the destination's channels."""
    source = with_channels(source, destination.shape[-1])
    planes = (image.movedim(-1, 1) for image in (destination, source))
    return overlay(*planes, x, y, mask=mask, stretch=stretch).movedim(1, -1).contiguous()


def with_channels(image: Tensor, count: int) -> Tensor:
    """A picture with so many channels: the first of its own, then opaque ones."""
    missing = count - image.shape[-1]
    if missing <= 0:
        return image[..., :count]
    if image.shape[-1] == 1:
        image, missing = image.expand(*image.shape[:-1], min(3, count)), max(count - 3, 0)
    return F.pad(image, (0, missing), value=1.0)


def edge_mask(size: tuple[int, int], within: tuple[int, int], x: int, y: int, over: int) -> Tensor:
    """A mask [1, h, w] that fades over `over` pixels at the sides that do not touch the border around it."""
    height, width = size
    weights = torch.ones(height, width)
    ramp_rows, ramp_columns = (((torch.arange(n) + 1) / max(over, 1)).clamp(max=1) for n in (height, width))
    if y > 0:
        weights = weights * ramp_rows[:, None]
    if y + height < within[0]:
        weights = weights * ramp_rows.flip(0)[:, None]
    if x > 0:
        weights = weights * ramp_columns
    if x + width < within[1]:
        weights = weights * ramp_columns.flip(0)
    return weights[None]


def pad_for_outpaint(
    image: Tensor, left: int, top: int, right: int, bottom: int, *, feathering: int
) -> tuple[Tensor, Tensor]:
    """Pictures with a grey border, and the mask of what to paint: the border, fading into the picture."""
    height, width = image.shape[1:3]
    padded = F.pad(image, (0, 0, left, right, top, bottom), value=GREY)
    faded = torch.zeros(height, width)
    if 0 < feathering * 2 < min(height, width):
        rows, columns = torch.arange(height)[:, None], torch.arange(width)
        far = torch.full((height, width), feathering)
        distances = (rows, height - rows, columns, width - columns)
        sides = zip((top, bottom, left, right), distances, strict=True)
        for border, distance in sides:
            far = torch.minimum(far, distance) if border else far
        faded = ((feathering - far) / feathering) ** 2
    return padded, F.pad(faded[None], (left, right, top, bottom), value=1.0)


def join_batches(first: Tensor, second: Tensor, method: Method = "bilinear") -> Tensor:
    """Two batches [B, C, H, W] as one; the second is scaled to the first's size around its centre."""
    return torch.cat([first, like_shape(second, first, method)])


def like_shape(x: Tensor, like: Tensor, method: Method = "bilinear") -> Tensor:
    """[B, C, H, W] at the height and width of another, cut around the centre."""
    if x.shape[-2:] == like.shape[-2:]:
        return x
    return resize(x, like.shape[-1], like.shape[-2], method, crop="center")


def join_images(first: Tensor, second: Tensor) -> Tensor:
    """`join_batches` for pictures [B, H, W, C]."""
    channels = max(first.shape[-1], second.shape[-1])
    planes = (with_channels(image, channels).movedim(-1, 1) for image in (first, second))
    return join_batches(*planes).clamp(0, 1).movedim(1, -1).contiguous()


def take(x: Tensor, index: int, length: int) -> Tensor:
    """So many items of a batch from one on, as far as there are; at least the last one."""
    index = min(index, len(x) - 1)
    return x[index : index + length]


def flip(x: Tensor, axis: Axis, *, height: int, width: int) -> Tensor:
    """Turn upside down, or left to right; `height` and `width` are the axes' numbers."""
    return x.flip(height if axis.startswith("x") else width)


def rotate(x: Tensor, rotation: Rotation, *, height: int, width: int) -> Tensor:
    """Turn clockwise by quarter turns; `height` and `width` are the axes' numbers."""
    turns = ("none", "90 degrees", "180 degrees", "270 degrees").index(rotation)
    return torch.rot90(x, turns, dims=(width, height)).contiguous()


def join_alpha(image: Tensor, mask: Tensor) -> Tensor:
    """Pictures [B, H, W, 4] that are transparent where the mask is 1."""
    batch = max(len(image), len(mask))
    alpha = 1 - resize_mask(mask, *image.shape[1:3])
    return torch.cat([repeat_to(with_channels(image, 3), batch), repeat_to(alpha, batch)[..., None]], dim=-1)


def split_alpha(image: Tensor) -> tuple[Tensor, Tensor]:
    """Pictures without their alpha channel, and the mask of where they are transparent."""
    opaque = with_channels(image, 4)
    return opaque[..., :3].contiguous(), 1 - opaque[..., 3]


def solid(width: int, height: int, batch: int, levels: list[float]) -> Tensor:
    """Pictures of one colour, its levels from 0 to 255."""
    return (torch.tensor(levels) / 255).expand(batch, height, width, -1).contiguous()
