"""Missing model files: what may stand in for one, by its content, then its name, then its architecture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PureWindowsPath
from typing import NamedTuple

from graph.digests import SHORT, Known
from graph.folders import WORKING, Folders, PathRefused
from graph.problems import nearest, words
from graph.wanted import Named, Wanted
from graph.widgets import FileWidget, Refused

MOST_FILES = 20
"""So many different files of a document are searched for thoroughly; of more, only names are compared."""
MOST_LIKE = 3
MOST_OPENED = 30
"""Headers that are read to find files of an architecture."""
Family = Callable[[str, Path], str]
"""The family of models that a file is of, by its name and path; nothing where that is not known."""


class StandIn(NamedTuple):
    """A file that may be chosen in the place of one that is missing."""

    name: str
    label: str


class Missing:
    """Searches for the files that a document names and that are not there; each is searched for once."""

    def __init__(self, folders: Folders, recorded: Mapping[Named, Wanted]) -> None:
        self._folders, self._recorded = folders, recorded
        self._found: dict[Named, Refused] = {}

    def refusal(self, widget: FileWidget, name: str, family: Family) -> Refused | None:
        """What is told of a missing file; None where there is nothing to add to its name."""
        named = (widget.folder, name)
        if widget.folder in WORKING or widget.inside:
            return None
        if named not in self._found and len(self._found) < MOST_FILES:
            try:
                self._found[named] = self._search(widget, name, family)
            except (PathRefused, OSError):
                return None
        return self._found.get(named)

    def _search(self, widget: FileWidget, name: str, family: Family) -> Refused:
        wanted = self._wanted(widget.folder, name)
        files = _Files(self._folders, widget.folder, widget.names(self._folders))
        same = files.same_as(wanted)
        called = [each for each in files.called_as(name) if each not in same]
        like = [] if same or called else files.like(name, wanted.family, family)
        stand_ins = [StandIn(each, f"Use {each}, the same file") for each in same]
        stand_ins += [StandIn(each, _called(each, files.known(each), wanted)) for each in called]
        stand_ins += [StandIn(each, f"Set to {each}") for each in like]
        remedy = f"{same[0]} is the same file: use it." if same else self._elsewhere(widget.folder, wanted)
        if not remedy:
            remedy = _remedy(widget.folder, stand_ins, wanted, files.compared(wanted))
        return Refused(
            "file_not_found",
            f"there is no file {words(name)} in {widget.folder}",
            expected=_described(widget.folder, wanted),
            remedy=remedy,
            instead=[each.name for each in stand_ins],
            labels=[each.label for each in stand_ins],
        )

    def _wanted(self, folder: str, name: str) -> Wanted:
        """What the document says of a file, or what lay here under its name."""
        wanted = self._recorded.get((folder, name), Wanted())
        last = None if wanted.is_known else self._folders.remembered(folder, name)
        if last is None:
            return wanted
        return Wanted(last.sha256, last.tensors, last.size, wanted.family, wanted.url)

    def _elsewhere(self, folder: str, wanted: Wanted) -> str:
        """Where the same file lies in a folder that is not looked into."""
        for kind in self._folders.kinds() if wanted.is_known else ():
            if kind != folder:
                names = self._folders.names(kind)
                for each in _Files(self._folders, kind, names).same_as(wanted):
                    return f"The same file is {each} in the folder {kind}: move it to {folder}."
        return ""


class _Files:
    """The files that there are to choose from."""

    def __init__(self, folders: Folders, folder: str, names: Sequence[str]) -> None:
        self._folders, self._folder, self._names = folders, folder, names

    def known(self, name: str) -> Known | None:
        return self._folders.digests.known(self._folders.resolve(self._folder, name))

    def same_as(self, wanted: Wanted) -> list[str]:
        """Those of the same content, as far as it is known by now."""
        if not wanted.is_known:
            return []
        return [name for name in self._names if (known := self.known(name)) and wanted.is_same(known)]

    def compared(self, wanted: Wanted) -> int:
        """How many could be the same and were not read yet: they are, before others."""
        found = 0
        for path in self._unread() if wanted.is_known else ():
            if wanted.bytes in (None, path.stat().st_size):
                self._folders.digests.ask(path, wait=True)
                found += 1
        return found

    def _unread(self) -> Iterator[Path]:
        for name in self._names:
            path = self._folders.resolve(self._folder, name)
            if self._folders.digests.known(path) is None:
                yield path

    def called_as(self, name: str) -> list[str]:
        """Those of the same name in other folders, then those with another ending."""
        own = PureWindowsPath(name.casefold())  # which knows both slashes
        paths = {each: PureWindowsPath(each.casefold()) for each in self._names}
        exact = [each for each, path in paths.items() if path.name == own.name]
        return exact + [each for each, path in paths.items() if path.stem == own.stem and each not in exact]

    def like(self, name: str, wanted: str, family: Family) -> list[str]:
        """Those with names like this, unless they are of another architecture; else any of the same."""
        near = list(nearest(name, self._names))
        if not wanted:
            return near or list(self._names[:1])
        others = (each for each in self._names[:MOST_OPENED] if each not in near)
        families = {
            each: family(each, self._folders.resolve(self._folder, each)) for each in (*near, *others)
        }
        fitting = [each for each in near if families[each] in ("", wanted)]
        return (fitting or [each for each, found in families.items() if found == wanted])[:MOST_LIKE]


def _called(name: str, known: Known | None, wanted: Wanted) -> str:
    is_other = known is not None and wanted.is_known and not wanted.is_same(known)
    return f"Use {name}, another file of this name" if is_other else f"Use {name}, of the same name"


def _described(folder: str, wanted: Wanted) -> str:
    if not wanted.sha256:
        return f"a file of the folder {folder}"
    return f"a file of the folder {folder} with the sha256 {wanted.sha256[:SHORT]}"


def _remedy(folder: str, stand_ins: Sequence[StandIn], wanted: Wanted, compared: int) -> str:
    if compared:
        return f"Files that may be the same are being read ({compared}): look again in a while."
    if wanted.url:
        return f"Put the file into the folder {folder}: it comes from {wanted.url}."
    if stand_ins:
        return f"Put the file into the folder {folder}, or choose {words(stand_ins[0].name)}."
    return (
        f"Put the file into the folder {folder}: none there fits."
        if wanted.family
        else f"Put the file into the folder {folder}: it holds none yet."
    )
