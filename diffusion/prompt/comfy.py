r"""Prompts by ComfyUI's rules: weights in parentheses, embeddings by name, windows of 75 tokens.

`(x)` multiplies the weight by 1.1, `(x:0.8)` sets it, `\(` and `\)` are literal; an unbalanced parenthesis
is literal, too. `embedding:NAME` at the start, or after a space or a line's end, stands for the vectors of a
file. A prompt of any length becomes as many windows as it needs.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import TYPE_CHECKING

from diffusion.prompt.tokens import Find, Segment, Token, Windows, at, vector_tokens

if TYPE_CHECKING:
    from diffusion.models.tokenizer import Tokenizer

EMPHASIS = 1.1
WHOLE_BELOW = 8
"""Pieces of fewer tokens, each of one weight or one embedding, are not split between windows."""
LONGEST_NUMBER = 100
ESCAPES = {"\\)": "\0\1", "\\(": "\0\2"}
EMBEDDING = re.compile(r"(?<![^ \n])embedding:(\S+)")


def parse(prompt: str) -> list[Segment]:
    """The pieces of a prompt with their weights, in order."""
    return [segment for segment, _ in placed(prompt)]


def placed(prompt: str) -> list[tuple[Segment, list[int]]]:
    """The pieces of a prompt, and where in it each of their letters stands."""
    for written, hidden in ESCAPES.items():
        prompt = prompt.replace(written, hidden)
    groups = Groups(prompt)
    segments: list[tuple[Segment, list[int]]] = []
    pending = [(start, end, 1.0) for start, end in groups.pieces(0, len(prompt))][::-1]
    while pending:
        start, end, weight = pending.pop()
        if end - start >= 2 and prompt[start] == "(" and prompt[end - 1] == ")":
            inner, weight = groups.weight(start + 1, end - 1, weight)
            pending += [(start, end, weight) for start, end in groups.pieces(start + 1, inner)][::-1]
        else:
            text = unescape(prompt[start:end])
            places = [place for place in range(start, end) if prompt[place] != "\0"]
            segments.append((Segment(text, weight), places if len(places) == len(text) else [start]))
    return segments


class Groups:
    """Where the parentheses of a text are, so that every level of nesting is looked at once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._places = [place for place, letter in enumerate(text) if letter in "()"]
        self._partner: dict[int, int] = {}
        opened: list[int] = []
        for index, place in enumerate(self._places):
            if text[place] == "(":
                opened.append(index)
            elif opened:
                self._partner[opened.pop()] = index

    def pieces(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Split a span into outermost groups in parentheses and what lies between them."""
        index, missing = bisect_left(self._places, start), 0
        while index < len(self._places) and (place := self._places[index]) < end:
            is_group = self._text[place] == "(" and not missing
            if not is_group:
                missing += 1 if self._text[place] == ")" else -1
                index += 1
                continue
            if start < place:
                yield start, place
            start = place
            partner = self._partner.get(index)
            if partner is None or self._places[partner] >= end:
                break  # the rest is one piece
            start, index = self._places[partner] + 1, partner + 1
            yield place, start
        if start < end:
            yield start, end

    def weight(self, start: int, end: int, outer: float) -> tuple[int, float]:
        """Where the text of a group ends, and its weight: the number behind its last colon, or more than
        outside.
        """
        colon = self._text.rfind(":", max(start, end - LONGEST_NUMBER), end)
        try:
            weight = float(self._text[colon + 1 : end]) if colon > start else math.nan
        except ValueError:
            weight = math.nan
        return (colon, weight) if math.isfinite(weight) else (end, outer * EMPHASIS)


def unescape(text: str) -> str:
    """Turn hidden parentheses into the ones that were meant."""
    for written, hidden in ESCAPES.items():
        text = text.replace(hidden, written[1])
    return text


def windows(tokenizer: Tokenizer, prompt: str, find: Find | None = None) -> Windows:
    """The tokens of a prompt in windows, at least one; without `find`, names of embeddings are words."""
    size = tokenizer.window_size - 2
    filled: Windows = [[]]
    for tokens in groups(tokenizer, prompt, find):
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


def groups(tokenizer: Tokenizer, prompt: str, find: Find | None) -> Iterator[list[Token]]:
    """The tokens of every embedding, and of every text between them of one weight."""
    for (text, weight), places in placed(prompt):
        start = 0
        for match in EMBEDDING.finditer(text):
            if find is None:
                break
            vectors, name = find(match[1])
            yield words(tokenizer, text[start : match.start()], weight, places[start:])
            yield vector_tokens(vectors, weight, at(places, match.start()))
            start = match.start(1) + len(name)
        yield words(tokenizer, text[start:], weight, places[start:])


def words(tokenizer: Tokenizer, text: str, weight: float, places: list[int]) -> list[Token]:
    """The tokens of plain text whose letters stand at places of the prompt."""
    return [Token(id, weight, None, at(places, offset)) for id, offset in tokenizer.placed(text)]
