"""From prompts to vectors: windows of tokens through the text encoder, then weights."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import torch
from torch import Tensor

from diffusion.errors import NotFinite
from diffusion.memory import device_of
from diffusion.patches import active
from diffusion.prompt import a1111, comfy
from diffusion.prompt.composition import terms
from diffusion.prompt.schedule import spans
from diffusion.prompt.tokens import Find, Token
from diffusion.prompt.weighting import from_empty, multiplied, weights_of
from diffusion.residency import resident
from diffusion.values import Cond, Conditioning, TextEncoder

BATCH = 16
"""Windows that are encoded at once, so that a very long prompt needs no more memory than this many."""


def encode_prompt(encoder: TextEncoder, prompt: str, find: Find | None = None) -> Tensor:
    """Vectors by ComfyUI's rules of all windows, one after another: [1, 77 * windows, D]."""
    filled = comfy.windows(encoder.tokenizer, prompt, find)
    with ready(encoder) as encoder:
        vectors = encode_windows(encoder, filled)
        weights = weights_of(filled, vectors.shape[1])
        if (weights != 1).any():
            vectors = from_empty(vectors, weights, encode_windows(encoder, [[]]))
    return one_row(vectors)


def encode_scheduled(
    encoder: TextEncoder,
    prompt: str,
    *,
    steps: int,
    restore_mean: bool = True,
    inversions: a1111.Inversions | None = None,
) -> Conditioning:
    """Conditioning by A1111's rules: an entry for each text that the prompt has in some of its steps."""
    encoded: dict[str, Tensor] = {}
    made = []
    with ready(encoder) as encoder:
        for index, (part, weight) in enumerate(terms(prompt)):
            for applies, text in spans(part, steps):
                if text not in encoded:
                    encoded[text] = encode_chunks(encoder, text, inversions, restore_mean=restore_mean)
                made.append(Cond(encoded[text], steps=applies, term=(index, weight)))
    return tuple(made)


def encode_chunks(
    encoder: TextEncoder, text: str, inversions: a1111.Inversions | None, *, restore_mean: bool
) -> Tensor:
    """Vectors by A1111's rules of all chunks of a text that does not change: [1, 77 * chunks, D]."""
    filled = a1111.chunks(encoder.tokenizer, text, inversions)
    vectors = encode_windows(encoder, filled)
    weights = weights_of(filled, vectors.shape[1])
    if (weights != 1).any():
        vectors = multiplied(vectors, weights, restore_mean=restore_mean)
    return one_row(vectors)


@contextmanager
def ready(encoder: TextEncoder) -> Iterator[TextEncoder]:
    """The encoder where it computes, with its patches in its network, for as long as it is used."""
    with resident(encoder.network, active(encoder.patches, math.inf)) as network:
        yield replace(encoder, network=network, patches=())


@torch.no_grad()
def encode_windows(encoder: TextEncoder, windows: Sequence[Sequence[Token]]) -> Tensor:
    """Every window on its own: [windows, 77, D], float32, on the host."""
    batches = (windows[start : start + BATCH] for start in range(0, len(windows), BATCH))
    return torch.cat([encode_batch(encoder, batch) for batch in batches])


def encode_batch(encoder: TextEncoder, windows: Sequence[Sequence[Token]]) -> Tensor:
    """Windows together; learned vectors take the places of those of their tokens."""
    rows = [encoder.tokenizer.window([token.id for token in window]) for window in windows]
    vectors = encoder.network.embed_tokens(torch.tensor(rows, device=device_of(encoder.network)))
    for row, window in zip(vectors, windows, strict=True):
        for place, token in enumerate(window, start=1):
            if token.vector is not None:
                row[place] = token.vector.to(row)
    return encoder.network.encode(vectors, layer=encoder.layer).float().cpu()


def one_row(vectors: Tensor) -> Tensor:
    """All windows behind one another, [1, L, D]; NotFinite where weights were too much."""
    if not vectors.isfinite().all():
        raise NotFinite(
            "the prompt became numbers that are none (NaN or infinity)",
            input="text",
            remedy="Lower its weights; if it has none, the text encoder's file is damaged.",
        )
    return vectors.reshape(1, -1, vectors.shape[-1])
