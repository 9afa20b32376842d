"""Bodies: what is inside a zone, planned once with symbols for what comes in, and the steps of each turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from graph.axes import Instance
from graph.checked import Body, Checked, StepLink
from graph.keys import step_key
from graph.lists import Later, mark
from graph.records import IN, OUT
from graph.step import Step

if TYPE_CHECKING:
    from graph.nodetype import NodeType


BODY = "@body"
"""Under what name a body's key stands among the values of its zone."""


class Given(NamedTuple):
    """A value and the text that stands for it in keys."""

    value: object
    key: str


NOTHING = Given(None, "=None")


def given_to(step: Step, arguments: Mapping[str, Any]) -> dict[str, Given]:
    """What a step is called with, each known by what made it."""
    assert step.made_of is not None  # else the step is blocked
    texts: dict[str, list[str]] = {}
    for text in step.made_of.values:
        name, _, value = text.partition("=")
        texts[name] = [f"={value}"]
    for link, brings in zip(step.links, step.made_of.above, strict=True):
        texts.setdefault(link.input, []).append(brings.partition("<")[2])
    return {name: Given(value, ",".join(texts.get(name, ["=None"]))) for name, value in arguments.items()}


def turn_of(parent: Step, body: Body, inputs: Mapping[str, Given], index: int | None) -> list[Step]:
    """The steps of one turn: first the one that gives what comes in, last the one that takes what goes out.

    `index` numbers the turns of a zone; without one there is only this turn.
    """
    turn = _Turn(parent, index)
    coming = body.ends[IN]
    outputs = [inputs.get(output.name, NOTHING) for output in coming.outputs]
    keys = dict(zip(coming.positions, (given.key for given in outputs), strict=True))
    steps = [turn.first(coming, outputs)]
    made: dict[str, str] = {}
    for draft in body.drafts:
        step = turn.step(draft, keys, made)
        made[draft.id] = step.key
        steps.append(step)
    return steps


class _Turn:
    """Names and places for the steps of one turn."""

    def __init__(self, parent: Step, index: int | None) -> None:
        self._parent, self._index = parent, index
        at = parent.instance or Instance(parent.id, (), ())
        self._path, self._coordinate, self._positions = at
        if index is not None:
            axis = self._path.rpartition("/")[2]
            if axis in dict(self._coordinate):
                axis = self._path
            self._coordinate = (*self._coordinate, (axis, index))
            self._positions = (*self._positions, index)
        shown = ",".join(f"{axis}={value}" for axis, value in self._coordinate)
        self._suffix = f"[{shown}]" if shown else ""

    def name(self, node: str) -> str:
        return f"{self._path}/{node}{self._suffix}"

    def first(self, coming: NodeType, outputs: Sequence[Given]) -> Step:
        """The step that gives what comes in; it runs only if some of that is to be made."""
        parent, values = self._parent, tuple(given.value for given in outputs)
        key = ""
        if any(isinstance(value, Later) for value in values):
            key = step_key(IN, "", [given.key for given in outputs], "")
            coming = replace(coming, run=partial(_made, values), lane="io")
        instance = Instance(f"{self._path}/{IN}", self._coordinate, self._positions)
        return Step(
            self.name(IN), IN, coming, {"": values} if not key else {}, (), key, 0, "cached", "",
            parent.made_of, instance, parent.stage,
        )  # fmt: skip

    def step(self, draft: Checked, keys: Mapping[str, str], made: Mapping[str, str]) -> Step:
        """A node inside as a step of this turn, known by what really leads to it."""
        above, links = [], []
        for link in draft.links:
            links.append(link._replace(source=self.name(link.source)))
            above.append(_brings(link, keys, made))
        salt, node_type = draft.salt, draft.node_type
        assert node_type is not None  # else the plan has a Problem, and nothing runs
        if not node_type.repeats or node_type.by_node:
            salt = f"{salt} {self._parent.key} {self.name(draft.id)}"
        key = step_key(draft.prefix, "".join(draft.values), above, salt)
        name = self.name(draft.id)
        own = replace(draft, id=name, links=links, above=above, key=key, salt=salt)
        instance = Instance(f"{self._path}/{draft.id}", self._coordinate, self._positions)
        return Step(
            name, draft.type, node_type, draft.arguments, links, key, draft.uses, "will_run", "",
            own, instance, self._parent.stage, None, draft.mapped,
        )  # fmt: skip


def _made(values: Sequence[object]) -> tuple[object, ...]:
    return tuple(map(Later.made, values))


def _brings(link: StepLink, keys: Mapping[str, str], made: Mapping[str, str]) -> str:
    """What a link brings to the key of its step."""
    converted = link.conversion.code if link.conversion else ""
    source = keys[link.output] if link.source == IN else f"{made[link.source]}.{link.output!r}"
    return f"{link.input}<{source}{converted}{mark(link)}"


def body_of(
    kind: str, shape: Sequence[object], drafts: Mapping[str, Checked], ends: Mapping[str, NodeType]
) -> Body:
    """What has been planned as the inside of a zone; `shape` is what of its signature enters the key."""
    inner = [draft for draft in drafts.values() if draft.id not in (IN, OUT)]
    sinks = {
        place: draft
        for place, draft in enumerate(inner, 1)
        if draft.node_type is not None and draft.node_type.sink
    }
    above = [drafts[OUT].key, *(draft.key for draft in sinks.values())]
    key = step_key(f"body {kind}", repr(shape), above, "")
    return Body((*inner, drafts[OUT]), ends, tuple(sinks), key)
