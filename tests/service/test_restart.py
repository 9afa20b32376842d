"""What a server leaves, orderly or killed, the next one finds and does: none lost, none twice."""

import asyncio
import os
import random
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.test_utils import TestClient, TestServer

from graph.events import RunFinished, RunInterrupted, RunQueued, RunStarted
from service.app import create_app
from service.engine import Engine
from service.log import Filing, Log
from tests.service.conftest import OPEN_SOCKET, Service, chain, listen, make_places

KILLS = 50
CHECKOUT = Path(__file__).resolve().parents[2]
MAIN = """
import asyncio, ctypes, os, sys
from pathlib import Path
from aiohttp import web
from graph.cache import Cache
from graph.execute import Executor
from graph.folders import Folders
from graph.registry import Registry
from service import runs
from service.app import create_app
from service.engine import Engine
from tests.service.conftest import make_places

runs.MOST_KILLS = 1000  # On a busy machine one run may well be at work at each kill.


async def main(root):
    folders = Folders(root)
    registry, cache = Registry(folders), Cache(2**24)
    load = lambda: registry.load_folder(root / "custom_nodes")
    engine = Engine(registry, folders, cache, Executor(cache, folders), load, lambda: None, lambda: {})
    runner = web.AppRunner(create_app(engine, make_places(root)))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(os.getpid(), runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()

def bind():
    "Let permissions bind the superuser, too: without CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH."
    libc = ctypes.CDLL(None)
    header, found = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    assert libc.capget(header, found) == 0
    found[0] &= ~0b110
    assert libc.capset(header, found) == 0

if "bound" in sys.argv and os.geteuid() == 0:
    bind()
for _ in sys.stdin:  # each line asks for another server, which needs no time to import anything
    if (child := os.fork()) == 0:
        asyncio.run(main(Path(sys.argv[1])))
    os.waitpid(child, 0)
    print("gone", flush=True)
"""


