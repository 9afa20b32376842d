"""The autoencoder between images and latents: AutoencoderKL of latent diffusion.

Follows High-Resolution Image Synthesis with Latent Diffusion Models (arXiv 2112.10752); parameter names are
those of CompVis `ldm/modules/diffusionmodules/model.py`, so original files load without renaming.
"""

from collections import OrderedDict
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from diffusion.models.layers import attention, group_norm


@dataclass(frozen=True)
class VaeConfig:
    """Shape of an autoencoder; the defaults are those of SD1 and SD2."""

    channels: int = 128
    multipliers: tuple[int, ...] = (1, 2, 4, 4)
    res_blocks: int = 2
    z_channels: int = 4
    in_channels: int = 3
    out_channels: int = 3
    embed_dim: int = 4

    @property
    def widths(self) -> tuple[int, ...]:
        """Channels of every level, finest first."""
        return tuple(self.channels * multiplier for multiplier in self.multipliers)

    @property
    def factor(self) -> int:
        """Image pixels per latent pixel along one side."""
        return 2 ** (len(self.multipliers) - 1)


class Moments(NamedTuple):
    """The Gaussian that the encoder predicts for a latent; both [B, embed_dim, H/f, W/f]."""

    mean: Tensor
    logvar: Tensor

    def sample(self, noise: Tensor) -> Tensor:
        """The latent that unit `noise` selects."""
        return self.mean + torch.exp(0.5 * self.logvar) * noise


class ResBlock(nn.Module):
    """Two normalised 3x3 convolutions around a skip: [B, C, H, W] -> [B, C', H, W]."""

    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__()
        self.norm1 = group_norm(channels, eps=1e-6)
        self.conv1 = nn.Conv2d(channels, out_channels, 3, padding=1)
        self.norm2 = group_norm(out_channels, eps=1e-6)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1)
        self.nin_shortcut = None if channels == out_channels else nn.Conv2d(channels, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.conv1(F.silu(self.norm1(x)))
        h = self.conv2(F.silu(self.norm2(h)))
        return h + (x if self.nin_shortcut is None else self.nin_shortcut(x))


class AttentionBlock(nn.Module):
    """Single-head attention over all pixels, without ever holding the N x N matrix."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = group_norm(channels, eps=1e-6)
        self.q = nn.Conv2d(channels, channels, 1)
        self.k = nn.Conv2d(channels, channels, 1)
        self.v = nn.Conv2d(channels, channels, 1)
        self.proj_out = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.norm(x)
        q, k, v = (rearrange(part(h), "b c h w -> b (h w) c") for part in (self.q, self.k, self.v))
        h = rearrange(attention(q, k, v, heads=1), "b (h w) c -> b c h w", h=x.shape[2])
        return x + self.proj_out(h)


class Downsample(nn.Module):
    """Halve each side; the zero row and column go right and below only."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.pad(x, (0, 1, 0, 1)))


class Upsample(nn.Module):
    """Double each side by repeating pixels, then smooth with a convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.interpolate(x, scale_factor=2, mode="nearest"))


def middle(channels: int) -> nn.Sequential:
    """The coarsest part of both halves: residual, attention, residual."""
    first, second = ResBlock(channels, channels), ResBlock(channels, channels)
    return nn.Sequential(OrderedDict(block_1=first, attn_1=AttentionBlock(channels), block_2=second))


def level(channels: int, out_channels: int, blocks: int, **resize: nn.Module) -> nn.Sequential:
    """Residual blocks at one resolution, then the named step to the next one if there is one."""
    widths = [channels] + [out_channels] * blocks
    block = nn.Sequential(*(ResBlock(a, b) for a, b in pairwise(widths)))
    return nn.Sequential(OrderedDict(block=block, **resize))


class Encoder(nn.Module):
    """Image [B, 3, H, W] in -1..1 -> [B, 2·z, H/f, W/f]."""

    in_parts = True  # calls its children and uses no weight itself: they may come to a device in turn

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        widths = config.widths
        self.conv_in = nn.Conv2d(config.in_channels, widths[0], 3, padding=1)
        *finer, coarsest = pairwise((widths[0], *widths))
        levels = [level(*pair, config.res_blocks, downsample=Downsample(pair[1])) for pair in finer]
        self.down = nn.Sequential(*levels, level(*coarsest, config.res_blocks))
        self.mid = middle(widths[-1])
        self.norm_out = group_norm(widths[-1], eps=1e-6)
        self.conv_out = nn.Conv2d(widths[-1], 2 * config.z_channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.mid(self.down(self.conv_in(x)))
        return self.conv_out(F.silu(self.norm_out(h)))


class Decoder(nn.Module):
    """Latent [B, z, h, w] -> image [B, 3, h·f, w·f]; `up.0` is the finest level and runs last."""

    in_parts = True  # calls its children and uses no weight itself: they may come to a device in turn

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        widths = config.widths
        self.conv_in = nn.Conv2d(config.z_channels, widths[-1], 3, padding=1)
        self.mid = middle(widths[-1])
        finest, *coarser = ((before, width) for width, before in pairwise((*widths, widths[-1])))
        levels = [level(*pair, config.res_blocks + 1, upsample=Upsample(pair[1])) for pair in coarser]
        self.up = nn.ModuleList([level(*finest, config.res_blocks + 1), *levels])
        self.norm_out = group_norm(widths[0], eps=1e-6)
        self.conv_out = nn.Conv2d(widths[0], config.out_channels, 3, padding=1)

    def forward(self, z: Tensor) -> Tensor:
        h = self.mid(self.conv_in(z))
        for stage in reversed(self.up):
            h = stage(h)
        return self.conv_out(F.silu(self.norm_out(h)))


class Autoencoder(nn.Module):
    """Encoder and decoder with the 1x1 convolutions between them; latents here are unscaled."""

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.quant_conv = nn.Conv2d(2 * config.z_channels, 2 * config.embed_dim, 1)
        self.post_quant_conv = nn.Conv2d(config.embed_dim, config.z_channels, 1)

    def encode(self, image: Tensor) -> Moments:
        """Image [B, 3, H, W] in -1..1 -> mean and log-variance, the latter clamped to [-30, 20]."""
        moments = self.quant_conv(self.encoder(image))
        mean, logvar = rearrange(moments, "b (two c) h w -> two b c h w", two=2)
        return Moments(mean, logvar.clamp(-30.0, 20.0))

    def decode(self, z: Tensor) -> Tensor:
        """Unscaled latent [B, embed_dim, h, w] -> image about -1..1 (not clamped)."""
        return self.decoder(self.post_quant_conv(z))
