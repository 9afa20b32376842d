"""Puts pictures [B, H, W, C] side by side, and onto sheets of a size."""

import math
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.compose import with_channels
from diffusion.resize import Method, scale_image

Direction = Literal["right", "down", "left", "up"]
Colour = Literal["white", "black", "red", "green", "blue"]
COLOURS: dict[Colour, tuple[float, float, float]] = {
    "white": (1, 1, 1),
    "black": (0, 0, 0),
    "red": (1, 0, 0),
    "green": (0, 1, 0),
    "blue": (0, 0, 1),
}


def stitch(
    first: Tensor, second: Tensor, direction: Direction, *, match: bool, spacing: int, colour: Colour
) -> Tensor:
    """The second picture at a side of the first, with `spacing` pixels (made even) of a colour between.

    With `match`, the second is scaled to the length of that side; else the shorter is padded around its
    middle, in white if that is the colour, in black otherwise. Of fewer pictures, the last is used again.
    """
    batch, channels = max(len(first), len(second)), max(first.shape[-1], second.shape[-1])
    sideways = direction in ("left", "right")
    if match:
        second = scale_image(second, *matching(first, second, sideways), "lanczos", crop="disabled")
    else:
        first, second = aligned(first, second, sideways, value=float(colour == "white"))
    pictures = [with_channels(filled(picture, batch), channels) for picture in (first, second)]
    if direction in ("left", "up"):
        pictures.reverse()
    if spacing:
        wide = spacing + spacing % 2
        height, width = pictures[0].shape[1:3]
        size = (batch, height, wide, 3) if sideways else (batch, wide, width, 3)
        pictures.insert(1, with_channels(torch.tensor(COLOURS[colour]).expand(size), channels))
    return torch.cat(pictures, dim=2 if sideways else 1)


def matching(first: Tensor, second: Tensor, sideways: bool) -> tuple[int, int]:
    """Width and height of the second that keep its shape and have the first's height, or its width."""
    (tall, wide), aspect = first.shape[1:3], second.shape[2] / second.shape[1]
    return (max(int(tall * aspect), 1), tall) if sideways else (wide, max(int(wide / aspect), 1))


def aligned(first: Tensor, second: Tensor, sideways: bool, *, value: float) -> tuple[Tensor, ...]:
    """Both pictures as tall, or as wide, as the larger."""
    axis = 1 if sideways else 2
    longest = max(first.shape[axis], second.shape[axis])
    return tuple(padded(picture, axis, longest, value) for picture in (first, second))


def padded(picture: Tensor, axis: int, length: int, value: float) -> Tensor:
    """A picture in the middle of an axis of that length."""
    before, after = halves(length - picture.shape[axis])
    around = (0, 0, 0, 0, before, after) if axis == 1 else (0, 0, before, after)
    return F.pad(picture, around, value=value)


def halves(length: int) -> tuple[int, int]:
    """A length in two parts, the first not the longer."""
    return length // 2, length - length // 2


def filled(picture: Tensor, count: int) -> Tensor:
    """So many pictures: the last is used again for those that are missing."""
    return torch.cat([picture, picture[-1:].expand(count - len(picture), -1, -1, -1)])


def fit_and_pad(image: Tensor, width: int, height: int, method: Method, *, white: bool) -> Tensor:
    """Pictures scaled into the middle of a sheet of a size, none of them distorted."""
    tall, wide = image.shape[1:3]
    factor = min(width / wide, height / tall)
    size = max(math.floor(wide * factor), 1), max(math.floor(tall * factor), 1)
    image = scale_image(image, *size, method, crop="disabled")
    return padded(padded(image, 1, height, float(white)), 2, width, float(white))
