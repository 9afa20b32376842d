"""What prompts are made of: text with a weight, and tokens or learned vectors with a weight."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor


class Segment(NamedTuple):
    """Text of one weight."""

    text: str
    weight: float


class Token(NamedTuple):
    """A token id and its weight; `vector` [width] stands in place of the id's own where it is given.

    `place` is where its word begins in the prompt.
    """

    id: int
    weight: float
    vector: Tensor | None = None
    place: int = 0


Windows = list[list[Token]]
"""Each of at most 75 tokens, without begin, end and padding."""
Find = Callable[[str], tuple["Tensor", str]]
"""From what is written behind `embedding:` to vectors [n, width] and the part of it that is the name."""


def vector_tokens(vectors: Iterable[Tensor], weight: float, place: int = 0) -> list[Token]:
    """Learned vectors [n, width] as tokens, in the place of any id."""
    return [Token(0, weight, vector, place) for vector in vectors]


def at(places: list[int], offset: int) -> int:
    """Where in the prompt a letter of a piece stands; its start where the piece has none."""
    return places[min(offset, len(places) - 1)] if places else 0
