"""MediaPipe's selfie segmentation: a small MobileNet that tells people from what is behind them.

Blocks follow Searching for MobileNetV3 (arXiv 1905.02244), the head its lite reduced ASPP. Made after the
operations in the published file, whose weights `tools/convert_selfie_segmentation.py` puts under these names.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from diffusion.models.resnetv2 import pad_same

SIDE = 256


class Conv(nn.Conv2d):
    """A convolution padded as TensorFlow does; `depthwise` filters each channel by itself."""

    def __init__(
        self, channels: int, out_channels: int, kernel: int = 1, *, stride: int = 1, depthwise: bool = False
    ) -> None:
        super().__init__(channels, out_channels, kernel, stride=stride, groups=channels if depthwise else 1)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(pad_same(x, self.kernel_size[0], self.stride[0]))


class Gate(nn.Module):
    """How much each channel matters, from the average over the picture: [B, C, H, W] -> [B, C, 1, 1]."""

    def __init__(self, channels: int, inner: int) -> None:
        super().__init__()
        self.reduce = Conv(channels, inner)
        self.widen = Conv(inner, channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.widen(F.relu(self.reduce(x.mean(dim=(2, 3), keepdim=True)))).sigmoid()


class Block(nn.Module):
    """Widens, filters, weighs, narrows: [B, C, H, W] -> [B, out, H/stride, W/stride]."""

    def __init__(
        self,
        channels: int,
        inner: int,
        out_channels: int,
        kernel: int = 5,
        *,
        stride: int = 1,
        gate: int = 0,
        hard_swish: bool = True,
    ) -> None:
        super().__init__()
        self.widen = Conv(channels, inner)
        self.filter = Conv(inner, inner, kernel, stride=stride, depthwise=True)
        self.gate = Gate(inner, gate) if gate else None
        self.narrow = Conv(inner, out_channels)
        self.activation = F.hardswish if hard_swish else F.relu
        self.residual = stride == 1 and channels == out_channels

    def forward(self, x: Tensor) -> Tensor:
        h = self.activation(self.filter(self.activation(self.widen(x))))
        h = self.narrow(h if self.gate is None else h * self.gate(h))
        return h + x if self.residual else h


class Up(nn.Module):
    """Coarse features at twice their size, with finer ones: [B, C, H, W], [B, out, 2H, 2W] -> the latter."""

    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__()
        self.narrow = Conv(channels, out_channels)
        self.gate = Gate(out_channels, out_channels)
        self.mix = Conv(out_channels, out_channels)
        self.filter = Conv(out_channels, out_channels, 3, depthwise=True)

    def forward(self, coarse: Tensor, finer: Tensor) -> Tensor:
        doubled = F.interpolate(coarse, scale_factor=2, mode="bilinear")
        h = self.narrow(doubled)
        h = F.relu(self.mix(finer * self.gate(finer + h) + h))
        return h + F.relu(self.filter(h))


class SelfieSegmentation(nn.Module):
    """Image [B, 3, 256, 256] in 0..1 -> how surely each pixel is a person's [B, 1, 256, 256], 0..1."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = Conv(3, 16, 3, stride=2)
        self.quarter = Block(16, 16, 16, 3, stride=2, gate=8, hard_swish=False)
        self.eighth = nn.Sequential(
            Block(16, 72, 24, 3, stride=2, hard_swish=False), Block(24, 88, 24, 3, hard_swish=False)
        )
        self.sixteenth = nn.Sequential(
            Block(24, 96, 32, stride=2, gate=24),
            Block(32, 128, 32, gate=32),
            Block(32, 128, 32, gate=32),
            Block(32, 96, 32, gate=24),
            Block(32, 96, 32, gate=24),
        )
        self.head = Conv(32, 128)
        self.context = Conv(32, 128)
        self.up3, self.up2, self.up1 = Up(128, 24), Up(24, 16), Up(16, 16)
        self.last = nn.ConvTranspose2d(16, 1, 2, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        half = F.hardswish(self.stem(x))
        quarter = self.quarter(half)
        eighth = self.eighth(quarter)
        deep = self.sixteenth(eighth)
        weights = self.context(deep.mean(dim=(2, 3), keepdim=True)).sigmoid()
        h = self.up3(F.relu(self.head(deep)) * weights, eighth)
        h = self.up1(self.up2(h, quarter), half)
        return torch.sigmoid(self.last(h))
