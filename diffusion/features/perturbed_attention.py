"""Perturbed-attention guidance: away from what the model sees with its middle blind (arXiv 2403.17377)."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from diffusion.features.attention import blocks, replace_attention
from diffusion.models.unet import Size, UNet
from diffusion.sampling.steering import Guess, Steering


class IdentityAttention(nn.Module):
    """Attention in which every token looks at itself only."""

    def __init__(self, attention: nn.Module) -> None:
        super().__init__()
        self.attention = attention

    def forward(self, x: Tensor, context: Tensor, size: Size) -> Tensor:
        return self.attention.to_out(self.attention.to_v(context))


@dataclass(frozen=True)
class BlindMiddle:
    """The patch: self-attention of the middle block passes its values on."""

    def apply(self, network: UNet) -> None:
        for half, _, block in blocks(network):
            if half == "middle":
                replace_attention(block, "attn1", IdentityAttention)


@dataclass(frozen=True)
class PerturbedAttention(Steering):
    """Adds `scale` times the difference; costs one more call of the network a step."""

    scale: float

    def after(self, guess: Guess) -> Tensor:
        if self.scale == 0:
            return guess.guided
        perturbed = guess.ask(guess.sides[0], extra=(BLIND,))
        return guess.guided + self.scale * (guess.positive - perturbed)


BLIND = BlindMiddle()
