"""Loops and decisions: turns of a repeat, a while and an if; each is known by what made it."""

from typing import Any

import pytest

from graph.artifacts import Blocked
from graph.events import StepFinished, StepProgress, StepStarted
from tests.graph.sample import Bench, document, subgraph
from tests.graph.test_subgraphs import with_subgraphs
from tests.graph.zoned import DOUBLE, inside, once, repeat


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
