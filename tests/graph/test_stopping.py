"""A run that fails or is cancelled ends once, and keeps what was done."""

import asyncio
import errno
import threading
from collections.abc import Callable, Iterator

import pytest

from graph import Cancelled, Context, NodeError, node
from graph.events import (
    Event,
    RunFinished,
    StepFinished,
)
from tests.graph.sample import Bench, chain, document


def test_a_node_that_raises_fails_alone_and_finished_steps_stay(bench: Bench) -> None:
    given = document(
        {
            **{"n": ("Number", {"value": 3}), "bad": ("Fail", {}), "after": ("Show", {})},
            **{"m": ("Number", {"value": 4}), "fine": ("Show", {})},
        },
        *("n.INT > bad.value", "bad.INT > after.value", "m.INT > fine.value"),
    )
    ran = bench.run(given)
    assert (ran.did_run, ran.failed, ran.started) == (
        {"n", "m", "fine"},
        {"bad"},
        {"n", "m", "fine", "bad"},
    )
    assert ran.finished.status == "failed"
    (problem,) = ran.finished.problems
    assert (problem.code, problem.node, problem.given) == ("node_failed", "bad", "ValueError")
    assert problem.message == "Fail: ValueError: no 3"
    assert "raise ValueError" in problem.details
    assert "graph/call.py" not in problem.details
    again = bench.run(given)
    assert (again.did_run, again.was_cached, again.failed) == (set(), {"n", "m", "fine"}, {"bad"})


class OutOfMemoryError(RuntimeError):
    """As torch names it."""


class Wordless(Exception):
    def __str__(self) -> str:
        raise RuntimeError("not even words")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OutOfMemoryError("CUDA"), "out_of_memory"),
        (MemoryError(), "out_of_memory"),
        (FileNotFoundError("gone.png"), "file_not_found"),
        (OSError(errno.ENOSPC, "No space left on device", "output/fox.png"), "disk_full"),
        (PermissionError(errno.EACCES, "Permission denied", "output/fox.png"), "not_writable"),
        (NodeError("bad mask", code="empty_mask", input="mask", remedy="Paint one."), "empty_mask"),
        (StopIteration(), "node_failed"),
        (SystemExit(3), "node_failed"),
        (RecursionError(), "node_failed"),
        (Wordless(), "node_failed"),
    ],
)
@pytest.mark.parametrize("lane", ["alone", "handed over"])
def test_every_kind_of_failure_is_a_typed_outcome(
    make_bench: Callable[..., Bench], error: BaseException, code: str, lane: str
) -> None:
    @node()
    def broken(value: int = 0) -> int:
        raise error

    bench = make_bench(broken)
    nodes = {"a": ("Broken", {})} | ({"b": ("Broken", {"value": 1})} if lane != "alone" else {})
    ran = bench.run(document(nodes), list(nodes))
    assert [problem.code for problem in ran.finished.problems] == [code] * len(nodes)
    assert ran.of(RunFinished) == [ran.finished]


def test_a_full_disk_names_the_file_and_what_helps(make_bench: Callable[..., Bench]) -> None:
    @node()
    def full(value: int = 0) -> int:
        raise OSError(errno.ENOSPC, "No space left on device", "output/fox.png")

    (problem,) = make_bench(full).run(document({"a": ("Full", {})}), ["a"]).finished.problems
    assert problem.message == "Full: there is no room on the disk for output/fox.png"
    assert problem.remedy == "Make room on the disk, then run again: what is done is kept."


def test_a_plan_with_a_blocked_target_runs_the_others_and_fails(bench: Bench) -> None:
    given = document(
        {"bad": ("Show", {"value": "x"}), "n": ("Number", {}), "out": ("Show", {})}, "n.INT > out.value"
    )
    ran = bench.run(given)
    assert (ran.did_run, ran.finished.status) == ({"n", "out"}, "failed")
    assert [problem.code for problem in ran.finished.problems] == ["wrong_value_type"]


