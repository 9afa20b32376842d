"""How many tokens a prompt takes, window by window, and where in its text each window begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, takewhile
from operator import eq
from typing import Literal, NamedTuple

from diffusion.models.tokenizer import Tokenizer
from diffusion.prompt import a1111, comfy
from diffusion.prompt.composition import AND, TAG, term
from diffusion.prompt.embeddings import MissingEmbedding, choose
from diffusion.prompt.schedule import schedule
from diffusion.prompt.tokens import Windows

MOST_LETTERS = 5_000_000
"""Of all texts of a schedule: a very long prompt is counted as if it had fewer steps."""
Rules = Literal["comfy", "a1111"]
Vectors = Callable[[str], int]
"""How many vectors the embedding of a file has."""


class Count(NamedTuple):
    """Tokens in each window of a prompt; of one that changes while sampling, of its longest text."""

    windows: list[int]
    starts: list[int]
    """Where in the prompt the windows but the first begin, as long as the longest text is the prompt's."""
    texts: int
    """How many texts the prompt has: parts that AND joins, in the steps of their schedules."""


def count(prompt: str, rules: Rules, *, names: Sequence[str], vectors: Vectors, steps: int = 20) -> Count:
    """Count a prompt's tokens, with the embeddings of these files in their places."""
    if rules == "comfy":
        filled = comfy.windows(Tokenizer(), prompt, finder(names, vectors))
        return Count([len(window) for window in filled], starts_of(filled, len(prompt)), 1)
    counts = list(count_texts(prompt, names, vectors, steps))
    windows, starts = max(counts, key=lambda each: (len(each[0]), sum(each[0])))
    return Count(windows, starts, len(counts))


def finder(names: Sequence[str], vectors: Vectors) -> Callable[[str], tuple[Sequence[int], str]]:
    """Finds embeddings as encoding does, but only how many vectors they have: none where there is no file."""

    def find(written: str) -> tuple[Sequence[int], str]:
        try:
            file, used = choose(written, names)
        except MissingEmbedding:
            return range(0), written.rstrip(",")
        return range(vectors(file)), used

    return find


def count_texts(
    prompt: str, names: Sequence[str], vectors: Vectors, steps: int
) -> Iterator[tuple[list[int], list[int]]]:
    """The windows of every text of a prompt by A1111's rules, and where they begin in the prompt."""
    tokenizer = Tokenizer()
    steps = max(1, min(steps, MOST_LETTERS // (len(prompt) + 1)))
    for text, places in parts(prompt):
        for changed in dict.fromkeys(text for _, text in schedule(text, steps)):
            files = a1111.mentioned([changed], names) if names else ()
            inversions = a1111.Inversions(tokenizer, files, lambda file: range(vectors(file)))
            filled = a1111.chunks(tokenizer, changed, inversions)
            same = sum(takewhile(bool, map(eq, text, changed)))
            starts = [start for start in starts_of(filled, len(changed)) if start < same or changed == text]
            yield [len(window) for window in filled], [places[start] for start in starts]


def parts(prompt: str) -> Iterator[tuple[str, list[int]]]:
    """The texts that AND joins, without tags, and where in the prompt each letter stands, and the end."""
    kept, end = [], 0
    for tag in TAG.finditer(prompt, 0, prompt.rfind(">") + 1):
        kept += range(end, tag.start())
        end = tag.end()
    places = [*kept, *range(end, len(prompt)), len(prompt)]
    text = "".join(prompt[place] for place in places[:-1])
    edges = [0, *(edge for match in AND.finditer(text) for edge in match.span()), len(text)]
    for start, stop in list(pairwise(edges))[::2]:
        yield term(text[start:stop]).text, places[start : stop + 1]


def starts_of(windows: Windows, length: int) -> list[int]:
    """Where windows but the first begin; an empty one where the next one does."""
    starts, following = [], length
    for window in windows[:0:-1]:
        following = window[0].place if window else following
        starts.append(following)
    return starts[::-1]
