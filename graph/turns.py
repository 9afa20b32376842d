"""Turns: the zones of a run that are under way, and the turns whose steps were taken into it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from graph.body import given_to, turn_of
from graph.call import Outcome
from graph.zones import Turn, Zone

if TYPE_CHECKING:
    from graph.course import Course


class Turns:
    """By places in the run; only the scheduling thread uses it."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._zones: dict[int, Zone] = {}
        self._turns: dict[int, tuple[int, Turn, int]] = {}
        """By the place where a turn ends, its zone's place, it, and how many steps it has."""
        self._lacking: set[int] = set()
        """Zones that have lost a turn, and go on."""

    def ends_at(self, place: int) -> bool:
        """Whether a turn ends there."""
        return place in self._turns

    def count(self, place: int) -> tuple[int, int | None]:
        """How many turns of a zone are done, and how many there will be, where that is known."""
        return self._zones[place].done, self._zones[place].total

    def begin(self, place: int, zone: Zone) -> Outcome | None:
        """Take a zone's turns into the run as they may begin; what became of one that is over."""
        self._zones[place] = zone
        return self.advance(place)

    def advance(self, place: int) -> Outcome | None:
        """Begin the turns that may begin; what became of the zone, if it is over."""
        zone, step = self._zones[place], self._course.steps[place]
        while (turn := zone.next()) is not None:
            steps = turn_of(step, zone.body, turn.inputs, turn.number)
            last = self._course.room_for(steps)
            self._turns[last] = place, turn, len(steps)
            self._course.graft(place, last, steps, zone.body.sinks)
        if not zone.is_over:
            return None
        del self._zones[place]
        seconds = time.perf_counter() - zone.began
        return Outcome(zone.outputs or (), zone.artifacts, seconds, problem=zone.problem, lacks=zone.lacks)

    def end(self, last: int, gathered: Callable[[int], Mapping[str, object]]) -> int | None:
        """Take in what a turn has made, and let go of its steps; its zone's place, if that still works."""
        place, turn, count = self._turns.pop(last)
        zone, step = self._zones.get(place), self._course.steps[last]
        made = given_to(step, gathered(last)) if zone is not None else {}
        self._course.dissolve(last, count)
        if zone is None:
            return None
        zone.take(turn, made)
        return place

    def lose(self, last: int) -> bool:
        """A turn is skipped: whether its zone goes on with the others, and only lacks this one."""
        place, turn, _ = self._turns[last]
        zone = self._zones.get(place)
        if zone is None or not zone.may_lack:
            return False
        del self._turns[last]
        zone.lack(turn, self._course.steps[last].id)
        self._lacking.add(place)
        return True

    def resumed(self) -> int | None:
        """A zone that has lost a turn and goes on; each is told once."""
        while self._lacking:
            place = self._lacking.pop()
            if place in self._zones:
                return place
        return None

    def forget(self, places: Iterable[int]) -> list[int]:
        """Zones that are no longer to be made: the steps of their turns, which then are not, either."""
        gone = {place for place in places if self._zones.pop(place, None) is not None}
        ends = [(last, count) for last, (place, _, count) in self._turns.items() if place in gone]
        for last, _ in ends:
            del self._turns[last]
        return [place for last, count in ends for place in range(last + 1 - count, last + 1)]

    def lost(self) -> list[int]:
        """Zones for which nobody waits any more."""
        gone = [place for place in self._zones if not self._course.waits(place)]
        for place in gone:
            del self._zones[place]
        return gone
