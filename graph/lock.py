"""What made a step's result: the node types with their code, and the files, of all that is above it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from graph.context import MadeBy
from graph.plan import Step


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
