"""Thousands of random runs, watched for leaks and lost events: `python -m benchmarks.soak [--seconds N]`.

Trivial nodes in all lanes, some of which fail, are cancelled or are asked for lazily, over a small memory
and a small disk. Every run must end once, and every step that started must end or its run be over. Leaks are
what the process grows by in the second half. `--quick` is 20 seconds, the default 60.
"""

import argparse
import asyncio
import gc
import json
import platform
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from diffusion import storing
from graph import Lazy, node
from graph.cache import Cache
from graph.disk import Disk
from graph.events import Event, RunFinished, StepFailed, StepFinished, StepStarted
from graph.execute import Executor
from graph.folders import Folders
from graph.nodetype import node_type
from graph.plan import plan
from graph.registry import Registry
from graph.workflow import read_document

SECONDS, QUICK_SECONDS = 60.0, 20.0
MEMORY, DISK = 2**18, 2**20
LITERALS = 40
"""So many different literals: most results are met again, from memory or disk, or have left both."""
WARM = 0.5
"""The part of the time after which the process is as large as it should ever be."""


class Refused(Exception):
    """What a node raises that is meant to fail."""


@node(lane="gpu")
def gpu_node(items: list[int] | None = None, plus: int = 0) -> int:
    time.sleep(0.0015)
    return sum(items or ()) % 1000 + plus


@node(lane="io")
def text_node(items: list[int] | None = None, plus: int = 0) -> int:
    if plus % 17 == 5:
        raise Refused("no")
    return sum(items or ()) % 1000 + plus


@node()
def cpu_node(items: list[int] | None = None, plus: int = 0) -> int:
    return min(sum(items or ()) % 1000, plus)


@node()
async def async_node(items: list[int] | None = None, plus: int = 0) -> int:
    await asyncio.sleep(0)
    return sum(items or ()) % 1000 + plus


@node()
def choose_node(one: Lazy[int], other: Lazy[int], plus: int = 0) -> int:
    return one.get() if plus % 2 else other.get()


SUMS = ("GpuNode", "TextNode", "CpuNode", "CpuNode", "AsyncNode")


def random_document(chance: random.Random) -> dict[str, Any]:
    """3 to 14 nodes, each fed by earlier ones."""
    nodes, links = [], []
    for place in range(chance.randint(3, 14)):
        name = f"n{place}"
        inputs = {"plus": chance.randrange(LITERALS)}
        if place > 1 and chance.random() < 0.15:
            nodes.append({"id": name, "type": "ChooseNode", "inputs": inputs})
            into = ["one", "other"]
        else:
            nodes.append({"id": name, "type": chance.choice(SUMS), "inputs": inputs})
            into = ["items"] * chance.randint(0, 3 if place else 0)
        links += [{"from": [f"n{chance.randrange(place)}", "INT"], "to": [name, each]} for each in into]
    return {"format": "tessera.workflow", "version": 1, "nodes": nodes, "links": links}


class Soak:
    """One program, and what it has told so far."""

    def __init__(self, root: Path) -> None:
        self.folders = Folders(root)
        self.registry = Registry(self.folders)
        for function in (gpu_node, text_node, cpu_node, async_node, choose_node):
            self.registry.add(node_type(function))
        self.cache = Cache(MEMORY, disk=Disk(root / "cache", DISK, storing), codec=storing)
        self.executor = Executor(self.cache, self.folders)
        self.counts: Counter[str] = Counter()

    def run(self, chance: random.Random) -> None:
        workflow, _ = read_document(random_document(chance))
        assert workflow is not None
        target = workflow.nodes[-1].id
        planned = plan(workflow, self.registry, targets=[target], folders=self.folders, cache=self.cache)
        assert planned.ok, planned.problems[:3]
        cancel = threading.Event()
        stop_after = chance.randint(1, 5) if chance.random() < 0.15 else None
        events: list[Event] = []

        def emit(event: Event) -> None:
            events.append(event)
            if stop_after is not None and len(events) > stop_after:
                cancel.set()

        finished = self.executor.run(planned, run_id="run", emit=emit, cancel=cancel)
        self._count(finished, events)

    def _count(self, finished: RunFinished, events: list[Event]) -> None:
        """Take a run in, and what it should have told and did not."""
        self.counts["runs"] += 1
        self.counts[finished.status] += 1
        ends = [event for event in events if isinstance(event, RunFinished)]
        self.counts["lost_events"] += ends != [finished] or events[-1] is not finished
        if finished.status == "succeeded":
            started = {event.step for event in events if isinstance(event, StepStarted)}
            ended = {event.step for event in events if isinstance(event, StepFinished | StepFailed)}
            self.counts["lost_events"] += len(started ^ ended)
        broken = [problem for problem in finished.problems if problem.code != "node_failed"]
        self.counts["internal_errors"] += len(broken)


def held_bytes() -> int:
    """What this process holds in memory."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def measure(seconds: float) -> dict[str, float]:
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as root:
        soak = Soak(Path(root))
        began = time.perf_counter()
        while time.perf_counter() - began < seconds * WARM:
            soak.run(chance)
        warm_runs, warm_bytes = soak.counts["runs"], held_bytes()
        while time.perf_counter() - began < seconds:
            soak.run(chance)
        runs, grown = soak.counts["runs"], held_bytes() - warm_bytes
        assert soak.cache.disk is not None
        flushed = soak.cache.disk.flush(10)
        numbers: dict[str, float] = {name: float(count) for name, count in soak.counts.items()}
        numbers |= {
            "lost_events": float(soak.counts["lost_events"]),
            "internal_errors": float(soak.counts["internal_errors"]),
            "leak_kb_per_1000_runs": grown / 1024 / max(runs - warm_runs, 1) * 1000,
            "memory_over_budget_bytes": float(max(0, soak.cache.bytes - MEMORY)),
            "disk_over_budget_bytes": float(max(0, soak.cache.disk.kept_bytes - DISK)),
            "wants_left": float(len(soak.cache._wants)),
            "unwritten": float(not flushed),
            "runs_per_s": runs / seconds,
            "threads": float(threading.active_count()),
        }
        soak.executor.close()
        soak.cache.close(5)
    return {name: round(value, 3) for name, value in numbers.items()}


def table(numbers: Mapping[str, float]) -> str:
    machine = f"{platform.machine()} Python {platform.python_version()}"
    lines = [f"{'what':28}{'ours':>14}  machine"]
    lines += [f"{name:28}{value:14.1f}  {machine}" for name, value in numbers.items()]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_SECONDS:.0f} seconds")
    parser.add_argument("--json", type=Path, help="write the numbers to this file")
    options = parser.parse_args()
    numbers = measure(QUICK_SECONDS if options.quick else options.seconds)
    print(table(numbers))
    if options.json:
        options.json.write_text(json.dumps(numbers, indent=2) + "\n")


if __name__ == "__main__":
    main()
