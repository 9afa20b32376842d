"""What `run --trace` writes keeps the rules of Chrome's trace format, whatever happens in the run."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from graph import Context, Lazy, node
from graph.trace import Trace
from tests.graph.sample import Bench, document, fail, number, show
from tests.graph.trace_rules import faults, in_order


@node(lane="cpu")
def slow(value: int = 0) -> int:
    time.sleep(0.005)
    return value


@node(lane="gpu")
def heavy(value: int = 0) -> int:
    time.sleep(0.005)
    return value


@node(lane="io")
def several(count: int = 3) -> list[int]:
    return list(range(count))


@node()
async def awaited(value: int = 0) -> int:
    await asyncio.sleep(0.01)
    return value


@node()
def counting(value: int = 0) -> Iterator[int]:
    yield value
    yield value + 1


@node()
def choose(first: bool, a: Lazy[int], b: Lazy[int]) -> int:
    return a.get() if first else b.get()


@node(lane="cpu")
def endless(context: Context) -> int:
    while True:
        context.check_cancelled()
        time.sleep(0.001)


NODES = (slow, heavy, several, awaited, counting, choose, endless, number, show, fail)


class CountingMeter:
    def begin(self) -> None: ...
    def end(self) -> dict[str, int]:
        return {"host": 1}


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    bench = make_bench(*NODES, meter=CountingMeter())
    for kind in bench.registry.types.values():
        bench.executor.learn(kind, 0.01 if kind.id in ("Slow", "Heavy", "Several", "Endless") else 0)
    return bench


def traced(bench: Bench, given: object, *, cancel: threading.Event | None = None) -> dict[str, Any]:
    trace = Trace()
    bench.executor.run(bench.plan(given), run_id="run", emit=lambda event: None, trace=trace, cancel=cancel)
    made: dict[str, Any] = json.loads(json.dumps(trace.to_json(), allow_nan=False))
    return made


WIDE = document(
    {
        **{f"s{place}": ("Slow", {"value": place}) for place in range(6)},
        **{f"g{place}": ("Heavy", {"value": place}) for place in range(3)},
        **{f"a{place}": ("Awaited", {"value": place}) for place in range(3)},
        **{f"e{place}": ("Show", {}) for place in range(12)},
        "list": ("Several", {}),
        "each": ("Slow", {}),
        "counted": ("Counting", {}),
        "chosen": ("Choose", {"first": True}),
        "swept": ("Slow", {"value": {"sweep": [50, 51, 52]}}),
        **{name: ("Show", {}) for name in ("x1", "x2", "x3", "x4")},
    },
    *(f"s{place}.INT > e{place}.value" for place in range(6)),
    *(f"g{place}.INT > e{place + 6}.value" for place in range(3)),
    *(f"a{place}.INT > e{place + 9}.value" for place in range(3)),
    "list.INT > each.value",
    "each.INT > x1.value",
    "counted.INT > chosen.a",
    "a0.INT > chosen.b",
    "chosen.INT > x2.value",
    "swept.INT > x3.value",
)


def test_a_run_of_everything_keeps_the_rules(bench: Bench) -> None:
    told = traced(bench, WIDE)
    assert faults(told) == []
    phases = {event["ph"] for event in told["traceEvents"]}
    assert phases == {"X", "b", "e", "C", "M"}
    assert in_order(told, ["list", "each", "x1"])


def test_a_run_that_fails_or_is_cancelled_keeps_the_rules(bench: Bench) -> None:
    broken = {"f": ("Fail", {}), "e": ("Show", {}), "s": ("Slow", {}), "t": ("Show", {})}
    told = traced(bench, document(broken, "f.INT > e.value", "s.INT > t.value"))
    assert faults(told) == []
    assert {event["name"] for event in told["traceEvents"] if event["ph"] == "X"} == {"f", "s", "t"}
    cancel = threading.Event()
    threading.Timer(0.03, cancel.set).start()
    waits = document({"w": ("Endless", {}), "e": ("Show", {})}, "w.INT > e.value")
    assert faults(traced(bench, waits, cancel=cancel)) == []


def span(name: str, ts: float, dur: float, **fields: Any) -> dict[str, Any]:
    return {"name": name, "cat": "step", "ph": "X", "pid": 1, "tid": 7, "ts": ts, "dur": dur, **fields}


NAMES = [
    {"ph": "M", "name": "process_name", "pid": 1, "args": {"name": "Tessera"}},
    {"ph": "M", "name": "thread_name", "pid": 1, "tid": 7, "args": {"name": "cpu-0"}},
]
BEGIN = {"name": "a", "cat": "step", "ph": "b", "pid": 1, "tid": 7, "ts": 5, "id": 1}


@pytest.mark.parametrize(
    ("events", "fault"),
    [
        ([span("a", 0, 10), span("b", 5, 10)], "b overlaps a in thread 7"),
        ([span("a", -1, 1)], "2: ts is -1, not microseconds from 0"),
        ([span("a", 0, float("nan"))], "2: dur is nan, not microseconds from 0"),
        ([span("a", 0, 1, tid="cpu")], "2: tid is 'cpu', not a whole number"),
        ([span("a", 0, 1, tid=8)], "(1, 8) has no name"),
        ([{"ph": "B", "name": "a"}], "2: ph is 'B'"),
        ([{"ph": "X", "name": "a", "cat": "c", "pid": 1, "tid": 7, "ts": 0}], "2: X without dur"),
        ([BEGIN], "('step', 1, 'a') does not end"),
        ([{**BEGIN, "ph": "e"}], "('step', 1, 'a') ends before it begins"),
        ([BEGIN, {**BEGIN, "ph": "e", "ts": 4}], "('step', 1, 'a') ends before it begins"),
        (
            [{"ph": "C", "name": "m", "pid": 1, "ts": 0, "args": {"x": "1"}}],
            "2: a counter counts what is no number",
        ),
        ([NAMES[1]], "(1, 7) has two names"),
    ],
)
def test_what_breaks_a_rule_is_named(events: list[dict[str, Any]], fault: str) -> None:
    assert faults({"traceEvents": [*NAMES, *events]}) == [fault]


def test_spans_may_lie_inside_others_and_side_by_side() -> None:
    nested = [span("a", 0, 10), span("b", 0, 4), span("c", 1, 2), span("d", 4, 6), span("e", 10, 1)]
    assert faults({"traceEvents": [*NAMES, *nested]}) == []
