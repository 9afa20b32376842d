"""The log's file: its tables, and how a file of an older version gets them."""

import sqlite3
import time
from pathlib import Path

TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS runs (
    id TEXT PRIMARY KEY, seq INTEGER NOT NULL, title TEXT NOT NULL, client TEXT NOT NULL,
    status TEXT NOT NULL, queued REAL NOT NULL, started REAL, finished REAL, seconds REAL,
    problems TEXT NOT NULL, document TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS runs_by_seq ON runs (seq);
CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, run TEXT, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS events_by_run ON events (run);
"""
LATER_COLUMNS = {
    "priority": "INTEGER NOT NULL DEFAULT 0",
    "place": "REAL NOT NULL DEFAULT 0",
    "kills": "INTEGER NOT NULL DEFAULT 0",
    "targets": "TEXT",
    "artifacts": "TEXT",
    "words": "TEXT NOT NULL DEFAULT ''",
    "key": "TEXT",
    "digest": "TEXT",
    "webhook": "TEXT",
    "skips": "TEXT",
}
"""Columns of `runs` that its first version lacked; ALTER TABLE adds them, to new files, too."""
LATER_INDICES = """
CREATE UNIQUE INDEX IF NOT EXISTS runs_by_key ON runs (key) WHERE key IS NOT NULL;
CREATE INDEX IF NOT EXISTS open_runs ON runs (seq) WHERE status IN ('queued', 'running');
CREATE INDEX IF NOT EXISTS runs_to_tell ON runs (seq) WHERE webhook IS NOT NULL;
"""


class LogInUse(Exception):
    """Another process has the log open."""


def open_database(path: Path) -> sqlite3.Connection:
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
        database.executescript(TABLES)
        present = {row[1] for row in database.execute("PRAGMA table_info(runs)")}
        for name, kind in LATER_COLUMNS.items():
            if name not in present:
                database.execute(f"ALTER TABLE runs ADD COLUMN {name} {kind}")
        database.executescript(LATER_INDICES)
    except sqlite3.Error:
        database.close()
        raise
    return database
