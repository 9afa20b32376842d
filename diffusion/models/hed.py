"""HED: soft edges of what people would call things, from five depths of a VGG network.

Follows Holistically-Nested Edge Detection (arXiv 1504.06375); parameter names are those of ControlNetHED.pth,
which averages the five answers. The network trained on BSDS500 weighs them.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

LAYERS = (2, 2, 3, 3, 3)
SMALLEST = 2 ** (len(LAYERS) - 1)


class Block(nn.Module):
    """Convolutions of one width and their answer: [B, C, H, W] -> [B, width, H, W], [B, 1, H, W]."""

    def __init__(self, channels: int, width: int, layers: int) -> None:
        super().__init__()
        inputs = [channels] + [width] * (layers - 1)
        self.convs = nn.ModuleList(nn.Conv2d(each, width, 3, padding=1) for each in inputs)
        self.projection = nn.Conv2d(width, 1, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        for conv in self.convs:
            x = F.relu(conv(x))
        return x, self.projection(x)


class Hed(nn.Module):
    """Image [B, 3, H, W] in 0..1, sides at least 16 -> edges [B, H, W] in 0..1. Published: 64 wide."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.norm = nn.Parameter(torch.zeros(1, 3, 1, 1))
        widths = [width * min(2**level, 8) for level in range(len(LAYERS))]
        for index, (channels, out, layers) in enumerate(zip([3, *widths], widths, LAYERS, strict=False)):
            self.add_module(f"block{index + 1}", Block(channels, out, layers))
        self.combine = nn.Conv2d(len(LAYERS), 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        size, h, answers = x.shape[-2:], x * 255 - self.norm, []
        for index in range(len(LAYERS)):
            h, answer = self.get_submodule(f"block{index + 1}")(F.max_pool2d(h, 2) if index else h)
            answers.append(F.interpolate(answer, size=size, mode="bilinear"))
        return self.combine(torch.cat(answers, dim=1)).sigmoid()[:, 0]
