"""CLIP's picture encoder, ViT-L/14 in Stable Diffusion's safety checker, and that checker's concepts.

Follows Learning Transferable Visual Models From Natural Language Supervision (arXiv 2103.00020); parameter
names are those of `CLIPVisionModel`.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from diffusion.models.clip import Activation, Layer
from diffusion.models.layers import Embedding

MEAN = (0.48145466, 0.4578275, 0.40821073)
DEVIATION = (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True)
class ClipVisionConfig:
    """Shape of a picture encoder; the defaults are those of the published safety checker."""

    width: int = 1024
    layers: int = 24
    heads: int = 16
    mlp: int = 4096
    activation: Activation = "quick_gelu"
    side: int = 224
    patch: int = 14
    projection: int = 768


@dataclass(frozen=True)
class SafetyConfig:
    """A picture encoder, and how many concepts its answers are compared with."""

    vision: ClipVisionConfig = ClipVisionConfig()
    concepts: int = 17
    special: int = 3


class Embeddings(nn.Module):
    """Pictures [B, 3, side, side] -> a class vector and one per patch, with positions: [B, 1 + N, width]."""

    def __init__(self, config: ClipVisionConfig) -> None:
        super().__init__()
        self.class_embedding = nn.Parameter(torch.zeros(config.width))
        self.patch_embedding = nn.Conv2d(3, config.width, config.patch, stride=config.patch, bias=False)
        self.position_embedding = Embedding(1 + (config.side // config.patch) ** 2, config.width)

    def forward(self, x: Tensor) -> Tensor:
        patches = rearrange(self.patch_embedding(x), "b c h w -> b (h w) c")
        first = self.class_embedding.expand(len(x), 1, -1)
        return torch.cat([first, patches], dim=1) + self.position_embedding.weight


class ClipVision(nn.Module):
    """Normalised pictures [B, 3, side, side] -> what each shows as one vector [B, width]."""

    def __init__(self, config: ClipVisionConfig) -> None:
        super().__init__()
        self.embeddings = Embeddings(config)
        self.pre_layrnorm = nn.LayerNorm(config.width)  # so spelled in the files
        self.encoder = nn.Module()
        self.encoder.layers = nn.ModuleList(Layer(config, causal=False) for _ in range(config.layers))
        self.post_layernorm = nn.LayerNorm(config.width)

    def hidden(self, x: Tensor) -> Tensor:
        """The last hidden state [B, 1 + N, width]."""
        h = self.pre_layrnorm(self.embeddings(x))
        for layer in self.encoder.layers:
            h = layer(h)
        return h

    def forward(self, x: Tensor) -> Tensor:
        return self.post_layernorm(self.hidden(x)[:, 0])


class SafetyChecker(nn.Module):
    """Normalised pictures [B, 3, side, side] -> by how much each exceeds the thresholds of the concepts.

    Gives the scores of the special concepts [B, S] and of the others [B, C]: cosine minus threshold.
    """

    def __init__(self, config: SafetyConfig) -> None:
        super().__init__()
        self.config = config
        projection = config.vision.projection
        self.vision_model = ClipVision(config.vision)
        self.visual_projection = nn.Linear(config.vision.width, projection, bias=False)
        self.concept_embeds = nn.Parameter(torch.zeros(config.concepts, projection))
        self.special_care_embeds = nn.Parameter(torch.zeros(config.special, projection))
        self.concept_embeds_weights = nn.Parameter(torch.zeros(config.concepts))
        self.special_care_embeds_weights = nn.Parameter(torch.zeros(config.special))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        seen = self.visual_projection(self.vision_model(x))
        special = cosine(seen, self.special_care_embeds) - self.special_care_embeds_weights
        return special, cosine(seen, self.concept_embeds) - self.concept_embeds_weights


def cosine(a: Tensor, b: Tensor) -> Tensor:
    """The cosine between each vector of `a` [B, D] and each of `b` [N, D]: [B, N]."""
    return F.normalize(a, dim=-1) @ F.normalize(b, dim=-1).T
