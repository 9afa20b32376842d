"""The denoising UNet of Stable Diffusion 1 and 2, all published variants by configuration.

Follows High-Resolution Image Synthesis with Latent Diffusion Models (arXiv 2112.10752); parameter names are
those of CompVis `ldm/modules/diffusionmodules/openaimodel.py`, so original files load without renaming.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from diffusion.models.layers import Conv3x3, Embedding, attention, group_norm, zero

Size = tuple[int, int]
"""Height and width."""


@dataclass(frozen=True, eq=False)
class Residuals:
    """What guides a UNet from outside, as ControlNets and T2I-adapters do.

    `skips` has one tensor for the skip of every input stage, `middle` is added to the middle block's output,
    `levels` has tensors for the finest levels, added where the descending half leaves each.
    """

    skips: tuple[Tensor, ...] = ()
    middle: Tensor | None = None
    levels: tuple[Tensor, ...] = ()


NO_RESIDUALS = Residuals()


@dataclass(frozen=True)
class UNetConfig:
    """Shape of a UNet; the defaults are those of SD1.

    `head_dim`, where given, decides the number of heads at every level instead of `heads`.
    `self_attention_levels` is False where both attentions of a block look at the context (x4 upscaler);
    the middle always keeps self-attention.
    """

    in_channels: int = 4
    out_channels: int = 4
    model_channels: int = 320
    multipliers: tuple[int, ...] = (1, 2, 4, 4)
    res_blocks: int = 2
    attention_levels: tuple[bool, ...] = (True, True, True, False)
    self_attention_levels: tuple[bool, ...] = (True, True, True, True)
    heads: int = 8
    head_dim: int | None = None
    context_dim: int = 768
    linear_projections: bool = False
    transformer_depth: int = 1
    classes: int | None = None

    @property
    def widths(self) -> tuple[int, ...]:
        """Channels of every level, finest first."""
        return tuple(self.model_channels * multiplier for multiplier in self.multipliers)

    @property
    def embedding_dim(self) -> int:
        """Width of the time embedding that every residual block receives."""
        return 4 * self.model_channels

    def heads_at(self, channels: int) -> int:
        """Attention heads of a block that is `channels` wide."""
        return self.heads if self.head_dim is None else channels // self.head_dim


def timestep_embedding(timesteps: Tensor, dim: int) -> Tensor:
    """Sinusoids of `timesteps` [B] -> [B, dim], cosines first (section 3.5 of arXiv 1706.03762)."""
    half = dim // 2
    index = torch.arange(half, device=timesteps.device, dtype=torch.float32)
    # Multiplied before divided, as the originals do: at timestep 999 the last bit is 3e-5 of an angle.
    angles = timesteps.float()[:, None] * torch.exp(-math.log(10000.0) * index / half)
    return F.pad(torch.cat([angles.cos(), angles.sin()], dim=-1), (0, dim % 2))


class ResBlock(nn.Module):
    """Two normalised convolutions with the time embedding added in between: [B, C, H, W] -> [B, C', H, W]."""

    def __init__(self, channels: int, out_channels: int, embedding_dim: int) -> None:
        super().__init__()
        self.in_layers = nn.Sequential(
            group_norm(channels, eps=1e-5), nn.SiLU(), Conv3x3(channels, out_channels)
        )
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(embedding_dim, out_channels))
        self.out_layers = nn.Sequential(
            group_norm(out_channels, eps=1e-5),
            nn.SiLU(),
            nn.Identity(),  # dropout in the originals; keeps the convolution at index 3
            Conv3x3(out_channels, out_channels),
        )
        same = channels == out_channels
        self.skip_connection = nn.Identity() if same else nn.Conv2d(channels, out_channels, 1)

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        h = self.in_layers(x) + rearrange(self.emb_layers(embedding), "b c -> b c 1 1")
        return self.skip_connection(x) + self.out_layers(h)


