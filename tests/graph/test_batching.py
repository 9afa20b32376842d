"""Steps that differ in one literal are called together; each has its result, its events and its key."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from graph import Cancelled, Context, NodeError, node
from graph.batching import batched
from graph.events import StepFailed, StepFinished, StepProgress, StepStarted, StepWarned
from graph.misuse import UnknownInput
from graph.nodetype import node_type
from graph.trace import Trace
from tests.graph.sample import Bench, Ran, document, number, show
from tests.graph.trace_rules import faults

CALLS: list[tuple[int, ...]] = []
"""The seeds of each call."""


def draw_several(context: Context, *, seed: Sequence[int], base: int = 0, **given: Any) -> list[int]:
    CALLS.append(tuple(seed))
    for done in range(2):
        context.check_cancelled()
        context.progress(done + 1, 2)
    if base == 13:
        raise RuntimeError("a batch of bad luck")
    if base == 14:
        return [0]
    if base == 15:
        raise Cancelled
    context.warn("together")
    return [base + each for each in seed]


def is_wanted(given: Any) -> bool:
    return bool(given["base"] != 12)


@batched("seed", by=draw_several, fits=is_wanted)
@node(lane="gpu")
def draw(context: Context, *, seed: int = 0, base: int = 0, other: str = "") -> int:
    CALLS.append((seed,))
    context.progress(1, 1)
    if base == 13 and seed == 2:
        raise NodeError("unlucky")
    return base + seed


@node(lane="gpu")
def slow(value: int = 0) -> int:
    time.sleep(0.02)
    return value


@pytest.fixture
def make(make_bench: Callable[..., Bench]) -> Iterator[Callable[..., Bench]]:
    def made(most: int = 8, **options: Any) -> Bench:
        bench = make_bench(draw, slow, number, show, most_together=most, **options)
        for kind in bench.registry.types.values():
            bench.executor.learn(kind, 0.01 if kind.id in ("Draw", "Slow") else 0)
        CALLS.clear()
        return bench

    yield made


def swept(*seeds: int, **given: Any) -> dict[str, Any]:
    nodes = {"d": ("Draw", {"seed": {"sweep": [*seeds], "axis": "seed"}, **given}), "s": ("Show", {})}
    return document(nodes, "d.INT > s.value")


def values(bench: Bench, given: object) -> list[Any]:
    found = [bench.cache.get(step.key) for step in bench.plan(given).steps if step.type == "Draw"]
    return [entry.outputs[0] if entry is not None else None for entry in found]


def test_steps_that_differ_in_the_seed_are_one_call_and_have_each_its_result(
    make: Callable[..., Bench],
) -> None:
    bench = make()
    ran = bench.run(swept(1, 2, 5))
    assert CALLS == [(1, 2, 5)]
    assert values(bench, swept(1, 2, 5)) == [1, 2, 5]
    steps = ["d[seed=1]", "d[seed=2]", "d[seed=5]"]
    for kind, count in ((StepStarted, 1), (StepFinished, 1), (StepProgress, 2), (StepWarned, 1)):
        told = [event.step for event in ran.of(kind) if event.step in steps]
        assert sorted(told) == sorted(steps * count), kind
    at = {event.step: event.instance.to_json() for event in ran.of(StepProgress)}
    assert at["d[seed=5]"] == {"node": "d", "coordinate": {"seed": 5}}


def test_a_result_of_a_batch_is_found_by_a_step_alone_and_the_other_way_round(
    make: Callable[..., Bench],
) -> None:
    bench = make()
    bench.run(swept(1, 2))
    ran = bench.run(swept(2))
    assert (CALLS, ran.did_run & {"d[seed=2]", "d"}) == ([(1, 2)], set())
    bench.run(swept(1, 2, 3, 4))
    assert CALLS == [(1, 2), (3, 4)]


def test_no_more_than_are_allowed_are_called_together(make: Callable[..., Bench]) -> None:
    make(2).run(swept(1, 2, 3, 4, 5))
    assert CALLS == [(1, 2), (3, 4), (5,)]


def test_one_by_one_is_the_default(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(draw, show)
    CALLS.clear()
    bench.run(swept(1, 2))
    assert CALLS == [(1,), (2,)]


def test_checked_calls_are_made_one_by_one(make: Callable[..., Bench]) -> None:
    make(fingerprint=repr).run(swept(1, 2))
    assert sorted(CALLS) == [(1,), (2,)]


def test_only_what_is_otherwise_the_same_goes_together(make: Callable[..., Bench]) -> None:
    bench = make()
    nodes = {
        "n": ("Number", {"value": 7}),
        "a": ("Draw", {"seed": 1}),
        "b": ("Draw", {"seed": 2}),
        "c": ("Draw", {"seed": 3, "other": "x"}),
        "d": ("Draw", {"seed": 4, "base": 1}),
        "e": ("Draw", {}),
        "f": ("Draw", {"seed": 5}),
        "g": ("Draw", {"seed": 6}),
        **{f"s{name}": ("Show", {}) for name in "abcdefg"},
    }
    links = [f"{name}.INT > s{name}.value" for name in "abcdefg"]
    given = document(nodes, "n.INT > e.seed", "n.INT > f.base", "n.INT > g.base", *links)
    assert bench.run(given).finished.status == "succeeded"
    assert sorted(CALLS) == [(1, 2), (3,), (4,), (5, 6), (7,)]


def test_where_it_does_not_fit_they_are_called_one_by_one(make: Callable[..., Bench]) -> None:
    bench = make()
    assert bench.run(swept(1, 2, base=12)).finished.status == "succeeded"
    assert CALLS == [(1,), (2,)]
    assert values(bench, swept(1, 2, base=12)) == [13, 14]


def test_of_a_batch_that_fails_each_step_is_tried_alone(make: Callable[..., Bench]) -> None:
    bench = make()
    ran = bench.run(swept(1, 2, 3, base=13))
    assert CALLS == [(1, 2, 3), (1,), (2,), (3,)]
    assert [(event.step, event.problem.message) for event in ran.of(StepFailed)] == [
        ("d[seed=2]", "Draw: unlucky (at seed 2)")
    ]
    assert values(bench, swept(1, 2, 3, base=13)) == [14, None, 16]


def test_a_batch_that_returns_too_little_is_not_trusted(make: Callable[..., Bench]) -> None:
    bench = make()
    bench.run(swept(1, 2, base=14))
    assert (CALLS, values(bench, swept(1, 2, base=14))) == ([(1, 2), (1,), (2,)], [15, 16])


def test_a_batch_that_is_cancelled_ends_the_run(make: Callable[..., Bench]) -> None:
    bench = make()
    ran = bench.run(swept(1, 2, base=15))
    assert (CALLS, ran.finished.status, ran.of(StepFailed)) == ([(1, 2)], "cancelled", [])
    assert values(bench, swept(1, 2, base=15)) == [None, None]


def test_the_lane_is_free_again_after_a_batch(make: Callable[..., Bench]) -> None:
    bench = make()
    both = document(
        {
            "d": ("Draw", {"seed": {"sweep": [1, 2, 3], "axis": "seed"}}),
            "w": ("Slow", {"value": {"sweep": [1, 2, 3], "axis": "w"}}),
            "s": ("Show", {}),
            "t": ("Show", {}),
        },
        "d.INT > s.value",
        "w.INT > t.value",
    )
    ended = threading.Event()
    timer = threading.Timer(5, ended.set)
    timer.start()
    ran: Ran = bench.run(both, cancel=ended)
    timer.cancel()
    assert (ran.finished.status, CALLS) == ("succeeded", [(1, 2, 3)])
    assert len(ran.did_run) == 12


def test_a_batch_is_one_span_that_names_its_steps(make: Callable[..., Bench]) -> None:
    bench, trace = make(), Trace()
    planned = bench.plan(swept(1, 2))
    bench.executor.run(planned, run_id="run", emit=lambda event: None, trace=trace)
    told: Any = trace.to_json()
    assert faults(told) == []
    (span,) = [event for event in told["traceEvents"] if event.get("cat") == "batch"]
    assert (span["name"], span["args"]["steps"]) == ("d[seed=1]", ["d[seed=1]", "d[seed=2]"])


def test_the_code_of_the_batch_enters_the_key() -> None:
    def other(*, seed: Sequence[int]) -> list[int]:
        return [each + 1 for each in seed]

    def plain(*, seed: Sequence[int]) -> list[int]:
        return [*seed]

    def declared(by: Callable[..., Sequence[object]]) -> str:
        @batched("seed", by=by)
        @node(id="It")
        def it(seed: int = 0) -> int:
            return seed

        return node_type(it).code

    assert declared(other) != declared(plain) == declared(plain)


def test_an_input_that_cannot_vary_is_refused() -> None:
    with pytest.raises(UnknownInput, match=r"It: batched.* names an input with a widget.*; not 'sed'"):
        batched("sed", by=draw_several)(node(id="It")(numbered))


def numbered(seed: int = 0) -> int:
    return seed
