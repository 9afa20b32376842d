r"""Prompts by ComfyUI's rules: weights in parentheses, windows of 75 tokens, weighting by interpolation.

`(x)` multiplies the weight by 1.1, `(x:0.8)` sets it, `\(` and `\)` are literal; an unbalanced parenthesis
is literal, too. A prompt of any length becomes as many windows as it needs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from diffusion.values import TextEncoder, device_of

if TYPE_CHECKING:
    from diffusion.models.tokenizer import Tokenizer

EMPHASIS = 1.1
WHOLE_BELOW = 8
"""Weighted pieces of fewer tokens are not split between windows."""
BATCH = 16
"""Windows that are encoded at once, so that a very long prompt needs no more memory than this many."""
ESCAPES = {"\\)": "\0\1", "\\(": "\0\2"}


class Segment(NamedTuple):
    """Text of one weight."""

    text: str
    weight: float


class Token(NamedTuple):
    """A token id and its weight."""

    id: int
    weight: float


def parse(prompt: str) -> list[Segment]:
    """The pieces of a prompt with their weights, in order."""
    for written, hidden in ESCAPES.items():
        prompt = prompt.replace(written, hidden)
    segments, pending = [], [Segment(piece, 1.0) for piece in pieces(prompt)][::-1]
    while pending:
        text, weight = pending.pop()
        if len(text) >= 2 and text[0] == "(" and text[-1] == ")":
            inner, weight = group_weight(text[1:-1], weight)
            pending += [Segment(piece, weight) for piece in pieces(inner)][::-1]
        else:
            segments.append(Segment(unescape(text), weight))
    return segments


def pieces(text: str) -> Iterator[str]:
    """Split into outermost groups in parentheses and what lies between them."""
    depth = start = 0
    for place, letter in enumerate(text):
        if letter == "(":
            if depth == 0 and start < place:
                yield text[start:place]
                start = place
            depth += 1
        elif letter == ")":
            depth -= 1
            if depth == 0:
                yield text[start : place + 1]
                start = place + 1
    if start < len(text):
        yield text[start:]


def group_weight(inner: str, outer: float) -> tuple[str, float]:
    """The text of a group and its weight: the number behind its last colon, or more than outside."""
    text, colon, number = inner.rpartition(":")
    try:
        weight = float(number) if colon and text else math.nan
    except ValueError:
        weight = math.nan
    return (text, weight) if math.isfinite(weight) else (inner, outer * EMPHASIS)


def unescape(text: str) -> str:
    """Turn hidden parentheses into the ones that were meant."""
    for written, hidden in ESCAPES.items():
        text = text.replace(hidden, written[1])
    return text


def windows(tokenizer: Tokenizer, prompt: str) -> list[list[Token]]:
    """The tokens of a prompt in windows of at most 75, at least one, without begin, end and padding."""
    size = tokenizer.window_size - 2
    filled: list[list[Token]] = [[]]
    for text, weight in parse(prompt):
        tokens = [Token(id, weight) for id in tokenizer.encode(text)]
        divisible = len(tokens) >= WHOLE_BELOW
        while tokens:
            room = size - len(filled[-1])
            if len(tokens) > room:
                room = room if divisible else 0
                filled[-1] += tokens[:room]
                filled.append([])
            else:
                room = len(tokens)
                filled[-1] += tokens
            tokens = tokens[room:]
    return filled


def encode_prompt(encoder: TextEncoder, prompt: str) -> Tensor:
    """Vectors of all windows, one after another: [1, 77 * windows, D], float32, on the host."""
    filled = windows(encoder.tokenizer, prompt)
    vectors = encode_windows(encoder, [[token.id for token in window] for window in filled])
    weights = torch.ones(vectors.shape[:2])
    for row, window in zip(weights, filled, strict=True):
        row[1 : len(window) + 1] = torch.tensor([token.weight for token in window])
    if (weights != 1).any():
        empty = encode_windows(encoder, [[]])
        vectors = empty + weights[..., None] * (vectors - empty)
    return vectors.reshape(1, -1, vectors.shape[-1])


@torch.no_grad()
def encode_windows(encoder: TextEncoder, ids: Sequence[Sequence[int]]) -> Tensor:
    """Every window on its own: [windows, 77, D], float32, on the host."""
    rows = torch.tensor([encoder.tokenizer.window(window) for window in ids])
    batches = rows.to(device_of(encoder.network)).split(BATCH)
    encoded = [encoder.network(batch, layer=encoder.layer).float().cpu() for batch in batches]
    return torch.cat(encoded)
