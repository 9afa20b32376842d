"""The disk tier of the cache: results that survive a restart, within a budget, shared by processes.

An index in SQLite says what there is; large results are files beside it, small ones lie in the index.
A file is complete before the index names it, and its checksum is in the index: what a crash, a full disk
or another process has torn or taken away is dropped where it is read, and the step runs.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from graph.checked import Checked
from graph.entry import Entry, Stored
from graph.history import bounded
from graph.index import Index
from graph.recorded import as_text, from_text

LEAST_SECONDS = 0.001
"""What is made faster than it is read is not stored, unless it left artifacts."""
INLINE_BYTES = 64 * 2**10
"""Results up to this size lie in the index."""
ROW_BYTES = 512
"""What a result costs beside its content."""
MOST_WAITING = 512 * 2**20
"""Bytes of results that wait to be written; what is made beyond them is not stored."""
LEFTOVER_SECONDS = 600.0
"""Files that no index names are left alone for so long: another process may be about to name them."""


class Torn(Exception):
    """What the index names is not there as it was written."""


class Waiting(NamedTuple):
    """A result that waits to be written."""

    key: str
    entry: Entry
    made_of: Checked | None
    mark: object


class Codec(Protocol):
    """How outputs become bytes, and outputs again. Equal outputs become equal bytes."""

    def pack(self, outputs: Sequence[object]) -> bytes | None:
        """None where a value must not be stored, as models."""

    def unpack(self, data: bytes) -> tuple[object, ...]: ...

    def mark(self, outputs: Sequence[object]) -> object:
        """What differs after an output was changed in place, as far as that is cheap to know."""


def content_digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


class Disk:
    """Stored results by key. Any thread may use it; a thread of its own writes.

    `generation` names the code that results depend on beside what their keys say: of another one, nothing
    is found, and it leaves first. What leaves next is what no plan wants, then the fewest seconds per byte.
    """

    def __init__(self, folder: Path, budget_bytes: int, codec: Codec, *, generation: str = "") -> None:
        self.budget_bytes = budget_bytes
        self.is_wanted: Callable[[str], bool] = lambda key: False
        self._folder, self._codec = folder, codec
        folder.mkdir(parents=True, exist_ok=True)
        self._index = Index(folder / "index.sqlite", generation)
        self._queue: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._waiting: dict[str, int] = {}
        self._idle = threading.Condition()
        self._numbers = itertools.count()
        self._writer: threading.Thread | None = None

    def __len__(self) -> int:
        return len(self._index)

    @property
    def kept_bytes(self) -> int:
        return self._index.kept_bytes

    @property
    def total_bytes(self) -> int:
        """What all results hold, those of other code, too."""
        return self._index.total_bytes()

    # Reading

    def find(self, key: str) -> Stored | None:
        return self._index.find(key)

    def last(self, node: str, node_type: str) -> Checked | None:
        """What the last result that was stored of a node was made of."""
        try:
            text = self._index.noted(node, node_type)
            return from_text(node, node_type, text) if text is not None else None
        except Exception:  # damaged: it only explains
            return None

    def refresh(self) -> None:
        """See what other processes have written."""
        self._index.refresh()

    def load(self, stored: Stored) -> tuple[object, ...]:
        """A result's outputs; Torn, and it is forgotten, where they are not what was written."""
        try:
            digest, data = self._index.content(stored.key)
            if data is None:
                data = self._path(stored.key).read_bytes()
            if content_digest(data) != digest:
                raise Torn(f"the file of {stored.key} is damaged")
            outputs = self._codec.unpack(data)
        except Exception as error:  # damaged in whatever way: the step can be run instead
            self.discard(stored.key)
            raise Torn(f"{type(error).__name__}: {error}") from error
        self._index.use(stored.key)
        return outputs

    def discard(self, key: str) -> None:
        """Forget a result, also one that waits to be written."""
        with self._idle:
            self._waiting.pop(key, None)
            self._idle.notify_all()
        with contextlib.suppress(sqlite3.Error):  # it stays in the index, and is torn when it is met again
            self._index.remove([key])
        self._unlink(key)

    # Writing

    def put(self, key: str, entry: Entry, made_of: Checked | None = None) -> None:
        """Have a result written soon, in another thread, if it is worth it."""
        if entry.seconds < LEAST_SECONDS and not entry.artifacts:
            return
        with self._idle:
            known = key in self._waiting or self._index.find(key) is not None
            if known or sum(self._waiting.values()) + entry.bytes > MOST_WAITING:
                return
            self._waiting[key] = entry.bytes
            if self._writer is None:
                self._writer = threading.Thread(target=self._write_all, name="disk", daemon=True)
                self._writer.start()
        self._queue.put(Waiting(key, entry, made_of, self._codec.mark(entry.outputs)))

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until all is written; False if that takes longer."""
        with self._idle:
            return self._idle.wait_for(lambda: not self._waiting, timeout)

    def close(self, timeout: float = 10.0) -> bool:
        """Write what waits, and stop; False if that takes longer than the timeout."""
        done = self.flush(timeout)
        if self._writer is not None:
            self._queue.put(None)
            self._writer.join(max(timeout, 0.1) if done else 0.1)
        if done:
            self._index.close()
        return done

    def _write_all(self) -> None:
        self._sweep()
        while (given := self._queue.get()) is not None:
            key = given.key
            try:
                self._write(given)
            except Exception:  # a full disk, an index that is locked for long: the result stays in memory
                self._unlink(key)
            del given  # else it would keep the last result alive until the next
            with self._idle:
                self._waiting.pop(key, None)
                self._idle.notify_all()

    def _write(self, given: Waiting) -> None:
        key, entry, made_of, mark = given
        if made_of is not None:  # of models, too, which are not stored
            made_of = bounded(made_of)
            self._index.note(made_of.id, made_of.type, as_text(made_of))
        data = self._codec.pack(entry.outputs)
        if data is None or len(data) + ROW_BYTES > self.budget_bytes // 2:
            return
        if self._codec.mark(entry.outputs) != mark:
            return  # a node has changed it in place: it is no longer what its key says
        size = len(data) + ROW_BYTES
        self._make_room(size)
        is_inline = len(data) <= INLINE_BYTES
        if not is_inline:
            self._write_file(key, data)
        stored = Stored(key, entry.artifacts, entry.seconds, size, entry.made, content_digest(data))
        if key in self._waiting:  # else it was discarded meanwhile
            self._index.add(stored, data if is_inline else None)

    def _write_file(self, key: str, data: bytes) -> None:
        """Write a file so that its name appears when all of it is on the disk."""
        path = self._path(key)
        path.parent.mkdir(exist_ok=True)
        temporary = path.parent / f"{os.getpid()}-{next(self._numbers)}.tmp"
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)

    def _make_room(self, size: int) -> None:
        """Let go what is least worth keeping, until `size` more bytes fit."""
        for keys in self._index.least_worth(
            self._index.total_bytes() + size - self.budget_bytes, self.is_wanted
        ):
            self._index.remove(keys)
            for key in keys:
                self._unlink(key)

    # Files

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.safetensors"

    def _unlink(self, key: str) -> None:
        with contextlib.suppress(OSError):  # it is not there, or not ours: then nothing names it
            self._path(key).unlink()

    def _sweep(self) -> None:
        """Remove what a crash has left: files that are not finished, or that the index does not name."""
        named = self._index.all_keys()
        now = time.time()
        for path in self._folder.glob("??/*"):
            with contextlib.suppress(OSError):  # another process may sweep, too
                if path.stem not in named and now - path.stat().st_mtime > LEFTOVER_SECONDS:
                    path.unlink()
