"""A vision transformer that tells what its layers see, over patches or over a convolutional stem.

Follows An Image is Worth 16x16 Words (arXiv 2010.11929); parameter names are timm's, as in MiDaS files.
"""

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from diffusion.models.layers import attention

EPS = 1e-6


class Attention(nn.Module):
    """Self-attention with one joint projection: [B, N, width] -> [B, N, width]."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.proj(attention(*self.qkv(x).chunk(3, dim=-1), heads=self.heads))


class Mlp(nn.Module):
    """Two-layer perceptron: [B, N, width] -> [B, N, width]."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, hidden)
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    """One pre-norm transformer layer."""

    def __init__(self, width: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=EPS)
        self.attn = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width, eps=EPS)
        self.mlp = Mlp(width, hidden)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Transformer(nn.Module):
    """Patch vectors [B, width, h, w] -> the tokens after some layers, each [B, 1 + h·w, width], class first.

    `patch_embed` makes the patch vectors; who owns the transformer gives it, and calls it.
    """

    def __init__(
        self, patch_embed: nn.Module, *, width: int, layers: int, heads: int, mlp: int, grid: int
    ) -> None:
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + grid**2, width))
        self.patch_embed = patch_embed
        self.blocks = nn.ModuleList(Block(width, heads, mlp) for _ in range(layers))

    def positions(self, height: int, width: int) -> Tensor:
        """The position vectors [1, 1 + height·width, C], interpolated from the grid of training."""
        side = round((self.pos_embed.shape[1] - 1) ** 0.5)
        grid = rearrange(self.pos_embed[:, 1:], "b (h w) c -> b c h w", h=side)
        grid = F.interpolate(grid, size=(height, width), mode="bilinear")
        return torch.cat([self.pos_embed[:, :1], rearrange(grid, "b c h w -> b (h w) c")], dim=1)

    def forward(self, patches: Tensor, taps: tuple[int, ...]) -> list[Tensor]:
        tokens = rearrange(patches, "b c h w -> b (h w) c")
        x = torch.cat([self.cls_token.expand(len(tokens), -1, -1), tokens], dim=1)
        x = x + self.positions(*patches.shape[-2:])
        seen = []
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in taps:
                seen.append(x)
        return seen