@asynccontextmanager
async def nursery(root: Path, *more: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that starts servers, one after the other."""
    pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", MAIN, str(root), *more, cwd=CHECKOUT, **pipes
    )
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


@asynccontextmanager
async def doomed(nursery: asyncio.subprocess.Process) -> AsyncIterator[aiohttp.ClientSession]:
    """A server as a process of its own, which is killed at the end of the block."""
    assert nursery.stdin is not None and nursery.stdout is not None
    nursery.stdin.write(b"another\n")
    pid, port = map(int, (await asyncio.wait_for(nursery.stdout.readline(), 20)).split())
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            yield session
    finally:
        os.kill(pid, signal.SIGKILL)
        assert await nursery.stdout.readline() == b"gone\n"


async def told(session: aiohttp.ClientSession) -> list[dict[str, Any]]:
    """All events, page by page."""
    events: list[dict[str, Any]] = []
    while True:
        async with session.get(f"/api/v1/events?since={len(events)}") as answer:
            page = (await answer.json())["events"]
        if not page:
            return events
        events += page


def file_of_runs(log: Path) -> list[tuple[str, str]]:
    """Every run and its status, and a look at the file's health."""
    database = sqlite3.connect(log)
    try:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return database.execute("SELECT id, status FROM runs ORDER BY seq").fetchall()
    finally:
        database.close()


async def test_no_run_is_lost_or_done_twice_when_the_server_is_killed_at_random_points(root: Path) -> None:
    pick, accepted = random.Random(7), []
    async with nursery(root) as starter:
        for life in range(KILLS + 1):
            async with doomed(starter) as session:
                end = asyncio.get_running_loop().time() + (pick.uniform(0.0, 0.03) if life < KILLS else 8.0)
                while asyncio.get_running_loop().time() < end:
                    if life < KILLS and len(accepted) < 2 * (life + 1):
                        body = {"workflow": chain("Nap", value=len(accepted), seconds=0.01)}
                        async with session.post("/api/v1/runs", json=body) as answer:
                            assert answer.status == 202
                            accepted.append((await answer.json())["run"])
                    async with session.get("/api/v1/queue") as answer:
                        queue = await answer.json()
                    if life == KILLS and not queue["waiting"] and queue["running"] is None:
                        events = await told(session)
                        break
            file_of_runs(make_places(root).log)
    done = file_of_runs(make_places(root).log)
    assert {run for run, _ in done} >= set(accepted) and len(accepted) >= KILLS // 2
    assert {status for _, status in done} == {"succeeded"}
    seqs = [event["seq"] for event in events]
    assert seqs == list(range(1, 1 + len(seqs)))
    finished = Counter(event["run"] for event in events if event["type"] == "RunFinished")
    started = Counter(event["run"] for event in events if event["type"] == "RunStarted")
    interrupted = Counter(event["run"] for event in events if event["type"] == "RunInterrupted")
    assert set(finished.values()) == {1}
    assert all(started[run] == 1 + interrupted[run] for run in finished)


async def test_what_a_killed_server_left_is_done_in_its_order(engine: Engine, root: Path) -> None:
    log = Log(make_places(root).log)
    document = chain("Nap")
    for place, name in ((1.0, "worked"), (3.0, "last"), (2.0, "next")):
        log.add_run(RunQueued(name, name, "me", (), 0, place), document, Filing(("show",)))
    log.append([RunStarted("worked")])
    log.close()
    async with TestClient(TestServer(create_app(engine, make_places(root)))) as client:
        service = Service(client, root)
        await service.until("last", "succeeded")
        events = (await service.get("events?since=4"))["events"]
        told = [(event["type"], event["run"]) for event in events if event["type"].startswith("Run")]
        ends = [(kind, run) for run in ("worked", "next", "last") for kind in ("RunStarted", "RunFinished")]
        assert told == [("RunInterrupted", "worked"), *ends]
        assert (await service.get("runs/last"))["targets"] == ["show"]


async def test_a_run_that_was_at_work_at_three_kills_is_not_tried_again(engine: Engine, root: Path) -> None:
    log = Log(make_places(root).log)
    log.add_run(RunQueued("deadly", "", "", ()), chain("Nap"))
    for _ in range(2):
        log.append([RunStarted("deadly"), RunInterrupted("deadly", "killed")])
    log.append([RunStarted("deadly")])
    log.close()
    async with TestClient(TestServer(create_app(engine, make_places(root)))) as client:
        shown = await Service(client, root).until("deadly", "failed")
        assert [problem["code"] for problem in shown["problems"]] == ["server_killed"]


async def test_stopping_interrupts_the_running_run_and_the_next_server_goes_on(
    engine: Engine, root: Path
) -> None:
    async with TestClient(TestServer(create_app(engine, make_places(root)))) as client:
        service = Service(client, root)
        run = await service.start(chain("Nap", seconds=0.5))
        waits = await service.start(chain("Nap", value=2))
        await service.until(run, "running")
        socket = await client.ws_connect(OPEN_SOCKET.format(0))
        stopping = asyncio.create_task(client.server.close())
        heard = await listen(socket, until="RunInterrupted")
        assert heard.durable[-1] | {"seq": 0, "time": 0} == {
            "type": "RunInterrupted",
            "run": run,
            "reason": "stopped",
            "seq": 0,
            "time": 0,
        }
        await socket.close()
        await stopping
    async with TestClient(TestServer(create_app(engine, make_places(root)))) as client:
        service = Service(client, root)
        await service.until(waits, "succeeded")
        assert (await service.get(f"runs/{run}"))["status"] == "succeeded"


async def test_a_node_that_does_not_stop_in_time_leaves_its_run_queued(
    engine: Engine, root: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr("service.app.STOPPING", 0.1)
    async with TestClient(TestServer(create_app(engine, make_places(root)))) as client:
        service = Service(client, root)
        run = await service.start(chain("Deaf", seconds=0.6))
        await service.until(run, "running")
        await asyncio.sleep(0.05)
    assert file_of_runs(make_places(root).log) == [(run, "queued")]
    await asyncio.sleep(0.6)


async def test_a_run_that_the_user_cancels_is_not_taken_up_again(engine: Engine, root: Path) -> None:
    async with TestClient(TestServer(create_app(engine, make_places(root)))) as client:
        service = Service(client, root)
        run = await service.start(chain("Nap", seconds=60.0))
        await service.until(run, "running")
        await service.post(f"runs/{run}/cancel", {})
    assert file_of_runs(make_places(root).log) == [(run, "cancelled")]


async def test_a_paused_queue_is_still_paused_after_a_restart(engine: Engine, root: Path) -> None:
    async with TestClient(TestServer(create_app(engine, make_places(root)))) as client:
        service = Service(client, root)
        await service.post("queue/pause", {})
        run = await service.start(chain("Nap"))
    async with TestClient(TestServer(create_app(engine, make_places(root)))) as client:
        service = Service(client, root)
        queue = await service.get("queue")
        assert (queue["paused"], [each["id"] for each in queue["waiting"]]) == (True, [run])
        await service.post("queue/resume", {})
        await service.until(run, "succeeded")


async def test_what_was_skipped_stays_skipped_when_the_server_is_killed(root: Path) -> None:
    """The run begins anew, with all of its steps but those."""
    given = chain("Nap", seconds={"sweep": [60, 50, 0], "axis": "seconds"})

    async def works_at(session: aiohttp.ClientSession, seconds: int, *, since: int) -> None:
        wanted = {"type": "StepStarted", "step": f"middle[seconds={seconds}]"}
        async with asyncio.timeout(20):
            while not any(event.items() >= wanted.items() for event in (await told(session))[since:]):
                await asyncio.sleep(0.02)

    async def skip(session: aiohttp.ClientSession, run: str, seconds: int) -> None:
        body = {"coordinate": {"seconds": seconds}}
        async with session.post(f"/api/v1/runs/{run}/skip", json=body) as answer:
            assert answer.status == 202, await answer.text()

    async with nursery(root) as starter:
        async with doomed(starter) as session:
            async with session.post("/api/v1/runs", json={"workflow": given}) as answer:
                run = (await answer.json())["run"]
            await works_at(session, 60, since=0)
            await skip(session, run, 60)
            await works_at(session, 50, since=0)
            before = len(await told(session))
        async with doomed(starter) as session:
            await works_at(session, 50, since=before)
            await skip(session, run, 50)
            async with asyncio.timeout(20):
                while (events := (await told(session))[before:])[-1]["type"] != "RunFinished":
                    await asyncio.sleep(0.02)
    assert (events[0]["type"], events[-1]["status"]) == ("RunInterrupted", "succeeded")
    steps = {(event["type"], event["step"]) for event in events if event["type"].startswith("Step")}
    ended = {step for step in steps if step[0] in ("StepSkipped", "StepFinished")}
    gone = {("StepSkipped", f"{node}[seconds={at}]") for node in ("middle", "show") for at in (60, 50)}
    assert gone <= ended
    assert ("StepFinished", "show[seconds=0]") in ended and ("StepStarted", "middle[seconds=60]") not in steps


def test_a_log_of_the_first_version_is_read_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    database = sqlite3.connect(path)
    database.executescript(
        """CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
        CREATE TABLE runs (
            id TEXT PRIMARY KEY, seq INTEGER NOT NULL, title TEXT NOT NULL, client TEXT NOT NULL,
            status TEXT NOT NULL, queued REAL NOT NULL, started REAL, finished REAL, seconds REAL,
            problems TEXT NOT NULL, document TEXT NOT NULL);
        CREATE TABLE events (seq INTEGER PRIMARY KEY, run TEXT, body TEXT NOT NULL);
        INSERT INTO runs VALUES ('old', 1, 'Old', '', 'succeeded', 5, 6, 7, 1, '[]', '{"nodes": []}');
        INSERT INTO events VALUES (1, 'old', '{"seq":1,"type":"StepCached","run":"old","step":"a",
            "artifacts":[{"kind":"text","text":"x"}]}');"""
    )
    database.close()
    log = Log(path)
    old = log.run("old")
    assert old is not None
    assert (old["artifacts"], old["priority"]) == ([{"step": "a", "kind": "text", "text": "x"}], 0)
    log.add_run(RunQueued("new", "New", "", ()), {})
    log.append([RunFinished("new", "cancelled", 0.0)])
    assert [run["id"] for run in log.runs()] == ["new", "old"]
    log.close()
