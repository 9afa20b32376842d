"""Hashing: model files are read whole in the background, so that each is known by its content."""

import asyncio
import contextlib
import logging
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Container, Iterator
from pathlib import Path

from aiohttp import web

from graph.events import CatalogChanged
from graph.folders import Folders, PathRefused
from service.state import ENGINE, LOADED, RUNS, announce

QUIET = 10.0
"""Seconds for which nothing has run before files are read: the first pictures come first."""
SHARE = 0.1
"""Of the time, while a run works."""
LOOK = 30.0
"""Seconds between two looks for files that are new; those that are asked for are read at once."""
SAVE = 5.0
"""Seconds between two times that what is known is written, while files are read."""
GOODBYE = 1.0
NICE = 10
"""Not the lowest priority: between blocks this thread holds the interpreter, and others would wait until the
system lets it run."""
logger = logging.getLogger(__name__)


class Stopped(Exception):
    """The application ends."""


async def hashing(app: web.Application) -> AsyncIterator[None]:
    """Read model files from when the nodes are loaded until the application ends."""
    loop, runs = asyncio.get_running_loop(), app[RUNS]

    def tell() -> None:
        with contextlib.suppress(RuntimeError):  # The loop is closed: the server has stopped already.
            loop.call_soon_threadsafe(lambda: announce(app, [CatalogChanged()]))

    hasher = Hasher(app[ENGINE].folders, lambda: runs.running is not None, tell)

    def begin(loaded: "asyncio.Future[None]") -> None:
        if not loaded.cancelled() and loaded.exception() is None:
            hasher.start()

    app[LOADED].add_done_callback(begin)
    yield
    await asyncio.to_thread(hasher.stop)


class Hasher:
    """One thread of low priority, which lets runs go first."""

    def __init__(self, folders: Folders, is_busy: Callable[[], bool], tell: Callable[[], None]) -> None:
        self._folders, self._is_busy, self._tell = folders, is_busy, tell
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="hashing", daemon=True)
        self._unreadable: set[tuple[Path, int]] = set()
        self._saved = time.monotonic()
        self._is_new = False
        self._began = 0.0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End within a block of a file; what was read so far of it is read again another time."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(GOODBYE)

    def _work(self) -> None:
        _yield_to_others()
        with contextlib.suppress(Stopped):
            self._wait_for_quiet()
            while True:
                self._read_all()
                self._wait_for_work()
        if self._is_new:
            self._save()

    def _wait_for_quiet(self) -> None:
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < QUIET:
            self._pause(min(QUIET, 0.5))
            if self._is_busy():
                quiet_since = time.monotonic()

    def _wait_for_work(self) -> None:
        deadline = time.monotonic() + LOOK
        while time.monotonic() < deadline and not self._folders.digests.are_asked:
            self._pause(min(LOOK, 1.0))

    def _read_all(self) -> None:
        """Read what nobody has read; what was asked for first, then the smallest."""
        waiting, told = self._waiting(), False
        while True:
            asked = self._asked(waiting)
            if told and asked is None:
                told = False
                self._tell()
            if not waiting:
                break
            path = asked or next(iter(waiting))
            known = self._read(path, *waiting.pop(path))
            told = (self._folders.digests.was_awaited(path) and known) or told
            if self._is_new and time.monotonic() - self._saved > SAVE:
                self._save()
        if self._is_new:
            self._save()

    def _asked(self, waiting: Container[Path]) -> Path | None:
        while (asked := self._folders.digests.asked()) is not None:
            if asked in waiting:
                return asked
        return None

    def _waiting(self) -> dict[Path, tuple[str, str]]:
        sizes: list[tuple[int, Path, tuple[str, str]]] = []
        for path, named in self._files():
            with contextlib.suppress(OSError):
                status = path.stat()
                is_given_up = (path, status.st_mtime_ns) in self._unreadable
                if not is_given_up and self._folders.digests.known(path, status) is None:
                    sizes.append((status.st_size, path, named))
        return {path: named for _, path, named in sorted(sizes)}

    def _files(self) -> Iterator[tuple[Path, tuple[str, str]]]:
        for kind in self._folders.kinds():
            for name in self._folders.names(kind):
                with contextlib.suppress(PathRefused):
                    yield self._folders.resolve(kind, name), (kind, name)

    def _read(self, path: Path, kind: str, name: str) -> bool:
        """Whether a file's content is known now; one that cannot be read is left until it changes."""
        self._began = time.monotonic()
        try:
            found = self._folders.read(kind, name, self._between_blocks) is not None
        except (OSError, PathRefused) as error:
            logger.warning("%s in %s cannot be read: %s", name, kind, error)
            with contextlib.suppress(OSError):
                self._unreadable.add((path, path.stat().st_mtime_ns))
            return False
        self._is_new = self._is_new or found
        return found

    def _between_blocks(self) -> None:
        if self._stop.is_set():
            raise Stopped
        if self._is_busy():
            self._pause((time.monotonic() - self._began) * (1 / SHARE - 1))
        self._began = time.monotonic()

    def _pause(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise Stopped

    def _save(self) -> None:
        self._saved, self._is_new = time.monotonic(), False
        try:
            self._folders.digests.save()
        except OSError as error:
            logger.warning("what is known of model files is not kept: %s", error)


def _yield_to_others() -> None:
    """Take a low priority for this thread, where the system has one for each."""
    if hasattr(os, "setpriority") and hasattr(threading, "get_native_id"):
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
