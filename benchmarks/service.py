"""The service under load: prompts per second, a thousand queued runs, two hundred clients, and kill -9.

The real server as its own process, with nodes that do nothing, so that what is measured is the service:
reading, planning, queueing, logging and telling. `--kills 50` also kills it at 50 random points.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

CHECKOUT = Path(__file__).resolve().parent.parent
PACK = """
import time

from graph import Artifact, node


@node(category="bench")
def number(value: int = 0) -> int:
    return value


@node(category="bench")
def plus(a: int, b: int = 1, seconds: float = 0.0) -> int:
    time.sleep(seconds)
    return a + b


@node(category="bench", sink=True)
def show(value: int) -> list[Artifact]:
    return [Artifact("text", text=str(value))]
"""
NODES = 7  # as many as the smallest useful workflow of Stable Diffusion has
LONGEST = 120.0  # s for anything
Record = dict[str, Any]


def workflow(value: int, seconds: float = 0.0) -> Record:
    """number -> plus … -> show, of seven nodes."""
    middle = [f"plus{count}" for count in range(NODES - 2)]
    names = ["number", *middle, "show"]
    kinds = ["Number", *["Plus"] * len(middle), "Show"]
    nodes: list[Record] = [
        {"id": name, "type": kind, "inputs": {}} for name, kind in zip(names, kinds, strict=True)
    ]
    nodes[0]["inputs"] = {"value": value}
    nodes[1]["inputs"] = {"seconds": seconds}
    inputs = ["a"] * len(middle) + ["value"]
    links = [
        {"from": [source, "INT"], "to": [target, given]}
        for source, target, given in zip(names, names[1:], inputs, strict=False)
    ]
    return {"format": "tessera.workflow", "version": 1, "title": "Bench", "nodes": nodes, "links": links}


class Server:
    """A server that runs, one session to it, and what its websocket told."""

    def __init__(self, process: asyncio.subprocess.Process, session: aiohttp.ClientSession) -> None:
        self.process, self.session = process, session

    async def post(self, path: str, body: Record) -> Record:
        async with self.session.post(f"/api/v1/{path}", json=body) as answer:
            said: Record = await answer.json()
            if answer.status >= 300:
                sys.exit(f"{path}: {said}")
            return said

    async def get(self, path: str) -> Record:
        async with self.session.get(f"/api/v1/{path}") as answer:
            said: Record = await answer.json()
            return said

    async def cpu_seconds(self) -> float:
        """CPU time that the server has used: on a shared machine it says more than the clock."""
        async with self.session.get("/metrics") as answer:
            found = re.search(r"^tessera_cpu_seconds_total (\S+)$", await answer.text(), re.M)
        return float(found[1]) if found else 0.0

    async def start(self, value: int, seconds: float = 0.0) -> str:
        return str((await self.post("runs", {"workflow": workflow(value, seconds)}))["run"])

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        last = (await self.get("events?since=999999999999"))["last"]
        async with self.session.ws_connect(f"/api/v1/socket?since={last}", max_msg_size=0) as socket:
            await socket.receive()  # Hello
            yield socket


@asynccontextmanager
async def serving(root: Path, pack: str = PACK) -> AsyncIterator[Server]:
    (root / "custom_nodes").mkdir(exist_ok=True)
    (root / "custom_nodes/bench.py").write_text(pack)
    command = [sys.executable, "server.py", "--port", "0", "--root", str(root)]
    process = await asyncio.create_subprocess_exec(*command, cwd=CHECKOUT, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        url = (await process.stdout.readline()).decode().split()[-1]
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(url, connector=connector) as session:
            yield Server(process, session)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def ready(server: Server) -> None:
    """Nodes are loaded and torch is imported: neither is to be measured."""
    while not (await server.get("system"))["ready"]:
        await asyncio.sleep(0.1)


async def until_finished(socket: aiohttp.ClientWebSocketResponse, runs: set[str]) -> None:
    """Hear a socket until all of these have ended."""
    left = set(runs)
    async with asyncio.timeout(LONGEST):
        while left:
            event = json.loads((await socket.receive()).data)
            if event["type"] == "RunFinished":
                left.discard(event["run"])


async def in_turn(server: Server, values: Iterator[int], count: int) -> tuple[float, float]:
    """Prompts per second, each posted when the one before has ended, and ms of CPU for one."""
    async with server.listening() as socket:
        started, worked = time.perf_counter(), await server.cpu_seconds()
        for _ in range(count):
            await until_finished(socket, {await server.start(next(values))})
        seconds = time.perf_counter() - started
        return count / seconds, (await server.cpu_seconds() - worked) / count * 1000


async def queued(server: Server, values: Iterator[int], count: int) -> float:
    """Prompts per second, all posted at once."""
    async with server.listening() as socket:
        started = time.perf_counter()
        runs = {await server.start(next(values)) for _ in range(count)}
        await until_finished(socket, runs)
        return count / (time.perf_counter() - started)


async def long_queue(server: Server, values: Iterator[int], count: int) -> Record:
    """Post runs while the queue is paused, then let it go."""
    await server.post("queue/pause", {})
    started = time.perf_counter()
    runs = [await server.start(next(values)) for _ in range(count)]
    posted = time.perf_counter() - started
    async with server.listening() as socket:
        started = time.perf_counter()
        await server.post("queue/resume", {})
        await until_finished(socket, set(runs))
        drained = time.perf_counter() - started
    return {"long_queue_posts_per_s": count / posted, "long_queue_runs_per_s": count / drained}


class Listener:
    """A client that counts events and notices gaps; a probe also takes their delays."""

    def __init__(self) -> None:
        self.seqs: list[int] = []
        self.delays: list[float] = []

    async def hear(self, socket: aiohttp.ClientWebSocketResponse, *, probe: bool) -> None:
        async for message in socket:
            now = time.time()
            self.seqs.append(int(message.data[7 : message.data.index(",")]))
            if probe:
                self.delays.append(now - json.loads(message.data)["time"])

    def lost(self, first: int, last: int) -> int:
        return len(set(range(first + 1, last + 1)) - set(self.seqs))


async def many_clients(server: Server, values: Iterator[int], clients: int, runs: int, pace: float) -> Record:
    """Distinct runs at a pace while many listen: how late events are, and whether anyone misses one."""
    first = (await server.get("events?since=999999999999"))["last"]
    listeners = [Listener() for _ in range(clients)]
    sockets = []
    for _ in listeners:
        socket = await server.session.ws_connect(f"/api/v1/socket?since={first}", max_msg_size=0)
        await socket.receive()  # Hello
        sockets.append(socket)
    tasks = [
        asyncio.create_task(listener.hear(socket, probe=number % 20 == 0))
        for number, (listener, socket) in enumerate(zip(listeners, sockets, strict=True))
    ]
    started = [(await server.start(next(values)), await asyncio.sleep(pace))[0] for _ in range(runs)]
    while (await server.get(f"runs/{started[-1]}"))["status"] != "succeeded":
        await asyncio.sleep(0.05)
    last = (await server.get("events?since=999999999999"))["last"]
    end = time.monotonic() + 10
    while time.monotonic() < end and any(not each.seqs or each.seqs[-1] < last for each in listeners):
        await asyncio.sleep(0.05)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, *(socket.close() for socket in sockets), return_exceptions=True)
    delays = sorted(delay * 1000 for each in listeners for delay in each.delays)
    return {
        "event_p50_ms": delays[len(delays) // 2],
        "event_p99_ms": delays[len(delays) * 99 // 100],
        "events_told": sum(len(each.seqs) for each in listeners),
        "lost": sum(each.lost(first, last) for each in listeners),
    }


async def killed(root: Path, kills: int) -> Record:
    """Kill the server at random points; every run that was accepted must end, and end once."""
    pick, accepted = random.Random(1), set[str]()
    for life in range(kills + 1):
        async with serving(root) as server:
            await server.get("nodes")  # They are loaded: what waits has begun.
            end = time.monotonic() + (pick.uniform(0.0, 1.0) if life < kills else LONGEST)
            while time.monotonic() < end:
                if life < kills and len(accepted) < 20 * (life + 1):
                    accepted.add(await server.start(len(accepted), seconds=0.02))
                queue = await server.get("queue")
                if life == kills and not queue["waiting"] and queue["running"] is None:
                    break
            runs = {run["id"]: run for run in await history(server)}
            ends = Counter[str]()
            cursor = 0
            while life == kills and (page := await server.get(f"events?since={cursor}"))["events"]:
                ends.update(event["run"] for event in page["events"] if event["type"] == "RunFinished")
                cursor = page["last"]
    return {
        "kills": kills,
        "kill_runs": len(accepted),
        "kill_given_up": sum(outcome(runs, run) == "server_killed" for run in accepted),
        "kill_lost": sum(outcome(runs, run) not in ("succeeded", "server_killed") for run in accepted),
        "kill_twice": sum(count > 1 for count in ends.values()),
    }


def outcome(runs: dict[str, Record], run: str) -> str:
    """How a run ended; one that was at work at three kills is given up, and says so."""
    record = runs.get(run, {"status": "lost", "problems": []})
    return str(record["problems"][0]["code"] if record["problems"] else record["status"])


async def history(server: Server) -> list[Record]:
    found: list[Record] = []
    page: Record = {"next": 10**17}
    while page["next"] is not None:
        page = await server.get(f"runs?limit=1000&before={page['next']}")
        found += page["runs"]
    return found


async def measure(quick: bool, kills: int) -> Record:
    counts = (
        {"turns": 100, "long": 300, "clients": 50} if quick else {"turns": 400, "long": 1000, "clients": 200}
    )
    distinct = iter(range(1, 10**9))
    same = iter(lambda: 0, 1)
    with tempfile.TemporaryDirectory() as folder:
        async with serving(Path(folder)) as server:
            await ready(server)
            await in_turn(server, same, 20)  # warm
            results: Record = {}
            for name, values in (("cached", same), ("distinct", distinct)):
                per_second, cpu = await in_turn(server, values, counts["turns"])
                results |= {f"{name}_prompts_per_s": per_second, f"{name}_cpu_ms": cpu}
                results[f"{name}_queued_per_s"] = await queued(server, values, counts["turns"])
            results["clients"] = counts["clients"]
            results |= await many_clients(server, distinct, counts["clients"], 60, 0.05)
            results |= await long_queue(server, distinct, counts["long"])
    if kills:
        with tempfile.TemporaryDirectory() as folder:
            results |= await killed(Path(folder), kills)
    return results


COMFY = {
    "cached_prompts_per_s": 210,
    "cached_queued_per_s": 280,
    "distinct_prompts_per_s": 156,
    "distinct_queued_per_s": 220,
}
"""ComfyUI on a machine of this kind, measured once by hand."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--kills", type=int, default=0, metavar="N", help="also kill the server N times")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = asyncio.run(measure(options.quick, options.kills))
    print(f"{'what':26}{'ours':>12}{'ComfyUI':>10}{'ratio':>8}")
    for name, value in results.items():
        beside = f"{COMFY[name]:10}{value / COMFY[name]:8.2f}" if name in COMFY else ""
        print(f"{name:26}{value:12.2f}{beside}")
    load = os.getloadavg()[0]
    print(f"machine: {platform.processor() or platform.machine()}, {os.cpu_count()} CPUs, load {load:.1f}")
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")
    if any(results.get(name) for name in ("lost", "kill_lost", "kill_twice")):
        sys.exit("something was lost or done twice")


if __name__ == "__main__":
    main()
