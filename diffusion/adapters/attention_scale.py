"""Scales what the attention of a text encoder computes: queries, keys, values and its output."""

from dataclasses import dataclass, replace

from torch import Tensor, nn

from diffusion.models.clip import ClipText
from diffusion.values import TextEncoder


class Scaled(nn.Module):
    """A layer whose output is multiplied; of a linear one this is multiplying weight and bias."""

    def __init__(self, inner: nn.Module, factor: float) -> None:
        super().__init__()
        self.inner, self.factor = inner, factor

    def forward(self, x: Tensor) -> Tensor:
        return self.inner(x) * self.factor


@dataclass(frozen=True)
class AttentionScale:
    """A patch of a text encoder: the factors of the four projections in all its layers."""

    q: float = 1.0
    k: float = 1.0
    v: float = 1.0
    out: float = 1.0

    def apply(self, network: ClipText) -> None:
        """Wrap the projections; the tensors stay those of the network."""
        for layer in network.text_model.encoder.layers:
            attention = layer.self_attn
            for name in ("q", "k", "v", "out"):
                inner = getattr(attention, f"{name}_proj")
                setattr(attention, f"{name}_proj", Scaled(inner, getattr(self, name)))


def scale_attention(clip: TextEncoder, scale: AttentionScale) -> TextEncoder:
    """The text encoder with scaled attention."""
    return replace(clip, patches=(*clip.patches, scale))
