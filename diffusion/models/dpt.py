"""DPT: a vision transformer that estimates how near everything in a picture is.

Follows Vision Transformers for Dense Prediction (arXiv 2103.13413); parameter names are those of MiDaS's
dpt_large and dpt_hybrid files. The latter is SD2-depth's, too. For inference.
"""

from dataclasses import dataclass

import torch
from einops import rearrange
from torch import Tensor, nn

from diffusion.models.fusion import Decoder
from diffusion.models.resnetv2 import ResNetV2
from diffusion.models.vit import Transformer

PATCH = 16


@dataclass(frozen=True)
class StemConfig:
    """Shape of the convolutions before a hybrid's transformer."""

    width: int = 64
    widths: tuple[int, ...] = (256, 512, 1024)
    depths: tuple[int, ...] = (3, 4, 9)


@dataclass(frozen=True)
class DptConfig:
    """Shape of a DPT; the defaults are those of dpt_hybrid.

    `features` are the channels at 1/4, 1/8, 1/16 and 1/32 of the size, of which the first two come from the
    stem where there is one. `grid` is the number of patches along a side that positions were trained for.
    """

    width: int = 768
    layers: int = 12
    heads: int = 12
    mlp: int = 3072
    grid: int = 24
    stem: StemConfig | None = StemConfig()
    features: tuple[int, int, int, int] = (256, 512, 768, 768)
    fused: int = 256
    head: tuple[int, int] = (128, 32)

    @property
    def taps(self) -> tuple[int, ...]:
        """The layers that are looked at: the last of each quarter, or of each of the last two."""
        quarters = tuple(self.layers * part // 4 - 1 for part in range(1, 5))
        return quarters if self.stem is None else quarters[2:]


DPT_HYBRID = DptConfig()
DPT_LARGE = DptConfig(width=1024, layers=24, heads=16, mlp=4096, stem=None, features=(256, 512, 1024, 1024))


class PatchEmbed(nn.Module):
    """Image [B, 3, H, W] -> patch vectors [B, width, H/16, W/16], and what the stem saw on the way."""

    def __init__(self, config: DptConfig) -> None:
        super().__init__()
        stem = config.stem
        if stem is None:
            self.proj = nn.Conv2d(3, config.width, PATCH, stride=PATCH)
        else:
            self.backbone = ResNetV2(stem.width, stem.widths, stem.depths)
            self.proj = nn.Conv2d(stem.widths[-1], config.width, 1)
        self.hybrid = stem is not None

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        seen = self.backbone(x) if self.hybrid else [x]
        return self.proj(seen[-1]), seen[:-1]


class Readout(nn.Module):
    """Tells every token of the class token: [B, 1 + N, width] -> [B, N, width]."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.project = nn.Sequential(nn.Linear(2 * width, width), nn.GELU())

    def forward(self, x: Tensor) -> Tensor:
        tokens = x[:, 1:]
        return self.project(torch.cat([tokens, x[:, :1].expand_as(tokens)], dim=-1))


class Reassemble(nn.Sequential):
    """Tokens [B, 1 + h·w, width] -> features [B, C, …] at 16 / `scale` pixels per feature.

    Numbers 1 and 2 of the sequence, which only reorder, have no weights; `forward` does their work.
    """

    def __init__(self, width: int, channels: int, scale: float) -> None:
        layers = [Readout(width), nn.Identity(), nn.Identity(), nn.Conv2d(width, channels, 1)]
        if scale > 1:
            layers.append(nn.ConvTranspose2d(channels, channels, int(scale), stride=int(scale)))
        elif scale < 1:
            layers.append(nn.Conv2d(channels, channels, 3, stride=2, padding=1))
        super().__init__(*layers)

    def forward(self, tokens: Tensor, *, rows: int) -> Tensor:
        readout, *layers = self
        x = rearrange(readout(tokens), "b (h w) c -> b c h w", h=rows)
        for layer in layers:
            x = layer(x)
        return x


class Backbone(nn.Module):
    """Image [B, 3, H, W] -> features at 1/4, 1/8, 1/16 and 1/32 of its size."""

    def __init__(self, config: DptConfig) -> None:
        super().__init__()
        self.taps = config.taps
        self.model = Transformer(
            PatchEmbed(config),
            width=config.width,
            layers=config.layers,
            heads=config.heads,
            mlp=config.mlp,
            grid=config.grid,
        )
        scales = (4, 2, 1, 0.5)
        for index in range(4 - len(config.taps), 4):
            reassemble = Reassemble(config.width, config.features[index], scales[index])
            self.add_module(f"act_postprocess{index + 1}", reassemble)

    def forward(self, x: Tensor) -> list[Tensor]:
        patches, features = self.model.patch_embed(x)
        tokens = self.model(patches, self.taps)
        for index, seen in enumerate(tokens, start=5 - len(tokens)):
            features.append(self.get_submodule(f"act_postprocess{index}")(seen, rows=patches.shape[-2]))
        return features


class Dpt(nn.Module):
    """Image [B, 3, H, W] in -1..1, sides multiples of 32 -> relative inverse depth [B, H, W], at least 0."""

    def __init__(self, config: DptConfig) -> None:
        super().__init__()
        self.config = config
        self.pretrained = Backbone(config)
        self.scratch = Decoder(config.features, (config.fused,) * 4, config.head, align_corners=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.scratch(self.pretrained(x)).squeeze(1)
