"""What made a step's result: the node types with their code, and the files, of all that is above it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graph.plan import Step


@dataclass(frozen=True)
class MadeBy:
    """By node type its version and the digest of its code; by name the files that were read."""

    types: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)


def made_by(steps: Sequence[Step], places: Mapping[str, int], place: int) -> MadeBy:
    """Of a step and all that is above it."""
    types: dict[str, Mapping[str, object]] = {}
    files: dict[str, Path] = {}
    seen, waiting = {place}, [place]
    while waiting:
        step = steps[waiting.pop()]
        if step.node_type is not None:
            types[step.type] = {"version": step.node_type.version, "code": step.node_type.code}
        files |= {value.name: value for value in step.literals.values() if isinstance(value, Path)}
        if step.made_of is not None:
            files |= {path.name: path for path in step.made_of.opened}
        above = {places[link.source] for link in step.links} - seen
        seen |= above
        waiting += above
    return MadeBy(dict(sorted(types.items())), dict(sorted(files.items())))
