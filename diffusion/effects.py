"""What is done to the look of pictures [B, H, W, C]: blending, blurring, sharpening, fewer colours."""

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from diffusion.compose import like_shape, with_channels
from diffusion.masks import repeat_to
from diffusion.values import rgb

BlendMode = Literal["normal", "multiply", "screen", "overlay", "soft_light", "difference"]
Dither = Literal["none", "floyd-steinberg", "bayer-2", "bayer-4", "bayer-8", "bayer-16"]
SHARPENING = 10
"""How many times the difference from the blurred picture an amount of 1 adds."""


def soft_light(a: Tensor, b: Tensor) -> Tensor:
    """The W3C's soft light."""
    root = torch.where(a <= 0.25, ((16 * a - 12) * a + 4) * a, a.clamp(min=0).sqrt())
    return torch.where(b <= 0.5, a - (1 - 2 * b) * a * (1 - a), a + (2 * b - 1) * (root - a))


BLENDS: dict[BlendMode, Callable[[Tensor, Tensor], Tensor]] = {
    "normal": lambda a, b: b,
    "multiply": lambda a, b: a * b,
    "screen": lambda a, b: 1 - (1 - a) * (1 - b),
    "overlay": lambda a, b: torch.where(a <= 0.5, 2 * a * b, 1 - 2 * (1 - a) * (1 - b)),
    "soft_light": soft_light,
    "difference": lambda a, b: a - b,  # not its absolute value: what ComfyUI calls so
}


def blend(first: Tensor, second: Tensor, factor: float, mode: BlendMode) -> Tensor:
    """From the first picture (0) towards the mix of both (1); the second is scaled to the first's size."""
    channels, batch = first.shape[-1], max(len(first), len(second))
    planes = with_channels(second, channels).movedim(-1, 1)
    second = repeat_to(like_shape(planes, first.movedim(-1, 1), "bicubic").movedim(1, -1), batch)
    first = repeat_to(first, batch)
    return (first * (1 - factor) + BLENDS[mode](first, second) * factor).clamp(0, 1)


def blur(image: Tensor, radius: int, sigma: float) -> Tensor:
    """Average with Gaussian weights; `sigma` is in radii, as ComfyUI has it, the picture mirrored outside."""
    places = torch.linspace(-1, 1, 2 * radius + 1)
    weights = torch.exp(-(places**2) / (2 * sigma**2))
    weights = weights / weights.sum()
    x = image.movedim(-1, 1)
    for axis in (-1, -2):
        x = along_last(x.transpose(axis, -1), weights).transpose(axis, -1)
    return x.movedim(1, -1).contiguous()


def along_last(x: Tensor, weights: Tensor) -> Tensor:
    """Weighted sums of neighbours along the last axis of [B, C, H, W]."""
    radius, length = len(weights) // 2, x.shape[-1]
    index = torch.arange(-radius, length + radius).remainder(max(2 * length - 2, 1))
    mirrored = x[..., torch.minimum(index, (2 * length - 2 - index).abs())]
    rows = mirrored.reshape(-1, 1, mirrored.shape[-1])
    return F.conv1d(rows, weights.to(x)[None, None]).reshape(x.shape)


def sharpen(image: Tensor, radius: int, sigma: float, amount: float) -> Tensor:
    """Push pictures away from their blurred selves."""
    return (image + SHARPENING * amount * (image - blur(image, radius, sigma))).clamp(0, 1)


def add_noise(image: Tensor, seed: int, strength: float) -> Tensor:
    """Pictures with Gaussian noise of this deviation, drawn for the whole batch as ComfyUI draws it."""
    noise = torch.randn(image.shape, generator=torch.Generator().manual_seed(seed))
    return (image + strength * noise).clamp(0, 1)


def quantize(image: Tensor, colours: int, dither: Dither) -> Tensor:
    """Pictures in so few colours, each in a palette of its own."""
    levels = (rgb(image).clamp(0, 1) * 255).to(torch.uint8).numpy()
    return torch.from_numpy(
        np.stack([quantize_one(each, colours, dither) for each in levels]) / np.float32(255)
    )


def quantize_one(levels: np.ndarray, colours: int, dither: Dither) -> np.ndarray:
    """One picture [H, W, 3] in 8 bits."""
    picture = Image.fromarray(levels)
    palette = picture.quantize(colors=colours)
    if dither.startswith("bayer"):
        order = int(dither.removeprefix("bayer-"))
        used = len(palette.getpalette()) // 3
        pattern = 2 * 256 / used * bayer_matrix(int(math.log2(order))) + 0.5
        height, width = levels.shape[:2]
        tiles = np.tile(pattern, (-(-height // order), -(-width // order)))[:height, :width, None]
        picture = Image.fromarray((levels + tiles).clip(0, 255).astype(np.uint8))
    kind = Image.Dither.FLOYDSTEINBERG if dither == "floyd-steinberg" else Image.Dither.NONE
    return np.asarray(picture.quantize(colors=colours, palette=palette, dither=kind).convert("RGB"))


def bayer_matrix(order: int) -> np.ndarray:
    """Thresholds of ordered dithering around 0, 2^order pixels square."""
    if order == 0:
        return np.zeros((1, 1), np.float32)
    scale = 4**order
    m = scale * bayer_matrix(order - 1)
    return np.block([[m - 1.5, m + 0.5], [m + 1.5, m - 0.5]]).astype(np.float32) / scale
