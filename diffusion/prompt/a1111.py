r"""Prompts by A1111's rules: emphasis that multiplies, BREAK, and chunks that end at commas.

`(x)` multiplies the weight by 1.1, `[x]` divides by it, `(x:1.3)` multiplies by 1.3, also inside of others; a
bracket that is not closed applies to the end. `\(`, `\)`, `\[`, `\]` and `\\` are literal.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from diffusion.prompt.embeddings import stem
from diffusion.prompt.tokens import Segment, Token, Windows, at, vector_tokens

if TYPE_CHECKING:
    from torch import Tensor

    from diffusion.models.tokenizer import Tokenizer

ROUND, SQUARE = 1.1, 1 / 1.1
BREAK = Segment("BREAK", -1.0)
"""What fills the rest of a chunk. Inside of a weighted group it has another weight, and is a word."""
BACKTRACK = 20
"""Tokens behind a comma that move to the next chunk with what no longer fits."""
TOKEN = re.compile(r"\\[()\[\]\\]|\\|[(\[\])]|:\s*[+-]?[.\d]+\s*\)|[^\\()\[\]:]+|:")
BREAKS = re.compile(r"\bBREAK\b")

Read = Callable[[str], "Tensor"]
"""The vectors [n, width] of an embedding's file."""


def parse(prompt: str) -> list[Segment]:
    """The pieces of a prompt with their weights, in order, at least one."""
    return [segment for segment, _ in placed(prompt)]


def placed(prompt: str) -> list[tuple[Segment, list[int]]]:
    """The pieces of a prompt, and where in it each of their letters stands."""
    emphasis = Emphasis()
    for match in TOKEN.finditer(prompt):
        emphasis.add(match[0], match.start())
    joined: list[tuple[Segment, list[int]]] = []
    for (text, weight), start in zip(emphasis.weighted(), emphasis.starts, strict=True):
        places = list(range(start, start + len(text)))
        if joined and joined[-1][0].weight == weight:
            before, earlier = joined[-1]
            joined[-1] = Segment(before.text + text, weight), earlier + places
        else:
            joined.append((Segment(text, weight), places))
    return joined or [(Segment("", 1.0), [])]


class Emphasis:
    """Pieces of text, and groups of them that share a factor."""

    def __init__(self) -> None:
        self._pieces: list[Segment] = []
        self.starts: list[int] = []
        self._open: dict[str, list[int]] = {"(": [], "[": []}
        self._groups: dict[str, dict[int, list[tuple[int, float]]]] = {
            "(": defaultdict(list),
            "[": defaultdict(list),
        }

    def add(self, token: str, start: int) -> None:
        """Read the next token, which begins at a place of the prompt."""
        if token[0] == "\\":
            self._piece(Segment(token[1:], 1.0), start + 1)
        elif token in self._open:
            self._open[token].append(len(self._pieces))
        elif token == "]" and self._open["["]:
            self._close("[", SQUARE)
        elif token[-1] == ")" and self._open["("]:
            factor = factor_of(token[1:-1]) if token[0] == ":" else ROUND
            if factor is None:
                self._text(token[:-1], start)
            self._close("(", ROUND if factor is None else factor)
        else:
            self._text(token, start)

    def weighted(self) -> Iterator[Segment]:
        """The pieces with the factors of all groups around them."""
        for opener, factor in (("(", ROUND), ("[", SQUARE)):
            while self._open[opener]:
                self._close(opener, factor)
        factors = [factors_at(groups, len(self._pieces)) for groups in self._groups.values()]
        for piece, inside, outside in zip(self._pieces, *factors, strict=True):
            yield Segment(piece.text, piece.weight * inside * outside)

    def _close(self, opener: str, factor: float) -> None:
        self._groups[opener][self._open[opener].pop()].append((len(self._pieces), factor))

    def _piece(self, piece: Segment, start: int) -> None:
        self._pieces.append(piece)
        self.starts.append(start)

    def _text(self, text: str, start: int) -> None:
        first, *others = BREAKS.split(text)
        for index, other in enumerate([first, *others]):
            if index:
                self._piece(BREAK, start)
                start += len(BREAK.text)
            # Spaces around BREAK belong to it.
            kept = other.lstrip() if index else other
            begin = start + len(other) - len(kept)
            self._piece(Segment(kept.rstrip() if index < len(others) else kept, 1.0), begin)
            start += len(other)


def factor_of(number: str) -> float | None:
    """The factor that is written behind a colon, if it is a number."""
    try:
        return float(number)
    except ValueError:
        return None


