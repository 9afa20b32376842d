"""The durable log: runs and ordered events in one SQLite file; a websocket is a view of it with a cursor."""

import json
import sqlite3
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from graph.events import Event, RunFinished, RunQueued, RunStarted
from service.protocol import dump

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS runs (
    id TEXT PRIMARY KEY, seq INTEGER NOT NULL, title TEXT NOT NULL, client TEXT NOT NULL,
    status TEXT NOT NULL, queued REAL NOT NULL, started REAL, finished REAL, seconds REAL,
    problems TEXT NOT NULL, document TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS runs_by_seq ON runs (seq);
CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, run TEXT, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS events_by_run ON events (run);
"""
RUN_COLUMNS = (
    "id",
    "seq",
    "title",
    "client",
    "status",
    "queued",
    "started",
    "finished",
    "seconds",
    "problems",
)
SELECT_RUNS = f"SELECT {', '.join(RUN_COLUMNS)} FROM runs"
TAIL = 2048  # events kept in memory, so that connected clients cost no query


class LogInUse(Exception):
    """Another process has the log open."""


class Log:
    """The one writer of the log. Every method is called from one thread."""

    def __init__(self, path: Path, *, keep_runs: int = 500) -> None:
        self._keep_runs = keep_runs
        self._database = _open(path)
        self.session = self._read_session()
        (newest,) = self._database.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()
        self.last: int = newest
        self._tail: list[tuple[int, str]] = []

    def close(self) -> None:
        self._database.close()

    def add_run(self, queued: RunQueued, document: object) -> int:
        """Record a run with the event that queued it; the answer is the event's place in the log."""
        title, client = _storable(queued.title), _storable(queued.client)
        row = (queued.run, self.last + 1, title, client, time.time(), dump(document))
        with self._database:
            self._database.execute(
                "INSERT INTO runs (id, seq, title, client, queued, document, status, problems)"
                " VALUES (?, ?, ?, ?, ?, ?, 'queued', '[]')",
                row,
            )
            appended = self._insert([queued])
            self._prune()
        self._remember(appended)
        return self.last

    def append(self, events: Sequence[Event]) -> None:
        """Record events in their order, in one transaction."""
        with self._database:
            appended = self._insert(events)
        self._remember(appended)

    def after(self, cursor: int, limit: int = 512) -> list[tuple[int, str]]:
        """The next events behind a cursor, as (seq, JSON text)."""
        if cursor >= self.last:
            return []
        if self._tail and cursor >= self._tail[0][0] - 1:
            start = cursor + 1 - self._tail[0][0]
            return self._tail[start : start + limit]
        return self._database.execute(
            "SELECT seq, body FROM events WHERE seq > ? ORDER BY seq LIMIT ?", (cursor, limit)
        ).fetchall()

    def runs(self, limit: int = 100) -> list[dict[str, Any]]:
        rows = self._database.execute(f"{SELECT_RUNS} ORDER BY seq DESC LIMIT ?", (limit,))
        return [_run_json(row) for row in rows]

    def run(self, run: str) -> dict[str, Any] | None:
        """One run with its document and what it made."""
        row = self._database.execute(f"{SELECT_RUNS} WHERE id = ?", (run,)).fetchone()
        if row is None:
            return None
        (document,) = self._database.execute("SELECT document FROM runs WHERE id = ?", (run,)).fetchone()
        return {**_run_json(row), "document": json.loads(document), "artifacts": self._artifacts(run)}

    def open_runs(self) -> list[tuple[str, str]]:
        """(id, status) of the runs that are queued or running, oldest first."""
        return self._database.execute(
            "SELECT id, status FROM runs WHERE status IN ('queued', 'running') ORDER BY seq"
        ).fetchall()

    def _artifacts(self, run: str) -> list[dict[str, Any]]:
        bodies = self._database.execute("SELECT body FROM events WHERE run = ? ORDER BY seq", (run,))
        events = [json.loads(body) for (body,) in bodies]
        told = ("step", "node", "coordinate")
        return [
            {**{name: event[name] for name in told if name in event}, **artifact}
            for event in events
            for artifact in event.get("artifacts", ())
        ]

    def _insert(self, events: Sequence[Event]) -> list[tuple[int, str]]:
        now, appended = time.time(), []
        for seq, event in enumerate(events, self.last + 1):
            body = event.to_json()
            text = dump({"seq": seq, "time": now, **body})
            self._database.execute("INSERT INTO events VALUES (?, ?, ?)", (seq, body["run"], text))
            self._project(event, now)
            appended.append((seq, text))
        return appended

    def _project(self, event: Event, now: float) -> None:
        """A run's row is what its events say."""
        match event:
            case RunStarted(run):
                change = "UPDATE runs SET status = 'running', started = ? WHERE id = ?"
                self._database.execute(change, (now, run))
            case RunFinished(run, status, seconds, problems):
                change = "UPDATE runs SET status = ?, finished = ?, seconds = ?, problems = ? WHERE id = ?"
                said = dump([problem.to_json() for problem in problems])
                self._database.execute(change, (status, now, seconds, said, run))

    def _remember(self, appended: list[tuple[int, str]]) -> None:
        self._tail += appended
        if len(self._tail) > 2 * TAIL:
            del self._tail[:-TAIL]
        self.last = self._tail[-1][0] if appended else self.last

    def _prune(self) -> None:
        """Forget the oldest finished runs, and what happened before the oldest that is left."""
        self._database.execute(
            "DELETE FROM runs WHERE status NOT IN ('queued', 'running')"
            " AND seq <= (SELECT seq FROM runs ORDER BY seq DESC LIMIT 1 OFFSET ?)",
            (self._keep_runs,),
        )
        self._database.execute("DELETE FROM events WHERE seq < (SELECT min(seq) FROM runs)")

    def _read_session(self) -> str:
        """The log's own name: a client that knows another one starts again."""
        with self._database:
            self._database.execute(
                "INSERT OR IGNORE INTO meta VALUES ('session', ?)", (uuid.uuid4().hex[:12],)
            )
        (session,) = self._database.execute("SELECT value FROM meta WHERE name = 'session'").fetchone()
        return str(session)


def _storable(text: str) -> str:
    """SQLite stores UTF-8, which has no lone surrogates."""
    return text.encode("utf-8", "replace").decode()


def _run_json(row: Sequence[Any]) -> dict[str, Any]:
    run = dict(zip(RUN_COLUMNS, row, strict=True))
    return {**run, "problems": json.loads(run["problems"])}


def _open(path: Path) -> sqlite3.Connection:
    """Open the file; one that is no database is put aside, never deleted."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _connect(path)
    except sqlite3.OperationalError as error:
        raise LogInUse(f"{path}: {error}") from error
    except sqlite3.DatabaseError:
        path.replace(path.with_suffix(f".broken-{int(time.time())}"))
        return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=1.0, check_same_thread=False)
    try:
        # One process owns the log: a second writer would number its events alike.
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.executescript(SCHEMA)
    except sqlite3.Error:
        database.close()
        raise
    return database
