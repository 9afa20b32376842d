"""What made a step's result: the node types with their code, and the files, of all that is above it."""

from collections.abc import Mapping
from pathlib import Path

from graph.check import Checked
from graph.context import MadeBy
from graph.plan import Step
from graph.records import INSTANCE


def made_by(steps: Mapping[int, Step], places: Mapping[str, int], place: int) -> MadeBy:
    """Of a step and all that is above it, with what is inside the zones among them."""
    types: dict[str, Mapping[str, object]] = {}
    files: dict[str, Path] = {}
    seen, waiting = {place}, [place]
    while waiting:
        drafts = [made_of] if (made_of := steps[waiting.pop()].made_of) is not None else []
        above = {places[link.source] for draft in drafts for link in draft.links} - seen
        seen |= above
        waiting += above
        for draft in drafts:  # grows while it is walked
            _note(draft, types, files)
            drafts += draft.body.drafts if draft.body is not None else ()
    return MadeBy(dict(sorted(types.items())), dict(sorted(files.items())))


def _note(draft: Checked, types: dict[str, Mapping[str, object]], files: dict[str, Path]) -> None:
    if draft.node_type is not None and not draft.type.startswith(INSTANCE):
        types[draft.type] = {"version": draft.node_type.version, "code": draft.node_type.code}
    files |= {value.name: value for value in draft.arguments.values() if isinstance(value, Path)}
    files |= {path.name: path for path in draft.opened}
