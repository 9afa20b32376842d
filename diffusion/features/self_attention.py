"""Self-attention guidance: away from the picture blurred where the model looks (SAG, arXiv 2210.00939)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from diffusion.features.attention import blocks, replace_attention
from diffusion.models.unet import Size, UNet
from diffusion.sampling.steering import Guess, Steering

KERNEL = 9
THRESHOLD = 1.0
"""A token counts as looked at where the others give it more than an equal share of their attention."""


def probabilities(attention: nn.Module, x: Tensor, context: Tensor) -> Tensor:
    """How much each of N tokens looks at each of M: [B, heads, N, M], rows sum to 1."""
    q, k = (
        rearrange(project(given), "b n (h d) -> b h n d", h=attention.heads)
        for project, given in ((attention.to_q, x), (attention.to_k, context))
    )
    return (q.float() @ k.float().mT * q.shape[-1] ** -0.5).softmax(dim=-1)


class WatchedAttention(nn.Module):
    """Attention that notes how much each token is looked at, [B, H, W]: summed over all, mean of heads."""

    def __init__(self, attention: nn.Module, noted: list[Tensor]) -> None:
        super().__init__()
        self.attention, self.noted = attention, noted

    def forward(self, x: Tensor, context: Tensor, size: Size) -> Tensor:
        looked_at = probabilities(self.attention, x, context).mean(dim=1).sum(dim=1)
        self.noted.append(rearrange(looked_at, "b (h w) -> b h w", h=size[0]))
        return self.attention(x, context, size)


@dataclass(frozen=True, eq=False)
class WatchMiddle:
    """The patch: notes what the middle block's self-attention looks at."""

    noted: list[Tensor]

    def apply(self, network: UNet) -> None:
        for half, _, block in blocks(network):
            if half == "middle":
                replace_attention(block, "attn1", lambda own: WatchedAttention(own, self.noted))


def blurred(picture: Tensor, sigma: float) -> Tensor:
    """A picture [B, C, h, w] under a Gaussian of `sigma` pixels, mirrored at its edges."""
    reach = min(KERNEL // 2, min(picture.shape[-2:]) - 1)
    if sigma == 0 or reach == 0:
        return picture
    places = torch.arange(-reach, reach + 1, device=picture.device, dtype=picture.dtype)
    weights = torch.exp(-0.5 * (places / sigma) ** 2)
    weights = (weights / weights.sum()).expand(picture.shape[1], 1, -1)
    padded = F.pad(picture, (reach,) * 4, mode="reflect")
    across = F.conv2d(padded, weights[:, :, None], groups=len(weights))
    return F.conv2d(across, weights[..., None], groups=len(weights))


@dataclass(frozen=True)
class SelfAttention(Steering):
    """Adds `scale` times the difference; costs two more calls of the network a step."""

    scale: float
    blur_sigma: float
    both_sides: bool = True

    def after(self, guess: Guess) -> Tensor:
        if self.scale == 0 or guess.negative is None:
            return guess.guided
        noted: list[Tensor] = []
        guess.ask(guess.sides[-1], extra=(WatchMiddle(noted),))
        looked_at = torch.stack(noted).mean(dim=0)[:, None] if noted else None
        if looked_at is None or math.prod(looked_at.shape[-2:]) < 2:
            return guess.guided
        mask = F.interpolate((looked_at > THRESHOLD).to(guess.x), size=guess.x.shape[-2:], mode="nearest")
        seen = guess.negative
        degraded = blurred(seen, self.blur_sigma) * mask + seen * (1 - mask)
        again = guess.ask(guess.sides[-1], x=guess.x + degraded - seen)
        return guess.guided + self.scale * (degraded - again)
