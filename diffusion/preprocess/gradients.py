"""Brightness of pictures, smoothing, and which way and how steeply brightness rises."""

import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.values import rgb

LUMA = (0.299, 0.587, 0.114)
SOBEL = ((-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0), (-1.0, 0.0, 1.0))


def luma(image: Tensor) -> Tensor:
    """Brightness [B, H, W] of pictures [B, H, W, C], as television weighs colours."""
    if image.shape[-1] == 1:
        return image[..., 0]
    return (rgb(image) * torch.tensor(LUMA)).sum(dim=-1)


def grey(plane: Tensor) -> Tensor:
    """A plane [B, H, W] as a picture [B, H, W, 3]."""
    return plane[..., None].repeat(1, 1, 1, 3)


def smooth(plane: Tensor, sigma: float, radius: int | None = None) -> Tensor:
    """Gaussian smoothing of [B, H, W], `sigma` in pixels, the picture mirrored outside."""
    radius = max(round(3 * sigma), 1) if radius is None else radius
    places = torch.arange(-radius, radius + 1, dtype=plane.dtype)
    weights = torch.exp(-(places**2) / (2 * sigma**2))
    weights = weights / weights.sum()
    return along_rows(along_rows(plane, weights).mT, weights).mT


def along_rows(plane: Tensor, weights: Tensor) -> Tensor:
    """Weighted sums of neighbours along the last axis of [B, H, W]."""
    radius, length = len(weights) // 2, plane.shape[-1]
    period = max(2 * length - 2, 1)
    index = torch.arange(-radius, length + radius).remainder(period)
    mirrored = plane[..., torch.minimum(index, (period - index).remainder(period).abs())]
    rows = mirrored.reshape(-1, 1, mirrored.shape[-1])
    return F.conv1d(rows, weights[None, None]).reshape(plane.shape)


def slopes(plane: Tensor) -> tuple[Tensor, Tensor]:
    """Sobel's sums of [B, H, W]: eight times the rise per pixel to the right, and downwards."""
    kernel = torch.tensor(SOBEL, dtype=plane.dtype)
    padded = F.pad(plane[:, None], (1, 1, 1, 1), mode="replicate")
    both = F.conv2d(padded, torch.stack([kernel, kernel.T])[:, None])
    return both[:, 0], both[:, 1]
