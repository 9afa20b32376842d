"""Skips, tried on random graphs and grids at random times: what is skipped harms nothing else."""

from __future__ import annotations

import contextlib
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as tried_on
from hypothesis import strategies as st

from graph import node
from graph.devices import DeviceLanes
from graph.events import Event, RunFinished, StepProgress, StepSkipped
from graph.run import Run
from graph.skip import Skip, Skips
from tests.graph.sample import Bench, Ran, document, total
from tests.graph.stored import disk_in
from tests.graph.test_faults import FAILING, NODES, SMALL, TWO, graphs, values_of

Asked = Mapping[int, list[Skip]]
"""By how many events were heard before, what is then asked to be skipped."""
TARGETS = ["out", "n0", "n1"]
NAMES = st.sampled_from([f"n{place}" for place in range(9)] + ["out"])
TURNS = st.dictionaries(NAMES, st.integers(0, 1), min_size=1, max_size=1)
ASKED = st.one_of(NAMES.map(Skip), TURNS.map(lambda turn: Skip(None, turn)))
WHEN = st.integers(0, 30)
TRIED = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def by_time(asked: Iterable[tuple[int, Skip]]) -> Asked:
    timed: dict[int, list[Skip]] = {}
    for when, skip in asked:
        timed.setdefault(when, []).append(skip)
    return timed


def run(bench: Bench, given: Mapping[str, Any], targets: list[str] | None, asked: Asked) -> Ran:
    skips, heard = Skips(), Counter[str]()
    for skip in asked.get(0, ()):
        skips.ask(skip)

    def hear(event: Event) -> None:
        heard["all"] += 1
        for skip in asked.get(heard["all"], ()):
            skips.ask(skip)

    with runs_kept() as kept:
        ran = bench.run(given, targets, heard=hear, skips=skips)
    (course,) = (each._course for each in kept)
    assert not course.is_left
    assert not course.holding._outputs
    return ran


@contextlib.contextmanager
def runs_kept() -> Iterator[list[Run]]:
    """The runs that are begun meanwhile."""
    kept: list[Run] = []
    original = Run.__init__

    def noted(self: Run, *arguments: Any) -> None:
        original(self, *arguments)
        kept.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Run, "__init__", noted)
        yield kept


def check(bench: Bench, ran: Ran) -> set[str]:
    """What holds after every run in which nothing fails; returns the steps that were skipped."""
    skipped = {event.step for event in ran.of(StepSkipped)}
    assert (ran.finished.status, ran.finished.problems) == ("succeeded", ())
    assert [event for event in ran.events if isinstance(event, RunFinished)] == [ran.events[-1]]
    told = Counter(
        (type(event), event.step)
        for event in ran.events
        if hasattr(event, "step") and not isinstance(event, StepProgress)
    )
    assert max(told.values(), default=1) == 1
    assert ran.did_run.isdisjoint(skipped)
    assert ran.started == ran.did_run | (ran.started & skipped)
    assert not bench.cache._wants
    for name, lane in bench.executor.lanes.items():
        waiting = lane._under_way if isinstance(lane, DeviceLanes) else [lane._waiting]
        assert not any(waiting), name
    return skipped


def needs(given: Mapping[str, Any], target: str) -> set[str]:
    """A node and all above it."""
    found, waiting = set[str](), [target]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting += [link["from"][0] for link in given["links"] if link["to"][0] == current]
    return found


def check_values(bench: Bench, given: dict[str, Any]) -> None:
    values = values_of(given)
    for step in bench.plan(given, TARGETS).steps:
        entry = bench.cache.peek(step.key)
        if entry is not None:
            (value,) = entry.outputs
            assert getattr(value, "value", value) == values[step.id.partition("/")[0]]


