"""A trace holds every call, in its lane, and opens in Perfetto; a meter hears of what takes long."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from graph import node
from graph.events import StepFinished
from graph.trace import Trace
from tests.graph.sample import Bench, document, number
from tests.graph.stored import disk_in


def napping(lane: Any) -> Callable[..., int]:
    def nap(value: int = 0) -> int:
        time.sleep(0.01)
        return value

    return node(lane=lane, id=lane)(nap)


@node(id="async")
async def awaited(value: int = 0) -> int:
    await asyncio.sleep(0.02)
    return value


GPU, CPU, IO = napping("gpu"), napping("cpu"), napping("io")
NODES = (GPU, CPU, IO, awaited, number)


def traced(bench: Bench, given: object, targets: list[str]) -> dict[str, Any]:
    trace = Trace()
    finished = bench.executor.run(
        bench.plan(given, targets), run_id="run", emit=lambda event: None, trace=trace
    )
    assert finished.status == "succeeded"
    return json.loads(json.dumps(trace.to_json()))


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    bench = make_bench(*NODES)
    for kind in bench.registry.types.values():
        bench.executor.learn(kind, 0.01 if kind.id != "Number" else 0)
    return bench


def test_every_call_is_a_span_in_its_lane(bench: Bench) -> None:
    nodes = {
        "g": ("gpu", {}),
        "c": ("cpu", {}),
        "i": ("io", {}),
        "a1": ("async", {"value": 1}),
        "a2": ("async", {"value": 2}),
        "n": ("Number", {}),
    }
    told = traced(bench, document(nodes), list(nodes))
    assert set(told) == {"traceEvents", "displayTimeUnit"}
    events = told["traceEvents"]
    threads = {event["tid"]: event["args"]["name"] for event in events if event["name"] == "thread_name"}
    spans = {event["name"]: event for event in events if event["ph"] == "X"}
    lanes = {name: threads[span["tid"]].partition("-")[0] for name, span in spans.items()}
    here = threading.current_thread().name.partition("-")[0]
    assert lanes == {"g": "gpu", "c": "cpu", "i": "io", "n": here}
    assert all(span["dur"] > 9000 for name, span in spans.items() if name != "n")
    assert spans["g"]["args"] == {"type": "gpu"}
    overlapping = [event for event in events if event["ph"] in "be"]
    assert [(event["ph"], event["name"]) for event in overlapping] == [
        *(("b", "a1"), ("e", "a1")),
        *(("b", "a2"), ("e", "a2")),
    ]
    assert len({event["id"] for event in overlapping}) == 2
    assert all(isinstance(event.get("ts", 0), int | float) and event["pid"] == 1 for event in events)


def test_what_is_read_from_disk_is_a_span_too(make_bench: Callable[..., Bench], tmp_path: Path) -> None:
    bench = make_bench(*NODES, disk=disk_in(tmp_path / "cache"))
    disk = bench.cache.disk
    assert disk is not None

    def given(value: int) -> dict[str, Any]:
        return document({"g": ("gpu", {}), "c": ("cpu", {})}, "g.INT > c.value")

    bench.run(document({"g": ("gpu", {})}), ["g"])
    assert disk.flush(5)
    bench.cache.clear()
    events = traced(bench, given(1), ["c"])["traceEvents"]
    spans = [(event["cat"], event["name"]) for event in events if event["ph"] == "X"]
    assert spans == [("load", "g"), ("step", "c")]


class CountingMeter:
    """Counts calls under way; the peak of each is their highest number."""

    def __init__(self) -> None:
        self.begun = 0

    def begin(self) -> None:
        self.begun += 1

    def end(self) -> Mapping[str, int]:
        return {"host": self.begun}


def test_a_meter_hears_of_what_is_not_brief(make_bench: Callable[..., Bench]) -> None:
    meter = CountingMeter()
    bench = make_bench(*NODES, meter=meter)
    for kind in bench.registry.types.values():
        bench.executor.learn(kind, 0.01 if kind.id != "Number" else 0)
    ran = bench.run(document({"n": ("Number", {}), "g": ("gpu", {})}, "n.INT > g.value"), ["g"])
    memory = {event.step: event.memory for event in ran.of(StepFinished)}
    assert memory == {"n": None, "g": {"host": 1}}
    trace = Trace()
    planned = bench.plan(document({"g": ("gpu", {"value": 2})}), ["g"])
    bench.executor.run(planned, run_id="run", emit=lambda event: None, trace=trace)
    (counter,) = [event for event in trace.to_json()["traceEvents"] if event["ph"] == "C"]  # type: ignore[attr-defined]
    assert (counter["name"], counter["args"]) == ("host memory", {"bytes": 2})


def test_a_trace_is_written_as_json(tmp_path: Path) -> None:
    trace = Trace()
    trace.span("a", "step", trace.now())
    trace.write(tmp_path / "trace.json")
    assert json.loads((tmp_path / "trace.json").read_text()) == trace.to_json()
