"""What is done to masks [B, H, W], 1 = selected: made, grown, faded, combined and cut."""

from collections.abc import Callable
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.errors import Unsuitable
from diffusion.values import rgb

Channel = Literal["red", "green", "blue", "alpha"]
Operation = Literal["multiply", "add", "subtract", "and", "or", "xor"]
CHANNELS: tuple[Channel, ...] = ("red", "green", "blue", "alpha")


def both(operation: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    """A logical operation on masks rounded to selected or not."""
    return lambda a, b: operation(a.round().bool(), b.round().bool()).float()


OPERATIONS: dict[Operation, Callable[[Tensor, Tensor], Tensor]] = {
    "multiply": torch.mul,
    "add": torch.add,
    "subtract": torch.sub,
    "and": both(torch.logical_and),
    "or": both(torch.logical_or),
    "xor": both(torch.logical_xor),
}


def channel_mask(image: Tensor, channel: Channel) -> Tensor:
    """One channel of pictures; alpha is there only where a picture keeps it."""
    if channel != "alpha":
        return rgb(image)[..., CHANNELS.index(channel)]
    if image.shape[-1] < 4:
        raise Unsuitable(
            "the picture has no alpha channel, only red, green and blue",
            input="channel",
            remedy="Choose another channel, or take the mask that Load Image gives.",
        )
    return image[..., 3]


def colour_mask(image: Tensor, colour: int) -> Tensor:
    """1 where the picture has exactly the colour 0xRRGGBB in 8 bits."""
    levels = (rgb(image).clamp(0, 1) * 255).round()
    return (levels == torch.tensor(rgb_of(colour))).all(dim=-1).float()


def rgb_of(colour: int) -> list[float]:
    """Red, green and blue, 0 to 255, of 0xRRGGBB."""
    return [float(colour >> shift & 255) for shift in (16, 8, 0)]


def grow(mask: Tensor, by: int, *, tapered: bool) -> Tensor:
    """Widen what is selected by so many pixels, or narrow it below 0; tapered grows a dot to a diamond."""
    if by < 0:
        return 1 - grow(1 - mask, -by, tapered=tapered)
    height, width = mask.shape[-2:]
    steps = min(by, height + width)
    if not tapered:
        return widen(widen(mask, min(steps, width)).mT, min(steps, height)).mT
    for _ in range(steps):
        mask = torch.maximum(widen(mask, 1), widen(mask.mT, 1).mT)
    return mask


def widen(mask: Tensor, by: int) -> Tensor:
    """The highest value within `by` pixels along the last axis."""
    return F.max_pool1d(mask.reshape(-1, 1, mask.shape[-1]), 2 * by + 1, 1, by).reshape(mask.shape)


def feather(mask: Tensor, left: int, top: int, right: int, bottom: int) -> Tensor:
    """Fade a mask towards the sides of the picture over so many pixels each."""
    height, width = mask.shape[-2:]
    rows = rise(height, top) * rise(height, bottom).flip(0)
    columns = rise(width, left) * rise(width, right).flip(0)
    return mask * rows[:, None] * columns


def rise(size: int, over: int) -> Tensor:
    """From 1/over up to 1, and 1 from there on."""
    over = min(over, size)
    return ((torch.arange(size) + 1) / max(over, 1)).clamp(max=1)


def combine(destination: Tensor, source: Tensor, x: int, y: int, operation: Operation) -> Tensor:
    """`source`, laid over `destination` with its corner at x, y; what lies outside is dropped."""
    height, width = destination.shape[-2:]
    tall, wide = max(min(source.shape[-2], height - y), 0), max(min(source.shape[-1], width - x), 0)
    batch = max(len(destination), len(source))
    combined = repeat_to(destination, batch).clone()
    place = (slice(None), slice(y, y + tall), slice(x, x + wide))
    combined[place] = OPERATIONS[operation](combined[place], repeat_to(source, batch)[:, :tall, :wide])
    return combined.clamp(0, 1)


def crop(x: Tensor, left: int, top: int, width: int, height: int) -> Tensor:
    """The part of [B, H, W, …] at a place, at least one pixel of what there is."""
    top, left = min(top, x.shape[1] - 1), min(left, x.shape[2] - 1)
    return x[:, top : top + height, left : left + width].contiguous()


def repeat_to(x: Tensor, batch: int) -> Tensor:
    """The pictures of a batch over and over until there are so many."""
    if len(x) == batch:
        return x
    return x.repeat(-(-batch // len(x)), *[1] * (x.ndim - 1))[:batch]


def resize_mask(mask: Tensor, height: int, width: int) -> Tensor:
    """A mask at another size, its edges smooth."""
    if mask.shape[-2:] == (height, width):
        return mask
    return F.interpolate(mask[:, None], size=(height, width), mode="bilinear")[:, 0]
