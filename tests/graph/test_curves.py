"""Curves in documents: checked as other literals are, swept, linked, and known by what they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import pytest

from graph import Artifact, Curve, CurveRange, misuse, node
from graph.events import StepFinished
from graph.nodetype import node_type
from graph.sockets import CURVE
from tests.graph.grids import swept
from tests.graph.sample import Bench, Ran, document, subgraph

DOWN = {"points": [[0, 8], [1, 2]]}
FLAT = Curve.flat(1)


@node()
def drawn(value: Annotated[Curve, CurveRange(0, 100)] = FLAT) -> Curve:
    return value


@node(sink=True)
def tell(shape: Annotated[Curve, CurveRange(0, 10, shown=(0, 5), across="items")]) -> tuple[Artifact, ...]:
    return (Artifact("text", text=str(shape)),)


def said(ran: Ran) -> list[str]:
    assert ran.finished.status == "succeeded", ran.finished.problems
    return [event.artifacts[0].text for event in ran.of(StepFinished) if event.artifacts]


@pytest.fixture
def curves(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench(drawn, tell)


def test_a_node_type_says_what_its_curve_takes() -> None:
    (record,) = node_type(tell).to_json(None)["inputs"]  # type: ignore[misc]
    assert record == {
        "name": "shape",
        "type": "CURVE",
        "required": True,
        "lazy": False,
        "list": False,
        "help": "",
        "widget": {"kind": "curve", "default": None, "min": 0, "max": 10, "shown": [0, 5], "across": "items"},
    }
    (given,) = node_type(drawn).inputs
    assert given.widget is not None
    assert given.types == (CURVE,)
    assert node_type(drawn).to_json(None)["inputs"][0]["widget"] == {  # type: ignore[index]
        "kind": "curve",
        "default": {"points": [[0.0, 1.0], [1.0, 1.0]], "interpolation": "linear"},
        "min": 0,
        "max": 100,
        "shown": [0, 100],
        "across": "steps",
    }


def test_a_range_that_shows_what_it_does_not_hold_is_misuse() -> None:
    with pytest.raises(misuse.UnfitHint, match="cannot show 0 to 20"):

        @node(sink=True)
        def wrong(shape: Annotated[Curve, CurveRange(0, 10, shown=(0, 20))]) -> None: ...


def test_a_literal_arrives_as_a_curve_and_equal_ones_are_cached(curves: Bench) -> None:
    first = curves.run(document({"tell": ("Tell", {"shape": DOWN})}))
    assert said(first) == ["0: 8 → 1: 2, linear"]
    again = {"points": [[0.0, 8.0], [1.0, 2.0]], "interpolation": "linear"}
    assert curves.run(document({"tell": ("Tell", {"shape": again})})).was_cached == {"tell"}


def test_a_link_brings_a_curve_and_its_range_is_checked(curves: Bench) -> None:
    def linked(**value: object) -> Ran:
        nodes = {"drawn": ("Drawn", {"value": value}), "tell": ("Tell", {"shape": DOWN})}
        return curves.run(document(nodes, "drawn.CURVE > tell.shape"))

    assert said(linked(points=[[0, 3]])) == ["0: 3, linear"]
    (problem,) = linked(points=[[0, 3], [1, 30]]).finished.problems
    assert (problem.node, problem.input, problem.code) == ("tell", "shape", "value_out_of_range")
    assert problem.message == "Tell.shape: y of point 1 is 30, above 10, which a link brought"


def test_a_curve_that_is_none_is_a_problem_with_all_that_helps(curves: Bench) -> None:
    (problem,) = curves.plan(document({"tell": ("Tell", {"shape": {"points": [[0, 30]]}})})).problems
    assert problem.to_json() == {
        "code": "value_out_of_range",
        "severity": "error",
        "node": "tell",
        "input": "shape",
        "message": "Tell.shape: y of point 0 is 30, above 10",
        "given": '{"points": [[0, 30]]}',
        "expected": "a curve with values from 0 to 10",
        "remedy": "Move the point to y = 10.",
        "fixes": [],
    }


def test_curves_are_swept_and_their_coordinates_are_words(curves: Bench) -> None:
    step = {"points": [[0, 1]], "interpolation": "step"}
    ran = curves.run(document({"tell": ("Tell", {"shape": swept(DOWN, step)})}))
    assert sorted(said(ran)) == ["0: 1, step", "0: 8 → 1: 2, linear"]
    places = [event.to_json()["coordinate"] for event in ran.of(StepFinished)]
    assert places == [{"shape": "0: 8 → 1: 2, linear"}, {"shape": "0: 1, step"}]
    broken = curves.plan(document({"tell": ("Tell", {"shape": swept(DOWN, {"points": 3})})}))
    assert [problem.message for problem in broken.problems] == ["Tell.shape: points is 3, not a list"]


def test_a_curve_goes_through_a_sub_graph_as_value_and_as_default(curves: Bench) -> None:
    def inside(given: dict[str, object], default: object) -> list[str]:
        made = subgraph("shown", "shape:CURVE", "", {"tell": ("Tell", {})}, "@in.shape > tell.shape")
        made["inputs"][0] |= {} if default is None else {"default": default}
        whole = document({"it": ("@shown", given)}) | {"subgraphs": [made]}
        return said(curves.run(whole))

    assert inside({"shape": DOWN}, None) == ["0: 8 → 1: 2, linear"]
    assert inside({}, {"points": [[0, 3]], "interpolation": "step"}) == ["0: 3, step"]
