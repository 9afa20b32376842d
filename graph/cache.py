"""The cache: results by key within a budget of bytes, and below it what a disk keeps."""

from __future__ import annotations

import heapq
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable

from graph.checked import Checked
from graph.disk import Codec, Disk, Torn
from graph.entry import Entry as Entry
from graph.entry import Found, Stored
from graph.history import EVICTED, TOO_LARGE, History

MOST_SAME = 20_000
ENTRY_BYTES = 64
"""What an entry costs beside its values, so that even an empty one counts."""


class Cache:
    """Results by key. All methods may be called from any thread.

    What no queued plan wants leaves first. Then greedy-dual-size: an entry is worth its seconds per byte plus
    the worth of what left last when it was last used, so that an entry nobody asks for ages away however
    dear it was. A running plan holds the values it needs itself; an entry that leaves is not taken from it.
    """

    def __init__(
        self,
        budget_bytes: int,
        bytes_of: Callable[[object], int] = sys.getsizeof,
        disk: Disk | None = None,
        codec: Codec | None = None,
    ) -> None:
        self.budget_bytes = budget_bytes
        self.disk: Disk | None = None
        self.codec = codec
        """Tells whether two results have the same content, too."""
        self.same: OrderedDict[str, str] = OrderedDict()
        """By key, the key of an earlier result with the same content."""
        self.history = History()
        self._bytes_of = bytes_of
        self._entries: dict[str, Entry] = {}
        self._order: list[tuple[float, str]] = []
        self._set_aside: list[tuple[float, str]] = []
        """Places in the order of what was the least worth, but wanted."""
        self._wants: dict[str, frozenset[str]] = {}
        self._aged = 0.0
        self._bytes = 0
        self._lock = threading.Lock()
        if disk is not None:
            self.attach(disk)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    @property
    def bytes(self) -> int:
        return self._bytes

    def attach(self, disk: Disk) -> None:
        """Keep results on this disk, too."""
        disk.is_wanted = self.is_wanted
        self.history.older = disk.last
        self.disk = disk

    def close(self, timeout: float) -> None:
        """Finish what is being written, as far as the timeout allows."""
        if self.disk is not None:
            self.disk.close(timeout)

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

    def find(self, key: str) -> Found | None:
        """What is known of a key in memory or on disk, without counting as a use."""
        found = self._entries.get(key)
        return found if found is not None or self.disk is None else self.disk.find(key)

    def outputs(self, key: str) -> tuple[object, ...] | None:
        """What a step has made, read from the disk where it only lies there; without counting as a use."""
        found = self.find(key)
        if isinstance(found, Stored) and self.disk is not None:
            try:
                return self.disk.load(found)
            except Torn:  # it is forgotten: as if it had never been there
                return None
        return found.outputs if isinstance(found, Entry) else None

    def is_wanted(self, key: str) -> bool:
        """Whether a plan that waits or runs wants this result."""
        return any(key in wants for wants in list(self._wants.values()))

    def refresh(self) -> None:
        """See what other processes have put on the disk."""
        if self.disk is not None:
            self.disk.refresh()

    def want(self, who: str, keys: Iterable[str]) -> None:
        """Keep these results as long as possible for a plan that waits or runs; earlier wants of it end."""
        with self._lock:
            self._forget_wants(who)
            self._wants[who] = frozenset(keys)

    def unwant(self, who: str) -> None:
        """A plan has run, or will not."""
        with self._lock:
            self._forget_wants(who)

    def equate(self, key: str, same_as: str) -> str:
        """Two keys have the same content: what follows either goes by the one that is returned."""
        with self._lock:
            first = self.same.get(same_as, same_as)
            self.same[key] = first
            if len(self.same) > MOST_SAME:
                self.same.popitem(last=False)
        return first

    def store(self, key: str, entry: Entry, made_of: Checked | None = None) -> None:
        """Have a result that is in memory written to the disk, if there is one and it is worth it."""
        if self.disk is not None:
            self.disk.put(key, entry, made_of)

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
                self._set_aside.clear()
            else:
                heapq.heappush(self._order, (entry.worth, key))

    def discard(self, key: str) -> None:
        """Forget a result, in memory and on disk."""
        with self._lock:
            self._remove(key)
        if self.disk is not None:
            self.disk.discard(key)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self._order.clear()
            self._set_aside.clear()
            self._bytes = 0

    def _remove(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= entry.bytes

    def _forget_wants(self, who: str) -> None:
        if self._wants.pop(who, None) is not None:
            for place in self._set_aside:
                heapq.heappush(self._order, place)
            self._set_aside.clear()

    def _evict(self) -> None:
        """Remove the entry of least worth that nobody wants, or else of least worth.

        The heap holds worths as they were: used ones go back in.
        """
        if not self._order:
            self._remove_least(self._set_aside)
        elif self._order[0][1] in self._entries and self.is_wanted(self._order[0][1]):
            heapq.heappush(self._set_aside, heapq.heappop(self._order))
        else:
            self._remove_least(self._order)

    def _remove_least(self, order: list[tuple[float, str]]) -> None:
        worth, key = heapq.heappop(order)
        entry = self._entries.get(key)
        if entry is None:
            return
        if entry.worth > worth:
            heapq.heappush(order, (entry.worth, key))
            return
        self._aged = worth
        self._remove(key)
        self.history.lose(key, EVICTED)
