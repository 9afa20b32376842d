"""Several devices: each has a lane of its own, and steps go to a free one that holds their models."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest

from graph import node
from graph.devices import DeviceLanes, Devices
from graph.events import RunFinished, StepFailed, StepStarted
from tests.graph.sample import Bench, document, number, show

HERE = threading.local()
SEEN: list[tuple[str, int, str]] = []
"""What was computed, with what, and where."""
HELD: dict[str, set[object]] = {}
"""By device the models that were used there."""
UNDER_WAY: list[str] = []
TOGETHER: list[int] = []
NAMES = ("a", "b")


@contextmanager
def at(position: int) -> Iterator[None]:
    HERE.name = NAMES[position]
    assert HERE.name not in UNDER_WAY, "one at a time on each device"
    UNDER_WAY.append(HERE.name)
    TOGETHER.append(len(UNDER_WAY))
    yield
    UNDER_WAY.remove(HERE.name)


def best(free: Sequence[int], values: Sequence[object]) -> int:
    return max(free, key=lambda position: len(HELD[NAMES[position]] & set(values)))


@node()
def model(name: str = "m") -> str:
    return name


@node(lane="gpu")
def compute(model: str, value: int = 0, seconds: float = 0.02) -> int:
    where = getattr(HERE, "name", "nowhere")
    HELD[where].add(model)
    time.sleep(seconds)
    SEEN.append((model, value, where))
    if value == 13:
        raise RuntimeError("unlucky")
    return value


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    made = make_bench(model, compute, number, show, devices=Devices(NAMES, at, best))
    for kind in made.registry.types.values():
        made.executor.learn(kind, 0.01 if kind.id == "Compute" else 0)
    SEEN.clear()
    TOGETHER.clear()
    UNDER_WAY.clear()
    HELD.update({name: set() for name in NAMES})
    return made


def swept(*values: int, models: Sequence[str] = ("m",)) -> dict[str, Any]:
    nodes = {
        "m": ("Model", {"name": {"sweep": [*models], "axis": "m"}}),
        "c": ("Compute", {"value": {"sweep": [*values], "axis": "v"}}),
        "s": ("Show", {}),
    }
    return document(nodes, "m.STRING > c.model", "c.INT > s.value")


def test_two_devices_compute_two_steps_at_once_and_each_one_at_a_time(bench: Bench) -> None:
    ran = bench.run(swept(1, 2, 3, 4, 5, 6))
    assert ran.finished.status == "succeeded"
    assert {where for _, _, where in SEEN} == {"a", "b"}
    assert max(TOGETHER) == 2
    assert sorted(value for _, value, _ in SEEN) == [1, 2, 3, 4, 5, 6]


def test_of_free_devices_that_which_holds_the_model_is_taken(bench: Bench) -> None:
    HELD["b"].add("m")
    for value in (1, 2, 3):
        bench.run(swept(value))
    HELD["a"].add("n")
    bench.run(swept(4, models=("n",)))
    assert SEEN == [("m", 1, "b"), ("m", 2, "b"), ("m", 3, "b"), ("n", 4, "a")]


def test_a_step_alone_runs_on_a_device_too_and_where_nothing_is_held_they_take_turns(bench: Bench) -> None:
    for value, name in enumerate("wxyz"):
        bench.run(swept(value, models=(name,)))
    assert [where for *_, where in SEEN] == ["a", "b", "a", "b"]


def test_a_device_is_free_again_after_a_failure(bench: Bench) -> None:
    ran = bench.run(swept(13, 1, 2, 3))
    assert [event.step for event in ran.of(StepFailed)] == ["c[m=m,v=13]"]
    assert len(ran.of(RunFinished)) == 1
    assert sorted(value for _, value, _ in SEEN) == [1, 2, 3, 13]
    assert bench.run(swept(4, 5)).finished.status == "succeeded"


def test_a_cancelled_run_leaves_the_devices_free(bench: Bench) -> None:
    cancel = threading.Event()

    def hear(event: object) -> None:
        if isinstance(event, StepStarted) and event.step.startswith("c["):
            cancel.set()

    assert bench.run(swept(1, 2, 3, 4, 5, 6), cancel=cancel, heard=hear).finished.status == "cancelled"
    assert UNDER_WAY == []
    assert bench.run(swept(1, 2, 3)).finished.status == "succeeded"


def test_a_device_is_free_before_what_it_made_is_known() -> None:
    free: list[int] = []
    lanes = DeviceLanes(Devices(NAMES, lambda position: nullcontext(), lambda free, values: free[0]))
    done = threading.Event()

    def then() -> None:
        free.extend(lanes._under_way)
        done.set()

    lanes.submit(lambda: then)
    assert done.wait(5)
    lanes.close()
    assert free == [0, 0]


def test_one_device_is_one_lane_as_ever(make_bench: Callable[..., Bench]) -> None:
    made = make_bench(model, compute, show)
    HELD["nowhere"] = set()
    assert made.executor.lane_sizes["gpu"] == 1
    assert made.run(swept(1, 2)).finished.status == "succeeded"


def test_of_busy_devices_the_least_busy_is_taken() -> None:
    begin, done, where = threading.Event(), threading.Semaphore(0), []

    @contextmanager
    def seen(position: int) -> Iterator[None]:
        where.append(position)
        yield

    def call() -> None:
        begin.wait(5)
        done.release()

    lanes = DeviceLanes(Devices(("x", "y", "z"), seen, lambda free, values: free[0]))
    for _ in range(6):
        lanes.submit(call)
    begin.set()
    assert all(done.acquire(timeout=5) for _ in range(6))
    lanes.close()
    assert sorted(where) == [0, 0, 1, 1, 2, 2]
