"""Several devices: each has a `gpu` lane of its own, and a step goes to a free one that holds its models."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

from graph.lanes import Call, Lane


@dataclass(frozen=True, slots=True)
class Devices:
    """The devices that the program hands in: the engine knows of them only what it can call."""

    names: Sequence[str]
    at: Callable[[int], AbstractContextManager[object]]
    """Has a thread compute at a device, by its position."""
    best: Callable[[Sequence[int], Sequence[object]], int]
    """Of some positions, the one that suits these values best: where the models among them are."""


class DeviceLanes:
    """The `gpu` lane of several devices; each computes one step at a time."""

    def __init__(self, devices: Devices) -> None:
        self.size = len(devices.names)
        self._devices = devices
        self._lanes = [Lane(f"gpu {name}", 1) for name in devices.names]
        self._under_way = [0] * self.size
        self._turns = [0] * self.size
        """When each was last used, counted in calls."""
        self._calls = 0
        self._lock = threading.Lock()

    def submit(self, call: Call, values: Sequence[object] = ()) -> None:
        """Have a call made at the least busy device; of several, where its values' models are."""
        with self._lock:
            position = self._chosen(values)
            self._under_way[position] += 1
            self._calls += 1
            self._turns[position] = self._calls
        self._lanes[position].submit(partial(self._work, position, call))

    def close(self) -> None:
        for lane in self._lanes:
            lane.close()

    def _chosen(self, values: Sequence[object]) -> int:
        """Of those with the least to do the best, and of equals the one that has rested longest."""
        least = min(self._under_way)
        free = [position for position in range(self.size) if self._under_way[position] == least]
        free.sort(key=lambda position: self._turns[position])
        return free[0] if len(free) == 1 else self._devices.best(free, values)

    def _work(self, position: int, call: Call) -> Callable[[], None] | None:
        try:
            with self._devices.at(position):
                return call()
        finally:
            with self._lock:
                self._under_way[position] -= 1
