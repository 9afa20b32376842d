"""What prompts are made of: text with a weight, and tokens or learned vectors with a weight."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor


class Segment(NamedTuple):
    """Text of one weight."""

    text: str
    weight: float


class Token(NamedTuple):
    """A token id and its weight; `vector` [width] stands in place of the id's own where it is given."""

    id: int
    weight: float
    vector: Tensor | None = None


Windows = list[list[Token]]
"""Each of at most 75 tokens, without begin, end and padding."""
Find = Callable[[str], tuple["Tensor", str]]
"""From what is written behind `embedding:` to vectors [n, width] and the part of it that is the name."""


def vector_tokens(vectors: Tensor, weight: float) -> list[Token]:
    """Learned vectors [n, width] as tokens, in the place of any id."""
    return [Token(0, weight, vector) for vector in vectors]