def factors_at(groups: dict[int, list[tuple[int, float]]], count: int) -> list[float]:
    """For every piece the product of the factors of groups, by start: (end, factor), the innermost first."""
    factors, around = [], [(count, 1.0)]
    for place in range(count):
        while around[-1][0] <= place:
            around.pop()
        for end, factor in reversed(groups.get(place, ())):
            if end > place:
                around.append((end, around[-1][1] * factor))
        factors.append(around[-1][1])
    return factors


def chunks(tokenizer: Tokenizer, prompt: str, inversions: Inversions | None = None) -> Windows:
    """The tokens of a prompt in chunks, at least one."""
    filling = Filling(tokenizer)
    for segment, places in placed(prompt):
        if segment == BREAK:
            filling.next()
            continue
        tokens = list(tokenizer.placed(segment.text))
        ids, place = [id for id, _ in tokens], 0
        while place < len(ids):
            filling.make_room(ids[place])
            length, vectors = inversions.at(ids, place) if inversions else (1, None)
            if vectors is None:
                filling.add([Token(ids[place], segment.weight, None, at(places, tokens[place][1]))])
            else:
                filling.add(vector_tokens(vectors, segment.weight, at(places, tokens[place][1])))
            place += length
    return filling.done()


class Filling:
    """Chunks that are being filled. The comma that was last written may take what follows it along."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._size = tokenizer.window_size - 2
        (self._comma_id,) = tokenizer.encode(",")
        self._chunks: Windows = [[]]
        self._comma: int | None = None

    def make_room(self, id: int) -> None:
        """Begin another chunk if this one is full, with what stands behind its last comma."""
        chunk = self._chunks[-1]
        if id == self._comma_id:
            self._comma = len(chunk)
        elif len(chunk) == self._size and self._comma is not None and len(chunk) - self._comma <= BACKTRACK:
            kept = self._comma + 1
            moved = chunk[kept:]
            del chunk[kept:]
            self.next()
            self._chunks[-1] += moved
        if len(self._chunks[-1]) == self._size:
            self.next()

    def add(self, tokens: Sequence[Token]) -> None:
        """Add tokens that stay together."""
        if len(self._chunks[-1]) + len(tokens) > self._size:
            self.next()
        self._chunks[-1] += tokens

    def next(self) -> None:
        """Leave the rest of this chunk empty."""
        self._chunks.append([])
        self._comma = None

    def done(self) -> Windows:
        """The chunks, without a last one that nothing came into."""
        return self._chunks if self._chunks[-1] or len(self._chunks) == 1 else self._chunks[:-1]


class Inversions:
    """Embeddings that stand wherever their file's name is written, as tokens; the longest name counts."""

    def __init__(self, tokenizer: Tokenizer, files: Sequence[str], read: Read) -> None:
        self._read = read
        self._by_first: dict[int, list[tuple[list[int], str]]] = defaultdict(list)
        for file in files:
            if ids := tokenizer.encode(stem(file)):
                self._by_first[ids[0]].append((ids, file))
        for named in self._by_first.values():
            named.sort(key=lambda pair: -len(pair[0]))

    def at(self, ids: Sequence[int], place: int) -> tuple[int, Tensor | None]:
        """How many tokens are a name here, and the vectors of its file; one token where there is none."""
        for name, file in self._by_first.get(ids[place], ()):
            if ids[place : place + len(name)] == name:
                return len(name), self._read(file)
        return 1, None


def mentioned(prompts: Sequence[str], files: Sequence[str]) -> list[str]:
    """The files whose names may stand in prompts: their letters do, in this order."""
    pieces = [squeezed(segment.text) for prompt in prompts for segment in parse(prompt)]
    return [file for file in files if any(squeezed(stem(file)) in piece for piece in dict.fromkeys(pieces))]


def possibly_mentioned(prompt: str, files: Sequence[str]) -> list[str]:
    """The files whose names may stand in some text of a prompt whose steps are not known.

    Every text of a schedule is made of the prompt's letters in their order, unless these must be repaired.
    """
    from diffusion.models.tokenizer import PLAIN

    if not PLAIN.fullmatch(prompt):
        return list(files)
    return [file for file in files if comes_in_order(squeezed(stem(file)), squeezed(prompt))]


def comes_in_order(name: str, text: str) -> bool:
    """Whether a text has the letters of a name one after another, with any others between."""
    letters = iter(text)
    return all(letter in letters for letter in name)


def squeezed(text: str) -> str:
    """A text as the tokenizer reads it, without spaces."""
    from diffusion.models.tokenizer import clean

    return "".join(clean(text).split())
