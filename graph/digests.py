"""Digests of model files: what was read once is known again, wherever it lies and whatever it is called.

Reading 7 GB takes long. So a file's sha256 is computed beside the work, and kept in a file by path, size and
time; a model that was renamed is recognised by its inode, at once.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

VERSION = 1
MOST = 20_000
"""Files that are remembered, those that are gone among them."""
BLOCK = 2**20
LONGEST_HEADER = 100 * 2**20
SHORT = 10
"""Digits of a sha256 that people compare, as other programs show them."""


class Known(NamedTuple):
    """A file as it was when it was read whole."""

    path: str
    size: int
    time: int
    inode: int
    sha256: str
    tensors: str
    """The sha256 of what follows the header of a safetensors file, where that was asked for; else nothing."""
    key: str
    """The digest that the keys of results hold: that of the first file of this content."""


class Digests:
    """What is known of files by now. Any thread may ask and add."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.RLock()
        self._is_read = False
        self._files: dict[tuple[str, int, int], Known] = {}
        self._newest: dict[str, Known] = {}
        self._inodes: dict[tuple[int, int, int], Known] = {}
        self._keys: dict[str, str] = {}
        self._asked: deque[Path] = deque(maxlen=1000)
        self._awaited: set[Path] = set()

    def known(self, path: Path, status: os.stat_result | None = None) -> Known | None:
        """What is known of a file as it is now; None where it was not read yet, or is not there."""
        try:
            status = status or path.stat()
        except OSError:
            return None
        self._read()
        size, time, inode = status.st_size, status.st_mtime_ns, status.st_ino
        if found := self._files.get((str(path), size, time)):
            return found
        renamed = self._inodes.get((inode, size, time)) if inode else None
        if renamed is None:
            return None
        with self._lock:
            return self._take(renamed._replace(path=str(path)))

    def last(self, path: Path) -> Known | None:
        """What lay under a name when it was read last, whether it is there now or not."""
        self._read()
        return self._newest.get(str(path))

    def add(self, path: Path, status: os.stat_result, *, sha256: str, tensors: str, key: str) -> Known:
        """Remember a file; one of a content that is known has the key that this content has."""
        self._read()
        size, time, inode = status.st_size, status.st_mtime_ns, status.st_ino
        with self._lock:
            key = self._keys.get(sha256, key)
            return self._take(Known(str(path), size, time, inode, sha256, tensors, key))

    def ask(self, path: Path, *, wait: bool = False) -> None:
        """Let a file be read before others; somebody may wait for it."""
        if path not in self._asked:
            self._asked.append(path)
        if wait:
            self._awaited.add(path)

    def was_awaited(self, path: Path) -> bool:
        """Whether somebody has waited for a file, who is to be told now."""
        was_awaited = path in self._awaited
        self._awaited.discard(path)
        return was_awaited

    def asked(self) -> Path | None:
        """The next file that somebody asked for."""
        with contextlib.suppress(IndexError):
            return self._asked.popleft()
        return None

    @property
    def are_asked(self) -> bool:
        return bool(self._asked)

    def save(self) -> None:
        """Write all that is known, whole or not at all."""
        with self._lock:
            kept = list(self._files.values())[-MOST:]
        beside = self._file.with_name(f".{self._file.name}.{os.getpid()}")
        self._file.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps({"version": VERSION, "files": kept}), "utf-8")
        beside.replace(self._file)

    def _take(self, known: Known) -> Known:
        self._files.pop((known.path, known.size, known.time), None)  # the newest come last
        self._files[known.path, known.size, known.time] = known
        self._newest[known.path] = known
        self._inodes[known.inode, known.size, known.time] = known
        self._keys.setdefault(known.sha256, known.key)
        return known

    def _read(self) -> None:
        if self._is_read:
            return
        with self._lock:
            for known in () if self._is_read else _read(self._file):
                self._take(known)
            self._is_read = True


def _read(file: Path) -> Iterable[Known]:
    """What a file holds; of one that is damaged or of another version nothing: all is read again in time."""
    try:
        said = json.loads(file.read_text("utf-8"))
        if said["version"] != VERSION:
            return ()
        found = [Known(*each) for each in said["files"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ()
    kinds = (str, int, int, int, str, str, str)
    return [each for each in found if all(map(isinstance, each, kinds))]


def read_whole(
    path: Path, *, tensors: bool = False, pace: Callable[[], None] = lambda: None
) -> tuple[str, str]:
    """The sha256 of a file, and that of what follows its header; `pace` is called between blocks.

    https://github.com/huggingface/safetensors: eight bytes with the header's length, the header, tensors.
    """
    whole, behind = hashlib.sha256(), hashlib.sha256()
    block = memoryview(bytearray(BLOCK))
    with path.open("rb", buffering=0) as file:
        _once(file.fileno())
        start = _header_end(file.read(8)) if tensors and path.suffix == ".safetensors" else None
        file.seek(0)
        at = 0
        while count := file.readinto(block):
            whole.update(block[:count])
            if start is not None and at + count > start:
                behind.update(block[max(start - at, 0) : count])
            at += count
            pace()
    return whole.hexdigest(), "" if start is None or at < start else behind.hexdigest()


def _header_end(first: bytes) -> int | None:
    length = int.from_bytes(first, "little")
    return 8 + length if len(first) == 8 and length <= LONGEST_HEADER else None


def _once(file: int) -> None:
    """Ask the system not to give up for this what it keeps in memory, like weights in use."""
    if hasattr(os, "posix_fadvise"):
        with contextlib.suppress(OSError):
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_NOREUSE)
