"""The ControlNet of Stable Diffusion 1 and 2: a copy of the UNet's descending half that sees a hint, too.

Follows Adding Conditional Control to Text-to-Image Diffusion Models (arXiv 2302.05543); parameter names are
those of `cldm/cldm.py`, so original files load without renaming.
"""

from dataclasses import dataclass, field
from itertools import pairwise

from torch import Tensor, nn

from diffusion.models.layers import Conv3x3
from diffusion.models.unet import (
    Stage,
    UNetConfig,
    input_stages,
    middle_stage,
    skip_widths,
    timestep_embedding,
)

HINT_WIDTHS = (16, 16, 32, 32, 96, 96, 256)
"""Channels after each convolution of the hint's block but the last; where they grow, sides halve."""
HINT_FACTOR = 8
"""Pixels of a hint along one side for every latent pixel."""


@dataclass(frozen=True)
class ControlNetConfig:
    """Shape of a ControlNet: the UNet that it was copied from, and the channels of its hint."""

    unet: UNetConfig = field(default_factory=UNetConfig)
    hint_channels: int = 3


def hint_block(config: ControlNetConfig) -> nn.Sequential:
    """Convolutions from a hint [B, 3, 8h, 8w] to features [B, C, h, w], with SiLU in between."""
    layers: list[nn.Module] = [Conv3x3(config.hint_channels, HINT_WIDTHS[0]), nn.SiLU()]
    for width, wider in pairwise(HINT_WIDTHS):
        layers += [Conv3x3(width, wider, stride=2 if wider > width else 1), nn.SiLU()]
    return nn.Sequential(*layers, Conv3x3(HINT_WIDTHS[-1], config.unet.model_channels))


class ControlNet(nn.Module):
    """What to add to a UNet's skips and middle, for latents `x` at `timesteps` under `context` and a hint."""

    def __init__(self, config: ControlNetConfig) -> None:
        super().__init__()
        self.config = config
        unet = config.unet
        width, embedding = unet.model_channels, unet.embedding_dim
        self.time_embed = nn.Sequential(
            nn.Linear(width, embedding), nn.SiLU(), nn.Linear(embedding, embedding)
        )
        self.input_blocks = nn.ModuleList(input_stages(unet))
        self.zero_convs = nn.ModuleList(Stage(nn.Conv2d(skip, skip, 1)) for skip in skip_widths(unet))
        self.input_hint_block = hint_block(config)
        self.middle_block = middle_stage(unet)
        self.middle_block_out = Stage(nn.Conv2d(unet.widths[-1], unet.widths[-1], 1))

    def features(self, hint: Tensor) -> Tensor:
        """A hint [B, 3, 8h, 8w] in 0..1 -> [B, C, h, w]; the same at every step."""
        return self.input_hint_block(hint)

    def forward(self, x: Tensor, features: Tensor, timesteps: Tensor, context: Tensor) -> list[Tensor]:
        """x [B, 4, h, w], features [1 or B, C, h, w], timesteps [B], context [B, L, D] -> a tensor for every
        skip in order, and one for the middle.
        """
        width = self.config.unet.model_channels
        embedding = self.time_embed(timestep_embedding(timesteps, width).to(x.dtype))
        h, answers = x, []
        for index, (stage, out) in enumerate(zip(self.input_blocks, self.zero_convs, strict=True)):
            h = stage(h, embedding, context, h.shape[-2:])
            if index == 0:
                h = h + features
            answers.append(out[0](h))
        h = self.middle_block(h, embedding, context, h.shape[-2:])
        return [*answers, self.middle_block_out[0](h)]
