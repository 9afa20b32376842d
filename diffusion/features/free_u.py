"""FreeU: weigh what comes up through the network against its skips (arXiv 2309.11497), both versions."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from diffusion.models.unet import UNet

LOWEST = 1
"""Frequencies on each side of zero that count as low."""


def scale_low_frequencies(x: Tensor, factor: float, *, cutoff: int = LOWEST, others: float = 1.0) -> Tensor:
    """x [B, C, H, W] with the square of lowest frequencies times `factor`, and `others` times the rest."""
    spectrum = torch.fft.fftshift(torch.fft.fft2(x.float()), dim=(-2, -1))
    rows, columns = (slice(max(0, size // 2 - cutoff), size // 2 + cutoff) for size in x.shape[-2:])
    mask = torch.full(x.shape[-2:], others, device=x.device)
    mask[rows, columns] = factor
    filtered = torch.fft.ifft2(torch.fft.ifftshift(spectrum * mask, dim=(-2, -1)))
    return filtered.real.to(x.dtype)


def backbone_weight(h: Tensor, strength: float) -> Tensor:
    """The second version's weight per pixel, [B, 1, H, W]: from 1 where channels are low to `strength`."""
    mean = h.mean(dim=1, keepdim=True)
    low, high = mean.amin(dim=(2, 3), keepdim=True), mean.amax(dim=(2, 3), keepdim=True)
    return (strength - 1) * (mean - low) / (high - low).clamp(min=torch.finfo(h.dtype).tiny) + 1


class FreeUJoin(nn.Module):
    """Joins a strengthened half of the channels from below with a skip of weaker low frequencies.

    `strengths` are (b, s) by the width of what comes from below.
    """

    def __init__(self, join: nn.Module, strengths: dict[int, tuple[float, float]], *, second: bool) -> None:
        super().__init__()
        self.join, self.strengths, self.second = join, strengths, second

    def forward(self, h: Tensor, skip: Tensor) -> Tensor:
        if h.shape[1] in self.strengths:
            b, s = self.strengths[h.shape[1]]
            first, rest = h.chunk(2, dim=1)
            h = torch.cat([first * (backbone_weight(h, b) if self.second else b), rest], dim=1)
            skip = scale_low_frequencies(skip, s)
        return self.join(h, skip)


@dataclass(frozen=True)
class FreeU:
    """The patch. `b1`, `s1` act at four times the model's first width, `b2`, `s2` at twice."""

    b1: float
    b2: float
    s1: float
    s2: float
    second: bool = False

    def apply(self, network: UNet) -> None:
        width = network.config.model_channels
        strengths = {4 * width: (self.b1, self.s1), 2 * width: (self.b2, self.s2)}
        network.join = FreeUJoin(network.join, strengths, second=self.second)
