"""MiDaS v2.1 small: EfficientNet-Lite3 and a decoder that estimate how near everything in a picture is.

Follows Towards Robust Monocular Depth Estimation (arXiv 1907.01341) and EfficientNet (arXiv 1905.11946);
its lite variants have no squeeze-and-excitation, and ReLU6. Parameter names are those of MiDaS.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from diffusion.models.fusion import Decoder
from diffusion.models.resnetv2 import pad_same

NORM_EPS = 1e-3


@dataclass(frozen=True)
class StageConfig:
    """Blocks of one output width: how many, of what kernel; the first one strides."""

    width: int
    blocks: int
    kernel: int
    stride: int


@dataclass(frozen=True)
class MidasSmallConfig:
    """Shape of the network; the defaults are the published ones. The first stage does not expand."""

    stem: int = 32
    stages: tuple[StageConfig, ...] = (
        StageConfig(24, 1, 3, 1),
        StageConfig(32, 3, 3, 2),
        StageConfig(48, 3, 5, 2),
        StageConfig(96, 5, 3, 2),
        StageConfig(136, 5, 5, 1),
        StageConfig(232, 6, 5, 2),
        StageConfig(384, 1, 3, 1),
    )
    expansion: int = 6
    fused: int = 64
    head: tuple[int, int] = (32, 32)


class FixedNorm(nn.Module):
    """Batch norm by the averages of training: [B, C, H, W] -> [B, C, H, W]."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, eps=NORM_EPS)


class SameConv(nn.Conv2d):
    """A convolution padded as TensorFlow does; `depthwise` filters each channel by itself."""

    def __init__(
        self, channels: int, out_channels: int, kernel: int, *, stride: int = 1, depthwise: bool = False
    ) -> None:
        groups = channels if depthwise else 1
        super().__init__(channels, out_channels, kernel, stride=stride, groups=groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(pad_same(x, self.kernel_size[0], self.stride[0]))


class Separable(nn.Module):
    """A filter per channel, then a mix of channels: [B, C, H, W] -> [B, out, H/stride, W/stride]."""

    def __init__(self, channels: int, out_channels: int, kernel: int, *, stride: int) -> None:
        super().__init__()
        self.conv_dw = SameConv(channels, channels, kernel, stride=stride, depthwise=True)
        self.bn1 = FixedNorm(channels)
        self.conv_pw = SameConv(channels, out_channels, 1)
        self.bn2 = FixedNorm(out_channels)
        self.residual = stride == 1 and channels == out_channels

    def forward(self, x: Tensor) -> Tensor:
        h = self.bn2(self.conv_pw(F.relu6(self.bn1(self.conv_dw(x)))))
        return h + x if self.residual else h


class InvertedResidual(nn.Module):
    """Widens, filters per channel, narrows: [B, C, H, W] -> [B, out, H/stride, W/stride]."""

    def __init__(self, channels: int, out_channels: int, kernel: int, *, stride: int, expansion: int) -> None:
        super().__init__()
        inner = channels * expansion
        self.conv_pw = SameConv(channels, inner, 1)
        self.bn1 = FixedNorm(inner)
        self.conv_dw = SameConv(inner, inner, kernel, stride=stride, depthwise=True)
        self.bn2 = FixedNorm(inner)
        self.conv_pwl = SameConv(inner, out_channels, 1)
        self.bn3 = FixedNorm(out_channels)
        self.residual = stride == 1 and channels == out_channels

    def forward(self, x: Tensor) -> Tensor:
        h = F.relu6(self.bn1(self.conv_pw(x)))
        h = self.bn3(self.conv_pwl(F.relu6(self.bn2(self.conv_dw(h)))))
        return h + x if self.residual else h


def make_stage(channels: int, stage: StageConfig, expansion: int) -> nn.Sequential:
    """The blocks of one stage; without expansion they are plain separable convolutions."""
    blocks: list[nn.Module] = []
    for index in range(stage.blocks):
        inputs, stride = (channels, stage.stride) if index == 0 else (stage.width, 1)
        if expansion == 1:
            blocks.append(Separable(inputs, stage.width, stage.kernel, stride=stride))
        else:
            blocks.append(
                InvertedResidual(inputs, stage.width, stage.kernel, stride=stride, expansion=expansion)
            )
    return nn.Sequential(*blocks)


class Backbone(nn.Module):
    """Image [B, 3, H, W] -> features at 1/4, 1/8, 1/16 and 1/32 of its size."""

    def __init__(self, config: MidasSmallConfig) -> None:
        super().__init__()
        inputs = (config.stem, *(stage.width for stage in config.stages))
        stages = [
            make_stage(inputs[index], stage, 1 if index == 0 else config.expansion)
            for index, stage in enumerate(config.stages)
        ]
        stem = SameConv(3, config.stem, 3, stride=2)
        self.layer1 = nn.Sequential(stem, FixedNorm(config.stem), nn.ReLU6(), *stages[:2])
        self.layer2 = nn.Sequential(stages[2])
        self.layer3 = nn.Sequential(*stages[3:5])
        self.layer4 = nn.Sequential(*stages[5:])

    def forward(self, x: Tensor) -> list[Tensor]:
        features = []
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = layer(x)
            features.append(x)
        return features


class MidasSmall(nn.Module):
    """Image [B, 3, H, W], normalised as for ImageNet -> relative inverse depth [B, H, W], at least 0.

    Sides are multiples of 32.
    """

    def __init__(self, config: MidasSmallConfig) -> None:
        super().__init__()
        self.config = config
        self.pretrained = Backbone(config)
        inputs = tuple(config.stages[index].width for index in (1, 2, 4, 6))
        widths = tuple(config.fused * 2**level for level in range(4))
        self.scratch = Decoder(inputs, widths, config.head, align_corners=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.scratch(self.pretrained(x)).squeeze(1)
