"""The durable log."""

import json
import math
import sqlite3
from pathlib import Path

import pytest

from graph.artifacts import Artifact
from graph.events import CatalogChanged, RunFinished, RunQueued, RunStarted, StepFinished
from graph.problems import Problem
from service.log import TAIL, Log
from service.schema import LogInUse


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "user" / "log.sqlite"


def queued(run: str) -> RunQueued:
    return RunQueued(run, f"title of {run}", "someone", (("a", "will_run"),))


def bodies(log: Log, cursor: int = 0) -> list[dict[str, object]]:
    found = [json.loads(text) for _, text in log.after(cursor)]
    return [{name: value for name, value in event.items() if name != "time"} for event in found]


def test_events_are_numbered_in_order_and_runs_follow_them(path: Path) -> None:
    log = Log(path)
    assert log.add_run(queued("r1"), {"nodes": []}) == 1
    log.append([RunStarted("r1"), StepFinished("r1", "a", 0.5)])
    assert log.runs()[0]["status"] == "running"
    wrong = Problem("x", "it broke")
    log.append([RunFinished("r1", "failed", 1.5, (wrong,))])
    assert [event["seq"] for event in bodies(log)] == [1, 2, 3, 4]
    assert bodies(log, 1)[0] == {"seq": 2, "type": "RunStarted", "run": "r1"}
    run = log.run("r1")
    assert run is not None
    assert (run["status"], run["seconds"], run["problems"]) == ("failed", 1.5, [wrong.to_json()])
    assert run["document"] == {"nodes": []}
    log.close()


def test_history_survives_a_restart_under_the_same_session(path: Path) -> None:
    first = Log(path)
    first.add_run(queued("r1"), {})
    first.append([CatalogChanged()])
    before, session = bodies(first), first.session
    first.close()
    second = Log(path)
    assert (second.last, second.session, bodies(second)) == (2, session, before)
    second.append([RunStarted("r1")])
    assert bodies(second, 2) == [{"seq": 3, "type": "RunStarted", "run": "r1"}]
    second.close()


def test_a_cursor_reads_the_same_from_memory_and_from_disk(path: Path) -> None:
    log = Log(path)
    log.append([RunStarted(str(number)) for number in range(3 * TAIL)])
    log.append([CatalogChanged()])
    seqs, cursor = [], 0
    while found := log.after(cursor):
        seqs += [seq for seq, _ in found]
        cursor = seqs[-1]
    assert seqs == list(range(1, 3 * TAIL + 2))
    assert log.after(10**6) == []
    log.close()


def test_the_oldest_finished_runs_are_forgotten_with_their_events(path: Path) -> None:
    log = Log(path, keep_runs=3, keep_events=2)
    for number in range(6):
        log.add_run(queued(f"r{number}"), {})
        log.append([RunFinished(f"r{number}", "succeeded", 0.1)])
    assert [run["id"] for run in log.runs()] == ["r5", "r4", "r3"]
    log.close()
    reopened = Log(path, keep_runs=3)
    assert bodies(reopened)[0]["run"] == "r4"
    assert reopened.last == 12
    reopened.close()


def test_a_run_that_is_not_finished_is_never_forgotten(path: Path) -> None:
    log = Log(path, keep_runs=1)
    for number in range(4):
        log.add_run(queued(f"r{number}"), {})
    left = [(each.ticket.id, each.status) for each in log.open_runs()]
    assert left == [(f"r{number}", "queued") for number in range(4)]
    log.close()


def test_a_second_process_cannot_write_the_same_log(path: Path) -> None:
    log = Log(path)
    with pytest.raises(LogInUse):
        Log(path)
    log.close()


def test_a_file_that_is_no_database_is_put_aside(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is no database" * 100)
    log = Log(path)
    assert log.last == 0
    log.close()
    (aside,) = path.parent.glob("*.broken-*")
    assert aside.read_bytes().startswith(b"this is no database")


def test_text_and_numbers_that_json_does_not_know_are_kept(path: Path) -> None:
    log = Log(path)
    log.add_run(RunQueued("r1", "lone \ud800", "", ()), {"value": math.nan, "text": "\udfff"})
    run = log.run("r1")
    assert run is not None
    assert run["document"] == {"value": "nan", "text": "\udfff"}
    log.close()


def test_the_log_is_in_wal_mode(path: Path) -> None:
    Log(path).close()
    database = sqlite3.connect(path)
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.close()


def test_what_a_run_made_is_known_longer_than_its_events(path: Path) -> None:
    log = Log(path, keep_events=1)
    log.add_run(queued("r1"), {})
    shown = Artifact("text", text="seven")
    log.append([RunStarted("r1"), StepFinished("r1", "a", 0.5, (shown,)), RunFinished("r1", "succeeded", 1)])
    log.add_run(queued("r2"), {})
    log.append([RunFinished("r2", "succeeded", 1)])
    log.add_run(queued("r3"), {})
    log.close()
    reopened = Log(path)
    assert {event["run"] for event in bodies(reopened)} == {"r3"}
    run = reopened.run("r1")
    assert run is not None
    assert run["artifacts"] == [{"step": "a", **shown.to_json()}]
    reopened.close()


def test_a_clock_that_is_set_back_changes_no_order(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log, clock = Log(path), iter([1000.0, 1000.0, 5.0, 5.0, 2000.0, 2000.0])
    monkeypatch.setattr("service.log.time.time", lambda: next(clock))
    for name in ("first", "second", "third"):
        log.add_run(queued(name), {})
    assert [event["run"] for event in bodies(log)] == ["first", "second", "third"]
    assert [run["id"] for run in log.runs()] == ["third", "second", "first"]
    assert [left.ticket.id for left in log.open_runs()] == ["first", "second", "third"]
    log.close()


def test_a_log_that_another_program_holds_says_so_and_can_be_opened_later(path: Path) -> None:
    Log(path).close()
    other = sqlite3.connect(path)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(LogInUse, match="locked"):
        Log(path)
    other.close()
    Log(path).close()
