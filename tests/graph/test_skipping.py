"""Skipping parts of a run while it works: a cell of a sweep, a branch, a turn; everything else goes on."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from graph import Axes, Context, Lazy, NodeError, Seed, batched, node
from graph.events import (
    Event,
    RunStarted,
    StepCached,
    StepFinished,
    StepProgress,
    StepSkipped,
    StepStarted,
)
from graph.gaps import takes_gaps
from graph.misuse import UnknownInput
from graph.skip import Skip, Skips
from tests.graph.grids import FUNCTIONS, comparison, swept, told
from tests.graph.sample import SAMPLES, Bench, Ran, document, subgraph
from tests.graph.zoned import ADD_NONE, mapped, repeat

When = Callable[[Event], bool]


def started(step: str) -> When:
    return lambda event: isinstance(event, StepStarted) and event.step == step


def finished(step: str) -> When:
    return lambda event: isinstance(event, StepFinished) and event.step == step


def at_once(event: Event) -> bool:
    return isinstance(event, RunStarted)


def at(coordinate: Mapping[str, Any], node: str | None = None) -> Skip:
    return Skip(node, coordinate)


def run(bench: Bench, given: Mapping[str, Any], when: When, *asked: Skip, targets: Any = None) -> Ran:
    """A run that is asked to skip these as soon as something happens."""
    skips = Skips()

    def heard(event: Event) -> None:
        if when(event):
            for each in asked:
                skips.ask(each)

    return bench.run(given, targets, heard=heard, skips=skips)


def skipped(ran: Ran) -> dict[str, str | None]:
    return {event.step: event.because for event in ran.of(StepSkipped)}


SWEPT = {"cfg": swept(4, 6, axis="cfg"), "seed": swept(1, 2, axis="seed")}


def test_a_cell_that_waits_is_not_made_and_the_others_are(grid: Bench) -> None:
    ran = run(grid, comparison(gathers=False, sampler=SWEPT), started("loader"), at({"cfg": 6, "seed": 2}))
    assert ran.finished.status == "succeeded"
    assert skipped(ran) == {"sampler[seed=2,cfg=6]": None, "store[seed=2,cfg=6]": None}
    cells = {
        f"{name}[seed={seed},cfg={cfg}]"
        for name in ("sampler", "store")
        for cfg, seed in ((4, 1), (4, 2), (6, 1))
    }
    assert ran.did_run == {"loader", "blank", *cells}
    event = ran.of(StepSkipped)[-1]
    assert event.to_json() == {
        **{"type": "StepSkipped", "run": "run", "step": "store[seed=2,cfg=6]", "because": None},
        **{"node": "store", "coordinate": {"seed": 2, "cfg": 6}},
    }


def test_the_next_run_makes_the_missing_cell_alone(grid: Bench) -> None:
    given = comparison(gathers=False, sampler=SWEPT)
    run(grid, given, started("loader"), at({"cfg": 6, "seed": 2}))
    reasons = {step.id: step.reason for step in grid.plan(given).steps if step.state == "will_run"}
    assert reasons == dict.fromkeys(
        ("sampler[seed=2,cfg=6]", "store[seed=2,cfg=6]"), "it was skipped the last time"
    )
    ran = grid.run(given)
    assert ran.did_run == {"sampler[seed=2,cfg=6]", "store[seed=2,cfg=6]"}


def test_a_whole_column_is_skipped_by_one_value(grid: Bench) -> None:
    ran = run(grid, comparison(gathers=False, sampler=SWEPT), started("loader"), at({"cfg": 4.0}))
    assert set(skipped(ran)) == {
        f"{name}[seed={seed},cfg=4]" for name in ("sampler", "store") for seed in (1, 2)
    }


def test_a_column_takes_what_only_it_needs_above_along(grid: Bench) -> None:
    """The model of a column is loaded for nothing else."""
    models, scales = swept("a", "b", axis="model"), swept(4, 6, axis="cfg")
    given = comparison(gathers=False, loader={"name": models}, sampler={"cfg": scales})
    ran = run(grid, given, started("blank"), *(at({"model": "b", "cfg": cfg}) for cfg in (4, 6)))
    assert "loader[model=b]" in skipped(ran)
    assert "loader[model=a]" in ran.did_run


def test_what_gathers_and_needs_the_cell_is_skipped_too_and_says_why(grid: Bench) -> None:
    ran = run(grid, comparison(sampler={"cfg": swept(4, 6)}), started("loader"), at({"cfg": 6}))
    assert skipped(ran) == {"sampler[cfg=6]": None, "tile": "sampler[cfg=6]", "store": "tile"}
    assert "sampler[cfg=4]" in ran.did_run
    assert ran.finished.status == "succeeded"


@takes_gaps
@node()
def sheet(pictures: list[str], axes: Axes, title: str = "") -> str:
    return json.dumps([title, pictures, axes.gaps])


def gathered(**inputs: Mapping[str, object]) -> dict[str, Any]:
    given = comparison(**inputs)
    records = [{**record, "type": "Sheet"} if record["id"] == "tile" else record for record in given["nodes"]]
    return {**given, "nodes": records}


@pytest.fixture
def sheets(make_bench: Callable[..., Bench], grid: Bench) -> Bench:
    return make_bench(*FUNCTIONS, sheet)


def test_a_node_that_takes_gaps_is_made_with_them_and_never_taken_for_the_whole(sheets: Bench) -> None:
    given = gathered(sampler=SWEPT)
    ran = run(sheets, given, started("loader"), at({"cfg": 4, "seed": 2}), at({"cfg": 6, "seed": 1}))
    assert told(ran) == ["", ["a 8 1 4", "a 8 2 6"], [1, 2]]
    assert set(skipped(ran)) == {"sampler[seed=2,cfg=4]", "sampler[seed=1,cfg=6]"}
    again = sheets.run(given)
    assert again.did_run == {*skipped(ran), "tile", "store"}
    assert told(again) == ["", ["a 8 1 4", "a 8 1 6", "a 8 2 4", "a 8 2 6"], []]
    assert sheets.run(given).did_run == set()
    wider = gathered(sampler={**SWEPT, "seed": swept(1, 3, axis="seed")})
    once_more = run(sheets, wider, at_once, at({"seed": 3}))
    assert told(once_more) == ["", ["a 8 1 4", "a 8 1 6"], [2, 3]]


def test_the_same_gaps_are_known_by_their_own_key(sheets: Bench) -> None:
    given = gathered(sampler={"cfg": swept(4, 6)})
    run(sheets, given, started("loader"), at({"cfg": 6}))
    ran = run(sheets, given, at_once, at({"cfg": 6}))
    assert (ran.did_run, set(skipped(ran))) == (set(), {"sampler[cfg=6]"})
    assert ran.was_cached >= {"tile", "store"}


def test_gaps_everywhere_leave_nothing_to_gather(sheets: Bench) -> None:
    given = gathered(sampler={"cfg": swept(4, 6)})
    ran = run(sheets, given, started("loader"), at({"cfg": 6}), at({"cfg": 4}))
    assert set(skipped(ran)) >= {"sampler[cfg=4]", "sampler[cfg=6]", "tile", "store"}


def test_takes_gaps_is_for_what_gets_axes() -> None:
    with pytest.raises(UnknownInput, match="takes_gaps is for a node with a parameter of the type Axes"):

        @takes_gaps
        @node()
        def blind(pictures: list[str]) -> str:
            return "".join(pictures)


# What works


@pytest.fixture
def slow(make_bench: Callable[..., Bench]) -> Bench:
    """Nodes that work until they are told to stop, from 1 on; below, they are done at once."""

    @node(lane="gpu")
    def long(context: Context, value: int = 0) -> int:
        while value:
            context.check_cancelled()
            time.sleep(0.001)
        return value

    @node()
    async def forever(value: int = 0) -> int:
        while value:
            await asyncio.sleep(60)
        return value

    @node(lane="gpu")
    def rude(context: Context, value: int = 0) -> int:
        while value and not context.cancelled:
            time.sleep(0.001)
        if value:
            raise NodeError("it was torn down")
        return value

    @node(lane="gpu")
    def deaf(context: Context, value: int = 0) -> int:
        while value and not context.cancelled:
            time.sleep(0.001)
        return value

    return make_bench(*SAMPLES, long, forever, rude, deaf)


@pytest.mark.parametrize("kind", ["Long", "Forever", "Rude"])
@pytest.mark.parametrize("others", [0, 1])
def test_the_step_that_works_in_the_cell_stops_alone(slow: Bench, kind: str, others: int) -> None:
    """Also where it keeps the scheduling thread busy, since nothing could overlap with it."""
    values = swept(*range(2), axis="v") if others else swept(1, axis="v")
    given = document({"work": (kind, {"value": values}), "out": ("Show", {})}, "work.INT > out.value")
    ran = run(slow, given, started("work[v=1]"), at({"v": 1}))
    assert set(skipped(ran)) == {"work[v=1]", "out[v=1]"}
    assert ran.did_run == ({"work[v=0]", "out[v=0]"} if others else set())
    assert (ran.finished.status, ran.finished.problems) == ("succeeded", ())


def test_what_was_made_before_it_heard_is_kept_and_the_rest_of_the_cell_is_not_made(slow: Bench) -> None:
    given = document(
        {"work": ("Deaf", {"value": swept(1, axis="v")}), "out": ("Show", {})}, "work.INT > out.value"
    )
    ran = run(slow, given, started("work[v=1]"), at({"v": 1}))
    assert (ran.did_run, set(skipped(ran))) == ({"work[v=1]"}, {"out[v=1]"})
    assert "work[v=1]" in slow.run(given).was_cached


def test_a_branch_is_skipped_by_its_node_and_stops_what_works_for_it_alone(slow: Bench) -> None:
    given = document(
        {"n": ("Number", {"value": 1}), "work": ("Long", {}), "a": ("Show", {}), "b": ("Show", {})},
        *("n.INT > work.value", "work.INT > a.value", "n.INT > b.value"),
    )
    ran = run(slow, given, started("work"), at({}, "a"))
    assert (skipped(ran), ran.did_run) == ({"a": None, "work": None}, {"n", "b"})


def test_a_cell_that_takes_the_results_of_a_skipped_one_still_gets_them(grid: Bench) -> None:
    """Two model files of the same content make the same pictures."""
    (grid.folders.folder("models") / "b").write_text("a")
    given = comparison(gathers=False, loader={"name": swept("a", "b", axis="model")})
    ran = run(grid, given, at_once, at({"model": "a"}))
    assert "store[model=b]" in ran.did_run | ran.was_cached
    assert set(skipped(ran)) <= {"store[model=a]"}


def test_steps_that_work_as_one_batch_stop_only_together(make_bench: Callable[..., Bench]) -> None:
    looks: list[int] = []

    def together(*, context: Context, seed: Sequence[int]) -> list[int]:
        for _ in range(40):
            context.check_cancelled()
            looks.append(1)
            time.sleep(0.002)
        return list(seed)

    @batched("seed", by=together)
    @node(lane="gpu")
    def sample(context: Context, seed: Seed = 0) -> int:
        return together(context=context, seed=[seed])[0]

    bench = make_bench(*SAMPLES, sample, most_together=4)
    given = document({"s": ("Sample", {"seed": swept(1, 2, 3)}), "out": ("Show", {})}, "s.INT > out.value")
    ran = run(bench, given, started("s[seed=3]"), at({"seed": 1}))
    assert ran.did_run == {"s[seed=1]", "s[seed=2]", "s[seed=3]", "out[seed=2]", "out[seed=3]"}
    assert set(skipped(ran)) == {"out[seed=1]"}
    bench.cache.clear()
    looks.clear()
    ran = run(bench, given, started("s[seed=3]"), *(at({"seed": seed}) for seed in (1, 2, 3)))
    assert ran.did_run == set()
    assert len(looks) < 40


def test_a_lazy_input_that_is_skipped_takes_its_node_along(make_bench: Callable[..., Bench]) -> None:
    @node()
    def pick(value: Lazy[int], other: int) -> int:
        return value.get() + other

    bench = make_bench(*SAMPLES, pick)
    given = document(
        {
            "n": ("Number", {"value": 1}),
            "m": ("Number", {"value": 2}),
            "p": ("Pick", {}),
            "out": ("Show", {}),
        },
        *("n.INT > p.value", "m.INT > p.other", "p.INT > out.value"),
    )
    ran = run(bench, given, started("m"), at({}, "n"))
    assert skipped(ran) == {"n": None, "p": "n", "out": "p"}
    assert ran.finished.status == "succeeded"


# Zones


def test_a_turn_of_a_map_is_skipped_and_the_others_go_on(zones: Bench) -> None:
    body = subgraph("z", "v:INT+each", "v:INT", {"add": ("Add", {"b": 1}), "out": ("Show", {})},
                    "@in.v > add.a", "add.INT > @out.v", "add.INT > out.value", kind="map")  # fmt: skip
    given = mapped("1 2 3", body)
    when = lambda event: isinstance(event, StepStarted) and event.step == "z"  # noqa: E731
    ran = run(zones, given, when, at({"z": 1}))
    assert {"z/add[z=0]", "z/add[z=2]", "z/out[z=0]", "z/out[z=2]"} <= ran.did_run
    assert set(skipped(ran)) >= {"z/add[z=1]", "z/out[z=1]", "z"}
    assert ran.finished.status == "succeeded"
    again = zones.run(given)
    assert {step for step in again.did_run if "/" in step} == {"z/add[z=1]", "z/out[z=1]"}
    assert "z" in again.did_run


def test_turns_of_a_map_are_skipped_at_any_time_and_the_next_run_makes_them(zones: Bench) -> None:
    body = subgraph("z", "v:INT+each", "v:INT", {"add": ("Add", {"b": 1}), "out": ("Show", {})},
                    "@in.v > add.a", "add.INT > @out.v", "add.INT > out.value", kind="map")  # fmt: skip
    given = mapped("1 2 3 4 5 6 7", body)
    everything = {f"z/{node}[z={turn}]" for node in ("add", "out") for turn in range(7)}
    for when in range(1, 40, 3):
        zones.cache.clear()
        heard: list[Event] = []

        def now(event: Event, heard: list[Event] = heard, when: int = when) -> bool:
            heard.append(event)
            return len(heard) == when

        ran = run(zones, given, now, at({"z": 2}), at({"z": 5}))
        assert ran.finished.status == "succeeded"
        left = {step for step in everything if "z=2" not in step and "z=5" not in step}
        assert left <= ran.did_run
        assert ("z" in ran.did_run) != ("z" in skipped(ran))
        assert everything | {"z"} <= ran.did_run | set(skipped(ran))
        again = zones.run(given)
        assert again.did_run | again.was_cached >= {"z"}
        assert (again.did_run - {"z"}).isdisjoint(ran.did_run)  # what holds sinks is looked through anew


def test_turns_that_have_not_begun_are_skipped_when_they_would_begin(zones: Bench) -> None:
    body = subgraph("z", "v:INT+each", "v:INT", {"add": ("Add", {"b": 1}), "out": ("Show", {})},
                    "@in.v > add.a", "add.INT > @out.v", "add.INT > out.value", kind="map")  # fmt: skip
    given = mapped("1 2 3 4 5 6 7 8 9", body)
    ran = run(zones, given, at_once, at({"z": 5}), at({"z": 8}), at({"z": 9}))
    assert {step for step in skipped(ran) if "/" in step} == {
        f"z/{node}[z={turn}]" for node in ("add", "out") for turn in (5, 8)
    }
    assert len([step for step in ran.did_run if "/" in step]) == 14
    assert ran.finished.status == "succeeded"
    again = zones.run(given)
    assert {step for step in again.did_run if "/" in step} == {
        f"z/{node}[z={turn}]" for node in ("add", "out") for turn in (5, 8)
    }


def test_a_loop_ends_before_a_turn_that_was_skipped_in_advance(zones: Bench) -> None:
    ran = run(zones, repeat(50, ADD_NONE), at_once, at({"z": 3}))
    assert {step for step in ran.did_run if "/" in step} == {f"z/add[z={turn}]" for turn in range(3)}
    assert skipped(ran).keys() == {"z/add[z=3]", "z", "s"}
    assert ran.finished.status == "succeeded"


def test_a_turn_of_a_loop_takes_the_loop_along(zones: Bench) -> None:
    given = repeat(50, ADD_NONE)

    def turned(event: Event) -> bool:
        return isinstance(event, StepProgress) and event.step == "z" and event.done == 3

    ran = run(zones, given, turned, at({}, "z"))
    assert "z" in skipped(ran)
    assert {step for step in ran.did_run if "/" in step} <= {f"z/add[z={turn}]" for turn in range(4)}
    assert ran.finished.status == "succeeded"


def test_what_is_skipped_before_the_run_begins_is_skipped(grid: Bench) -> None:
    skips = Skips()
    skips.ask(at({"cfg": 4}))
    ran = grid.run(comparison(gathers=False, sampler={"cfg": swept(4, 6)}), skips=skips)
    assert set(skipped(ran)) == {"sampler[cfg=4]", "store[cfg=4]"}


def test_skipping_what_is_not_there_or_done_changes_nothing(grid: Bench) -> None:
    given = comparison(gathers=False, sampler={"cfg": swept(4, 6)})
    asked = [at({"cfg": 5}), at({"size": 4}), at({"cfg": True}), at({}, "nobody"), at({"cfg": 4}, "loader")]
    ran = run(grid, given, started("loader"), *asked)
    assert (skipped(ran), ran.finished.status) == ({}, "succeeded")
    ran = run(grid, given, lambda event: isinstance(event, StepCached), at({"cfg": 4}))
    assert (skipped(ran), ran.did_run) == ({}, set())


def test_all_can_be_skipped_and_the_run_ends(slow: Bench) -> None:
    given = document(
        {"work": ("Long", {"value": swept(1, 2, 3, axis="v")}), "out": ("Show", {})}, "work.INT > out.value"
    )
    ran = run(slow, given, started("work[v=1]"), at({}, "work"))
    assert (ran.did_run, ran.finished.status) == (set(), "succeeded")
    assert len(skipped(ran)) == 6


def test_a_run_that_is_cancelled_while_a_cell_stops_is_cancelled(slow: Bench) -> None:
    cancel, skips = threading.Event(), Skips()
    given = document(
        {"work": ("Long", {"value": swept(1, 2, axis="v")}), "out": ("Show", {})}, "work.INT > out.value"
    )

    def heard(event: Event) -> None:
        if started("work[v=1]")(event):
            skips.ask(at({"v": 1}))
            cancel.set()

    ran = slow.run(given, cancel=cancel, heard=heard, skips=skips)
    assert ran.finished.status == "cancelled"
