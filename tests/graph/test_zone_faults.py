"""What is wrong in zones, how they stop, and what is known of them afterwards."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph import Context, node
from graph.disk import LEAST_SECONDS
from graph.events import Event, RunFinished, StepProgress
from tests.graph.sample import SAMPLES, Bench, subgraph
from tests.graph.stored import disk_in
from tests.graph.zoned import ADD_NONE, DOUBLE, INVERSE, mapped, repeat


@pytest.mark.parametrize(
    ("body", "nodes", "links", "expected"),
    [
        ({**INVERSE, "nodes": [{"id": "i", "type": "Nothing", "inputs": {}}]}, {}, (),
         ("unknown_type", "z/i", None)),
        (DOUBLE, {}, ("n.INT > z.v",), ("list_into_zone", "z", None)),
        (subgraph("z", "v:INT+each", "out:INT", {"i": ("Numbers", {"text": "1"})}, "i.INT > @out.out",
                  kind="map"), {}, (), ("list_not_declared", "z", None)),
        (subgraph("z", "v:INT+each", "v:INT", {"i": ("@z", {})}, "@in.v > i.v", "i.v > @out.v", kind="map"),
         {}, (), ("recursive_subgraph", "z/i", None)),
        (subgraph("z", "v:INT+each", "out:INT", {"i": ("Number", {"value": 10**9})}, "i.INT > @out.out",
                  kind="map"), {}, (), ("value_out_of_range", "z/i", "value")),
    ],
    ids=["a type inside", "a list into a loop", "a list that comes out", "itself", "a value inside"],
)  # fmt: skip
def test_what_is_wrong_in_a_zone_is_found_before_anything_runs(
    zones: Bench,
    body: dict[str, Any],
    nodes: dict[str, Any],
    links: tuple[str, ...],
    expected: tuple[Any, ...],
) -> None:
    given = mapped("1 2", body)
    found = [(each.code, each.node, each.input) for each in zones.plan(given, ["z"]).problems]
    assert found[0] == expected
    assert not zones.plan(given, ["z"]).ok


def test_cancelling_ends_a_zone_between_its_turns(zones: Bench) -> None:
    stop = threading.Event()

    def heard(event: Event) -> None:
        if isinstance(event, StepProgress) and event.done == 3:
            stop.set()

    ran = zones.run(repeat(1000, ADD_NONE), cancel=stop, heard=heard)
    assert ran.finished.status == "cancelled"
    assert [type(event) for event in ran.events].count(RunFinished) == 1
    again = zones.run(repeat(5, ADD_NONE))
    assert "z/add[z=0]" not in again.did_run
    assert again.finished.status == "succeeded"


def test_a_thousand_turns_leave_nothing_behind(zones: Bench) -> None:
    from graph.execute import Executor
    from graph.run import Run

    courses = []
    original = Run.__init__

    def noted(self: Run, executor: Executor, *arguments: Any) -> None:
        original(self, executor, *arguments)
        courses.append(self._course)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Run, "__init__", noted)
        zones.run(repeat(1000, ADD_NONE))
    (course,) = courses
    assert len(course.steps) == len(course.places) == 3
    assert not course._sources and not course.holding._outputs and not course._lacking.keys() - {0, 1, 2}


def test_a_zone_in_a_sweep_runs_at_each_coordinate(zones: Bench) -> None:
    given = repeat(2, plus={"sweep": [0, 10]})
    assert zones.run(given).finished.status == "succeeded"
    planned = zones.plan(given)
    values = {step.id: zones.cache.get(step.key).outputs[0] for step in planned.steps if step.node == "z"}  # type: ignore[union-attr]
    assert values == {"z[plus=0]": 4, "z[plus=10]": (2 + 10) * 2 + 10}
    assert any(step.id == "z[plus=10]" for step in planned.steps)


def test_progress_of_a_context_inside_names_the_turn(make_bench: Callable[..., Bench]) -> None:
    @node()
    def told(value: int, context: Context) -> int:
        context.progress(1, 2)
        return value + 1

    bench = make_bench(*SAMPLES, told)
    body = subgraph(
        "z", "v:INT", "v:INT", {"t": ("Told", {})}, "@in.v > t.value", "t.INT > @out.v", kind="repeat"
    )
    ran = bench.run(repeat(2, body))
    assert [event.step for event in ran.of(StepProgress) if "/" in event.step] == ["z/t[z=0]", "z/t[z=1]"]


# After a restart, and where a result is the same


def test_after_a_restart_a_zone_goes_on_at_its_turn(tmp_path: Path) -> None:
    @node()
    def slow(value: int) -> int:
        time.sleep(2 * LEAST_SECONDS)
        return value + 1

    body = subgraph(
        "z", "v:INT", "v:INT", {"s": ("Slow", {})}, "@in.v > s.value", "s.INT > @out.v", kind="repeat"
    )
    stop = threading.Event()

    def heard(event: Event) -> None:
        if isinstance(event, StepProgress) and event.done == 3:
            stop.set()

    first = Bench(tmp_path, *SAMPLES, slow, disk=disk_in(tmp_path / "cache"))
    ran = first.run(repeat(6, body), cancel=stop, heard=heard)
    assert ran.finished.status == "cancelled"
    first.cache.close(10)
    first.executor.close()
    second = Bench(tmp_path, *SAMPLES, slow, disk=disk_in(tmp_path / "cache"))
    ran = second.run(repeat(6, body))
    assert ran.finished.status == "succeeded"
    assert {"z/s[z=0]", "z/s[z=1]", "z/s[z=2]"} <= ran.was_cached
    assert {"z/s[z=4]", "z/s[z=5]"} <= ran.did_run
    assert second.value(repeat(6, body), "z") == 7
    second.cache.close(10)
    second.executor.close()


def test_a_zone_that_makes_what_it_made_before_leaves_the_rest_cached(zones: Bench) -> None:
    def given(by: int) -> dict[str, Any]:
        body = subgraph("z", "v:INT", "v:INT", {"a": ("Add", {"b": by}), "b": ("Add", {"b": -by})},
                        "@in.v > a.a", "a.INT > b.a", "b.INT > @out.v", kind="repeat")  # fmt: skip
        return repeat(2, body)

    zones.run(given(1))
    ran = zones.run(given(2))
    assert "z" in ran.did_run
    assert ran.was_cached >= {"n", "s"}


def test_a_zone_says_what_changed_inside_it(zones: Bench) -> None:
    def reason(by: int, kind: str = "Add") -> str:
        body = subgraph("z", "v:INT", "v:INT", {"add": (kind, {"b": by}), "last": ("Add", {"b": 0})},
                        "@in.v > add.a", "add.INT > last.a", "last.INT > @out.v", kind="repeat")  # fmt: skip
        given = repeat(2, body)
        said = {step.id: step.reason for step in zones.plan(given).steps}["z"]
        zones.run(given)
        return said

    assert reason(1) == "not run before"
    assert reason(2) == "inside, add: b changed from 1 to 2"