@TRIED
@tried_on(graphs(), st.lists(st.tuples(WHEN, ASKED), min_size=1, max_size=3), st.booleans())
def test_a_skipped_node_leaves_every_other_branch_as_it_is(
    given: dict[str, Any], asked: list[tuple[int, Skip]], is_small: bool
) -> None:
    FAILING.clear()
    with tempfile.TemporaryDirectory() as folder:
        disk, devices = disk_in(Path(folder) / "cache", 10**6), TWO if is_small else None
        budget = SMALL if is_small else 10**7
        bench = Bench(Path(folder), *NODES, budget=budget, disk=disk, most_together=3, devices=devices)
        ran = run(bench, given, TARGETS, by_time(asked))
        skipped = check(bench, ran)
        names = {name for _, skip in asked for name in (skip.node, *skip.coordinate)}
        for target in ran.plan.targets:
            if names.isdisjoint(needs(given, target.partition("/")[0])):
                assert target in ran.did_run | ran.was_cached
            assert target in ran.did_run | ran.was_cached | skipped
        check_values(bench, given)
        again = bench.run(given, TARGETS)
        assert not check(bench, again)
        assert set(ran.plan.targets) <= again.did_run | again.was_cached
        if not is_small:
            assert not {step for step in again.did_run & ran.did_run if "/" not in step}
        check_values(bench, given)
        assert disk.close(10)
        bench.executor.close()


# Grids


@node(lane="gpu")
def gpu_next(v: int = 1, plus: int = 0) -> int:
    return v + plus


@node(lane="io")
def io_next(v: int = 1, plus: int = 0) -> int:
    return v + plus


@node()
async def async_next(v: int = 1, plus: int = 0) -> int:
    return v + plus


NEXT = (gpu_next, io_next, async_next, total)
COORDINATES = st.dictionaries(st.sampled_from(["a", "b"]), st.integers(0, 3), min_size=1)


def chained(kind: str, sizes: Mapping[str, int], gathers: bool) -> dict[str, Any]:
    """first[a] -> middle[a,b] -> last, which gathers or stands in each cell."""
    swept = {axis: {"plus": {"sweep": list(range(count)), "axis": axis}} for axis, count in sizes.items()}
    last, given = ("Total", "items") if gathers else ("IoNext", "v")
    return document(
        {"first": (kind, swept["a"]), "middle": (kind, swept["b"]), "last": (last, {"plus": 7})},
        *("first.INT > middle.v", f"middle.INT > last.{given}"),
    )


@TRIED
@tried_on(
    st.sampled_from(["GpuNext", "IoNext", "AsyncNext"]),
    st.fixed_dictionaries({"a": st.integers(1, 4), "b": st.integers(1, 3)}),
    st.booleans(),
    st.lists(st.tuples(WHEN, COORDINATES), min_size=1, max_size=3),
)
def test_skipped_cells_leave_the_others_with_the_same_results_and_keys(
    kind: str, sizes: dict[str, int], gathers: bool, asked: list[tuple[int, dict[str, int]]]
) -> None:
    given = chained(kind, sizes, gathers)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
        bench, plain = Bench(Path(folder), *NEXT, most_together=3), Bench(Path(other), *NEXT)
        ran = run(bench, given, ["last"], by_time((when, Skip(None, at)) for when, at in asked))
        check(bench, ran)
        left = [
            {"a": a, "b": b}
            for a, b in product(range(sizes["a"]), range(sizes["b"]))
            if not any({"a": a, "b": b}.items() >= at.items() for _, at in asked)
        ]
        for step in ran.plan.steps:
            at = dict(step.instance.coordinate) if step.instance is not None else {}
            if step.id != "last" and any(cell.items() >= at.items() for cell in left):
                assert step.id in ran.did_run | ran.was_cached
        assert not check(bench, bench.run(given, ["last"]))
        plain.run(given, ["last"])
        assert results(bench, given) == results(plain, given)
        for each in (bench, plain):
            each.executor.close()


def results(bench: Bench, given: Mapping[str, Any]) -> dict[str, Any]:
    """By step, its key and what it made."""
    entries = {step.id: (step.key, bench.cache.peek(step.key)) for step in bench.plan(given, ["last"]).steps}
    return {name: (key, entry.outputs) for name, (key, entry) in entries.items() if entry is not None}
