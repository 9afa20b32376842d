"""Networks that enlarge pictures: ESRGAN's RRDBNet and Real-ESRGAN's compact SRVGG.

Follow arXiv 1809.00219 and arXiv 2107.10833; parameter names are those of BasicSR and Real-ESRGAN. Both take
[B, 3, H, W] in 0..1 to [B, 3, scale·H, scale·W], about 0..1 (not clamped). They are for inference.
"""

from dataclasses import dataclass

import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn


@dataclass(frozen=True)
class RrdbConfig:
    """Shape of an RRDBNet: folds `unshuffle`² pixels into channels, then doubles the size `ups` times."""

    channels: int = 64
    blocks: int = 23
    growth: int = 32
    image_channels: int = 3
    ups: int = 2
    unshuffle: int = 1

    @property
    def scale(self) -> int:
        """Output pixels per input pixel along one side."""
        return 2**self.ups // self.unshuffle


@dataclass(frozen=True)
class CompactConfig:
    """Shape of a compact network: `convs` inner convolutions, then one to `scale`² pixels per pixel."""

    channels: int = 64
    convs: int = 16
    image_channels: int = 3
    scale: int = 4


UpscalerConfig = RrdbConfig | CompactConfig


def leaky(x: Tensor) -> Tensor:
    """The activation of RRDBNet."""
    return F.leaky_relu(x, 0.2)


class DenseBlock(nn.Module):
    """Five convolutions, each seeing the outputs of all before it: [B, C, H, W] -> [B, C, H, W]."""

    def __init__(self, channels: int, growth: int) -> None:
        super().__init__()
        self.channels, self.growth = channels, growth
        for index in range(1, 6):
            inputs, outputs = channels + (index - 1) * growth, growth if index < 5 else channels
            self.add_module(f"conv{index}", nn.Conv2d(inputs, outputs, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        # One buffer instead of four concatenations: these are three quarters of the bytes moved.
        batch, _, height, width = x.shape
        features = x.new_empty(batch, self.channels + 4 * self.growth, height, width)
        features[:, : self.channels] = x
        for index, conv in enumerate((self.conv1, self.conv2, self.conv3, self.conv4)):
            known = self.channels + index * self.growth
            features[:, known : known + self.growth] = leaky(conv(features[:, :known]))
        return x + 0.2 * self.conv5(features)


class ResidualDenseBlock(nn.Module):
    """Three dense blocks in a residual branch: [B, C, H, W] -> [B, C, H, W]."""

    def __init__(self, channels: int, growth: int) -> None:
        super().__init__()
        self.rdb1 = DenseBlock(channels, growth)
        self.rdb2 = DenseBlock(channels, growth)
        self.rdb3 = DenseBlock(channels, growth)

    def forward(self, x: Tensor) -> Tensor:
        return x + 0.2 * self.rdb3(self.rdb2(self.rdb1(x)))


class RrdbNet(nn.Module):
    """ESRGAN: residual dense blocks at the input's size, then nearest-neighbour steps with convolutions."""

    def __init__(self, config: RrdbConfig) -> None:
        super().__init__()
        self.config = config
        width = config.channels
        self.conv_first = nn.Conv2d(config.image_channels * config.unshuffle**2, width, 3, padding=1)
        blocks = (ResidualDenseBlock(width, config.growth) for _ in range(config.blocks))
        self.body = nn.Sequential(*blocks)
        self.conv_body = nn.Conv2d(width, width, 3, padding=1)
        for index in range(1, config.ups + 1):
            self.add_module(f"conv_up{index}", nn.Conv2d(width, width, 3, padding=1))
        self.conv_hr = nn.Conv2d(width, width, 3, padding=1)
        self.conv_last = nn.Conv2d(width, config.image_channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[-2:]
        fold, scale = self.config.unshuffle, self.config.scale
        x = F.pad(x, (0, -width % fold, 0, -height % fold), mode="replicate")
        h = self.conv_first(rearrange(x, "b c (h i) (w j) -> b (c i j) h w", i=fold, j=fold))
        h = h + self.conv_body(self.body(h))
        for index in range(1, self.config.ups + 1):
            h = F.interpolate(h, scale_factor=2, mode="nearest")
            h = leaky(self.get_submodule(f"conv_up{index}")(h))
        return self.conv_last(leaky(self.conv_hr(h)))[..., : height * scale, : width * scale]


class CompactNet(nn.Module):
    """Real-ESRGAN's compact network: plain convolutions, and the enlarged input added at the end."""

    def __init__(self, config: CompactConfig) -> None:
        super().__init__()
        self.config = config
        width = config.channels
        layers = [nn.Conv2d(config.image_channels, width, 3, padding=1), nn.PReLU(width)]
        for _ in range(config.convs):
            layers += [nn.Conv2d(width, width, 3, padding=1), nn.PReLU(width)]
        layers.append(nn.Conv2d(width, config.image_channels * config.scale**2, 3, padding=1))
        self.body = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        scale = self.config.scale
        enlarged = F.interpolate(x, scale_factor=scale, mode="nearest")
        return F.pixel_shuffle(self.body(x), scale) + enlarged


Upscaler = RrdbNet | CompactNet


def build_upscaler(config: UpscalerConfig) -> Upscaler:
    """The network of a configuration."""
    return RrdbNet(config) if isinstance(config, RrdbConfig) else CompactNet(config)
