"""Which local files other programs mean: by the hashes that they tell, then by the names."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PureWindowsPath

from compat.infotext import Infotext
from compat.loose import Record
from graph.digests import SHORT, Known
from graph.folders import Folders, PathRefused
from graph.problems import Problem, words

HASH = re.compile(r"[0-9a-f]{8}|[0-9a-f]{10,64}")
OLD_DIGITS, OLD_START, OLD_BYTES = 8, 2**20, 2**16
"""A1111's first hash, AutoV1: eight digits of the sha256 of 64 kB behind the first MB."""


class LocalFiles:
    """The model files that lie here; without folders there are none."""

    def __init__(self, folders: Folders | None = None) -> None:
        self._folders = folders

    def find(self, kind: str, name: str, told: str = "") -> str | None:
        """The file of a kind that has a hash, else the one of a name, with any ending and in any folder."""
        if self._folders is None:
            return None
        names, told = self._folders.names(kind), hash_of(told)
        return (told and self._by_hash(kind, names, told)) or _by_name(names, name)

    def differs(self, kind: str, name: str, told: str) -> bool:
        """Whether a file is known to be another than the one that a hash tells."""
        known, told = self._known(kind, name), hash_of(told)
        if known is None or not told or len(told) == OLD_DIGITS:
            return False
        return not _has(known, told)

    def _by_hash(self, kind: str, names: Sequence[str], told: str) -> str | None:
        if len(told) == OLD_DIGITS:
            return next((name for name in names if self._old_hash(kind, name) == told), None)
        unread = []
        for name in names:
            known = self._known(kind, name)
            if known is not None and _has(known, told):
                return name
            if known is None:
                unread.append(name)
        for path in self._paths(kind, unread):
            self._folders.digests.ask(path)  # type: ignore[union-attr]  # there are names, so there are folders
        return None

    def _paths(self, kind: str, names: Sequence[str]) -> Iterator[Path]:
        for name in names:
            try:
                path = self._folders.find(kind, name) if self._folders else None
            except PathRefused:
                continue
            if path is not None:
                yield path

    def _known(self, kind: str, name: str) -> Known | None:
        found = (self._folders.digests.known(path) for path in self._paths(kind, [name]) if self._folders)
        return next(found, None)

    def _old_hash(self, kind: str, name: str) -> str:
        for path in self._paths(kind, [name]):
            try:
                with path.open("rb") as file:
                    file.seek(OLD_START)
                    return hashlib.sha256(file.read(OLD_BYTES)).hexdigest()[:OLD_DIGITS]
            except OSError:
                break
        return ""


class Chosen:
    """The files that an infotext names, as they are called here, with what it tells of them."""

    def __init__(self, said: Infotext, local: LocalFiles) -> None:
        self._said, self._local = said, local
        self.records: list[Record] = []
        self.problems: list[Problem] = []

    def file(self, kind: str, name: str, otherwise: str) -> str:
        """The local file that is meant, or what it would be called."""
        told = hash_of(self._said.hash_of(kind, name))
        found = self._local.find(kind, name, told)
        if found is not None and self._local.differs(kind, found, told):
            message = f"{found} in {kind} has the name of {words(name)}, and another content than {told}"
            remedy = "Choose another file, or expect another picture."
            self.problems.append(
                Problem("other_file", message, given=told, remedy=remedy, severity="warning")
            )
        elif len(told) > OLD_DIGITS:
            digest = "tensors" if kind == "loras" and len(told) > SHORT else "sha256"
            self.records.append({"folder": kind, "name": found or otherwise, digest: told})
        return found or otherwise


def hash_of(told: str) -> str:
    """A hash in the form in which hashes are compared; nothing for what is none."""
    told = told.strip().lower().removeprefix("0x")
    return told if HASH.fullmatch(told) else ""


def _has(known: Known, told: str) -> bool:
    """Programs tell the sha256 of the file, or that of its tensors."""
    return known.sha256.startswith(told) or known.tensors.startswith(told)


def _by_name(names: Sequence[str], name: str) -> str | None:
    """A name may lack its ending and its folder, and has the slashes of any system."""
    meant = PureWindowsPath(name.casefold())
    paths = {each: PureWindowsPath(each.casefold()) for each in names}
    for is_meant in (
        lambda path: path == meant,
        lambda path: path.name == meant.name,
        lambda path: path.stem == meant.name,
    ):
        found = next((each for each, path in paths.items() if is_meant(path)), None)
        if found is not None:
            return found
    return None
