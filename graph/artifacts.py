"""Artifacts: what a sink leaves for people to look at; and what a node gives instead of a value."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file in one of the program's folders, or a piece of text."""

    kind: str
    folder: str | None = None
    name: str | None = None
    width: int | None = None
    height: int | None = None
    text: str | None = None
    digest: str | None = field(default=None, compare=False)
    """Of the file as its node left it; the engine notes it."""

    def to_json(self) -> dict[str, object]:
        record = {
            "kind": self.kind,
            "folder": self.folder,
            "name": self.name,
            "width": self.width,
            "height": self.height,
            "text": self.text,
            "digest": self.digest,
        }
        return {name: value for name, value in record.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a node returns that has something to show beside what it gives on."""

    value: object
    artifacts: tuple[Artifact, ...]


@dataclass(frozen=True, slots=True)
class Blocked:
    """An output that is not given: what it leads to is not called, and gives nothing on either.

    With a reason, the nodes that it reaches first fail with it.
    """

    reason: str = ""
