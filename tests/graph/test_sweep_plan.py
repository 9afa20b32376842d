"""What a plan says of a sweep, and what a sweep leaves alone."""

from __future__ import annotations

from graph.events import RunQueued
from graph.workflow import with_values
from tests.graph.grids import comparison, swept
from tests.graph.sample import Bench, document, read


def test_the_plan_of_a_grid_in_json(grid: Bench) -> None:
    given = comparison(
        loader={"name": swept("a", "b", "c", axis="model")},
        sampler={"seed": swept(1, 2, 3), "cfg": swept(4, 6, 8.5)},
    )
    planned = grid.plan(given).to_json()
    steps = {step["id"]: step for step in planned["steps"]}  # type: ignore[attr-defined]
    assert planned["problems"] == [] and len(steps) == 1 + 3 + 27 + 2
    assert steps["sampler[model=b,seed=2,cfg=8.5]"] == {
        "id": "sampler[model=b,seed=2,cfg=8.5]",
        "type": "Sample",
        "state": "will_run",
        "reason": "not run before",
        "node": "sampler",
        "coordinate": {"model": "b", "seed": 2, "cfg": 8.5},
    }
    assert steps["blank"]["coordinate"] == {} and steps["loader[model=c]"]["coordinate"] == {"model": "c"}
    queued = RunQueued("r", "", "", grid.plan(given).states()).to_json()
    assert ["loader[model=c]", "will_run", {"node": "loader", "coordinate": {"model": "c"}}] in queued[
        "steps"
    ]  # type: ignore[operator]


def test_a_target_stands_for_all_its_coordinates(grid: Bench) -> None:
    given = comparison(gathers=False, sampler={"cfg": swept(4, 6)})
    planned = grid.plan(given, ["sampler"])
    assert planned.targets == ("sampler[cfg=4]", "sampler[cfg=6]")
    assert [step.id for step in planned.steps] == ["loader", "blank", *planned.targets]


def test_only_what_the_targets_need_is_expanded(grid: Bench) -> None:
    given = comparison(gathers=False, sampler={"cfg": swept(4, 6)})
    assert [step.id for step in grid.plan(given, ["loader"]).steps] == ["loader"]


def test_ids_tell_values_apart_and_stay_short(grid: Bench) -> None:
    texts = [
        "one\n two",
        "a prompt that is longer than an id should be, 1",
        "a prompt that is longer than an id should be, 2",
    ]
    nodes = {"many": ("Several", {"text": swept(*texts)})}
    assert grid.plan(document(nodes), ["many"]).targets == (
        "many[text=one two]",
        "many[text=a prompt that is longer…#2]",
        "many[text=a prompt that is longer…#3]",
    )


def test_a_node_may_be_called_as_a_step_of_another(grid: Bench) -> None:
    nodes = {"many": ("Several", {"text": swept("x")}), "many[text=x]": ("Several", {})}
    assert grid.plan(document(nodes), ["many", "many[text=x]"]).targets == ("many[text=x]'", "many[text=x]")


def test_sweeps_without_an_axis_have_axes_of_their_own(grid: Bench) -> None:
    nodes = {"one": ("Several", {"text": swept("x", "y")}), "two": ("Several", {"text": swept("u", "v")})}
    nodes |= {"tile": ("Tile", {}), "store": ("Store", {})}
    given = document(
        nodes, "one.STRING > tile.pictures", "two.STRING > tile.pictures", "tile.STRING > store.text"
    )
    planned = grid.plan(given, ["one", "two"])
    assert planned.targets == ("one[one.text=x]", "one[one.text=y]", "two[two.text=u]", "two[two.text=v]")


def test_bypassed_and_muted_nodes_are_passed_by(grid: Bench) -> None:
    nodes = {
        "many": ("Several", {"count": swept(1, 2)}),
        "by": ("Tile", {"title": swept("x", "y")}),
        "tile": ("Tile", {}),
        "store": ("Store", {}),
    }
    links = ("many.STRING > tile.pictures", "tile.STRING > store.text")
    planned = grid.plan(document(nodes, *links, "by.STRING > tile.pictures", by="muted"))
    assert planned.ok and [step.id for step in planned.steps] == [
        "many[count=1]",
        "many[count=2]",
        "tile",
        "store",
    ]
    (problem,) = grid.plan(document(nodes, *links, many="muted")).problems
    assert problem.message == "Tile.pictures is not given: what was linked to it is muted or bypassed"
    given = comparison(gathers=False, sampler={"cfg": swept(4, 6)})
    given["nodes"].append({"id": "on", "type": "Echo", "inputs": {}, "mode": "bypassed"})
    given["links"][-1:] = [
        {"from": ["sampler", "STRING"], "to": ["on", "text"]},
        {"from": ["on", "STRING"], "to": ["store", "text"]},
    ]
    assert grid.plan(given).targets == ("store[cfg=4]", "store[cfg=6]")
    assert not grid.plan(document(nodes, *links, tile="muted")).ok


def test_a_linked_input_is_not_swept(grid: Bench) -> None:
    given = comparison(sampler={"model": swept("x", "y"), "cfg": swept(4, 6)})
    assert [step.id for step in grid.plan(given, ["sampler"]).steps[2:]] == [
        "sampler[cfg=4]",
        "sampler[cfg=6]",
    ]


def test_values_are_set_as_sweeps_by_name(grid: Bench) -> None:
    changed, unknown = with_values(read(comparison()), {"sampler.cfg": swept(4, 6)})
    assert not unknown
    assert grid.plan(changed.to_json(), ["sampler"]).targets == ("sampler[cfg=4]", "sampler[cfg=6]")
