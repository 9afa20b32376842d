"""MobileNetV2 (arXiv 1801.04381) with the head of NSFWJS: what kind of picture it sees, of five.

`tools/convert_nsfwjs.py` puts the published weights under these names, in the 8 bits in which they come.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from einops import reduce
from torch import Tensor, nn

from diffusion.models.midas_small import FixedNorm, SameConv

SIDE = 224
CLASSES = ("Drawing", "Hentai", "Neutral", "Porn", "Sexy")
RANGE = ".range"
"""What is added to a tensor's name for its smallest value and its step: value = step · stored + smallest."""


@dataclass(frozen=True)
class StageConfig:
    """Blocks of one output width; the first strides."""

    expansion: int
    width: int
    blocks: int
    stride: int


STEM, LAST, HIDDEN = 32, 1280, (256, 128)
STAGES = (
    StageConfig(1, 16, 1, 1),
    StageConfig(6, 24, 2, 2),
    StageConfig(6, 32, 3, 2),
    StageConfig(6, 64, 4, 2),
    StageConfig(6, 96, 3, 1),
    StageConfig(6, 160, 3, 2),
    StageConfig(6, 320, 1, 1),
)


class ConvNorm(nn.Module):
    """A convolution and its norm: [B, C, H, W] -> [B, out, H/stride, W/stride]."""

    def __init__(
        self, channels: int, out_channels: int, kernel: int = 1, *, stride: int = 1, depthwise: bool = False
    ) -> None:
        super().__init__()
        self.conv = SameConv(channels, out_channels, kernel, stride=stride, depthwise=depthwise)
        self.norm = FixedNorm(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.conv(x))


class Block(nn.Module):
    """Widens, filters each channel, narrows without an activation."""

    def __init__(self, channels: int, out_channels: int, *, expansion: int, stride: int) -> None:
        super().__init__()
        inner = channels * expansion
        self.expand = ConvNorm(channels, inner) if expansion > 1 else None
        self.depthwise = ConvNorm(inner, inner, 3, stride=stride, depthwise=True)
        self.project = ConvNorm(inner, out_channels)
        self.residual = stride == 1 and channels == out_channels

    def forward(self, x: Tensor) -> Tensor:
        h = x if self.expand is None else F.relu6(self.expand(x))
        h = self.project(F.relu6(self.depthwise(h)))
        return h + x if self.residual else h


class PictureClassifier(nn.Module):
    """Pictures [B, 3, 224, 224] in 0..1 -> how likely each class is [B, 5]."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = ConvNorm(3, STEM, 3, stride=2)
        self.blocks = nn.ModuleList()
        width = STEM
        for stage in STAGES:
            for index in range(stage.blocks):
                stride = stage.stride if index == 0 else 1
                self.blocks.append(Block(width, stage.width, expansion=stage.expansion, stride=stride))
                width = stage.width
        self.last = ConvNorm(width, LAST)
        sizes = (LAST, *HIDDEN, len(CLASSES))
        self.dense = nn.ModuleList(nn.Linear(*sizes[index : index + 2]) for index in range(len(sizes) - 1))

    def forward(self, x: Tensor) -> Tensor:
        h = F.relu6(self.stem(x))
        for block in self.blocks:
            h = block(h)
        h = reduce(F.relu6(self.last(h)), "b c h w -> b c", "mean")
        for dense in self.dense[:-1]:
            h = F.relu(dense(h))
        return self.dense[-1](h).softmax(dim=-1)


def widened(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Tensors stored in 8 bits as the numbers for which they stand."""
    return {
        name: (tensors[name].double() * tensors[name + RANGE][1] + tensors[name + RANGE][0]).float()
        if name + RANGE in tensors
        else tensors[name]
        for name in tensors
        if not name.endswith(RANGE)
    }


def narrowed(stored: Tensor, *, smallest: float, step: float) -> tuple[Tensor, Tensor]:
    """A tensor of 8-bit numbers and its range, as `widened` takes them."""
    return stored.to(torch.uint8), torch.tensor([smallest, step], dtype=torch.float64)
