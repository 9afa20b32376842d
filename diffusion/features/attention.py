"""Where the attentions of a network are, and the patches that only scale them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn

from diffusion.models.unet import SpatialTransformer, TransformerBlock, UNet
from diffusion.patches import stages

Which = Literal["attn1", "attn2"]
"""Self-attention, attention to the prompt."""


def transformers(network: UNet) -> Iterator[tuple[str, int, SpatialTransformer]]:
    """The spatial transformers by half ("input", "middle", "output") and number of their stage."""
    for half, index, stage in stages(network):
        for layer in stage.modules():  # other patches may have wrapped the stage
            if isinstance(layer, SpatialTransformer):
                yield half, index, layer


def blocks(network: UNet) -> Iterator[tuple[str, int, TransformerBlock]]:
    """All transformer blocks, with the half and number of their stage."""
    for half, index, transformer in transformers(network):
        for block in transformer.transformer_blocks:
            yield half, index, block


def replace_attention(block: TransformerBlock, which: Which, wrap: Callable[[nn.Module], nn.Module]) -> None:
    """Put a module around an attention, one that takes (x, context, size) as it does."""
    setattr(block, which, wrap(getattr(block, which)))


class Times(nn.Module):
    """A layer whose answer is multiplied."""

    def __init__(self, layer: nn.Module, factor: float) -> None:
        super().__init__()
        self.layer, self.factor = layer, factor

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x) * self.factor


@dataclass(frozen=True)
class ScaleAttention:
    """A patch that multiplies what queries, keys, values and outputs of one kind of attention are."""

    which: Which
    q: float = 1.0
    k: float = 1.0
    v: float = 1.0
    out: float = 1.0

    def apply(self, network: UNet) -> None:
        factors = {"to_q": self.q, "to_k": self.k, "to_v": self.v, "to_out": self.out}
        for _, _, block in blocks(network):
            attention = getattr(block, self.which)
            for name, factor in factors.items():
                if factor != 1.0:
                    setattr(attention, name, Times(getattr(attention, name), factor))
