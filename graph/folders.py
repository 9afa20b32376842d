"""Folders: which directories hold which kind of file, and no way out of them."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath

from graph.artifacts import Artifact
from graph.digests import Digests, Known, read_whole

WORKING = ("input", "output", "temp")
MODEL_EXTENSIONS = (".safetensors", ".ckpt", ".pt", ".pth", ".bin")
WHOLE_BYTES = 64 * 2**20
"""Files up to this size are digested whole; larger ones by size, time and samples."""
SAMPLES, SAMPLE_BYTES = 64, 64 * 2**10
WITH_TENSORS = ("loras",)
"""Of files of these kinds other programs tell the sha256 of what follows the header."""


class PathRefused(ValueError):
    """A name that does not stay inside its folder."""


class Folders:
    """Kinds of files and where they lie: `input`, `output`, `temp`; every other kind is a model folder."""

    def __init__(self, root: Path, extra: Mapping[str, Sequence[Path]] | None = None) -> None:
        self.root = Path(root)
        self._extra = {kind: tuple(Path(path) for path in paths) for kind, paths in (extra or {}).items()}
        self.digests = Digests(self.root / "user" / "digests.json")
        """What is known of model files that were read whole."""
        self._digests: dict[tuple[str, int, int], str] = {}
        self._lock = threading.Lock()

    def directories(self, kind: str) -> tuple[Path, ...]:
        """Where files of a kind lie; the first is where new ones are written."""
        if kind in ("", "..") or PureWindowsPath(kind).name != kind or "\0" in kind:
            raise PathRefused(f"{kind!r} is not the name of a folder")
        own = self.root / kind if kind in WORKING else self.root / "models" / kind
        return (own, *self._extra.get(kind, ()))

    def folder(self, kind: str) -> Path:
        return self.directories(kind)[0]

    def names(self, kind: str, extensions: Sequence[str] = ()) -> tuple[str, ...]:
        """The names a document may hold, sorted, each once; hidden files are left out."""
        allowed = tuple(extensions) or (() if kind in WORKING else MODEL_EXTENSIONS)
        found: set[str] = set()
        for directory in self.directories(kind):
            found.update(_names_below(directory, allowed, follow=kind not in WORKING))
        return tuple(sorted(found))

    def resolve(self, kind: str, name: str) -> Path:
        """The absolute path of a name, whether the file exists or not; PathRefused if it leads outside.

        A link in a model folder may lead anywhere: who keeps models elsewhere put it there. In the folders
        that clients write to and read from, nothing leads out.
        """
        follow = kind not in WORKING
        candidates = [_confined(directory, name, follow=follow) for directory in self.directories(kind)]
        return next((path for path in candidates if path.exists()), candidates[0])

    def find(self, kind: str, name: str) -> Path | None:
        """The file of this name, or None."""
        path = self.resolve(kind, name)
        return path if path.is_file() else None

    def has(self, artifact: Artifact) -> bool:
        """Whether what a sink left is still there, and no other file of its name; text always is."""
        if artifact.folder is None or artifact.name is None:
            return True
        try:
            path = self.find(artifact.folder, artifact.name)
            return path is not None and artifact.digest in (None, self.digest(path))
        except (PathRefused, OSError):
            return False

    def noted(self, artifacts: tuple[Artifact, ...]) -> tuple[Artifact, ...]:
        """What a sink has just left, with the digests of its files."""
        return tuple(map(self._noted, artifacts))

    def _noted(self, artifact: Artifact) -> Artifact:
        if artifact.folder is None or artifact.name is None:
            return artifact
        try:
            path = self.find(artifact.folder, artifact.name)
            return artifact if path is None else replace(artifact, digest=self.digest(path))
        except (PathRefused, OSError):
            return artifact

    def kinds(self) -> list[str]:
        """The model folders that there are."""
        models = self.root / "models"
        own = {each.name for each in models.iterdir() if each.is_dir()} if models.is_dir() else set()
        return sorted(name for name in own | self._extra.keys() if not name.startswith("."))

    def named(self, path: Path) -> tuple[str, str] | None:
        """The model folder that a file lies in, and how documents name it there."""
        for kind in self.kinds():
            for directory in self.directories(kind):
                if path.is_relative_to(directory.resolve()):
                    return kind, path.relative_to(directory.resolve()).as_posix()
        return None

    def remembered(self, kind: str, name: str) -> Known | None:
        """What lay under the name of a model file when it was read last, if it is gone now."""
        paths = (_confined(directory, name, follow=True) for directory in self.directories(kind))
        return next((known for path in paths if (known := self.digests.last(path))), None)

    def read(self, kind: str, name: str, pace: Callable[[], None] = lambda: None) -> Known | None:
        """Read a model file whole and remember its digests; None where it is gone, or changes meanwhile."""
        path = self.find(kind, name)
        if path is None:
            return None
        before = path.stat()
        sha256, tensors = read_whole(path, tensors=kind in WITH_TENSORS, pace=pace)
        status = path.stat()
        if (before.st_size, before.st_mtime_ns) != (status.st_size, status.st_mtime_ns):
            return None
        return self.digests.add(path, status, sha256=sha256, tensors=tensors, key=self.digest(path))

    def digest(self, path: Path) -> str:
        """The digest of a file's content, remembered while its size and time stay the same."""
        status = path.stat()
        if (whole := self.digests.known(path, status)) is not None:
            return whole.key
        memory = (str(path), status.st_size, status.st_mtime_ns)
        with self._lock:
            known = self._digests.get(memory)
        if known is None:
            known = _digest(path, status.st_size, status.st_mtime_ns)
            with self._lock:
                self._digests[memory] = known
        return known


