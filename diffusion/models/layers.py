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


class Conv3x3(nn.Conv2d):
    """A 3x3 convolution with padding 1, computed as one matrix product where that is faster.

    On a CPU a convolution reorders its weights every time. Where they are many and the picture is small, as
    at the coarse levels of SD's UNet, this costs more than the work itself: 1280 channels on 2 x 4x4 pixels
    take 56 ms as a convolution and 18 ms as a product, on 2 x 8x8 pixels 87 and 50 ms.
    """

    def __init__(self, channels: int, out_channels: int, *, stride: int = 1) -> None:
        super().__init__(channels, out_channels, 3, stride=stride, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        batch, _, height, width = x.shape
        rows, columns = -(-height // self.stride[0]), -(-width // self.stride[1])
        if x.device.type != "cpu" or self.weight.numel() < 2**22 or batch * rows * columns > 128:
            return super().forward(x)
        patches = F.pad(x, (1, 1, 1, 1)).unfold(2, 3, self.stride[0]).unfold(3, 3, self.stride[1])
        patches = rearrange(patches, "b c h w i j -> (b h w) (c i j)")
        product = F.linear(patches, self.weight.flatten(1), self.bias)
        return rearrange(product, "(b h w) c -> b c h w", h=rows, w=columns).contiguous()


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
