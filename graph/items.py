"""Items: results of single calls of a mapped step, known by what made each of them.

So one changed item of a list costs itself alone, and a run that stopped in the middle goes on there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graph.call import Outcome
from graph.checked import StepLink
from graph.entry import Entry
from graph.keys import step_key
from graph.lists import Each, item_key
from graph.plan import Step, usable

if TYPE_CHECKING:
    from graph.cache import Cache
    from graph.folders import Folders

WORTH_KEEPING = 0.001
"""Seconds that a call takes at least whose result is kept by itself."""


class Items:
    """The items of one mapped step in the cache, in memory only; without a cache none is kept or known."""

    def __init__(self, step: Step, cache: Cache | None, folders: Folders) -> None:
        self._step, self._cache, self._folders = step, cache, folders

    def key(self, arguments: Mapping[str, Any], place: int) -> str:
        """What determines one call: all that determines the step, but of its lists one item each."""
        made_of = self._step.made_of
        assert made_of is not None  # else the step is blocked
        above = [
            _identity(link, brings, arguments[link.input].items, place)
            if isinstance(arguments.get(link.input), Each)
            else brings
            for link, brings in zip(self._step.links, made_of.above, strict=True)
        ]
        return step_key(f"{made_of.prefix} item", "".join(made_of.values), above, made_of.salt)

    def known(self, key: str) -> Outcome | None:
        """What a call with this key made, unless its files are gone."""
        found = usable(self._cache.get(key), self._folders) if self._cache is not None else None
        return Outcome(found.outputs, found.artifacts) if isinstance(found, Entry) else None

    def keep(self, key: str, outcome: Outcome) -> None:
        if self._cache is not None and outcome.seconds >= WORTH_KEEPING:
            self._cache.put(key, Entry(outcome.outputs, outcome.artifacts, outcome.seconds))


def _identity(link: StepLink, brings: str, items: Sequence[object], place: int) -> str:
    """What one item of a list brings to the key of a call."""
    converted = link.conversion.code if link.conversion else ""
    name, _, whole = brings.partition("<")
    return f"{name}<{item_key(whole, items, min(place, len(items) - 1), converted)}"
