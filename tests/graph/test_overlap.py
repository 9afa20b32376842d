"""Branches that do not need each other overlap: proven by barriers that all must reach."""

import asyncio
import itertools
import threading
from collections.abc import Callable
from typing import Any

import pytest

from graph import node
from tests.graph.sample import SAMPLES, Bench, document, show, total

LONG = 10.0
"""Seconds until a barrier that nobody meets gives up: only a broken executor waits so long."""


def meeting(lanes: tuple[str, str]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    barrier = threading.Barrier(2, timeout=LONG)

    def left(value: int = 0) -> int:
        return barrier.wait()

    def right(value: int = 0) -> int:
        return barrier.wait()

    return node(lane=lanes[0])(left), node(lane=lanes[1])(right)  # type: ignore[arg-type]


@pytest.mark.parametrize("lanes", [("gpu", "cpu"), ("cpu", "cpu"), ("io", "io"), ("gpu", "io")])
def test_independent_branches_overlap(make_bench: Callable[..., Bench], lanes: tuple[str, str]) -> None:
    bench = make_bench(*meeting(lanes), total, show, cpu_workers=2)
    given = document(
        {"l": ("Left", {}), "r": ("Right", {}), "sum": ("Total", {}), "out": ("Show", {})},
        *("l.INT > sum.items", "r.INT > sum.items", "sum.INT > out.value"),
    )
    assert bench.run(given).finished.status == "succeeded"


def test_async_nodes_overlap_with_each_other_and_with_threads(make_bench: Callable[..., Bench]) -> None:
    met: list[threading.Event] = [threading.Event() for _ in range(3)]

    async def meet(place: int) -> int:
        met[place].set()
        for _ in range(int(LONG * 1000)):
            if all(event.is_set() for event in met):
                return place
            await asyncio.sleep(0.001)
        raise TimeoutError

    @node()
    async def first() -> int:
        return await meet(0)

    @node()
    async def second() -> int:
        return await meet(1)

    @node()
    def third() -> int:
        met[2].set()
        assert all(event.wait(LONG) for event in met)
        return 2

    bench = make_bench(first, second, third)
    given = document({"a": ("First", {}), "b": ("Second", {}), "c": ("Third", {})})
    assert bench.run(given, ["a", "b", "c"]).did_run == {"a", "b", "c"}


def test_a_branch_goes_on_while_another_is_still_busy(make_bench: Callable[..., Bench]) -> None:
    saved = threading.Event()

    @node(lane="io", sink=True)
    def slow_save(value: int) -> None:
        assert saved.wait(LONG)  # ends only after the other branch is through

    @node(lane="gpu")
    def sample(value: int) -> int:
        return value + 1

    @node(sink=True)
    def done(value: int) -> None:
        saved.set()

    bench = make_bench(*SAMPLES, slow_save, sample, done)
    given = document(
        {
            **{"n": ("Number", {}), "s1": ("Sample", {}), "s2": ("Sample", {})},
            **{"save": ("SlowSave", {}), "done": ("Done", {})},
        },
        *("n.INT > s1.value", "s1.INT > save.value", "s1.INT > s2.value", "s2.INT > done.value"),
    )
    assert bench.run(given).finished.status == "succeeded"


def test_the_gpu_lane_runs_one_at_a_time(make_bench: Callable[..., Bench]) -> None:
    inside, most = [0], [0]

    @node(lane="gpu")
    def heavy(value: int = 0) -> int:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        threading.Event().wait(0.005)
        inside[0] -= 1
        return value

    bench = make_bench(heavy, total)
    nodes: dict[str, Any] = {f"h{place}": ("Heavy", {"value": place}) for place in range(6)}
    links = [f"{name}.INT > sum.items" for name in nodes]
    ran = bench.run(document(nodes | {"sum": ("Total", {})}, *links), ["sum"])
    assert (len(ran.did_run), most[0]) == (7, 1)


def test_a_step_alone_runs_in_the_calling_thread(make_bench: Callable[..., Bench]) -> None:
    threads = []

    @node(lane="gpu")
    def where(value: int = 0) -> int:
        threads.append(threading.current_thread())
        return value + 1

    bench = make_bench(where)
    names = [f"w{place}" for place in range(5)]
    links = [f"{a}.INT > {b}.value" for a, b in itertools.pairwise(names)]
    bench.run(document({name: ("Where", {}) for name in names}, *links), ["w4"])
    assert threads == [threading.current_thread()] * 5


def test_brief_nodes_stay_in_the_calling_thread_once_they_are_known(bench: Bench) -> None:
    nodes: dict[str, Any] = {f"n{place}": ("Number", {"value": place}) for place in range(300)}
    links = [f"{name}.INT > sum.items" for name in nodes]
    given = document(nodes | {"sum": ("Total", {})}, *links)
    bench.executor.learn(bench.registry.types["Number"], 0.00001)
    for lane in bench.executor.lanes.values():
        lane.submit = lambda call: pytest.fail("a brief node was handed over")  # type: ignore[method-assign]
    assert bench.value(given, "sum") == sum(range(300))
