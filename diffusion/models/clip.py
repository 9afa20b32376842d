"""The text encoders: CLIP ViT-L/14 of SD1 and, as another configuration, OpenCLIP ViT-H/14 of SD2.

Follows Learning Transferable Visual Models From Natural Language Supervision (arXiv 2103.00020); parameter
names are those of `CLIPTextModel` in SD1 files. OpenCLIP files are renamed by `diffusion.checkpoint.keymaps`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from diffusion.models.layers import Embedding, attention, quick_gelu

Activation = Literal["quick_gelu", "gelu"]
ACTIVATIONS: dict[Activation, Callable[[Tensor], Tensor]] = {"quick_gelu": quick_gelu, "gelu": F.gelu}


@dataclass(frozen=True)
class ClipTextConfig:
    """Shape of a text encoder; the defaults are those of SD1.

    `output_layer` counts hidden states from the end: -1 is the last, -2 (SD2) the one before it.
    """

    width: int = 768
    layers: int = 12
    heads: int = 12
    mlp: int = 3072
    activation: Activation = "quick_gelu"
    vocab: int = 49408
    positions: int = 77
    output_layer: int = -1


class LayerConfig(Protocol):
    """What a layer needs to know of its encoder, of texts or of pictures."""

    width: int
    heads: int
    mlp: int
    activation: Activation


class Embeddings(nn.Module):
    """The vectors of tokens and positions; adds the latter to token vectors [B, L, width]."""

    def __init__(self, config: ClipTextConfig) -> None:
        super().__init__()
        self.token_embedding = Embedding(config.vocab, config.width)
        self.position_embedding = Embedding(config.positions, config.width)

    def forward(self, vectors: Tensor) -> Tensor:
        return vectors + self.position_embedding.weight[: vectors.shape[1]]


class SelfAttention(nn.Module):
    """Multi-head self-attention: [B, L, width] -> [B, L, width]; causal in texts, not in pictures."""

    def __init__(self, config: LayerConfig, *, causal: bool = True) -> None:
        super().__init__()
        self.heads, self.causal = config.heads, causal
        self.k_proj = nn.Linear(config.width, config.width)
        self.v_proj = nn.Linear(config.width, config.width)
        self.q_proj = nn.Linear(config.width, config.width)
        self.out_proj = nn.Linear(config.width, config.width)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        return self.out_proj(attention(q, k, v, heads=self.heads, causal=self.causal))


class Mlp(nn.Module):
    """Two-layer perceptron: [B, L, width] -> [B, L, width]."""

    def __init__(self, config: LayerConfig) -> None:
        super().__init__()
        self.activation = ACTIVATIONS[config.activation]
        self.fc1 = nn.Linear(config.width, config.mlp)
        self.fc2 = nn.Linear(config.mlp, config.width)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(self.activation(self.fc1(x)))


class Layer(nn.Module):
    """One pre-norm transformer layer."""

    def __init__(self, config: LayerConfig, *, causal: bool = True) -> None:
        super().__init__()
        self.self_attn = SelfAttention(config, causal=causal)
        self.layer_norm1 = nn.LayerNorm(config.width)
        self.mlp = Mlp(config)
        self.layer_norm2 = nn.LayerNorm(config.width)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.self_attn(self.layer_norm1(x))
        return x + self.mlp(self.layer_norm2(x))


class TextTransformer(nn.Module):
    """Embeddings, layers and final norm under the names of the published files."""

    def __init__(self, config: ClipTextConfig) -> None:
        super().__init__()
        self.embeddings = Embeddings(config)
        self.encoder = nn.Module()
        self.encoder.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.final_layer_norm = nn.LayerNorm(config.width)


class ClipText(nn.Module):
    """Token ids [B, L] -> one vector per token [B, L, width]."""

    def __init__(self, config: ClipTextConfig) -> None:
        super().__init__()
        self.config = config
        self.text_model = TextTransformer(config)

    def forward(self, tokens: Tensor, *, layer: int | None = None, normalize: bool = True) -> Tensor:
        """Hidden state number `layer` from the end (-1 is the last; default: the configuration's)."""
        return self.encode(self.embed_tokens(tokens), layer=layer, normalize=normalize)

    def embed_tokens(self, tokens: Tensor) -> Tensor:
        """Vectors of token ids, without positions; textual inversion replaces rows of the result."""
        return self.text_model.embeddings.token_embedding(tokens)

    def encode(self, vectors: Tensor, *, layer: int | None = None, normalize: bool = True) -> Tensor:
        """Run token vectors [B, L, width] through the layers that the wanted hidden state needs."""
        layer = self.config.output_layer if layer is None else layer
        if not -self.config.layers <= layer <= -1:
            raise ValueError(f"clip.layer: {layer} is not in -{self.config.layers}..-1")
        h = self.text_model.embeddings(vectors)
        for block in self.text_model.encoder.layers[: self.config.layers + layer + 1]:
            h = block(h)
        return self.text_model.final_layer_norm(h) if normalize else h


def pool(hidden: Tensor, tokens: Tensor) -> Tensor:
    """The vector at the first end-of-text token, which has the highest id: [B, L, D] -> [B, D]."""
    rows = torch.arange(len(tokens), device=tokens.device)
    return hidden[rows, tokens.argmax(dim=-1)]
