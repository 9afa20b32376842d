"""Operations on latents that the guidance can go through, too: sharpening and tone mapping."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

PICTURE = (1, 2, 3)


def magnitude(x: Tensor) -> Tensor:
    """The length of the vector at every pixel of [B, C, h, w], [B, 1, h, w], never zero."""
    return torch.linalg.vector_norm(x, dim=1, keepdim=True).clamp(min=1e-6)


@dataclass(frozen=True)
class ReinhardTonemap:
    """Compresses large magnitudes: m -> m / (1 + m / top), top = (mean + 5 deviations) * multiplier."""

    multiplier: float

    def __call__(self, latent: Tensor) -> Tensor:
        lengths = magnitude(latent)
        mean = lengths.mean(dim=PICTURE, keepdim=True)
        deviation = lengths.std(dim=PICTURE, keepdim=True)
        top = ((mean + 5 * deviation) * self.multiplier).clamp(min=1e-6)
        return latent / (1 + lengths / top)


@dataclass(frozen=True)
class Sharpen:
    """Sharpens the directions of latent vectors by an unsharp mask and keeps their lengths."""

    radius: int
    sigma: float
    alpha: float

    def __call__(self, latent: Tensor) -> Tensor:
        lengths = magnitude(latent)
        places = torch.arange(-self.radius, self.radius + 1, device=latent.device, dtype=latent.dtype)
        line = torch.exp(-0.5 * (places / self.sigma) ** 2)
        gaussian = torch.outer(line, line)
        kernel = gaussian / gaussian.sum() * (-10 * self.alpha)
        kernel[self.radius, self.radius] += 1 - kernel.sum()
        # Edges are repeated: a mirror cannot be wider than the latent.
        padded = F.pad(latent / lengths, (self.radius,) * 4, mode="replicate")
        channels = latent.shape[1]
        return F.conv2d(padded, kernel.expand(channels, 1, -1, -1), groups=channels) * lengths
