"""T2I-adapters of Stable Diffusion 1: small networks from a hint to what the UNet's input stages lack.

Follows T2I-Adapter (arXiv 2302.08453); parameter names are those of TencentARC's `ldm/modules/encoders/
adapter.py`. Both kinds take a hint [B, C, 8h, 8w] in 0..1 to one tensor a level, finest first.
"""

from dataclasses import dataclass
from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

UNSHUFFLE = 8
"""Pixels along one side that are folded into channels at first."""


@dataclass(frozen=True)
class AdapterConfig:
    """Shape of an adapter: `hint_channels` 1 for lines, 3 else; `widths` those of the UNet's levels.

    `light` is the kind with narrow blocks, as for colour. `kernel` is the size of a full adapter's second
    convolutions, `strided` whether it halves sides by convolutions; the published ones average.
    """

    hint_channels: int = 3
    widths: tuple[int, ...] = (320, 640, 1280, 1280)
    blocks: int = 2
    light: bool = False
    kernel: int = 1
    strided: bool = False


class Halve(nn.Module):
    """Half of each side, rounded up: by the mean of four pixels, or by a strided convolution."""

    def __init__(self, channels: int, *, strided: bool) -> None:
        super().__init__()
        self.op = nn.Conv2d(channels, channels, 3, stride=2, padding=1) if strided else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return F.avg_pool2d(x, 2, ceil_mode=True) if isinstance(self.op, nn.Identity) else self.op(x)


class Block(nn.Module):
    """Two convolutions beside the identity; before them perhaps a step down and a change of width."""

    def __init__(self, channels: int, width: int, kernel: int, *, down: nn.Module | None = None) -> None:
        super().__init__()
        padding = kernel // 2
        self.down_opt = down or nn.Identity()
        same = channels == width
        self.in_conv = nn.Identity() if same else nn.Conv2d(channels, width, kernel, padding=padding)
        self.block1 = nn.Conv2d(width, width, 3, padding=1)
        self.block2 = nn.Conv2d(width, width, kernel, padding=padding)

    def forward(self, x: Tensor) -> Tensor:
        x = self.in_conv(self.down_opt(x))
        return x + self.block2(F.relu(self.block1(x)))


class Adapter(nn.Module):
    """The full kind: blocks as wide as the UNet's levels."""

    def __init__(self, config: AdapterConfig) -> None:
        super().__init__()
        self.config = config
        widths, kernel = config.widths, config.kernel
        self.conv_in = nn.Conv2d(config.hint_channels * UNSHUFFLE**2, widths[0], 3, padding=1)
        self.body = nn.ModuleList()
        for before, width in pairwise((widths[0], *widths)):
            down = Halve(before, strided=config.strided) if len(self.body) else None
            self.body.append(Block(before, width, kernel, down=down))
            self.body.extend(Block(width, width, kernel) for _ in range(config.blocks - 1))

    def forward(self, hint: Tensor) -> list[Tensor]:
        x, features = self.conv_in(F.pixel_unshuffle(hint, UNSHUFFLE)), []
        for index, block in enumerate(self.body, start=1):
            x = block(x)
            if index % self.config.blocks == 0:
                features.append(x)
        return features


class Extractor(nn.Module):
    """A level of the light kind: blocks of a quarter of its width between two 1x1 convolutions."""

    def __init__(self, channels: int, width: int, blocks: int, *, down: bool) -> None:
        super().__init__()
        inner = width // 4
        self.down_opt = Halve(channels, strided=False) if down else nn.Identity()
        self.in_conv = nn.Conv2d(channels, inner, 1)
        self.body = nn.Sequential(*(Block(inner, inner, 3) for _ in range(blocks)))
        self.out_conv = nn.Conv2d(inner, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.out_conv(self.body(self.in_conv(self.down_opt(x))))


class LightAdapter(nn.Module):
    """The light kind: one narrow extractor a level."""

    def __init__(self, config: AdapterConfig) -> None:
        super().__init__()
        self.config = config
        before = (config.hint_channels * UNSHUFFLE**2, *config.widths)
        self.body = nn.ModuleList(
            Extractor(channels, width, config.blocks, down=level > 0)
            for level, (channels, width) in enumerate(pairwise(before))
        )

    def forward(self, hint: Tensor) -> list[Tensor]:
        x, features = F.pixel_unshuffle(hint, UNSHUFFLE), []
        for extractor in self.body:
            x = extractor(x)
            features.append(x)
        return features


T2IAdapter = Adapter | LightAdapter


def build_adapter(config: AdapterConfig) -> T2IAdapter:
    """The network of a configuration."""
    return LightAdapter(config) if config.light else Adapter(config)
