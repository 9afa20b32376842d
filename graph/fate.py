"""Fates: which steps of an ordered plan must run, given what is known already."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from graph.checked import StepLink
from graph.entry import Found


class Placed(Protocol):
    """What deciding asks of a step."""

    @property
    def key(self) -> str: ...
    @property
    def links(self) -> Sequence[StepLink]: ...


class Fate(NamedTuple):
    """`runs`: must be computed. `entry`: what is known of it. `same_as`: takes another step's result.
    `asker`: the step that may ask for it by a lazy input; until then it does not run.

    A step that neither runs nor is known is not needed, since what uses it is known.
    """

    runs: bool
    entry: Found | None
    same_as: int | None = None
    asker: int | None = None


RUNS, NOT_NEEDED = Fate(True, None), Fate(False, None)
IF_ASKED, SURELY = 1, 2


def decide(
    steps: Sequence[Placed],
    places: Mapping[str, int],
    targets: Iterable[int],
    find: Callable[[int], Found | None],
) -> list[Fate]:
    """From the targets backwards: a step is needed if it is a target or feeds one that runs,
    and if asked where every way to it leads through a lazy input.

    `steps` are in an order that can run, `places` says where each id stands, and a step without
    a key is blocked.
    """
    needed = bytearray(len(steps))
    for place in targets:
        needed[place] = SURELY
    askers: dict[int, int] = {}
    first: dict[str, int] = {}
    for place, step in enumerate(steps):
        first.setdefault(step.key, place)
    fates = [NOT_NEEDED] * len(steps)
    for place in range(len(steps) - 1, -1, -1):
        step = steps[place]
        entry = find(place) if step.key else None
        if entry is not None:
            fates[place] = Fate(False, entry)
        elif needed[place]:
            asker = askers.get(place) if needed[place] == IF_ASKED else None
            leader = first[step.key] if step.key else place
            if leader != place:
                fates[place] = Fate(False, None, leader, asker)
                sources: list[tuple[int | None, bool]] = [(leader, False)]
            else:
                fates[place] = RUNS if asker is None else Fate(True, None, None, asker)
                sources = [(places.get(link.source), link.lazy) for link in step.links]
            for source, lazy in sources:
                need = IF_ASKED if lazy else needed[place]
                if source is not None and needed[source] < need:
                    needed[source] = need
                    askers[source] = place if lazy or asker is None else asker
    return fates
