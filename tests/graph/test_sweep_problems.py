"""What is wrong with a sweep is told once, with the value that it is."""

from __future__ import annotations

import pytest

from graph.expand import MOST_STEPS
from tests.graph.grids import comparison, problems, swept
from tests.graph.sample import Bench, document


def test_a_value_that_its_widget_refuses_is_named_once_with_a_fix_of_the_sweep(grid: Bench) -> None:
    given = comparison(gathers=False, sampler={"cfg": swept(4, 200), "seed": swept(1, 2)})
    (problem,) = grid.plan(given).problems
    assert (problem.node, problem.input, problem.given) == ("sampler", "cfg", 200)
    assert problem.message == "Sample.cfg: 200.0 is above 100"
    assert [fix.to_json() for fix in problem.fixes] == [
        {
            "label": "Set to 100",
            "patch": [
                {"op": "set_input", "node": "sampler", "input": "cfg", "value": swept(4, 100, axis="cfg")}
            ],
        }
    ]


@pytest.mark.parametrize(
    ("literal", "message"),
    [
        ({"sweep": []}, "Sample.cfg is swept, but its list of values is empty"),
        ({"sweep": 4}, "Sample.cfg is swept, but sweep is 4, not a list"),
        ({"sweep": [4], "axis": 1}, "Sample.cfg is swept, but axis is 1, not a name"),
        ({"sweep": [4], "axes": "x"}, "Sample.cfg is swept, but 'axes' is no field of a sweep"),
    ],
)
def test_a_badly_written_sweep_is_one_problem(grid: Bench, literal: object, message: str) -> None:
    planned = grid.plan(comparison(sampler={"cfg": literal}))
    assert problems(planned) == [("malformed_sweep", "sampler", "cfg", message)]
    assert not planned.ok and {step.id for step in planned.steps if step.state == "blocked"} >= {
        "sampler",
        "tile",
    }


@pytest.mark.parametrize("value", [[1, 2], {"sweep": [1]}, {"a": 1}, "x", True])
def test_a_value_of_a_wrong_type_is_named(grid: Bench, value: object) -> None:
    (problem,) = grid.plan(comparison(sampler={"seed": swept(1, value)})).problems
    assert (problem.code, problem.node, problem.input) == ("wrong_value_type", "sampler", "seed")


def test_a_missing_file_of_a_sweep_is_named(grid: Bench) -> None:
    (problem,) = grid.plan(comparison(loader={"name": swept("a", "missing")})).problems
    assert (problem.code, problem.node, problem.given) == ("file_not_found", "loader", "missing")


def test_axes_of_different_lengths_are_a_problem_beside_all_others(grid: Bench) -> None:
    given = comparison(
        loader={"name": swept("a", "nowhere", axis="x")},
        sampler={"cfg": swept(4, 6, 8, axis="x")},
    )
    first, second = grid.plan(given).problems
    assert first.message == "along the axis 'x', sampler.cfg has 3 values and loader.name has 2"
    assert second.code == "file_not_found"


def test_too_many_steps_are_a_problem_that_names_the_counts(grid: Bench) -> None:
    given = comparison(
        loader={"name": swept("a", "b", axis="model")},
        sampler={"seed": swept(*range(60)), "cfg": swept(*range(90))},
    )
    (problem,) = grid.plan(given).problems
    assert problem.message == (
        f"the sweep makes 10,805 steps (2 model x 60 seed x 90 cfg), more than {MOST_STEPS:,}"
    )


def test_a_huge_product_is_refused_at_once(grid: Bench) -> None:
    nodes = {f"n{place}": ("Sample", {"seed": swept(*range(1000), axis=f"a{place}")}) for place in range(30)}
    links = [f"n{place}.STRING > n{place + 1}.model" for place in range(29)] + ["n29.STRING > store.text"]
    planned = grid.plan(document({**nodes, "store": ("Store", {})}, *links))
    assert planned.problems[0].code == "sweep_too_large" and not planned.ok


def test_cycles_and_unknown_types_are_told_as_ever(grid: Bench) -> None:
    given = comparison(sampler={"cfg": swept(4, 6)})
    given["links"][0] = {"from": ["tile", "STRING"], "to": ["sampler", "model"]}
    assert "cycle" in {problem.code for problem in grid.plan(given).problems}
    given = comparison(sampler={"cfg": swept(4, 6)})
    given["nodes"][1]["type"] = "Nothing"
    assert [(each.code, each.node) for each in grid.plan(given).problems] == [("unknown_type", "loader")]


def test_a_sweep_with_nothing_to_run_says_so(grid: Bench) -> None:
    nodes = {"many": ("Several", {"text": swept("x", "y")})}
    assert [each.code for each in grid.plan(document(nodes)).problems] == ["no_targets"]
    assert [each.code for each in grid.plan(document(nodes), ["gone"]).problems] == ["unknown_target"]
