"""What A1111 reads from a whole prompt first: tags of other files, and parts that are joined by AND."""

import re
from typing import NamedTuple

TAG = re.compile(r"<(\w+):([^>]+)>")
AND = re.compile(r"\bAND\b")
WEIGHT = re.compile(r"\s*([-+]?(?:\d+\.?|\d*\.\d+))")


class Tag(NamedTuple):
    """`<lora:name:0.8>`: the kind of file, and what follows it, divided at colons."""

    kind: str
    arguments: tuple[str, ...]

    def __str__(self) -> str:
        return f"<{':'.join((self.kind, *self.arguments))}>"


class Term(NamedTuple):
    """One of the prompts that AND joins, and how much it adds (arXiv 2206.01714)."""

    text: str
    weight: float


def take_tags(prompt: str) -> tuple[str, list[Tag]]:
    """The prompt without its tags, and the tags."""
    end = prompt.rfind(">") + 1  # so that every `<` finds its end, and no search runs to the text's
    tags = [Tag(kind, tuple(rest.split(":"))) for kind, rest in TAG.findall(prompt, 0, end)]
    return TAG.sub("", prompt[:end]) + prompt[end:], tags


def terms(prompt: str) -> list[Term]:
    """The prompts that AND joins; a number behind a colon at the end of one is its weight, else 1."""
    return [term(part) for part in AND.split(prompt)]


def term(part: str) -> Term:
    """A text and the weight behind its last colon."""
    text = part.rstrip()
    before, colon, number = text.rpartition(":")
    match = WEIGHT.fullmatch(number) if colon else None
    return Term(before.rstrip(), float(match[1])) if match else Term(text, 1.0)
