"""A small convolutional classifier of pictures, with a softmax for each question that it answers."""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

from diffusion.models.layers import Conv3x3, group_norm


@dataclass(frozen=True)
class ClassifierConfig:
    """`heads` are the questions and, for each, the labels to choose from; `size` the pictures' side."""

    heads: tuple[tuple[str, tuple[str, ...]], ...]
    widths: tuple[int, ...] = (32, 64, 128, 192)
    size: int = 64


class Classifier(nn.Module):
    """Pictures [B, 3, H, W] in 0..1, of any size -> by question, log-probabilities of its labels [B, L]."""

    def __init__(self, config: ClassifierConfig) -> None:
        super().__init__()
        self.config = config
        layers: list[nn.Module] = []
        channels = 3
        for width in config.widths:
            layers += [Conv3x3(channels, width, stride=2), group_norm(width, eps=1e-5), nn.SiLU()]
            channels = width
        self.body = nn.Sequential(*layers)
        self.heads = nn.ModuleDict(
            {question: nn.Linear(channels, len(labels)) for question, labels in config.heads}
        )

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        if x.shape[-2:] != (self.config.size, self.config.size):
            x = F.interpolate(x, size=(self.config.size,) * 2, mode="bilinear", antialias=True)
        features = self.body(2 * x - 1).mean(dim=(2, 3))
        return {question: head(features).log_softmax(dim=-1) for question, head in self.heads.items()}

    def find(self, label: str) -> tuple[str, int] | None:
        """The question that a label answers and its place there, whatever its case; None if none has it."""
        wanted = label.strip().lower()
        for question, labels in self.config.heads:
            if wanted in labels:
                return question, labels.index(wanted)
        return None
