"""The cache: results by key within a budget of bytes; the cheapest to make again per byte leaves first."""

from __future__ import annotations

import heapq
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass

from graph.artifacts import Artifact
from graph.history import EVICTED, TOO_LARGE, History

ENTRY_BYTES = 64
"""What an entry costs beside its values, so that even an empty one counts."""


@dataclass(slots=True)
class Entry:
    """What one step made, how long that took and how much it holds."""

    outputs: tuple[object, ...]
    artifacts: tuple[Artifact, ...]
    seconds: float
    bytes: int = 0
    worth: float = 0.0


class Cache:
    """Results by key. All methods may be called from any thread.

    Greedy-dual-size: an entry is worth its seconds per byte plus the worth of what left last when it was
    last used, so that an entry nobody asks for ages away however dear it was.
    A running plan holds the values it needs itself; an entry that leaves is not taken from it.
    """

    def __init__(self, budget_bytes: int, bytes_of: Callable[[object], int] = sys.getsizeof) -> None:
        self.budget_bytes = budget_bytes
        self.history = History()
        self._bytes_of = bytes_of
        self._entries: dict[str, Entry] = {}
        self._order: list[tuple[float, str]] = []
        self._aged = 0.0
        self._bytes = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    @property
    def bytes(self) -> int:
        return self._bytes

    def get(self, key: str) -> Entry | None:
        """The entry of a key, which counts as a use."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                entry.worth = self._aged + entry.seconds / entry.bytes
            return entry

    def peek(self, key: str) -> Entry | None:
        """The entry of a key, without counting as a use."""
        return self._entries.get(key)

    def put(self, key: str, entry: Entry) -> None:
        """Keep an entry; others leave until the budget holds. One larger than the budget is not kept."""
        entry.bytes = sum(map(self._bytes_of, entry.outputs)) + ENTRY_BYTES
        with self._lock:
            self._remove(key)
            if entry.bytes > self.budget_bytes:
                self.history.lose(key, TOO_LARGE)
                return
            while self._bytes + entry.bytes > self.budget_bytes:
                self._evict()
            entry.worth = self._aged + entry.seconds / entry.bytes
            self._entries[key] = entry
            self.history.regain(key)
            self._bytes += entry.bytes
            if len(self._order) > 2 * len(self._entries) + 64:  # what was discarded left its place behind
                self._order = [(each.worth, name) for name, each in self._entries.items()]
                heapq.heapify(self._order)
            else:
                heapq.heappush(self._order, (entry.worth, key))

    def discard(self, key: str) -> None:
        with self._lock:
            self._remove(key)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self._order.clear()
            self._bytes = 0

    def _remove(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= entry.bytes

    def _evict(self) -> None:
        """Remove the entry of least worth. The heap holds worths as they were: used ones go back in."""
        worth, key = heapq.heappop(self._order)
        entry = self._entries.get(key)
        if entry is None:
            return
        if entry.worth > worth:
            heapq.heappush(self._order, (entry.worth, key))
            return
        self._aged = worth
        self._remove(key)
        self.history.lose(key, EVICTED)
