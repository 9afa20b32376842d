"""Zones: how the turns of a map, a repeat, a while and an if follow one another, and what comes out.

A zone under way is asked for turns that may begin, and told what each has made; it computes nothing itself.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from graph.artifacts import Artifact, Blocked
from graph.body import NOTHING, Given, given_to
from graph.checked import Body
from graph.lists import Later, item_key
from graph.mapping import warn_of_lengths
from graph.problems import Problem
from graph.sockets import Lazy

if TYPE_CHECKING:
    from graph.context import Context
    from graph.records import Subgraph
    from graph.step import Step

AT_ONCE = 4
"""Turns of a map that are under way together: enough to overlap reading, computing and saving."""
AGAIN = "again"


class Turn(NamedTuple):
    """One turn: its number, where there are several, and what comes in."""

    number: int | None
    inputs: Mapping[str, Given]


class Zone(ABC):
    """A zone under way."""

    def __init__(self, step: Step, body: Body) -> None:
        self.body = body
        self.began = time.perf_counter()
        self.outputs: tuple[object, ...] | None = None
        """What comes out, as soon as it is known."""
        self.artifacts: tuple[Artifact, ...] = ()
        self.problem: Problem | None = None
        self.done = 0
        self.lacks: str | None = None
        """Of turns that were skipped, the end of the first."""
        self._step = step
        self._waits = False

    @property
    def total(self) -> int | None:
        """How many turns there will be, where that is known."""
        return None

    @property
    def is_over(self) -> bool:
        return self.outputs is not None or self.problem is not None

    @property
    def may_lack(self) -> bool:
        """Whether the other turns go on where one is skipped."""
        return False

    def lack(self, turn: Turn, name: str) -> None:
        """Go on without a turn that is skipped, whose end has this name; what comes out is then not whole."""
        self.done += 1
        self.lacks = self.lacks or name

    @abstractmethod
    def next(self) -> Turn | None:
        """A turn that may begin now; None where there is none, or the zone is over."""

    @abstractmethod
    def take(self, turn: Turn, made: Mapping[str, Given]) -> None:
        """Take what a turn has made."""


class Loop(Zone):
    """A repeat or a while: its turns follow one another, and state goes from one to the next."""

    def __init__(self, step: Step, body: Body, subgraph: Subgraph, given: Mapping[str, Given]) -> None:
        super().__init__(step, body)
        self._subgraph, self._given = subgraph, given
        self._state = {name: given.get(name, NOTHING) for name in subgraph.state}
        self._last: Mapping[str, Given] = {}
        self._collected: dict[str, list[object]] = {}

    @property
    def total(self) -> int | None:
        return self._whole("times") if self._subgraph.kind == "repeat" else None

    def next(self) -> Turn | None:
        if self.is_over or self._waits:
            return None
        if self._ends():
            self.outputs = tuple(self._output(each.name) for each in self._subgraph.outputs)
            return None
        if self._subgraph.kind == "while" and self.done == self._whole("limit"):
            self.problem = self._too_many()
            return None
        self._waits = True
        return Turn(self.done, {**self._given, **self._state, "index": _whole(self.done)})

    def take(self, turn: Turn, made: Mapping[str, Given]) -> None:
        self.done += 1
        self._waits = False
        self._last = made
        self._state = {name: made.get(name, NOTHING) for name in self._state}
        for each in self._subgraph.outputs:
            if each.collect and each.name not in self._state:
                self._collected.setdefault(each.name, []).append(made[each.name].value)

    def _ends(self) -> bool:
        if self._subgraph.kind == "repeat":
            return self.done == self._whole("times")
        return self.done > 0 and self._last[AGAIN].value is not True

    def _whole(self, name: str) -> int:
        value = self._given[name].value
        assert isinstance(value, int)  # its widget says so
        return value

    def _output(self, name: str) -> object:
        if name in self._state:
            return self._state[name].value
        signed = next(each for each in self._subgraph.outputs if each.name == name)
        if signed.collect:
            return self._collected.get(name, [])
        return self._last[name].value if name in self._last else Blocked()

    def _too_many(self) -> Problem:
        limit, title = self._whole("limit"), self._subgraph.title
        return Problem(
            "too_many_turns",
            f"{title}: again is still true after {limit} turns",
            self._step.node,
            "limit",
            given=limit,
            expected="an end within the limit",
            remedy="Raise the limit, or see that again becomes false.",
        )


class If(Zone):
    """One turn or none; what has the name of an input passes by."""

    def __init__(self, step: Step, body: Body, subgraph: Subgraph, given: Mapping[str, Given]) -> None:
        super().__init__(step, body)
        self._subgraph, self._given = subgraph, given

    @property
    def total(self) -> int:
        return 1

    def next(self) -> Turn | None:
        if self.is_over or self._waits:
            return None
        if self._given["condition"].value is not True:
            self.outputs = tuple(self._passed(each.name) for each in self._subgraph.outputs)
            return None
        self._waits = True
        return Turn(None, self._given)

    def take(self, turn: Turn, made: Mapping[str, Given]) -> None:
        self.done = 1
        self.outputs = tuple(made[each.name].value for each in self._subgraph.outputs)

    def _passed(self, name: str) -> object:
        return self._given[name].value if name in self._given else Blocked()


class Map(Zone):
    """One turn for each item; several are under way together, and their results stay in order."""

    def __init__(
        self,
        step: Step,
        body: Body,
        subgraph: Subgraph,
        given: Mapping[str, Given],
        *,
        keeps: bool,
        warn: Callable[[Mapping[str, int]], None],
    ) -> None:
        super().__init__(step, body)
        self._subgraph, self._given = subgraph, given
        self._lists = {each.name: _items(given[each.name]) for each in subgraph.inputs if each.each}
        lengths = {name: len(items) for name, items in self._lists.items()}
        self._count = 0 if 0 in lengths.values() else max(lengths.values())
        self._begun = 0
        self._keeps = keeps
        self._made: dict[int, Mapping[str, Given]] = {}
        warn(lengths)

    @property
    def total(self) -> int:
        return self._count

    @property
    def may_lack(self) -> bool:
        return True

    def next(self) -> Turn | None:
        if self.is_over:
            return None
        if self.done == self._count:
            self.outputs = (
                ()
                if self.lacks
                else tuple(self._joined(each.name, each.list) for each in self._subgraph.outputs)
            )
            return None
        if self._begun == self._count or self._begun - self.done >= AT_ONCE:
            return None
        index = self._begun
        self._begun += 1
        items = {name: self._item(name, items, index) for name, items in self._lists.items()}
        return Turn(index, {**self._given, **items, "index": _whole(index), "count": _whole(self._count)})

    def take(self, turn: Turn, made: Mapping[str, Given]) -> None:
        self.done += 1
        if self._keeps and turn.number is not None:
            self._made[turn.number] = made

    def _item(self, name: str, items: Sequence[object], index: int) -> Given:
        """One item, which is made in the turn where it is one of those that are made when they are taken."""
        place = min(index, len(items) - 1)
        key = item_key(self._given[name].key, items, place)
        return Given(Later.of(items, place), key)

    def _joined(self, name: str, is_list: bool) -> list[object]:
        """One output of all turns; lists are joined."""
        joined: list[object] = []
        for index in sorted(self._made):
            value = self._made[index][name].value
            if is_list and isinstance(value, list | tuple):
                joined += value
            else:
                joined.append(value)
        return joined


def zone_of(step: Step, subgraph: Subgraph, arguments: Mapping[str, Any], context: Context) -> Zone:
    """A zone that is about to begin. Of an `if`, what it needs is asked for; it may not be there yet."""
    body = step.made_of.body if step.made_of is not None else None
    assert body is not None and step.node_type is not None  # else the plan had a Problem
    if subgraph.kind == "if":
        taken = arguments["condition"] is True
        names = [each.name for each in subgraph.inputs] if taken else subgraph.state
        asked = {name: arguments[name] for name in names}
        values = {name: each.get() if isinstance(each, Lazy) else each for name, each in asked.items()}
        return If(step, body, subgraph, given_to(step, {"condition": taken, **values}))
    given = given_to(step, arguments)
    if subgraph.kind != "map":
        return Loop(step, body, subgraph, given)
    keeps = step.node_type.repeats or step.uses > 0
    warn = partial(warn_of_lengths, context, subgraph.title)
    return Map(step, body, subgraph, given, keeps=keeps, warn=warn)


def _items(given: Given) -> Sequence[object]:
    return given.value if isinstance(given.value, Sequence) else ()


def _whole(number: int) -> Given:
    return Given(number, f"={number!r}")