class CrossAttention(nn.Module):
    """Multi-head attention of `x` [B, N, C] to `context` [B, M, D].

    `size` is the height and width of the picture whose pixels the N tokens are: patches look at it.
    """

    def __init__(self, channels: int, context_dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(channels, channels, bias=False)
        self.to_k = nn.Linear(context_dim, channels, bias=False)
        self.to_v = nn.Linear(context_dim, channels, bias=False)
        self.to_out = nn.Sequential(nn.Linear(channels, channels))

    def forward(self, x: Tensor, context: Tensor, size: Size) -> Tensor:
        q, k, v = self.to_q(x), self.to_k(context), self.to_v(context)
        return self.to_out(attention(q, k, v, heads=self.heads))


class GEGLU(nn.Module):
    """A linear layer whose second half gates the first (arXiv 2002.05202): [B, N, C] -> [B, N, inner]."""

    def __init__(self, channels: int, inner: int) -> None:
        super().__init__()
        self.proj = nn.Linear(channels, 2 * inner)

    def forward(self, x: Tensor) -> Tensor:
        value, gate = self.proj(x).chunk(2, dim=-1)
        return value * F.gelu(gate)


class FeedForward(nn.Module):
    """Gated two-layer perceptron, four times wider inside: [B, N, C] -> [B, N, C]."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = 4 * channels
        # The identity stands for the originals' dropout and keeps the linear layer at index 2.
        self.net = nn.Sequential(GEGLU(channels, inner), nn.Identity(), nn.Linear(inner, channels))

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class TransformerBlock(nn.Module):
    """Self-attention, attention to the prompt, feed-forward; each normalised before and added after."""

    def __init__(self, channels: int, context_dim: int, heads: int, *, self_attention: bool) -> None:
        super().__init__()
        self.self_attention = self_attention
        self.attn1 = CrossAttention(channels, channels if self_attention else context_dim, heads)
        self.ff = FeedForward(channels)
        self.attn2 = CrossAttention(channels, context_dim, heads)
        self.norm1 = nn.LayerNorm(channels)
        self.norm2 = nn.LayerNorm(channels)
        self.norm3 = nn.LayerNorm(channels)

    def forward(self, x: Tensor, context: Tensor, size: Size) -> Tensor:
        h = self.norm1(x)
        x = x + self.attn1(h, h if self.self_attention else context, size)
        x = x + self.attn2(self.norm2(x), context, size)
        return x + self.ff(self.norm3(x))


def pixelwise(layer: nn.Linear | nn.Conv2d, x: Tensor) -> Tensor:
    """Apply a linear layer, or the 1x1 convolution that it equals, to tokens [B, N, C]."""
    return F.linear(x, layer.weight.flatten(1), layer.bias)


class SpatialTransformer(nn.Module):
    """Transformer blocks over the pixels of [B, C, H, W], added to the input."""

    def __init__(self, channels: int, config: UNetConfig, *, self_attention: bool) -> None:
        super().__init__()
        heads = config.heads_at(channels)
        self.norm = group_norm(channels, eps=1e-6)
        linear = config.linear_projections
        self.proj_in = nn.Linear(channels, channels) if linear else nn.Conv2d(channels, channels, 1)
        self.transformer_blocks = nn.ModuleList(
            TransformerBlock(channels, config.context_dim, heads, self_attention=self_attention)
            for _ in range(config.transformer_depth)
        )
        self.proj_out = nn.Linear(channels, channels) if linear else nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        h = rearrange(self.norm(x), "b c h w -> b (h w) c")
        h = pixelwise(self.proj_in, h)
        for block in self.transformer_blocks:
            h = block(h, context, (x.shape[2], x.shape[3]))
        h = pixelwise(self.proj_out, h)
        return x + rearrange(h, "b (h w) c -> b c h w", h=x.shape[2])


class Downsample(nn.Module):
    """Halve each side with a strided convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.op = Conv3x3(channels, channels, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        return self.op(x)


class Upsample(nn.Module):
    """Repeat pixels up to `size`, then smooth with a convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = Conv3x3(channels, channels)

    def forward(self, x: Tensor, size: Size) -> Tensor:
        return self.conv(F.interpolate(x, size=size, mode="nearest"))


class Stage(nn.Sequential):
    """Layers in order, each given what its kind needs beside the picture."""

    def forward(self, x: Tensor, embedding: Tensor, context: Tensor, size: Size) -> Tensor:
        for layer in self:
            match layer:
                case ResBlock():
                    x = layer(x, embedding)
                case SpatialTransformer():
                    x = layer(x, context)
                case Upsample():
                    x = layer(x, size)
                case _:
                    x = layer(x)
        return x


def transformer_at(config: UNetConfig, level: int) -> list[SpatialTransformer]:
    """The transformer of a level, or nothing where the level has none."""
    if not config.attention_levels[level]:
        return []
    self_attention = config.self_attention_levels[level]
    return [SpatialTransformer(config.widths[level], config, self_attention=self_attention)]


def input_stages(config: UNetConfig) -> Iterator[Stage]:
    """The descending half: the input convolution, then levels of residual stages and one step down."""
    channels = config.model_channels
    yield Stage(Conv3x3(config.in_channels, channels))
    for level, width in enumerate(config.widths):
        for _ in range(config.res_blocks):
            yield Stage(ResBlock(channels, width, config.embedding_dim), *transformer_at(config, level))
            channels = width
        if level < len(config.widths) - 1:
            yield Stage(Downsample(channels))


def middle_stage(config: UNetConfig) -> Stage:
    """The coarsest part: residual, transformer, residual."""
    width = config.widths[-1]
    return Stage(
        ResBlock(width, width, config.embedding_dim),
        SpatialTransformer(width, config, self_attention=True),
        ResBlock(width, width, config.embedding_dim),
    )


def skip_widths(config: UNetConfig) -> list[int]:
    """Channels of the output of every input stage, in order; ControlNet answers with the same widths."""
    widths = [config.model_channels]
    for level, width in enumerate(config.widths):
        steps = config.res_blocks + (level < len(config.widths) - 1)
        widths += [width] * steps
    return widths


def output_stages(config: UNetConfig) -> Iterator[Stage]:
    """The ascending half: every stage takes one skip, the last of a level steps up."""
    skips = skip_widths(config)
    channels = config.widths[-1]
    for level, width in reversed(list(enumerate(config.widths))):
        for index in range(config.res_blocks + 1):
            block = ResBlock(channels + skips.pop(), width, config.embedding_dim)
            up = [Upsample(width)] if level and index == config.res_blocks else []
            yield Stage(block, *transformer_at(config, level), *up)
            channels = width


class Join(nn.Module):
    """Puts a skip [B, S, H, W] beside what comes up from below [B, C, H, W] -> [B, C + S, H, W]."""

    def forward(self, h: Tensor, skip: Tensor) -> Tensor:
        return torch.cat([h, skip], dim=1)


class UNet(nn.Module):
    """Predicts noise (or v) in latents `x` at `timesteps` under `context`."""

    def __init__(self, config: UNetConfig) -> None:
        super().__init__()
        self.config = config
        width, embedding = config.model_channels, config.embedding_dim
        self.time_embed = nn.Sequential(
            nn.Linear(width, embedding), nn.SiLU(), nn.Linear(embedding, embedding)
        )
        if config.classes is not None:
            self.label_emb = Embedding(config.classes, embedding)
        self.input_blocks = nn.ModuleList(input_stages(config))
        self.middle_block = middle_stage(config)
        self.join = Join()
        self.output_blocks = nn.ModuleList(output_stages(config))
        self.out = nn.Sequential(group_norm(width, eps=1e-5), nn.SiLU(), Conv3x3(width, config.out_channels))

    def forward(
        self,
        x: Tensor,
        timesteps: Tensor,
        context: Tensor,
        *,
        y: Tensor | None = None,
        control: Residuals = NO_RESIDUALS,
    ) -> Tensor:
        """x [B, C, H, W], timesteps [B], context [B, L, D], class labels y [B] -> [B, out, H, W]."""
        embedding = self.embed(timesteps, y, dtype=x.dtype)
        h, skips = x, []
        for index, stage in enumerate(self.input_blocks):
            h = stage(h, embedding, context, h.shape[-2:])
            level, rest = divmod(index + 1, self.config.res_blocks + 1)
            if rest == 0 and level <= len(control.levels):
                h = h + control.levels[level - 1]
            skips.append(h)
        h = self.middle_block(h, embedding, context, h.shape[-2:])
        if control.middle is not None:
            h = h + control.middle
        if control.skips:
            skips = [skip + residual for skip, residual in zip(skips, control.skips, strict=True)]
        for stage in self.output_blocks:
            h = self.join(h, skips.pop())
            h = stage(h, embedding, context, skips[-1].shape[-2:] if skips else h.shape[-2:])
        return self.out(h)

    def embed(self, timesteps: Tensor, y: Tensor | None, *, dtype: torch.dtype) -> Tensor:
        """Time, and the class label where the network has them -> [B, embedding_dim]."""
        embedding = self.time_embed(timestep_embedding(timesteps, self.config.model_channels).to(dtype))
        if (y is None) != (self.config.classes is None):
            raise ValueError(f"unet.y: given {y is not None}, expected {self.config.classes is not None}")
        return embedding if y is None else embedding + self.label_emb(y)

    def zero_outputs(self) -> Self:
        """Start every residual branch and the output at zero, as the originals do before training."""
        zero(self.out[-1])
        for module in self.modules():
            if isinstance(module, ResBlock):
                zero(module.out_layers[-1])
            elif isinstance(module, SpatialTransformer):
                zero(module.proj_out)
        return self
