"""Effects: the files that code has left, moved or removed while somebody watched."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_recording: list[Effects] = []
_installed: list[bool] = []


class Effects:
    """What Python's audit events told of files, and what a folder holds that it did not hold before.

    What is gone when the watching ends was scratch, and no effect; bytecode and caches of libraries are none.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._before = _files_below(folder)
        self._written: dict[str, None] = {}
        self._removed: dict[str, None] = {}

    def hear(self, event: str, arguments: tuple[object, ...]) -> None:
        match event, arguments:
            case "open", (str() | bytes() | os.PathLike() as path, _, int(flags)) if flags & WRITING:
                self._written[_full(path)] = None
            case "os.mkdir", (path, *_) if not os.path.exists(_full(path)):
                self._written[_full(path)] = None
            case "os.link" | "os.symlink", (_, target, *_):
                self._written[_full(target)] = None
            case "os.rename", (source, target, *_):
                self._removed[_full(source)] = None
                self._written[_full(target)] = None
            case "os.remove" | "os.rmdir", (path, *_):
                self._removed[_full(path)] = None

    def told(self) -> list[str]:
        """Each effect in words."""
        now = _files_below(self._folder)
        written = {path: None for path in self._written if os.path.exists(path) and not _is_cache(path)}
        written |= dict.fromkeys(sorted(now - self._before))
        gone = {path for path in self._removed if not os.path.exists(path) and path not in self._written}
        gone |= self._before - now
        shown = [f"it writes {self._named(path)}" for path in written]
        return shown + [f"it removes {self._named(path)}" for path in sorted(gone) if not _is_cache(path)]

    def _named(self, path: str) -> str:
        inside = Path(path).is_relative_to(self._folder)
        return Path(path).relative_to(self._folder).as_posix() if inside else path


@contextmanager
def watched(folder: Path) -> Iterator[Effects]:
    """Record what the code inside does to files, anywhere by Python and below a folder by anything."""
    if not _installed:
        sys.addaudithook(_hear)  # stays as long as the process does
        _installed.append(True)
    effects = Effects(folder)
    _recording.append(effects)
    try:
        yield effects
    finally:
        _recording.remove(effects)


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    for effects in _recording:
        effects.hear(event, arguments)


def _full(path: object) -> str:
    return os.path.realpath(os.fsdecode(path)) if isinstance(path, str | bytes | os.PathLike) else ""


def _is_cache(path: str) -> bool:
    caches = str(Path.home() / ".cache")
    return not path or "__pycache__" in path or path.startswith((caches, "/dev/", "/proc/"))


def _files_below(folder: Path) -> set[str]:
    return {os.path.join(parent, name) for parent, _, names in os.walk(folder) for name in names}
