"""The course of a run of which parts are given up on the way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

from graph.course import Course
from graph.gaps import without
from graph.records import OUT

if TYPE_CHECKING:
    from graph.step import Step


class Dropped(NamedTuple):
    """A step that is skipped, and the one that it needs, where that is why."""

    place: int
    because: int | None = None


class SkippableCourse(Course):
    """What is skipped goes with all that cannot be made without it, and all that is needed for it alone.

    What else leads to something that cannot be made without it is made: the next run needs it.
    """

    lose: Callable[[int], bool]
    """Says of the end of a turn whether its zone goes on without that turn."""
    _begun_turns: Sequence[range] = ()

    def graft(self, parent: int, last: int, steps: Sequence[Step], sinks: Sequence[int]) -> None:
        super().graft(parent, last, steps, sinks)
        self._begun_turns = [*self._begun_turns, range(last + 1 - len(steps), last + 1)]

    def take_begun(self) -> list[int]:
        """The steps of turns that have begun since this was asked."""
        begun, self._begun_turns = self._begun_turns, ()
        return [place for turn in begun for place in turn if place in self.steps]

    def skip(
        self, asked: Sequence[Dropped], working: Collection[int], through: Collection[int]
    ) -> list[Dropped]:
        """Give steps up, with all that needs them and what nothing else needs; returns all of these.

        Those that work are dropped by the caller when they have stopped; what is `through` is left alone.
        """
        found: list[Dropped] = []
        ready: list[int] = []
        shared = self._shared({each.place for each in asked})
        waiting = [each for each in asked if each.place not in shared]
        while waiting:
            place, because = waiting.pop()
            if place not in self._sources or place in self._unmade or place in through:
                continue
            found.append(Dropped(place, because))
            self._unmade.add(place)
            self._skipped.add(place)
            waiting += [Dropped(consumer, place) for consumer in self._needing(place, ready)]
            if place not in working:
                idle = self.drop(place)
                waiting += map(Dropped, idle if because is None else ())
        for place in ready:
            if place not in self._unmade:
                self._make_ready(place)
        return sorted(found)

    def drop(self, place: int) -> list[int]:
        """Let go of what a step would have used; returns what waits to be made and has no use left."""
        self._dormant.discard(place)
        self.found.pop(place, None)
        idle = self._release(place)
        kept = self._targets | self.loading.keys()
        return [each for each in idle if each in self._sources and each not in kept]

    def keep_after_all(self, place: int) -> None:
        """A step that was to stop had been made before it heard of it."""
        self._unmade.discard(place)
        self._skipped.discard(place)

    def _shared(self, asked: set[int]) -> set[int]:
        """Those whose result another step takes that is not asked to be skipped, and what they need."""
        shared: set[int] = set()
        waiting = [
            place
            for place in asked
            if any(
                self.leaders.get(each) == place and each not in asked
                for each in self.consumers.get(place, ())
            )
        ]
        while waiting:
            place = waiting.pop()
            if place in asked and place not in shared:
                shared.add(place)
                waiting += self._sources.get(place, ())
        return shared

    def _needing(self, place: int, ready: list[int]) -> list[int]:
        """Who cannot be made without a step; the others do not wait for it any more."""
        needing: list[int] = []
        for consumer in self.consumers.pop(place, ()):
            if consumer not in self._sources:
                continue
            if self.steps[place].type == OUT:
                needing += [] if self.lose(place) else [consumer]
            elif self._does_without(consumer, place):
                self._lacking[consumer] -= 1
                ready += [] if self._lacking[consumer] else [consumer]
            else:
                needing.append(consumer)
        return needing

    def _does_without(self, consumer: int, place: int) -> bool:
        step, source = self.steps[consumer], self.steps[place].id
        if consumer in self.leaders or step.type == OUT:
            return False
        if place not in self._sources[consumer]:
            return True  # it takes gaps, and is made without it already
        if all(link.source != source for link in step.links):
            return True  # it only comes after it
        made = None if self.is_grafted(consumer) else without(step, source)
        if made is None:
            return False
        self.steps[consumer], self.same[consumer] = made, made.key
        for each in self._sources[consumer]:
            if each == place:
                self.holding.used(place)
        self._sources[consumer] = [each for each in self._sources[consumer] if each != place]
        return True