def test_a_listener_that_raises_ends_the_run_once(bench: Bench) -> None:
    def heard(event: Event) -> None:
        if isinstance(event, StepFinished):
            raise OSError("the log is full")

    ran = bench.run(chain(5), heard=heard)
    assert (ran.finished.status, ran.finished.problems[0].code) == ("failed", "internal_error")
    assert ran.of(RunFinished) == [ran.finished]


def test_an_interrupt_from_the_keyboard_is_a_cancelled_run(make_bench: Callable[..., Bench]) -> None:
    @node()
    def interrupted() -> int:
        raise KeyboardInterrupt

    ran = make_bench(interrupted).run(document({"i": ("Interrupted", {})}), ["i"])
    assert ran.finished.status == "cancelled"


def test_a_cancelled_run_stops_between_steps_and_keeps_what_is_done(bench: Bench) -> None:
    cancel = threading.Event()

    def heard(event: Event) -> None:
        if isinstance(event, StepFinished) and event.step == "n3":
            cancel.set()

    ran = bench.run(chain(10), cancel=cancel, heard=heard)
    assert (ran.finished.status, ran.did_run) == ("cancelled", {"n0", "n1", "n2", "n3"})
    assert ran.of(RunFinished) == [ran.finished]
    resumed = bench.run(chain(10))
    assert resumed.was_cached == {"n0", "n1", "n2", "n3"}
    assert resumed.finished.status == "succeeded"


@pytest.mark.parametrize("count", [1, 2])
def test_cancel_takes_effect_inside_a_node_and_stores_nothing(
    make_bench: Callable[..., Bench], count: int
) -> None:
    cancel = threading.Event()
    steps: list[int] = []

    @node(lane="io")
    def long(context: Context, which: int = 0) -> int:
        for step in range(10**9):
            context.check_cancelled()
            steps.append(step)
            cancel.set()
        return 1

    bench = make_bench(long)
    nodes = {f"l{place}": ("Long", {"which": place}) for place in range(count)}
    ran = bench.run(document(nodes), list(nodes), cancel=cancel)
    assert (ran.finished.status, ran.finished.problems, len(bench.cache)) == ("cancelled", (), 0)
    assert len(steps) <= count * 2


def test_a_generator_is_cancelled_at_its_next_yield_and_closed(make_bench: Callable[..., Bench]) -> None:
    cancel, closed = threading.Event(), []

    @node()
    def endless() -> Iterator[int]:
        try:
            while True:
                cancel.set()
                yield 1
        finally:
            closed.append(True)

    bench = make_bench(endless)
    ran = bench.run(document({"e": ("Endless", {})}), ["e"], cancel=cancel)
    assert (ran.finished.status, closed, len(bench.cache)) == ("cancelled", [True], 0)


def test_an_async_node_is_cancelled_while_it_waits(make_bench: Callable[..., Bench]) -> None:
    cancel, ended = threading.Event(), []

    @node()
    async def forever() -> int:
        cancel.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)
        return 1

    ran = make_bench(forever).run(document({"f": ("Forever", {})}), ["f"], cancel=cancel)
    assert (ran.finished.status, ended) == ("cancelled", [True])


def test_a_run_cancelled_before_it_starts_runs_nothing(bench: Bench) -> None:
    cancel = threading.Event()
    cancel.set()
    ran = bench.run(chain(5), cancel=cancel)
    assert (ran.finished.status, ran.started) == ("cancelled", set())


def test_a_run_that_is_through_when_it_is_cancelled_has_succeeded(bench: Bench) -> None:
    cancel = threading.Event()

    def heard(event: Event) -> None:
        if isinstance(event, StepFinished) and event.step == "show":
            cancel.set()

    assert bench.run(chain(5), cancel=cancel, heard=heard).finished.status == "succeeded"


def test_what_a_node_raises_as_cancelled_cancels(make_bench: Callable[..., Bench]) -> None:
    @node()
    def stopping() -> int:
        raise Cancelled

    ran = make_bench(stopping).run(document({"s": ("Stopping", {})}), ["s"])
    assert ran.finished.status == "cancelled"
