"""Ready steps: what can run now, by lane and in the plan's order; steps of later stages wait their turn."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Container, Iterator, Mapping
from itertools import islice

LOOKED_AT = 500
"""Steps that wait, among which one is looked for that goes along with another."""
HERE = "here"
"""The lane of steps that the scheduling thread runs itself."""


class Ready:
    """Places in the plan, each in the lane that it waits for; `sizes` says how many a lane takes at once."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self._queues: dict[str, list[int]] = {name: [] for name in sizes}
        self._sizes, self._free = sizes, dict(sizes)
        self._here: list[int] = []
        self._count = 0
        self._stage = 0
        self._later: list[tuple[int, int, str]] = []
        """Ready steps of later stages, as (stage, place, lane)."""

    def __bool__(self) -> bool:
        return self._count > 0

    def add(self, place: int, lane: str, stage: int) -> None:
        if stage > self._stage:
            heapq.heappush(self._later, (stage, place, lane))
            return
        heapq.heappush(self._here if lane == HERE else self._queues[lane], place)
        self._count += 1

    def next_stage(self) -> bool:
        """All that can run of this stage has run: let the next one begin, if there is one."""
        self._stage = self._later[0][0] if self._later else self._stage
        while self._later and self._later[0][0] == self._stage:
            stage, place, lane = heapq.heappop(self._later)
            self.add(place, lane, stage)
        return self._count > 0

    @property
    def is_all_here(self) -> bool:
        return len(self._here) == self._count

    def pop_here(self) -> int | None:
        if not self._here:
            return None
        self._count -= 1
        return heapq.heappop(self._here)

    def pop_only(self) -> int | None:
        """The one step that is ready, unless it is async, or belongs to one of several devices."""
        if self._count != 1:
            return None
        for name, queue in self._queues.items():
            if queue and name != "async" and not (name == "gpu" and self._sizes[name] > 1):
                self._count = 0
                return queue.pop()
        return None

    def hand_out(self) -> Iterator[tuple[str, int]]:
        """Lanes and steps, as long as lanes are free; they are busy until `done`."""
        for name, queue in self._queues.items():
            while queue and self._free[name]:
                self._free[name] -= 1
                self._count -= 1
                yield name, heapq.heappop(queue)

    def join(self, lane: str, wanted: Callable[[int], bool], most: int) -> list[int]:
        """Take out up to so many steps that wait for a lane, to go along with one that was handed out."""
        queue = self._queues[lane]
        queue.sort()  # a sorted list is a heap, too
        alike = (place for place in queue[:LOOKED_AT] if wanted(place))
        taken = list(islice(alike, most))
        for place in taken:
            queue.remove(place)
        self._count -= len(taken)
        return taken

    def remove(self, places: Container[int]) -> None:
        """Take out steps that are not to run after all."""
        for queue in (self._here, *self._queues.values()):
            queue[:] = sorted(place for place in queue if place not in places)
        self._later = sorted(entry for entry in self._later if entry[1] not in places)
        self._count = len(self._here) + sum(map(len, self._queues.values()))

    def done(self, lane: str) -> None:
        self._free[lane] += 1
