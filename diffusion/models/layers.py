"""Small layers that the networks share: group norm by width, attention, and the feed-forward gate."""

import math

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn


def group_norm(channels: int, *, eps: float) -> nn.GroupNorm:
    """Group norm with 32 groups, or the most that divide an unusual width evenly."""
    return nn.GroupNorm(math.gcd(32, channels), channels, eps=eps)


class Embedding(nn.Embedding):
    """A table of vectors, initialised only where it has memory."""

    def reset_parameters(self) -> None:
        # Normal numbers on the meta device make torch import 800 modules: 1.4 s of a cold start for nothing.
        if not self.weight.is_meta:
            super().reset_parameters()


def attention(q: Tensor, k: Tensor, v: Tensor, *, heads: int, causal: bool = False) -> Tensor:
    """Attend `q` [B, N, H·D] to `k`, `v` [B, M, H·D] head by head -> [B, N, H·D]; scale is D^-1/2."""
    q, k, v = (rearrange(x, "b n (h d) -> b h n d", h=heads) for x in (q, k, v))
    attended = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    return rearrange(attended, "b h n d -> b n (h d)")


def zero(module: nn.Module) -> None:
    """Set all parameters of `module` to zero, so that a branch ending in it starts as nothing."""
    for parameter in module.parameters():
        nn.init.zeros_(parameter)


def quick_gelu(x: Tensor) -> Tensor:
    """The sigmoid approximation of GELU that OpenAI's CLIP was trained with."""
    return x * torch.sigmoid(1.702 * x)
