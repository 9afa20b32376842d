"""A value lives until its last use, in the cache or beside it."""

import gc
import threading
import weakref
from collections.abc import Callable
from typing import Any

from graph import node
from graph.events import (
    Event,
    RunFinished,
    RunStarted,
    StepCached,
    StepFinished,
)
from tests.graph.sample import Bench, chain, document, show

LONG = 10.0
"""Seconds until a barrier that nobody meets gives up: only a broken executor waits so long."""


class Value:
    """Something that a weak reference can follow."""


def test_values_are_released_after_their_last_use(make_bench: Callable[..., Bench]) -> None:
    made: dict[str, weakref.ref[Value]] = {}
    alive: list[set[str]] = []

    def note() -> None:
        gc.collect()
        alive.append({name for name, value in made.items() if value() is not None})

    @node()
    def fresh(name: str, above: Any | None = None) -> Any:
        note()
        value = Value()
        made[name] = weakref.ref(value)
        return value

    bench = make_bench(fresh, show, budget=0)
    names = ["a", "b", "c", "d"]
    nodes = {name: ("Fresh", {"name": name}) for name in names}
    given = document(nodes, "a.ANY > b.above", "b.ANY > c.above", "c.ANY > d.above")
    bench.run(given, ["d"])
    note()
    assert alive == [set(), {"a"}, {"b"}, {"c"}, set()]


def test_values_are_released_in_lanes_too(make_bench: Callable[..., Bench]) -> None:
    made: list[weakref.ref[Value]] = []
    barrier = threading.Barrier(2, timeout=LONG)

    @node(lane="io")
    def fresh(which: int) -> Any:
        value = Value()
        made.append(weakref.ref(value))
        barrier.wait()
        return value

    @node(lane="cpu")
    def use(one: Any, other: Any) -> int:
        return 1

    @node()
    def look(value: int) -> int:
        gc.collect()
        return sum(reference() is not None for reference in made)

    bench = make_bench(fresh, use, look, budget=100)
    given = document(
        {"a": ("Fresh", {"which": 1}), "b": ("Fresh", {"which": 2}), "u": ("Use", {}), "l": ("Look", {})},
        *("a.ANY > u.one", "b.ANY > u.other", "u.INT > l.value"),
    )
    bench.cache = bench.executor.cache = type(bench.cache)(
        1000, lambda value: 2000 * isinstance(value, Value)
    )
    assert bench.value(given, "l") == 0


def test_a_branch_that_failed_lets_its_values_go(make_bench: Callable[..., Bench]) -> None:
    made: list[weakref.ref[Value]] = []
    left: list[int] = []

    @node()
    def fresh() -> Any:
        value = Value()
        made.append(weakref.ref(value))
        return value

    @node()
    def broken(above: Any) -> int:
        raise RuntimeError("no")

    @node()
    def joined(value: Any, number: int) -> int:
        return 0

    bench = make_bench(fresh, broken, joined, budget=0)
    given = document(
        {"f": ("Fresh", {}), "b": ("Broken", {}), "j": ("Joined", {})},
        *("f.ANY > b.above", "f.ANY > j.value", "b.INT > j.number"),
    )

    def heard(event: Event) -> None:
        if isinstance(event, RunFinished):
            left.append(sum(reference() is not None for reference in made))

    assert bench.run(given, ["j"], heard=heard).failed == {"b"}
    assert left == [0]


def test_a_run_finishes_with_a_cache_that_holds_nothing(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(budget=0)
    assert bench.run(chain(20)).finished.status == "succeeded"
    assert len(bench.cache) == 0


def test_a_run_uses_what_another_run_made_since_the_plan(bench: Bench) -> None:
    given = chain(4)
    planned = bench.plan(given)
    bench.run(given)
    events: list[Event] = []
    bench.executor.run(planned, run_id="late", emit=events.append)
    assert [type(event) for event in events] == [RunStarted, *[StepCached] * 4, RunFinished]


def test_a_run_makes_again_what_left_the_cache_since_the_plan(bench: Bench) -> None:
    given = chain(4)
    bench.run(given)
    planned = bench.plan(given)
    assert {state for _, state in planned.states()} == {"cached"}
    bench.cache.clear()
    events: list[Event] = []
    assert bench.executor.run(planned, run_id="late", emit=events.append).status == "succeeded"
    assert len([event for event in events if isinstance(event, StepFinished)]) == 4
