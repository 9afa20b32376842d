"""Frozen inputs: own copies for nodes that declare to change theirs, and a watch that catches the others."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from graph.problems import Problem
from graph.sockets import Lazy

Fingerprint = Callable[[object], object]
"""What differs after a value was changed in place: version counters, lengths, a cheap digest."""

CODE = "input_changed"


def give_copies(arguments: dict[str, Any], names: Collection[str]) -> None:
    """Replace the arguments of these names by copies that the node may change."""
    for name in names:
        value = arguments.get(name)
        if isinstance(value, Lazy):
            arguments[name] = Lazy(partial(_copied, value))
        else:
            arguments[name] = copy.deepcopy(value)


def _copied(lazy: Lazy[Any]) -> Any:
    return copy.deepcopy(lazy.get())


class Watch:
    """Fingerprints of a call's arguments, those of lazy inputs from when they were asked for."""

    def __init__(self, fingerprint: Fingerprint, may_change: Collection[str]) -> None:
        self._fingerprint = fingerprint
        self._may_change = may_change
        self._seen: list[tuple[str, object, object]] = []

    def over(self, gathered: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The gathered arguments, seen before the node sees them."""
        arguments = gathered()
        for name, value in arguments.items():
            if name in self._may_change:
                continue
            if isinstance(value, Lazy):
                arguments[name] = Lazy(partial(self._ask, name, value))
            else:
                self._see(name, value)
        return arguments

    def _ask(self, name: str, lazy: Lazy[Any]) -> Any:
        return self._see(name, lazy.get())

    def _see(self, name: str, value: Any) -> Any:
        self._seen.append((name, value, self._fingerprint(value)))
        return value

    def problem(self, node: str, type_id: str) -> Problem | None:
        """The first input that is no longer what it was, as a Problem."""
        for name, value, before in self._seen:
            if self._fingerprint(value) != before:
                return Problem(
                    CODE,
                    f"{type_id}.{name}: the node changed its input in place, which others share",
                    node,
                    name,
                    expected="an input left as it came",
                    remedy=f'Copy {name} first, or declare it: @node(mutates=("{name}",)) gives a copy.',
                )
        return None
