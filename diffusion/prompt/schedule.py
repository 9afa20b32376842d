"""A1111's prompts that change while sampling: `[from:to:when]`, `[to:when]`, `[from::when]` and `[a|b]`.

`when` is a step, or with a dot the part of all steps. Brackets that are none of these are left to emphasis;
a text with a bar outside of brackets, or a backslash at its end, is left as it is, as A1111 leaves it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from diffusion.prompt.composition import take_tags, terms

TOKEN = re.compile(r"\\.|[\[\]():|]|[^\\\[\]():|]+|\\")
NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*")
PAIRS = {")": "(", "]": "["}
FOREVER = 1_000_000
"""The end of what applies to the last step, however many a sampler does."""


@dataclass(frozen=True)
class Change:
    """One text up to a step, counted from 1, then another."""

    before: list[Part]
    after: list[Part]
    when: int

    def at(self, step: int) -> list[Part]:
        return self.before if step <= self.when else self.after


@dataclass(frozen=True)
class Alternation:
    """Texts that take turns, step by step."""

    options: list[list[Part]]

    def at(self, step: int) -> list[Part]:
        return self.options[(step - 1) % len(self.options)]


class Mark(str):
    """A colon or bar that may divide the bracket that it is in."""


Part = str | Change | Alternation | list["Part"]


@dataclass
class Bracket:
    """A bracket that is open, and what it holds so far."""

    opener: str
    parts: list[Part] = field(default_factory=list)


def schedule(prompt: str, steps: int) -> list[tuple[int, str]]:
    """The texts of a prompt over some steps, each with its last step, counted from 1."""
    try:
        parts, changes = Reader(steps).read(prompt)
    except ValueError:
        return [(steps, prompt)]
    return [(step, "".join(text_at(parts, step))) for step in sorted(changes | {steps})]


def spans(prompt: str, steps: int) -> Iterator[tuple[tuple[int, int] | None, str]]:
    """The texts of a prompt with the sampler's steps, counted from 0, in which they apply; None for all.

    Like A1111, which compares steps counted from 0 with ends counted from 1, a text that ends at step 3
    applies in the first four.
    """
    ends = schedule(prompt, steps)
    merged = [each for each, after in zip(ends, [*ends[1:], None], strict=True) if not same(each, after)]
    first = 0
    for end, text in merged[:-1]:
        yield (first, end + 1), text
        first = end + 1
    yield (first, FOREVER) if first else None, merged[-1][1]


def texts_of(prompt: str, steps: int) -> list[str]:
    """All texts that a prompt has in its terms and steps, each once."""
    parts = terms(take_tags(prompt)[0])
    return list(dict.fromkeys(text for part, _ in parts for _, text in schedule(part, steps)))


def same(one: tuple[int, str], other: tuple[int, str] | None) -> bool:
    """Whether two entries of a schedule have one text."""
    return other is not None and one[1] == other[1]


def text_at(parts: Sequence[Part], step: int) -> Iterator[str]:
    """The pieces of text that apply at a step."""
    waiting: list[Part] = [*reversed(parts)]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            yield part
        else:
            waiting += reversed(part if isinstance(part, list) else part.at(step))


class Reader:
    """Reads a prompt once, from left to right, holding the brackets that are open."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._changes: set[int] = set()
        self._top: list[Part] = []
        self._open: list[Bracket] = []

    def read(self, prompt: str) -> tuple[list[Part], set[int]]:
        """The parts of a prompt and the steps at which they change; ValueError where it is none of ours."""
        for token in TOKEN.findall(prompt):
            if token == "\\":
                raise ValueError("a backslash at the end")
            if token in "([":
                self._open.append(Bracket(token))
            elif token in PAIRS:
                self._close(token)
            else:
                self._add(Mark(token) if token in ":|" else token)
        self._give_up()
        if Mark("|") in (part for part in self._top if isinstance(part, Mark)):
            raise ValueError("a bar outside of brackets")
        return self._top, self._changes

    def _add(self, part: Part) -> None:
        (self._open[-1].parts if self._open else self._top).append(part)

    def _close(self, closer: str) -> None:
        closed = None
        if self._open and self._open[-1].opener == PAIRS[closer]:
            closed = self._meaning(self._open[-1], closer)
        if closed is None:
            self._give_up()
            self._add(closer)
        else:
            self._open.pop()
            self._add(closed)

    def _give_up(self) -> None:
        """Take all open brackets as letters: nothing that holds one that is not closed means anything."""
        for bracket in self._open:
            self._top.append(bracket.opener)
            self._top += bracket.parts
        self._open.clear()

    def _meaning(self, bracket: Bracket, closer: str) -> Part | None:
        """What a bracket that closes means: a change, an alternation, or emphasis; None where nothing."""
        parts = bracket.parts
        colons, bars = (sum(isinstance(part, Mark) and part == mark for part in parts) for mark in ":|")
        if not bars and colons <= (bracket.opener == "("):
            return [bracket.opener, *parts, closer]
        if bracket.opener == "(" or (bars and colons):
            return None
        if bars:
            self._changes |= set(range(1, self._steps + 1))
            return Alternation(divided(parts))
        return self._change(divided(parts)) if colons <= 2 else None

    def _change(self, sections: list[list[Part]]) -> Change | None:
        *texts, last = sections
        letters = [part for part in last if isinstance(part, str)]
        number = NUMBER.fullmatch("".join(letters))
        if number is None or len(letters) < len(last):
            return None
        when = int(min(float(number[1]) * (self._steps if "." in number[1] else 1), self._steps))
        if when >= 1:
            self._changes.add(when)
        return Change(texts[0] if len(texts) == 2 else [], texts[-1], when)


def divided(parts: Sequence[Part]) -> list[list[Part]]:
    """The parts between marks."""
    sections: list[list[Part]] = [[]]
    for part in parts:
        if isinstance(part, Mark):
            sections.append([])
        else:
            sections[-1].append(part)
    return sections
