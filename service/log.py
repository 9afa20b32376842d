"""The durable log: runs and ordered events in one SQLite file; a websocket is a view of it with a cursor."""

import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from graph.events import (
    Event,
    QueueChanged,
    RunEdited,
    RunFinished,
    RunInterrupted,
    RunMoved,
    RunQueued,
    RunStarted,
)
from graph.skip import Skip, Skips
from service.history import History, storable, words_of
from service.protocol import dump
from service.queue import Ticket
from service.schema import open_database

TAIL = 2048  # events kept in memory, so that connected clients cost no query


@dataclass(frozen=True)
class Filing:
    """What is kept of a request beside its document."""

    targets: tuple[str, ...] | None = None
    key: str | None = None
    """The client's idempotency key, and the digest of what it sent with it."""
    digest: str | None = None
    webhook: str | None = None


@dataclass(frozen=True)
class Unfinished:
    """A run that an earlier process left."""

    ticket: Ticket
    status: str
    kills: int


class Log(History):
    """The one writer of the log. Every method is called from one thread."""

    def __init__(self, path: Path, *, keep_runs: int = 5000, keep_events: int = 500) -> None:
        super().__init__(open_database(path))
        self._keep_runs, self._keep_events = keep_runs, keep_events
        (newest,) = self._database.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()
        self.last: int = newest
        self._tail: list[tuple[int, str]] = []
        with self._database:
            self._database.execute(
                "INSERT OR IGNORE INTO meta VALUES ('session', ?)", (uuid.uuid4().hex[:12],)
            )
        self.session = str(self.recall("session"))
        """The log's own name: a client that knows another one starts again."""

    def close(self) -> None:
        self._database.close()

    def recall(self, name: str) -> str | None:
        """A value that outlives the process."""
        row = self._database.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def add_run(self, queued: RunQueued, document: object, filing: Filing | None = None) -> int:
        """Record a run with the event that queued it; the answer is the event's place in the log."""
        filing = filing or Filing()
        row = {
            "id": queued.run,
            "seq": self.last + 1,
            "title": storable(queued.title),
            "client": storable(queued.client),
            "status": "queued",
            "queued": time.time(),
            "problems": "[]",
            "document": dump(document),
            "priority": queued.priority,
            "place": queued.place,
            "targets": None if filing.targets is None else dump(filing.targets),
            "words": words_of(queued.title, document),
            "key": filing.key,
            "digest": filing.digest,
            "webhook": filing.webhook,
        }
        values = ", ".join("?" * len(row))
        with self._database:
            self._database.execute(f"INSERT INTO runs ({', '.join(row)}) VALUES ({values})", [*row.values()])
            appended = self._insert([queued])
            self._prune()
        self._remember(appended)
        return self.last

    def edit_run(self, edited: RunEdited, document: object, targets: Sequence[str] | None) -> None:
        """Record that a run which waits will do something else."""
        change = "UPDATE runs SET document = ?, targets = ?, title = ?, words = ?, skips = NULL WHERE id = ?"
        kept = None if targets is None else dump(targets)
        words = words_of(edited.title, document)
        with self._database:
            self._database.execute(change, (dump(document), kept, storable(edited.title), words, edited.run))
            appended = self._insert([edited])
        self._remember(appended)

    def append(self, events: Sequence[Event]) -> None:
        """Record events in their order, in one transaction."""
        with self._database:
            appended = self._insert(events)
        self._remember(appended)

    def add_skip(self, run: str, skip: Skip) -> None:
        """Record what a run is asked to skip: should it begin anew, it skips that again."""
        with self._database:
            (known,) = self._database.execute("SELECT skips FROM runs WHERE id = ?", (run,)).fetchone()
            skips = json.loads(known or "[]")
            if (asked := skip.to_json()) not in skips:
                change = "UPDATE runs SET skips = ? WHERE id = ?"
                self._database.execute(change, (dump([*skips, asked]), run))

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

    def open_runs(self) -> list[Unfinished]:
        """The runs that are queued or running, oldest first, without the steps that the log tells of."""
        rows = self._database.execute(
            "SELECT id, document, targets, title, client, place, priority, webhook, skips, status, kills"
            " FROM runs WHERE status IN ('queued', 'running') ORDER BY seq"
        )
        return [
            Unfinished(
                Ticket(
                    id=name,
                    document=json.loads(document),
                    targets=None if targets is None else tuple(json.loads(targets)),
                    title=title,
                    client=client,
                    steps=(),
                    place=place,
                    priority=priority,
                    webhook=webhook,
                    skips=Skips(*(Skip(**skip) for skip in json.loads(skips or "[]"))),
                ),
                status,
                kills,
            )
            for name, document, targets, title, client, place, priority, webhook, skips, status, kills in rows
        ]

    def filed(self, key: str) -> tuple[str, int, str] | None:
        """The run of an idempotency key: its id, its seq, and the digest of what was sent."""
        query = "SELECT id, seq, digest FROM runs WHERE key = ?"
        return self._database.execute(query, (key,)).fetchone()  # type: ignore[no-any-return]  # or None

    def webhook(self, run: str) -> str | None:
        """Where the end of a run is still to be told."""
        row = self._database.execute("SELECT webhook FROM runs WHERE id = ?", (run,)).fetchone()
        return row[0] if row else None

    def untold(self) -> list[str]:
        """Runs that have ended and whose webhooks have not heard of it."""
        query = "SELECT id FROM runs WHERE webhook IS NOT NULL AND finished IS NOT NULL ORDER BY seq"
        return [run for (run,) in self._database.execute(query)]

    def told(self, run: str) -> None:
        with self._database:
            self._database.execute("UPDATE runs SET webhook = NULL WHERE id = ?", (run,))

    def newest_place(self) -> float:
        """The furthest place of a run that has begun."""
        query = "SELECT coalesce(max(place), 0) FROM runs WHERE started IS NOT NULL"
        return float(self._database.execute(query).fetchone()[0])

    def _insert(self, events: Sequence[Event]) -> list[tuple[int, str]]:
        now, rows = time.time(), []
        for seq, event in enumerate(events, self.last + 1):
            body = event.to_json()
            rows.append((seq, body["run"], dump({"seq": seq, "time": now, **body})))
        # One call: each lets other threads go first, and a run's nodes keep one busy.
        self._database.executemany("INSERT INTO events VALUES (?, ?, ?)", rows)
        for event in events:
            self._project(event, now)
        return [(seq, text) for seq, _, text in rows]

    def _project(self, event: Event, now: float) -> None:
        """A run's row is what its events say."""
        do = self._database.execute
        match event:
            case RunStarted(run):
                do("UPDATE runs SET status = 'running', started = ? WHERE id = ?", (now, run))
            case RunMoved(run, priority, place):
                do("UPDATE runs SET priority = ?, place = ? WHERE id = ?", (priority, place, run))
            case RunInterrupted(run, reason):
                killed = int(reason == "killed")
                do("UPDATE runs SET status = 'queued', kills = kills + ? WHERE id = ?", (killed, run))
            case RunFinished(run, status, seconds, problems):
                said = dump([problem.to_json() for problem in problems])
                shown = dump(self.artifacts(run))
                do(
                    "UPDATE runs SET status = ?, finished = ?, seconds = ?, problems = ?, artifacts = ?"
                    " WHERE id = ?",
                    (status, now, seconds, said, shown, run),
                )
            case QueueChanged(paused):
                do("INSERT OR REPLACE INTO meta VALUES ('paused', ?)", ("yes" if paused else "no",))

    def _remember(self, appended: list[tuple[int, str]]) -> None:
        self._tail += appended
        if len(self._tail) > 2 * TAIL:
            del self._tail[:-TAIL]
        self.last = self._tail[-1][0] if appended else self.last

    def _prune(self) -> None:
        """Forget the oldest finished runs, and what happened before those whose events are kept."""
        self._database.execute(
            "DELETE FROM runs WHERE status NOT IN ('queued', 'running')"
            " AND seq <= (SELECT seq FROM runs ORDER BY seq DESC LIMIT 1 OFFSET ?)",
            (self._keep_runs,),
        )
        self._database.execute(
            "DELETE FROM events WHERE seq < min("
            " coalesce((SELECT seq FROM runs ORDER BY seq DESC LIMIT 1 OFFSET ?), 0),"
            " coalesce((SELECT min(seq) FROM runs WHERE status IN ('queued', 'running')), 9e18))",
            (self._keep_events - 1,),
        )