def located(kind: str, name: str) -> tuple[str, str]:
    """Folder and name of `picture.png [output]`; without brackets, the folder that is given."""
    for named in WORKING if kind in WORKING else ():
        if name.endswith(f" [{named}]"):
            return named, name.removesuffix(f" [{named}]")
    return kind, name


def _names_below(directory: Path, extensions: Sequence[str], *, follow: bool) -> Iterator[str]:
    seen: set[str] = set()
    for parent, subfolders, files in os.walk(directory, followlinks=follow):
        real = os.path.realpath(parent)
        # A link that leads back up would be walked for ever.
        subfolders[:] = [] if real in seen else [name for name in subfolders if not name.startswith(".")]
        seen.add(real)
        below = Path(parent).relative_to(directory)
        for name in files:
            if not name.startswith(".") and (not extensions or name.lower().endswith(tuple(extensions))):
                yield (below / name).as_posix()


def _confined(directory: Path, name: str, *, follow: bool) -> Path:
    parts = {*PurePosixPath(name).parts, *PureWindowsPath(name).parts}
    rooted = PurePosixPath(name).is_absolute() or PureWindowsPath(name).anchor
    if not name.strip() or "\0" in name or rooted or ".." in parts:
        raise PathRefused(f"{name[:200]!r} does not stay inside its folder")
    try:
        inside = directory.resolve()
        path = inside / name if follow else (inside / name).resolve()
        os.fsencode(path)  # refuses what no file system can name
        path.exists()
    except (OSError, ValueError, RuntimeError) as error:
        raise PathRefused(f"{name[:200]!r} is no file name: {type(error).__name__}") from error
    if path == inside or not path.is_relative_to(inside):
        raise PathRefused(f"{name[:200]!r} leads out of its folder")
    return path


def _digest(path: Path, size: int, time: int) -> str:
    """A 4 GB checkpoint takes 10 s to read whole: large files by samples, bound to size and time."""
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        if size <= WHOLE_BYTES:
            while block := file.read(2**20):
                digest.update(block)
            return digest.hexdigest()
        digest.update(f"{size} {time}".encode())
        for sample in range(SAMPLES):
            file.seek((size - SAMPLE_BYTES) * sample // (SAMPLES - 1))
            digest.update(file.read(SAMPLE_BYTES))
    return digest.hexdigest()
