"""The engine's own cost per node, with nodes that do nothing: read, plan and run, against a direct loop.

Process CPU time, median of several runs. The document's JSON is parsed already; everything else counts:
reading it into records, planning with keys, running, keeping results and building every event.

Then graphs of such nodes through HTTP and the websocket of a server process, by our protocol and by
ComfyUI's. With `--peer URL` the same through another server that speaks ComfyUI's protocol, in turn, and as
ratios; `benchmarks/peer_nodes/trivial_nodes.py` must be among its custom nodes.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.peer import over_http
from graph import node
from graph.cache import Cache
from graph.events import Event
from graph.execute import Executor
from graph.folders import Folders
from graph.nodetype import node_type
from graph.plan import plan
from graph.registry import Registry
from graph.workflow import read_document
from server import COLLECT_AFTER

SIZES = (10, 100, 1000, 10_000)
WIDTH = 10
MODES = ("cold", "cached", "leaf")


@node()
def source(value: int = 0) -> int:
    return value


@node()
def add(a: int, b: int, plus: int = 0) -> int:
    return (a ^ b) + plus  # a sum of two would outgrow 64 bits along a chain


@node(sink=True)
def show(value: int) -> None:
    return None


@dataclass(frozen=True)
class Shape:
    """A document, the node that "leaf" changes, and the same work as a direct loop."""

    name: str
    document: dict[str, Any]
    leaf: dict[str, Any]
    direct: Callable[[], None]


def chain(count: int) -> Shape:
    """Each node takes the one before it, twice."""
    return shape("chain", count, lambda place: (place - 1, place - 1))


def layered(count: int) -> Shape:
    """Layers of ten; each node takes two of the layer before."""

    def above(place: int) -> tuple[int, int]:
        layer = place - place % WIDTH - WIDTH
        return (layer + place % WIDTH, layer + (place + 1) % WIDTH) if layer >= 0 else (-1, -1)

    return shape("layered", count, above)


def shape(name: str, count: int, above: Callable[[int], tuple[int, int]]) -> Shape:
    nodes: list[dict[str, Any]] = []
    links = []
    steps = []
    for place in range(count - 1):
        a, b = above(place)
        if a < 0:
            nodes.append({"id": f"n{place}", "type": "Source", "inputs": {"value": place}})
        else:
            nodes.append({"id": f"n{place}", "type": "Add", "inputs": {"plus": place}})
            links += [
                {"from": [f"n{each}", "INT"], "to": [f"n{place}", to]} for each, to in ((a, "a"), (b, "b"))
            ]
        steps.append((place, a, b))
    nodes.append({"id": "show", "type": "Show", "inputs": {}})
    links.append({"from": [f"n{count - 2}", "INT"], "to": ["show", "value"]})
    document = {"format": "tessera.workflow", "version": 1, "nodes": nodes, "links": links}

    def direct() -> None:
        values: dict[int, int] = {}
        for place, a, b in steps:
            arguments = {"value": place} if a < 0 else {"a": values[a], "b": values[b], "plus": place}
            values[place] = source(**arguments) if a < 0 else add(**arguments)
        show(value=values[count - 2])

    # Every node is a target, so that a layered graph runs whole; the one changed is the last but the sink.
    return Shape(name, document, nodes[count - 2], direct)


class Bench:
    """One executor, as a program has it, and a cache that each measurement prepares."""

    def __init__(self) -> None:
        self.folders = Folders(Path(tempfile.gettempdir()) / "tessera-benchmark")
        self.registry = Registry(self.folders)
        for function in (source, add, show):
            self.registry.add(node_type(function))
        self.cache = Cache(2**30)
        self.executor = Executor(self.cache, self.folders)
        self.events: list[Event] = []

    def run(self, measured: Shape) -> None:
        workflow, problems = read_document(measured.document)
        assert workflow is not None
        assert not problems
        targets = [record["id"] for record in measured.document["nodes"]]
        planned = plan(workflow, self.registry, targets=targets, folders=self.folders, cache=self.cache)
        assert planned.ok, planned.problems[:3]
        self.events = []
        finished = self.executor.run(planned, run_id="run", emit=self.events.append)
        assert finished.status == "succeeded", finished.problems[:3]

    def seconds(self, measured: Shape, mode: str, repeats: int) -> float:
        """CPU seconds of one run: with an empty cache, a full one, or one literal changed."""
        times = []
        for repeat in range(repeats):
            if mode == "cold":
                self.cache.clear()
            if mode == "leaf":
                name = "plus" if measured.leaf["type"] == "Add" else "value"
                measured.leaf["inputs"][name] = -1 - repeat - repeats * len(times)
            times.append(cpu_seconds(lambda: self.run(measured)))
        return statistics.median(times)

    def event_bytes(self, measured: Shape) -> int:
        """What a client receives of one cold run."""
        self.cache.clear()
        self.run(measured)
        return sum(len(json.dumps(event.to_json(), separators=(",", ":"))) for event in self.events)


def cpu_seconds(work: Callable[[], None]) -> float:
    gc.collect()
    started = time.process_time()
    work()
    return time.process_time() - started


def measure(quick: bool) -> dict[str, float]:
    """All numbers by name; those without a shape are of the slower shape."""
    bench = Bench()
    bench.run(chain(100))
    numbers: dict[str, float] = {}
    for count in SIZES:
        repeats = {10: 20, 100: 15, 1000: 7, 10_000: 2}[count] * (1 if quick else 3)
        for make in (chain, layered):
            measured = make(count)
            direct = statistics.median(cpu_seconds(measured.direct) for _ in range(repeats))
            numbers[f"{measured.name}_direct_us_per_node_{count}"] = direct / count * 1e6
            for mode in MODES:
                spent = bench.seconds(measured, mode, repeats) / count * 1e6
                numbers[f"{measured.name}_{mode}_us_per_node_{count}"] = spent
                name = f"{mode}_us_per_node_{count}"
                numbers[name] = max(spent, numbers.get(name, 0.0))
    per_node = numbers["cold_us_per_node_1000"] / numbers["cold_us_per_node_100"]
    numbers["growth_1000_over_100"] = 10 * per_node
    numbers["event_bytes_1000"] = bench.event_bytes(chain(1000))
    bench.executor.close()
    return {name: round(value, 3) for name, value in numbers.items()}


def table(numbers: dict[str, float]) -> str:
    machine = f"{platform.machine()} Python {platform.python_version()}"
    rows = [("what", "ours us/node", "baseline", "ratio", "machine")]
    for count in SIZES:
        for name in ("chain", "layered"):
            direct = numbers[f"{name}_direct_us_per_node_{count}"]
            for mode in MODES:
                ours = numbers[f"{name}_{mode}_us_per_node_{count}"]
                what = f"{name} of {count}, {mode}"
                rows.append((what, f"{ours:.1f}", f"{direct:.2f}", f"{ours / direct:.0f}", machine))
    growth, size = numbers["growth_1000_over_100"], numbers["event_bytes_1000"]
    rows.append(
        ("growth from 100 to 1,000 nodes, cold", f"{growth:.1f}", "10", f"{growth / 10:.2f}", machine)
    )
    rows.append(("event bytes, 1,000 nodes, cold", f"{size:.0f}", "", "", machine))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repeats: within 50 seconds")
    parser.add_argument("--json", type=Path, help="write the numbers to this file")
    parser.add_argument("--peer", metavar="URL", help="another server, by ComfyUI's protocol")
    options = parser.parse_args()
    gc.set_threshold(*COLLECT_AFTER)  # as the program does
    numbers = measure(options.quick)
    print(table(numbers), flush=True)
    try:
        results = asyncio.run(over_http.compare(options.peer, quick=options.quick))
    except aiohttp.ClientConnectorError as error:
        sys.exit(f"--peer: nothing answers there: {error}")
    print(over_http.table(results))
    numbers |= over_http.numbers_of(results)
    if options.json:
        options.json.write_text(json.dumps(numbers, indent=2) + "\n")


if __name__ == "__main__":
    main()
