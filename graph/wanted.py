"""What a document says of a model file that it names: enough to know it again under another name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graph.digests import SHORT, Known
from graph.folders import WORKING, Folders, PathRefused

FIELD = "models"
HEX = re.compile(rf"[0-9a-f]{{{SHORT},64}}")
URL = re.compile(r"https?://[!-~]{1,2000}")
Named = tuple[str, str]
"""A model folder, and the name of a file in it."""
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is known of a file that a document names; digests may be their first digits."""

    sha256: str = ""
    tensors: str = ""
    bytes: int | None = None
    family: str = ""
    url: str = ""

    @property
    def is_known(self) -> bool:
        """Whether its content is known."""
        return bool(self.sha256 or self.tensors)

    def is_same(self, known: Known) -> bool:
        """Whether this is the content of a file."""
        if self.sha256:
            return known.sha256.startswith(self.sha256)
        return bool(self.tensors) and known.tensors.startswith(self.tensors)


def recorded(document: Mapping[str, Any]) -> dict[Named, Wanted]:
    """What a document says of its files; what is malformed is not said."""
    return {named: _wanted(record) for named, record in records_of(document)}


def records_of(document: Mapping[str, Any]) -> Iterator[tuple[Named, Record]]:
    """The records that are well formed, each by what it is of."""
    records = document.get(FIELD)
    for record in records if isinstance(records, list) else ():
        match record:
            case {"folder": str(folder), "name": str(name)}:
                yield (folder, name), record


def _wanted(record: Record) -> Wanted:
    size, family, url = record.get("bytes"), record.get("family"), record.get("url")
    return Wanted(
        _digits(record.get("sha256")),
        _digits(record.get("tensors")),
        size if isinstance(size, int) and not isinstance(size, bool) else None,
        family if isinstance(family, str) else "",
        url if isinstance(url, str) and URL.fullmatch(url) else "",
    )


def _digits(value: object) -> str:
    found = value.strip().lower() if isinstance(value, str) else ""
    return found if HEX.fullmatch(found) else ""


def renewed(document: Mapping[str, Any], folders: Folders) -> Mapping[str, Any]:
    """The document with the digests that have become known since it was recorded."""
    records = document.get(FIELD)
    if not isinstance(records, list):
        return document
    found = dict(records_of(document))
    fresh = {id(record): record_of(folders, at, record, "") for at, record in found.items()}
    return {**document, FIELD: [fresh.get(id(each), each) for each in records]}


def record_of(folders: Folders, at: Named, before: Record, family: str) -> Record:
    """What is known of one file; of one that is not there, what was known."""
    record: Record = {"folder": at[0], "name": at[1], **before}
    if at[0] in WORKING:
        return record
    try:
        path = folders.find(*at)
        status = path.stat() if path is not None else None
        gone = folders.remembered(*at) if path is None else None
    except (PathRefused, OSError):
        return record
    if gone is not None and not _wanted(record).is_known:
        return {**record, "bytes": gone.size, **_digests(gone)}
    if path is None or status is None:
        return record
    known = folders.digests.known(path, status)
    if known is None:
        folders.digests.ask(path)
    wanted = _wanted(record)
    is_other = known is not None and wanted.is_known and not wanted.is_same(known)
    if is_other or wanted.bytes not in (None, status.st_size):
        record = {"folder": at[0], "name": at[1]}  # it spoke of another file of this name
    said = {"family": family} if family else {}
    return {**record, "bytes": status.st_size, **(_digests(known) if known else {}), **said}


def _digests(known: Known) -> Record:
    return {"sha256": known.sha256, **({"tensors": known.tensors} if known.tensors else {})}
