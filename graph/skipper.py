"""Skips what a run is asked to skip, while it goes on with the rest; only the scheduling thread uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from graph.call import Outcome
from graph.ready import Ready
from graph.records import OUT
from graph.skip import Skip, Skips, only_here
from graph.skipping import Dropped, SkippableCourse
from graph.turns import Turns

if TYPE_CHECKING:
    from graph.entry import Entry


class UnderWay(NamedTuple):
    """What a run has begun, by places."""

    lanes: Mapping[int, str]
    compared: Mapping[int, Entry]
    """What is made, and looked at whether it is the same as before."""
    stops: dict[int, Callable[[], None]]
    """What cancels an async step."""


class Skipper:
    """`tell` hears of steps that are skipped and, where that is why, of the one that each needs; `go_on` of
    zones that go on without a turn."""

    def __init__(
        self,
        skips: Skips,
        course: SkippableCourse,
        turns: Turns,
        ready: Ready,
        under_way: UnderWay,
        *,
        tell: Callable[[int, int | None], None],
        go_on: Callable[[int], None],
    ) -> None:
        self._skips, self._course, self._turns, self._ready = skips, course, turns, ready
        self._under_way, self._tell, self._go_on = under_way, tell, go_on
        self.stopping: set[int] = set()
        """Steps that work, and are skipped."""
        self.here: int | None = None
        """The step that the scheduling thread makes itself."""
        self.look_here = only_here(self.look)
        self._asked: list[Skip] = []
        """What was asked so far: it counts for turns that begin later, too."""

    def look(self) -> None:
        """Take in what is asked; a step that keeps the scheduling thread busy does it by its flag."""
        for skip in self._skips.take() if self._skips else ():
            self._asked.append(skip)
            self._drop_covered([skip], self._course.steps)
        while (begun := self._course.take_begun()) and self._asked:
            self._drop_covered(self._asked, begun)

    def drop(self, asked: Sequence[Dropped]) -> None:
        """Skip steps with all that goes with them; those that work are asked to stop."""
        lanes, compared, stops = self._under_way
        through = compared.keys() | (self._course.loading.keys() & lanes.keys())
        working = {place for place in (*lanes, self.here) if place is not None} - through
        dropped = self._course.skip(asked, working, through)
        self._ready.remove({place for place, _ in dropped})
        for place, because in dropped:
            if place not in working:
                self._tell(place, because)
                continue
            self.stopping.add(place)
            if place in stops:
                stops.pop(place)()
        if inside := self._turns.forget(place for place, _ in dropped):
            self.drop([Dropped(place) for place in inside if self._is_left(place)])
        while (zone := self._turns.resumed()) is not None:
            self._go_on(zone)

    def has_stopped(self, place: int, outcome: Outcome) -> bool:
        """Whether a step that was to stop has done so; else it was through before it heard of it."""
        self.stopping.remove(place)
        if outcome.is_whole:
            self._course.keep_after_all(place)
            return False
        idle = self._course.drop(place)
        self._tell(place, None)
        self.drop([Dropped(each) for each in idle])
        return True

    def _drop_covered(self, skips: Sequence[Skip], places: Iterable[int]) -> None:
        """The end of a turn is no work: it goes where something goes that it needs."""
        left = [
            (place, self._course.steps[place])
            for place in places
            if self._is_left(place) and self._course.steps[place].type != OUT
        ]
        self.drop([Dropped(place) for place, step in left if any(skip.covers(step) for skip in skips)])

    def _is_left(self, place: int) -> bool:
        return self._course.waits(place) and place not in self._course.loading
