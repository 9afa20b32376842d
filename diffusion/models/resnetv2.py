"""The convolutional stem of the hybrid vision transformer: a ResNet with group norm and standardised weights.

Follows Big Transfer (arXiv 1912.11370) with the norm after each convolution; parameter names are timm's.
"""

import math

import torch.nn.functional as F
from torch import Tensor, nn

STANDARDISE_EPS = 1e-8


def pad_same(x: Tensor, kernel: int, stride: int, value: float = 0.0) -> Tensor:
    """Pad [B, C, H, W] as TensorFlow does: ceil(size / stride) windows fit, the odd row goes below."""
    total = [max((math.ceil(size / stride) - 1) * stride + kernel - size, 0) for size in x.shape[-2:]]
    (top, bottom), (left, right) = ((each // 2, each - each // 2) for each in total)
    return F.pad(x, (left, right, top, bottom), value=value)


class StandardConv(nn.Conv2d):
    """A convolution whose filters are brought to mean 0 and variance 1 before each use."""

    def __init__(self, channels: int, out_channels: int, kernel: int, *, stride: int = 1) -> None:
        super().__init__(channels, out_channels, kernel, stride=stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        filters = self.weight.flatten(1)[None]
        # Sums in the original's order; F.layer_norm has another, which costs 1e-4 of dpt_hybrid's depth.
        weight = F.batch_norm(filters, None, None, training=True, eps=STANDARDISE_EPS).view_as(self.weight)
        return F.conv2d(pad_same(x, self.kernel_size[0], self.stride[0]), weight, stride=self.stride)


def norm(channels: int) -> nn.GroupNorm:
    """Group norm with 32 groups, or the most that divide an unusual width evenly."""
    return nn.GroupNorm(math.gcd(32, channels), channels)


class NormedConv(nn.Module):
    """A convolution and its norm: [B, C, H, W] -> [B, out, H/stride, W/stride]."""

    def __init__(self, channels: int, out_channels: int, kernel: int, *, stride: int) -> None:
        super().__init__()
        self.conv = StandardConv(channels, out_channels, kernel, stride=stride)
        self.norm = norm(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.conv(x))


class Bottleneck(nn.Module):
    """1x1, 3x3, 1x1 convolutions in a residual branch: [B, C, H, W] -> [B, out, H/stride, W/stride]."""

    def __init__(self, channels: int, out_channels: int, *, stride: int, first: bool) -> None:
        super().__init__()
        inner = out_channels // 4
        self.downsample = NormedConv(channels, out_channels, 1, stride=stride) if first else nn.Identity()
        self.conv1, self.norm1 = StandardConv(channels, inner, 1), norm(inner)
        self.conv2, self.norm2 = StandardConv(inner, inner, 3, stride=stride), norm(inner)
        self.conv3, self.norm3 = StandardConv(inner, out_channels, 1), norm(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        h = F.relu(self.norm1(self.conv1(x)))
        h = F.relu(self.norm2(self.conv2(h)))
        return F.relu(self.norm3(self.conv3(h)) + self.downsample(x))


class Stage(nn.Module):
    """Bottlenecks of one width, the first of which may halve the size."""

    def __init__(self, channels: int, out_channels: int, depth: int, *, stride: int) -> None:
        super().__init__()
        head = Bottleneck(channels, out_channels, stride=stride, first=True)
        tail = (Bottleneck(out_channels, out_channels, stride=1, first=False) for _ in range(depth - 1))
        self.blocks = nn.Sequential(head, *tail)

    def forward(self, x: Tensor) -> Tensor:
        return self.blocks(x)


class ResNetV2(nn.Module):
    """Image [B, 3, H, W] -> what each stage sees: [B, widths[i], H/4/2^i, W/4/2^i]."""

    def __init__(self, stem: int, widths: tuple[int, ...], depths: tuple[int, ...]) -> None:
        super().__init__()
        self.stem = NormedConv(3, stem, 7, stride=2)
        inputs = (stem, *widths)
        self.stages = nn.Sequential(
            *(
                Stage(inputs[index], width, depth, stride=1 if index == 0 else 2)
                for index, (width, depth) in enumerate(zip(widths, depths, strict=True))
            )
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        x = F.relu(self.stem(x))
        x = F.max_pool2d(pad_same(x, 3, 2, value=-math.inf), 3, stride=2)
        seen = []
        for stage in self.stages:
            x = stage(x)
            seen.append(x)
        return seen
