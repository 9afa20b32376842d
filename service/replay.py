"""Replays: whether a picture that was made again from its recipe is the one that was saved."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from graph.problems import words
from service.recipe import read_recipe, text_chunks

Record = Mapping[str, Any]
Compare = Callable[[Image.Image, Image.Image], tuple[float, int] | None]
Digest = Callable[[Image.Image], str]
OWN = ("picture", "output", "turns")
"""Fields of a lock that say which picture it is, not what it depends on."""


class Saved(NamedTuple):
    """What a picture carries."""

    document: dict[str, Any]
    lock: Record

    @property
    def place(self) -> int:
        """Which picture of its batch it is."""
        number = self.lock.get("picture", 0)
        return number if isinstance(number, int) and number >= 0 else 0

    def among(self, made: Sequence[tuple[Mapping[str, object], Path]]) -> Path:
        """This picture among those that a run of the document has saved, by its turn of zones and place."""
        turns = self.lock.get("turns", {})
        return [path for at, path in made if turns.items() <= at.items()][self.place]


class Verdict(NamedTuple):
    """What a replay gave."""

    is_exact: bool
    lines: tuple[str, ...]


def read_saved(path: Path) -> Saved:
    """Document and lock of a picture; Refusal where it has no document. A lock may be missing."""
    document = read_recipe(path)
    for name, text in text_chunks(path):
        if name == "lock":
            try:
                lock = json.loads(text)
            except ValueError:
                break
            if isinstance(lock, dict):
                return Saved(document, lock)
    return Saved(document, {})


def judge(path: Path, again: Path, *, compare: Compare, digest: Digest) -> Verdict:
    """Compare a saved picture with its replay, pixels first, then what each depends on."""
    before, now = read_saved(path).lock, read_saved(again).lock
    with Image.open(path) as saved, Image.open(again) as made:
        apart = compare(saved, made)
        is_exact = apart is not None and apart[1] == 0
        lines = [_pixels_in_words(saved, made, apart)]
        told = before.get("output")
        if told is not None and told != digest(saved):
            lines.append("the saved picture is not what was saved: its pixels were changed since")
    lines += [f"{name}: {was} then, {words_now} now" for name, was, words_now in lock_changes(before, now)]
    if not before:
        lines.append("the picture carries no lock: what it depended on is not known")
    return Verdict(is_exact, tuple(lines))


def _pixels_in_words(saved: Image.Image, made: Image.Image, apart: tuple[float, int] | None) -> str:
    if apart is None:
        sizes = [f"{image.width} x {image.height} {image.mode}" for image in (saved, made)]
        return f"another picture: {sizes[0]} then, {sizes[1]} now"
    psnr, largest = apart
    return "bit-exact" if largest == 0 else f"PSNR {psnr:.2f} dB, at most {largest} of 255 apart"


def lock_changes(before: Record, now: Record) -> Iterator[tuple[str, str, str]]:
    """What differs: the field, what it was, what it is."""
    flat = [dict(_flat(lock)) for lock in (before, now)]
    for name in sorted({*flat[0], *flat[1]} if before else ()):
        was, becomes = (fields.get(name, "missing") for fields in flat)
        if was != becomes:
            yield name, words(was), words(becomes)


def _flat(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if name or key not in OWN:
                yield from _flat(inner, f"{name}.{key}" if name else key)
    else:
        yield name, json.dumps(value) if isinstance(value, list) else value
