"""Zones: turns of a map, a repeat, a while and an if; each turn's steps are known by what made them."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph import Context, NodeError, node
from graph.artifacts import Blocked
from graph.disk import LEAST_SECONDS
from graph.events import Event, RunFinished, StepFailed, StepFinished, StepProgress, StepStarted, StepWarned
from graph.lists import Deferred
from tests.graph.sample import SAMPLES, Bench, Ran, document, subgraph
from tests.graph.stored import disk_in
from tests.graph.test_mapping import Box, numbers
from tests.graph.test_subgraphs import with_subgraphs


@node()
def below(value: int, limit: int = 20) -> bool:
    return value < limit


@node()
def inverse(value: int) -> float:
    if value == 3:
        raise NodeError("three has none")
    return 1 / value


@node()
def strings(items: list[int]) -> str:
    return " ".join(map(str, items))


@node(pure=False)
def once() -> int:
    once.called += 1  # type: ignore[attr-defined]
    return int(once.called)  # type: ignore[attr-defined]


@pytest.fixture
def zones(make_bench: Callable[..., Bench]) -> Bench:
    once.called = 0  # type: ignore[attr-defined]
    return make_bench(*SAMPLES, numbers, below, inverse, strings, once)


DOUBLE = subgraph(
    "z", "v:INT plus:INT=0", "v:INT", {"sum": ("Add", {}), "plus": ("Add", {})},
    "@in.v > sum.a", "@in.v > sum.b", "sum.INT > plus.a", "@in.plus > plus.b", "plus.INT > @out.v",
    kind="repeat",
)  # fmt: skip


ADD_NONE = subgraph("z", "v:INT", "v:INT", {"add": ("Add", {"b": 0})}, "@in.v > add.a", "add.INT > @out.v",
                    kind="repeat")  # fmt: skip


def repeat(times: int, body: dict[str, Any] = DOUBLE, **inputs: object) -> dict[str, Any]:
    given = document(
        {"n": ("Number", {"value": 1}), "z": ("@z", {"times": times, **inputs}), "s": ("Show", {})},
        "n.INT > z.v", "z.v > s.value",
    )  # fmt: skip
    return with_subgraphs(given, body)


def mapped(text: str, body: dict[str, Any], *links: str, **nodes: Any) -> dict[str, Any]:
    given = document({"n": ("Numbers", {"text": text}), "z": ("@z", {}), **nodes}, "n.INT > z.v", *links)
    return with_subgraphs(given, body)


def inside(ran: Ran, what: set[str]) -> list[str]:
    return sorted(step for step in what if "/" in step)


# Repeat


@pytest.mark.parametrize(("times", "value"), [(0, 1), (1, 2), (5, 32), (60, 2**60)])
def test_what_comes_out_of_a_turn_goes_into_the_next(zones: Bench, times: int, value: int) -> None:
    assert zones.value(repeat(times), "z") == value


def test_one_turn_more_costs_itself_alone(zones: Bench) -> None:
    first = zones.run(repeat(2))
    assert inside(first, first.did_run) == ["z/plus[z=0]", "z/plus[z=1]", "z/sum[z=0]", "z/sum[z=1]"]
    ran = zones.run(repeat(3))
    assert inside(ran, ran.did_run) == ["z/plus[z=2]", "z/sum[z=2]"]
    assert inside(ran, ran.was_cached) == inside(first, first.did_run)


def test_a_zone_whose_result_is_known_does_not_run(zones: Bench) -> None:
    zones.run(repeat(3))
    ran = zones.run(repeat(3))
    assert (ran.did_run, ran.was_cached) == (set(), {"n", "z", "s"})


def test_steps_of_a_turn_are_told_with_their_coordinate(zones: Bench) -> None:
    ran = zones.run(repeat(2))
    told = [event.to_json() for event in ran.of(StepFinished) if event.step == "z/sum[z=1]"]
    assert [(each["node"], each["coordinate"]) for each in told] == [("z/sum", {"z": 1})]
    progress = [(event.step, event.done, event.total) for event in ran.of(StepProgress)]
    assert progress == [("z", 1, 2), ("z", 2, 2)]
    assert [event.step for event in ran.of(StepStarted)].count("z") == 1


def test_index_counts_the_turns_and_what_is_no_state_is_the_last(zones: Bench) -> None:
    body = subgraph("z", "v:INT", "v:INT index:INT all:INT+collect", {"add": ("Add", {})},
                    "@in.v > add.a", "@in.index > add.b", "add.INT > @out.v", "@in.index > @out.index",
                    "add.INT > @out.all", kind="repeat")  # fmt: skip
    given = repeat(4, body)
    assert zones.value(given, "z", 0) == 1 + 0 + 1 + 2 + 3
    assert zones.value(given, "z", 1) == 3
    assert zones.value(given, "z", 2) == [1, 2, 4, 7]
    none = zones.run(repeat(0, body), ["z"])
    assert none.finished.status == "succeeded"
    assert isinstance(zones.value(repeat(0, body), "z", 1), Blocked)
    assert zones.value(repeat(0, body), "z", 2) == []


def test_zones_stand_in_one_another(zones: Bench) -> None:
    inner = {**DOUBLE, "id": "inner"}
    outer = subgraph("z", "v:INT", "v:INT", {"i": ("@inner", {"times": 2})}, "@in.v > i.v", "i.v > @out.v",
                     kind="repeat")  # fmt: skip
    given = repeat(3, outer)
    given["subgraphs"].append(inner)
    ran = zones.run(given, ["z"])
    assert zones.value(given, "z") == 2**6
    assert "z/i/sum[z=2,i=1]" in ran.did_run


def test_a_plain_instance_stands_in_a_zone(zones: Bench) -> None:
    plain = {**DOUBLE, "id": "plain", "kind": "graph"}
    outer = subgraph(
        "z", "v:INT", "v:INT", {"i": ("@plain", {})}, "@in.v > i.v", "i.v > @out.v", kind="repeat"
    )
    given = repeat(3, outer)
    given["subgraphs"].append(plain)
    assert "z/i/sum[z=2]" in zones.run(given).did_run
    assert zones.value(given, "z") == 8


def test_a_node_that_runs_every_time_runs_in_every_turn(zones: Bench) -> None:
    body = subgraph("z", "v:INT", "v:INT", {"o": ("Once", {}), "add": ("Add", {})},
                    "@in.v > add.a", "o.INT > add.b", "add.INT > @out.v", kind="repeat")  # fmt: skip
    assert zones.run(repeat(3, body)).finished.status == "succeeded"
    assert once.called == 3  # type: ignore[attr-defined]
    zones.run(repeat(3, body))
    assert once.called == 6  # type: ignore[attr-defined]


# While


def loop(limit: int, until: int) -> dict[str, Any]:
    body = subgraph(
        "z", "v:INT", "v:INT", {"add": ("Add", {}), "more": ("Below", {"limit": until})},
        "@in.v > add.a", "@in.v > add.b", "add.INT > more.value", "add.INT > @out.v",
        "more.BOOLEAN > @out.again",
        kind="while",
    )  # fmt: skip
    given = document({"n": ("Number", {"value": 1}), "z": ("@z", {"limit": limit})}, "n.INT > z.v")
    return with_subgraphs(given, body)


def test_a_while_goes_on_as_long_as_again_is_true(zones: Bench) -> None:
    assert zones.value(loop(100, 20), "z") == 32
    assert zones.value(loop(100, 0), "z") == 2  # once at least


def test_a_while_that_does_not_end_is_a_problem(zones: Bench) -> None:
    ran = zones.run(loop(3, 10**6), ["z"])
    (problem,) = ran.finished.problems
    assert (problem.code, problem.node, problem.input, problem.given) == ("too_many_turns", "z", "limit", 3)
    assert ran.failed == {"z"}
    again = zones.run(loop(4, 10**6), ["z"])
    assert inside(again, again.did_run) == ["z/add[z=3]", "z/more[z=3]"]


# If


def choice(condition: bool, *, linked: bool = False) -> dict[str, Any]:
    body = subgraph("z", "v:INT extra:INT", "v:INT only:INT", {"add": ("Add", {})},
                    "@in.v > add.a", "@in.extra > add.b", "add.INT > @out.v", "add.INT > @out.only",
                    kind="if")  # fmt: skip
    nodes: dict[str, Any] = {
        "n": ("Number", {"value": 5}),
        "e": ("Number", {"value": 7}),
        "c": ("Below", {"value": 1 if condition else 99}),
        "z": ("@z", {} if linked else {"condition": condition}),
        "s": ("Show", {}),
    }
    links = [
        "n.INT > z.v",
        "e.INT > z.extra",
        "z.v > s.value",
        *(["c.BOOLEAN > z.condition"] if linked else []),
    ]
    return with_subgraphs(document(nodes, *links), body)


@pytest.mark.parametrize("linked", [False, True])
def test_an_if_runs_only_what_is_needed(zones: Bench, linked: bool) -> None:
    ran = zones.run(choice(True, linked=linked))
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert ran.did_run - {"c"} == {"n", "e", "z", "z/add", "s"}
    assert zones.value(choice(True, linked=linked), "z") == 12
    zones.cache.clear()
    ran = zones.run(choice(False, linked=linked))
    assert ran.did_run - {"c"} == {"n", "z", "s"}
    assert zones.value(choice(False, linked=linked), "z") == 5
    assert isinstance(zones.value(choice(False, linked=linked), "z", 1), Blocked)


# Map

INVERSE = subgraph("z", "v:INT+each", "out:FLOAT place:INT", {"i": ("Inverse", {})},
                   "@in.v > i.value", "i.FLOAT > @out.out", "@in.index > @out.place", kind="map")  # fmt: skip


def test_a_map_runs_once_for_each_item_and_keeps_their_order(zones: Bench) -> None:
    given = mapped("1 2 4 5 8 10 20", INVERSE)
    assert zones.value(given, "z") == [1, 0.5, 0.25, 0.2, 0.125, 0.1, 0.05]
    assert zones.value(given, "z", 1) == [0, 1, 2, 3, 4, 5, 6]


def test_a_changed_item_costs_itself_alone(zones: Bench) -> None:
    zones.run(mapped("1 2 4", INVERSE), ["z"])
    ran = zones.run(mapped("1 5 4 2", INVERSE), ["z"])
    assert inside(ran, ran.did_run) == ["z/i[z=1]"]


def test_a_failing_item_names_its_turn_and_the_others_are_kept(zones: Bench) -> None:
    ran = zones.run(mapped("1 2 3 4 5", INVERSE), ["z"])
    (problem,) = ran.finished.problems
    assert (problem.node, problem.message) == ("z/i", "Inverse: three has none (at z 2)")
    assert {event.step for event in ran.of(StepFailed)} == {"z/i[z=2]", "z"}
    ran = zones.run(mapped("1 2 7 4 5", INVERSE), ["z"])
    assert ran.finished.status == "succeeded"
    assert {"z/i[z=0]", "z/i[z=1]"} <= ran.was_cached


def test_a_map_of_nothing_makes_nothing(zones: Bench) -> None:
    ran = zones.run(mapped("", INVERSE), ["z"])
    assert [event.problem.code for event in ran.of(StepWarned)] == ["empty_list"]
    assert zones.value(mapped("", INVERSE), "z") == []


def test_sinks_in_a_map_run_for_every_item_and_again_only_if_something_changed(zones: Bench) -> None:
    body = subgraph("z", "v:INT+each", "", {"save": ("Save", {})}, "@in.v > save.value", kind="map")
    ran = zones.run(mapped("7 8", body))
    shown = {event.step: [each.text for each in event.artifacts] for event in ran.of(StepFinished)}
    assert {step: shown[step] for step in shown if "/" in step} == {
        "z/save[z=0]": ["7"],
        "z/save[z=1]": ["8"],
    }
    ran = zones.run(mapped("7 8 9", body))
    assert (inside(ran, ran.did_run), inside(ran, ran.was_cached)) == (
        ["z/save[z=2]"], ["z/save[z=0]", "z/save[z=1]"],
    )  # fmt: skip


def test_a_list_goes_whole_into_an_input_that_takes_one(zones: Bench) -> None:
    body = subgraph("z", "v:INT+each all:INT+list", "out:INT", {"t": ("Total", {}), "add": ("Add", {})},
                    "@in.all > t.items", "t.INT > add.a", "@in.v > add.b", "add.INT > @out.out",
                    kind="map")  # fmt: skip
    given = mapped("1 2 3", body, "n.INT > z.all")
    assert zones.value(given, "z") == [7, 8, 9]


def test_items_that_are_read_when_they_are_taken_go_through_in_bounded_number(
    make_bench: Callable[..., Bench],
) -> None:
    alive: set[int] = set()
    most = 0
    lock = threading.Lock()

    class Picture:
        def __init__(self, place: int) -> None:
            nonlocal most
            self.place = place
            with lock:
                alive.add(id(self))
                most = max(most, len(alive))

        def __del__(self) -> None:
            alive.discard(id(self))

    @node()
    def folder(count: int = 1) -> list[Box]:
        return Deferred(Picture, [f"file {place}" for place in range(count)])  # type: ignore[return-value]

    @node()
    def place_of(picture: Box) -> int:
        return int(picture.place)

    bench = make_bench(*SAMPLES, folder, place_of)
    body = subgraph("z", "v:BOX+each", "out:INT", {"p": ("PlaceOf", {})},
                    "@in.v > p.picture", "p.INT > @out.out", kind="map")  # fmt: skip
    given = with_subgraphs(document({"f": ("Folder", {"count": 500}), "z": ("@z", {})}, "f.BOX > z.v"), body)
    assert bench.value(given, "z") == list(range(500))
    assert most <= 16


# What is wrong, and stopping


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
