"""What the log remembers of runs: read, searched and paged."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.bodies import nodes_of

RUN_COLUMNS = (
    "id",
    "seq",
    "title",
    "client",
    "status",
    "priority",
    "place",
    "queued",
    "started",
    "finished",
    "seconds",
    "problems",
    "artifacts",
)
SELECT_RUNS = f"SELECT {', '.join(RUN_COLUMNS)} FROM runs"
LONGEST_WORDS = 20_000


@dataclass(frozen=True)
class Search:
    """What of the history is asked for; None asks for nothing special."""

    text: str = ""
    """Words that all occur in the title or in a literal of the document: of a prompt, a model, a seed."""
    status: str | None = None
    client: str | None = None
    since: float | None = None
    until: float | None = None
    before: int | None = None
    """The seq of the run that ended the page before."""
    limit: int = 100

    def clauses(self) -> Iterator[tuple[str, object]]:
        for word in self.text.split()[:32]:
            yield "words LIKE ? ESCAPE '\\'", _pattern(word)
        for column, sign, value in (
            ("status", "=", self.status),
            ("client", "=", self.client),
            ("queued", ">=", self.since),
            ("queued", "<", self.until),
            ("seq", "<", self.before),
        ):
            if value is not None:
                yield f"{column} {sign} ?", storable(value) if isinstance(value, str) else value


class History:
    """The reading half of the log."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def runs(self, search: Search | None = None) -> list[dict[str, Any]]:
        """Runs, newest first."""
        search = search or Search()
        clauses, values = list(search.clauses()), []
        values = [value for _, value in clauses]
        where = " AND ".join(clause for clause, _ in clauses) or "1"
        query = f"{SELECT_RUNS} WHERE {where} ORDER BY seq DESC LIMIT ?"
        return [self._run_json(row) for row in self._database.execute(query, (*values, search.limit))]

    def run(self, run: str) -> dict[str, Any] | None:
        """One run with its document and what it made."""
        query = f"SELECT {', '.join(RUN_COLUMNS)}, targets, document FROM runs WHERE id = ?"
        row = self._database.execute(query, (storable(run),)).fetchone()
        if row is None:
            return None
        *columns, targets, document = row
        return {
            **self._run_json(columns),
            "targets": json.loads(targets) if targets else None,
            "document": json.loads(document),
        }

    def documents(self, most_bytes: int) -> Iterator[str]:
        """The documents of runs as JSON, the newest first, up to so many bytes of them."""
        for (document,) in self._database.execute("SELECT document FROM runs ORDER BY seq DESC"):
            most_bytes -= len(document)
            if most_bytes < 0:
                return
            yield document

    def naming(self, text: str) -> int:
        """How many runs have a text in their title or in a literal."""
        query = "SELECT count(*) FROM runs WHERE words LIKE ? ESCAPE '\\'"
        (count,) = self._database.execute(query, (_pattern(text),)).fetchone()
        return int(count)

    def artifacts(self, run: str) -> list[dict[str, Any]]:
        """What the steps of a run have shown, in its last attempt."""
        found: list[dict[str, Any]] = []
        told = ("step", "node", "coordinate")
        query = "SELECT body FROM events WHERE run = ? ORDER BY seq"
        for (body,) in self._database.execute(query, (run,)):
            if '"artifacts":[{' in body:
                event = json.loads(body)
                where = {name: event[name] for name in told if name in event}
                found += [{**where, **artifact} for artifact in event["artifacts"]]
            elif '"type":"RunInterrupted"' in body:
                found.clear()
        return found

    def _run_json(self, row: Sequence[Any]) -> dict[str, Any]:
        run = dict(zip(RUN_COLUMNS, row, strict=True))
        artifacts = json.loads(run["artifacts"]) if run["artifacts"] else self.artifacts(run["id"])
        return {**run, "problems": json.loads(run["problems"]), "artifacts": artifacts}


def words_of(title: str, document: object) -> str:
    """What a run is found by: its title and every literal of its document."""
    literals = [
        str(value)
        for node in nodes_of(document)
        if isinstance(node.get("inputs"), Mapping)
        for value in node["inputs"].values()
    ]
    return storable(" ".join([title, *literals])[:LONGEST_WORDS].casefold())


def _pattern(text: str) -> str:
    escaped = text.casefold().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{storable(escaped)}%"


def storable(text: str) -> str:
    """SQLite stores UTF-8, which has no lone surrogates."""
    return text.encode("utf-8", "replace").decode()
