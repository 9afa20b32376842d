"""What made a step's result: the node types with their code, and the files, of all that is above it."""

from collections.abc import Mapping
from pathlib import Path

from graph.checked import Checked
from graph.context import MadeBy, Many
from graph.plan import Step
from graph.records import INSTANCE

MOST_NAMED = 64
"""Files of one step that a lock names one by one: every picture of a long folder carries it."""


def made_by(steps: Mapping[int, Step], places: Mapping[str, int], place: int) -> MadeBy:
    """Of a step and all that is above it, with what is inside the zones among them."""
    found = _Found()
    seen, waiting = {place}, [place]
    while waiting:
        drafts = [made_of] if (made_of := steps[waiting.pop()].made_of) is not None else []
        above = {places[link.source] for draft in drafts for link in draft.links} - seen
        seen |= above
        waiting += above
        for draft in drafts:  # grows while it is walked
            found.note(draft)
            drafts += draft.body.drafts if draft.body is not None else ()
    return found.made_by()


class _Found:
    def __init__(self) -> None:
        self._types: dict[str, Mapping[str, object]] = {}
        self._files: dict[str, Path] = {}
        self._many: dict[str, Many] = {}

    def note(self, draft: Checked) -> None:
        if draft.node_type is not None and not draft.type.startswith(INSTANCE):
            self._types[draft.type] = {"version": draft.node_type.version, "code": draft.node_type.code}
        self._files |= {value.name: value for value in draft.arguments.values() if isinstance(value, Path)}
        if len(draft.opened) > MOST_NAMED:
            self._many[f"{draft.id}: {len(draft.opened)} files"] = Many(draft.key, draft.opened)
        else:
            self._files |= {path.name: path for path in draft.opened}

    def made_by(self) -> MadeBy:
        found = (self._types, self._files, self._many)
        return MadeBy(*(dict(sorted(each.items())) for each in found))  # type: ignore[arg-type]  # in this order
