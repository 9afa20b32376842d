"""The disk tier's index: one SQLite file, and in memory what it says of this generation's results."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from graph.artifacts import Artifact
from graph.entry import Stored

VERSION = 1
SCHEMA = """
CREATE TABLE IF NOT EXISTS results (
    number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, generation TEXT NOT NULL,
    artifacts TEXT NOT NULL, seconds REAL NOT NULL, bytes INTEGER NOT NULL, made REAL NOT NULL,
    digest TEXT NOT NULL, worth REAL NOT NULL, data BLOB);
CREATE TABLE IF NOT EXISTS ages (aged REAL NOT NULL);
CREATE TABLE IF NOT EXISTS nodes (
    number INTEGER PRIMARY KEY AUTOINCREMENT, node TEXT NOT NULL, type TEXT NOT NULL,
    made_of TEXT NOT NULL, UNIQUE (node, type));
"""
COLUMNS = "number, key, artifacts, seconds, bytes, made, digest"
PATIENCE = 10.0
"""Seconds to wait for another process that writes."""
MOST_NODES = 5000
"""Of so many nodes it is remembered what their last results were made of."""
AT_ONCE = 200
"""Results that leave in one transaction."""


class Index:
    """Results by key. Any thread may use it; what other processes write is seen after `refresh`.

    Reading never waits for writing, of this process or of another: each has a connection of its own.
    `worth` is greedy-dual-size, as in memory: seconds per byte, plus the worth of what left last when it was
    last used.
    """

    def __init__(self, path: Path, generation: str) -> None:
        self._generation = generation
        self._database, self._reader = _open(path), _opened(path)
        self._lock, self._reading = threading.RLock(), threading.Lock()
        self._stored: dict[str, Stored] = {}
        self._used: set[str] = set()
        self._last = 0
        self._seen = -1
        self._nodes = {(node, kind) for node, kind in self._asked("SELECT node, type FROM nodes")}
        self.refresh()

    def __len__(self) -> int:
        return len(self._stored)

    @property
    def kept_bytes(self) -> int:
        """What this generation's results hold."""
        return sum(stored.bytes for stored in list(self._stored.values()))

    def total_bytes(self) -> int:
        """What all results hold."""
        return int(self._asked("SELECT coalesce(sum(bytes), 0) FROM results")[0][0])

    def find(self, key: str) -> Stored | None:
        return self._stored.get(key)

    def all_keys(self) -> set[str]:
        return {key for (key,) in self._asked("SELECT key FROM results")}

    def refresh(self) -> None:
        """Read what other processes have added, or everything where they have removed something."""
        with self._reading:
            (version,) = self._reader.execute("PRAGMA data_version").fetchone()
            if version == self._seen:
                return
            self._seen = version
            self._stored.update(self._read(after=self._last))
            ours = "SELECT count(*) FROM results WHERE generation = ?"
            (count,) = self._reader.execute(ours, [self._generation]).fetchone()
            if count != len(self._stored):
                self._stored = self._read(after=0)

    def _read(self, *, after: int) -> dict[str, Stored]:
        select = f"SELECT {COLUMNS} FROM results WHERE generation = ? AND number > ?"
        stored = {}
        for number, key, artifacts, *others in self._reader.execute(select, [self._generation, after]):
            stored[key] = Stored(key, _artifacts(artifacts), *others)
            self._last = max(self._last, number)
        return stored

    def content(self, key: str) -> tuple[str, bytes | None]:
        """The digest of a result's content, and the content itself unless it is a file."""
        found = self._asked("SELECT digest, data FROM results WHERE key = ?", key)
        if not found:
            raise LookupError(f"{key} is no longer in the index")
        return found[0][0], found[0][1]

    def _asked(self, select: str, *values: object) -> list[Any]:
        with self._reading:
            return self._reader.execute(select, values).fetchall()

    def noted(self, node: str, node_type: str) -> str | None:
        """What the last stored result of a node was made of."""
        if (node, node_type) not in self._nodes:
            return None
        found = self._asked("SELECT made_of FROM nodes WHERE node = ? AND type = ?", node, node_type)
        return str(found[0][0]) if found else None

    def note(self, node: str, node_type: str, made_of: str) -> None:
        """Remember what a result was made of, and forget what was noted longest ago."""
        insert = "INSERT OR REPLACE INTO nodes (node, type, made_of) VALUES (?, ?, ?)"
        with self._lock, self._writing():
            newest = self._database.execute(insert, [node, node_type, made_of]).lastrowid or 0
            self._database.execute("DELETE FROM nodes WHERE number <= ?", [newest - MOST_NODES])
            self._nodes.add((node, node_type))

    def use(self, key: str) -> None:
        """Count a use; it is written before something leaves."""
        self._used.add(key)

    def add(self, stored: Stored, data: bytes | None) -> None:
        """Put a result in, in place of one of the same key; `data` is None where a file holds its content."""
        artifacts = json.dumps([artifact.to_json() for artifact in stored.artifacts])
        with self._lock, self._writing():
            aged = self._aged()
            place = self._database.execute(
                "INSERT OR REPLACE INTO results (key, generation, artifacts, seconds, bytes, made, digest, "
                "worth, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    stored.key, self._generation, artifacts, stored.seconds, stored.bytes, stored.made,
                    stored.digest, aged + stored.seconds / stored.bytes, data,
                ],
            )  # fmt: skip
            self._last = max(self._last, place.lastrowid or 0)
            self._stored[stored.key] = stored

    def remove(self, keys: Iterable[str]) -> None:
        leaving = [(key,) for key in keys]
        for (key,) in leaving:
            self._stored.pop(key, None)
        with self._lock, self._writing():
            self._database.executemany("DELETE FROM results WHERE key = ?", leaving)

    def least_worth(self, excess: int, is_wanted: Callable[[str], bool]) -> Iterator[Sequence[str]]:
        """The keys that leave for so many bytes, in parts: other generations, unwanted, least worth first."""
        if excess <= 0:
            return
        self._write_uses()
        select = "SELECT key, bytes, worth, generation FROM results ORDER BY worth, number"
        rows = self._asked(select)
        rows.sort(key=lambda row: (row[3] == self._generation, is_wanted(row[0])))
        leaving: list[str] = []
        for key, size, worth, _ in rows:
            leaving.append(key)
            excess -= size
            if excess <= 0 or len(leaving) == AT_ONCE:
                self._age(worth)
                yield leaving
                leaving = []
            if excess <= 0:
                return

    def close(self) -> None:
        with self._lock, self._reading:
            self._database.close()
            self._reader.close()

    def _write_uses(self) -> None:
        used, self._used = self._used, set()
        with self._lock, self._writing():
            worths = [(self._aged(), key) for key in used]
            self._database.executemany("UPDATE results SET worth = ? + seconds / bytes WHERE key = ?", worths)

    def _aged(self) -> float:
        """The worth of what left last."""
        (aged,) = self._database.execute("SELECT coalesce(max(aged), 0) FROM ages").fetchone()
        return float(aged)

    def _age(self, worth: float) -> None:
        with self._lock, self._writing():
            if worth > self._aged():
                self._database.execute("DELETE FROM ages")
                self._database.execute("INSERT INTO ages VALUES (?)", [worth])

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """A transaction that has the right to write from its begin, so that it never fails half-way."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")


def _open(path: Path) -> sqlite3.Connection:
    """The database; one that is damaged or of another version is begun anew."""
    try:
        return _opened(path)
    except sqlite3.OperationalError:  # locked for long, or a folder that cannot be written
        raise
    except sqlite3.DatabaseError:
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        return _opened(path)


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        _use_wal(database)
        database.execute("PRAGMA synchronous = NORMAL")  # a crash of the machine loses the newest, no more
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version not in (0, VERSION):
            database.execute("DROP TABLE IF EXISTS results")
        database.executescript(SCHEMA)
        database.execute(f"PRAGMA user_version = {VERSION}")
        database.execute("SELECT 1 FROM results").fetchone()
    except BaseException:
        database.close()
        raise
    return database


def _use_wal(database: sqlite3.Connection) -> None:
    """Let readers and a writer not wait for each other. Two that do this at once get no help from SQLite."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _artifacts(text: str) -> tuple[Artifact, ...]:
    return tuple(Artifact(**record) for record in json.loads(text)) if text != "[]" else ()
