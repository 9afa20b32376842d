"""TAESD: a tiny autoencoder that shows what a latent will look like, in a hundredth of the VAE's work.

Follows madebyollin/taesd. It works on scaled latents and on images in 0..1, so no factor of 0.18215 applies.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from diffusion.models.vae import Moments


@dataclass(frozen=True)
class TaesdConfig:
    """Shape of either half; the defaults are the published ones."""

    channels: int = 64
    latent_channels: int = 4
    image_channels: int = 3

    @property
    def widths(self) -> tuple[int, ...]:
        """Channels of every level, finest first."""
        return (self.channels,) * 4

    @property
    def factor(self) -> int:
        """Image pixels per latent pixel along one side."""
        return 8


def conv3x3(channels: int, out_channels: int) -> nn.Conv2d:
    """A convolution that keeps the size."""
    return nn.Conv2d(channels, out_channels, 3, padding=1)


class Block(nn.Module):
    """Three convolutions added to their input: [B, C, H, W] -> [B, C, H, W]."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        first, second, third = (conv3x3(channels, channels) for _ in range(3))
        self.conv = nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), third)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.conv(x))


class SoftClamp(nn.Module):
    """Keeps latents within -3..3 smoothly."""

    def forward(self, x: Tensor) -> Tensor:
        return 3 * torch.tanh(x / 3)


class TaesdDecoder(nn.Sequential):
    """Scaled latent [B, 4, h, w] -> image [B, 3, 8h, 8w] about 0..1 (not clamped)."""

    def __init__(self, config: TaesdConfig) -> None:
        width = config.channels
        layers = [SoftClamp(), conv3x3(config.latent_channels, width), nn.ReLU()]
        for _ in range(3):
            up = nn.Upsample(scale_factor=2)
            layers += [*blocks(width, 3), up, nn.Conv2d(width, width, 3, padding=1, bias=False)]
        super().__init__(*layers, Block(width), conv3x3(width, config.image_channels))


class TaesdEncoder(nn.Sequential):
    """Image [B, 3, H, W] in 0..1 -> scaled latent [B, 4, H/8, W/8]."""

    def __init__(self, config: TaesdConfig) -> None:
        width = config.channels
        layers = [conv3x3(config.image_channels, width), Block(width)]
        for _ in range(3):
            layers += [nn.Conv2d(width, width, 3, stride=2, padding=1, bias=False), *blocks(width, 3)]
        super().__init__(*layers, conv3x3(width, config.latent_channels))


class TinyAutoencoder(nn.Module):
    """Both halves as an autoencoder: pictures in -1..1, latents [B, 4, h, w] that are scaled already.

    The names of its parts are those of ComfyUI's files.
    """

    def __init__(self, config: TaesdConfig) -> None:
        super().__init__()
        self.config = config
        self.taesd_encoder, self.taesd_decoder = TaesdEncoder(config), TaesdDecoder(config)

    def encode(self, x: Tensor) -> Moments:
        """The one latent of a picture: it has no width."""
        mean = self.taesd_encoder(x / 2 + 0.5)
        return Moments(mean, torch.full_like(mean, -30.0))

    def decode(self, z: Tensor) -> Tensor:
        return self.taesd_decoder(z) * 2 - 1


def blocks(channels: int, count: int) -> list[Block]:
    """`count` blocks of one width."""
    return [Block(channels) for _ in range(count)]
