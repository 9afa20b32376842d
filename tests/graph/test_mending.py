"""The fixes that a document itself offers: applied, each makes its Problem go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from graph import node
from graph.patch import apply_patch
from tests.graph.sample import Bench, Image, document, subgraph


@node()
def painted() -> Image:
    return 1


@node()
def framed(picture: Image, times: int = 2) -> Image:
    return picture


@node(sink=True)
def hung(picture: Image, times: int = 1) -> None:
    return None


Nodes = Mapping[str, tuple[str, Mapping[str, object]]]
NODES: Nodes = {"a": ("Painted", {}), "b": ("Framed", {}), "s": ("Hung", {})}
Given = dict[str, Any]


@pytest.fixture
def hall(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench(painted, framed, hung)


def labels(bench: Bench, given: Given) -> list[str]:
    """Of the only Problem; each of its fixes leaves none."""
    (problem,) = bench.plan(given).problems
    for fix in problem.fixes:
        assert bench.plan(apply_patch(given, fix.patch)).problems == ()
    return [fix.label for fix in problem.fixes]


def test_an_open_input_is_connected_to_what_nothing_uses_yet_then_to_the_rest(hall: Bench) -> None:
    given = document(NODES, "a.IMAGE > b.picture")
    assert labels(hall, given) == ["Connect IMAGE of 'b'", "Connect IMAGE of 'a'"]


def test_nothing_is_connected_to_what_depends_on_it(hall: Bench) -> None:
    given = document(NODES, "b.IMAGE > s.picture")
    assert labels(hall, given) == ["Connect IMAGE of 'a'"]


def test_what_was_switched_off_is_switched_on_again(hall: Bench) -> None:
    given = document(NODES, "a.IMAGE > b.picture", "b.IMAGE > s.picture", b="muted")
    (problem,) = hall.plan(given).problems
    assert problem.remedy == "Activate 'b', or connect another output."
    assert labels(hall, given) == ["Activate 'b'", "Connect IMAGE of 'a'"]
    given = document(NODES, "a.IMAGE > b.picture", "b.IMAGE > s.picture", s="muted")
    assert labels(hall, given) == ["Activate 's'"]


def test_a_link_from_nowhere_leads_from_somewhere_else_or_goes(hall: Bench) -> None:
    given = document(NODES, "a.IMAGE > b.picture", "ghost.IMAGE > s.picture")
    (problem,) = hall.plan(given).problems
    assert [fix.label for fix in problem.fixes] == [
        "Connect IMAGE of 'b'",
        "Connect IMAGE of 'a'",
        "Remove the link",
    ]
    mended = apply_patch(given, problem.fixes[0].patch)
    assert mended["links"][1:] == [{"from": ["b", "IMAGE"], "to": ["s", "picture"]}]


def test_of_two_links_into_one_input_each_may_stay(hall: Bench) -> None:
    given = document(NODES, "a.IMAGE > b.picture", "a.IMAGE > s.picture", "b.IMAGE > s.picture")
    assert labels(hall, given) == ["Keep IMAGE of 'a'", "Keep IMAGE of 'b'"]
    twice = document(NODES, "a.IMAGE > s.picture", "a.IMAGE > s.picture")
    assert labels(hall, twice) == ["Keep IMAGE of 'a'"]


def test_a_value_of_another_kind_gives_way_to_the_default(hall: Bench) -> None:
    given = document({**NODES, "s": ("Hung", {"times": "many"})}, "a.IMAGE > s.picture")
    assert labels(hall, given) == ["Set to 1"]


def test_a_value_that_no_input_takes_is_moved_or_removed(hall: Bench) -> None:
    given = document({**NODES, "s": ("Hung", {"tmies": 5})}, "a.IMAGE > s.picture")
    assert labels(hall, given) == ["Use it as times", "Remove the value"]
    moved, removed = (apply_patch(given, fix.patch) for fix in hall.plan(given).problems[0].fixes)
    assert [each["nodes"][-1]["inputs"] for each in (moved, removed)] == [{"times": 5}, {}]
    given = document({**NODES, "s": ("Hung", {"tmies": 5, "times": 2})}, "a.IMAGE > s.picture")
    assert labels(hall, given) == ["Remove the value"]


def test_what_is_inside_an_instance_is_mended_there(hall: Bench) -> None:
    nodes: Nodes = {"a": ("Painted", {}), "b": ("Framed", {"times": "many"})}
    inner = subgraph("i", "", "out:IMAGE", nodes, "a.IMAGE > b.picture", "b.IMAGE > @out.out")
    given = document({"x": ("@i", {}), "s": ("Hung", {})}, "x.out > s.picture")
    assert labels(hall, {**given, "subgraphs": [inner]}) == ["Set to 2"]


def test_an_instance_forgets_a_value_that_its_signature_has_not(hall: Bench) -> None:
    inner = subgraph("i", "", "out:IMAGE", {"a": ("Painted", {})}, "a.IMAGE > @out.out")
    given = document({"x": ("@i", {"q": 1}), "s": ("Hung", {})}, "x.out > s.picture")
    assert labels(hall, {**given, "subgraphs": [inner]}) == ["Remove the value"]
