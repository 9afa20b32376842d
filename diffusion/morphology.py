"""Morphology of pictures [B, H, W, C] with a square: what is darkest or lightest around every pixel."""

from collections.abc import Callable
from typing import Literal

import torch.nn.functional as F
from torch import Tensor

Operation = Literal["erode", "dilate", "open", "close", "gradient", "bottom_hat", "top_hat"]


def dilated(image: Tensor, size: int) -> Tensor:
    """The lightest of `size` x `size` pixels around each, per channel; outside there is nothing."""
    x = image.movedim(-1, 1)
    before, after = size // 2, size - size // 2 - 1
    for _ in "xy":  # a square is a row of columns
        x = F.max_pool2d(F.pad(x, (before, after), value=-float("inf")), (1, size), stride=1).mT
    return x.movedim(1, -1).contiguous()


def eroded(image: Tensor, size: int) -> Tensor:
    """The darkest of them."""
    return -dilated(-image, size)


def opened(image: Tensor, size: int) -> Tensor:
    """Without what is lighter and smaller than the square."""
    return dilated(eroded(image, size), size)


def closed(image: Tensor, size: int) -> Tensor:
    """Without what is darker and smaller than the square."""
    return eroded(dilated(image, size), size)


OPERATIONS: dict[Operation, Callable[[Tensor, int], Tensor]] = {
    "erode": eroded,
    "dilate": dilated,
    "open": opened,
    "close": closed,
    "gradient": lambda image, size: dilated(image, size) - eroded(image, size),
    "bottom_hat": lambda image, size: closed(image, size) - image,
    "top_hat": lambda image, size: image - opened(image, size),
}
