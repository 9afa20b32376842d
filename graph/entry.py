"""Entries: what is known of one step's result, in memory or on disk."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from graph.artifacts import Artifact

Where = Literal["memory", "disk"]


@dataclass(slots=True)
class Entry:
    """What one step made, how long that took and how much it holds."""

    outputs: tuple[object, ...]
    artifacts: tuple[Artifact, ...]
    seconds: float
    bytes: int = 0
    worth: float = 0.0
    made: float = field(default_factory=time.time)
    """Seconds since 1970."""


class Stored(NamedTuple):
    """The same of a result on disk, whose outputs are loaded where somebody needs them."""

    key: str
    artifacts: tuple[Artifact, ...]
    seconds: float
    bytes: int
    made: float
    digest: str
    """Of the outputs' content."""


Found = Entry | Stored


class Kept(NamedTuple):
    """Where a result is kept, as a plan tells it."""

    where: Where
    made: float
    bytes: int
    seconds: float

    def to_json(self, now: float) -> dict[str, object]:
        return {
            "where": self.where,
            "age": round(max(0.0, now - self.made), 1),
            "bytes": self.bytes,
            "seconds": round(self.seconds, 6),
        }


def kept(found: Found) -> Kept:
    where: Where = "memory" if isinstance(found, Entry) else "disk"
    return Kept(where, found.made, found.bytes, found.seconds)
