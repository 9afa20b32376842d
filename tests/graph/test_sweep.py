"""A sweep is one plan: what is shared is computed once, and models change seldom."""

from __future__ import annotations

import json

from graph import Axes, Axis, Seed, node
from graph.events import StepFinished, StepProgress, StepStarted
from graph.sweep import document_at
from tests.graph.grids import calls, comparison, counted, swept, told
from tests.graph.sample import Bench, document

# Products, zips, gathering


def test_axes_make_all_combinations_and_shared_steps_run_once(grid: Bench) -> None:
    ran = grid.run(comparison(sampler={"seed": swept(1, 2, 3), "cfg": swept(4, 6)}))
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert counted() == {"load": 1, "blank": 1, "sample": 6, "tile": 1, "store": 1}
    pictures = [f"a 8 {seed} {cfg}" for seed in (1, 2, 3) for cfg in (4, 6)]
    assert told(ran) == ["", pictures, [["seed", 1, 2, 3], ["cfg", 4, 6]]]


def test_sweeps_along_one_axis_go_together(grid: Bench) -> None:
    ran = grid.run(comparison(sampler={"seed": swept(1, 2, axis="pair"), "cfg": swept(4, 6, axis="pair")}))
    assert told(ran) == ["", ["a 8 1 4", "a 8 2 6"], [["pair", 1, 2]]]


def test_sweeps_of_several_nodes_go_together(grid: Bench) -> None:
    given = comparison(
        loader={"name": swept("a", "b", axis="model")}, sampler={"cfg": swept(4, 6, axis="model")}
    )
    assert told(grid.run(given)) == ["", ["a 8 1 4", "b 8 1 6"], [["model", "a", "b"]]]


def test_a_sink_behind_axes_runs_for_each_coordinate(grid: Bench) -> None:
    ran = grid.run(comparison(gathers=False, sampler={"cfg": swept(4, 6)}))
    finished = {event.step: event for event in ran.of(StepFinished)}
    assert set(finished) == {
        "blank",
        "loader",
        "sampler[cfg=4]",
        "sampler[cfg=6]",
        "store[cfg=4]",
        "store[cfg=6]",
    }
    assert finished["store[cfg=6]"].to_json() == {
        "type": "StepFinished",
        "run": "run",
        "step": "store[cfg=6]",
        "node": "store",
        "coordinate": {"cfg": 6},
        "seconds": round(finished["store[cfg=6]"].seconds, 6),
        "bytes": finished["store[cfg=6]"].bytes,
        "artifacts": [{"kind": "text", "text": "a 8 1 6"}],
    }


def test_progress_and_starts_name_node_and_coordinate(grid: Bench) -> None:
    ran = grid.run(comparison(sampler={"cfg": swept(4, 6)}))
    said = [event.to_json() for event in (*ran.of(StepStarted), *ran.of(StepProgress))]
    at = {each["step"]: (each["node"], each["coordinate"]) for each in said}
    assert at["sampler[cfg=4]"] == ("sampler", {"cfg": 4})
    assert at["tile"] == ("tile", {})
    assert {each["step"] for each in said if each["type"] == "StepProgress"} == {
        "sampler[cfg=4]",
        "sampler[cfg=6]",
    }


def test_what_gathers_along_another_input_exists_once_for_each_value_there(grid: Bench) -> None:
    given = comparison(
        sampler={"seed": swept(1, 2, axis="seed"), "cfg": swept(4, 6, axis="cfg")},
        tile={"title": swept("low", "high", axis="cfg")},
    )
    ran = grid.run(given)
    got = {
        event.step: json.loads(event.artifacts[0].text) for event in ran.of(StepFinished) if event.artifacts
    }
    assert got == {
        "store[cfg=4]": ["low", ["a 8 1 4", "a 8 2 4"], [["seed", 1, 2]]],
        "store[cfg=6]": ["high", ["a 8 1 6", "a 8 2 6"], [["seed", 1, 2]]],
    }


def test_branches_with_the_same_axes_are_gathered_side_by_side(grid: Bench) -> None:
    given = comparison(sampler={"seed": swept(1, 2, axis="seed")})
    given["nodes"].append(
        {"id": "other", "type": "Sample", "title": "SD 2", "inputs": {"seed": swept(7, 8, axis="seed")}}
    )
    for source, output, name in (("loader", "STRING", "model"), ("blank", "INT", "latent")):
        given["links"].append({"from": [source, output], "to": ["other", name]})
    given["links"].append({"from": ["other", "STRING"], "to": ["tile", "pictures"]})
    axes = [["", "sampler", "SD 2"], ["seed", 1, 2]]
    assert told(grid.run(given)) == ["", ["a 8 1 7", "a 8 2 7", "a 8 7 7", "a 8 8 7"], axes]
    given["nodes"][-1]["inputs"] = {}  # branches of different axes still give their pictures
    assert told(grid.run(given)) == ["", ["a 8 1 7", "a 8 2 7", "a 8 0 7"], []]


def test_lists_of_every_coordinate_are_joined(grid: Bench) -> None:
    nodes = {"many": ("Several", {"text": swept("x", "y")}), "tile": ("Tile", {}), "store": ("Store", {})}
    ran = grid.run(document(nodes, "many.STRING > tile.pictures", "tile.STRING > store.text"))
    assert told(ran) == ["", ["x0", "x1", "y0", "y1"], [["text", "x", "y"]]]


def test_a_node_that_asks_for_axes_gets_none_without_a_sweep(grid: Bench) -> None:
    assert told(grid.run(comparison())) == ["", ["a 8 1 7"], []]


def test_lazy_inputs_are_asked_for_at_their_coordinates_only(grid: Bench) -> None:
    given = comparison(gathers=False, sampler={"cfg": swept(4, 6, axis="cfg")})
    given["nodes"].append(
        {"id": "pick", "type": "Choose", "inputs": {"which": swept(True, False, axis="cfg")}}
    )
    given["nodes"].append({"id": "else", "type": "Several", "inputs": {"count": 1}})
    given["nodes"].append({"id": "one", "type": "Tile", "inputs": {}})
    given["links"] = [link for link in given["links"] if link["to"][0] != "store"] + [
        {"from": ["sampler", "STRING"], "to": ["pick", "first"]},
        {"from": ["else", "STRING"], "to": ["one", "pictures"]},
        {"from": ["one", "STRING"], "to": ["pick", "second"]},
        {"from": ["pick", "STRING"], "to": ["store", "text"]},
    ]
    ran = grid.run(given)
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert [call for call in calls if call[0] == "sample"] == [("sample", "a", 1, 6.0)]


# The cache


def test_another_value_computes_only_its_own_column(grid: Bench) -> None:
    grid.run(comparison(sampler={"seed": swept(1, 2, 3), "cfg": swept(4, 6)}))
    calls.clear()
    ran = grid.run(comparison(sampler={"seed": swept(1, 2, 3), "cfg": swept(4, 6, 8)}))
    assert counted() == {"sample": 3, "tile": 1, "store": 1}
    assert {call[3] for call in calls if call[0] == "sample"} == {8.0}
    assert ran.finished.status == "succeeded"


def test_a_sweep_and_single_runs_share_the_cache(grid: Bench) -> None:
    grid.run(comparison(gathers=False, sampler={"seed": 2, "cfg": 4}))
    calls.clear()
    grid.run(comparison(gathers=False, sampler={"seed": swept(1, 2), "cfg": 4}))
    assert counted() == {"sample": 1, "store": 1}
    calls.clear()
    grid.run(comparison(gathers=False, sampler={"seed": 1, "cfg": 4}))
    assert counted() == {}


def test_equal_values_are_computed_once(grid: Bench) -> None:
    ran = grid.run(comparison(sampler={"cfg": swept(4, 4.0, 4)}))
    assert counted()["sample"] == 1
    assert told(ran)[1] == ["a 8 1 4"] * 3


def test_the_axes_enter_the_key_of_what_asks_for_them(grid: Bench) -> None:
    grid.run(comparison(sampler={"cfg": swept(4, 6, axis="cfg")}))
    calls.clear()
    ran = grid.run(comparison(sampler={"cfg": swept(4, 6, axis="guidance")}))
    assert counted() == {"tile": 1, "store": 1}
    assert told(ran)[2] == [["guidance", 4, 6]]


# The order


def test_each_model_is_used_to_the_end_before_the_next_is_loaded(grid: Bench) -> None:
    seeds_first = comparison(gathers=False)
    seeds_first["nodes"] = [
        {"id": "sampler", "type": "Sample", "inputs": {"seed": swept(1, 2, 3)}},
        {"id": "loader", "type": "Load", "inputs": {"name": swept("a", "b")}},
        {"id": "blank", "type": "Blank", "inputs": {}},
        {"id": "store", "type": "Store", "inputs": {}},
    ]
    planned = grid.plan(seeds_first)
    loaded = [step.instance.coordinate for step in planned.steps if step.instance and "loader" in step.id]
    assert loaded == [(("name", "a"),), (("name", "b"),)]
    of_models = [dict(step.instance.coordinate).get("name") for step in planned.steps if step.instance]
    assert [name for name in of_models if name] == ["a"] * 7 + ["b"] * 7  # a loader, 3 samplers, 3 sinks each
    ran = grid.run(seeds_first)
    in_time = [event.instance for event in ran.of(StepStarted)]
    names = [dict(each.coordinate).get("name") for each in in_time if each.coordinate]
    assert names == ["a"] * 7 + ["b"] * 7


def test_a_failing_model_does_not_stop_the_next(grid: Bench) -> None:
    @node(id="Sample")
    def sample(model: str, latent: int, seed: Seed = 0) -> str:
        if model == "a":
            raise ValueError("broken")
        return f"{model} {seed}"

    grid.registry.types["Sample"] = sample.__node_type__  # type: ignore[attr-defined, index]
    given = comparison(gathers=False, loader={"name": swept("a", "b")}, sampler={"seed": swept(1, 2)})
    ran = grid.run(given)
    assert ran.finished.status == "failed"
    assert ran.failed == {"sampler[name=a,seed=1]", "sampler[name=a,seed=2]"}
    assert {"store[name=b,seed=1]", "store[name=b,seed=2]"} <= ran.did_run
    assert {(each.node, each.message) for each in ran.finished.problems} == {
        ("sampler", f"Sample: ValueError: broken (at name 'a', seed {seed})") for seed in (1, 2)
    }


def test_a_result_carries_the_document_of_its_coordinate(grid: Bench) -> None:
    given = comparison(gathers=False, sampler={"cfg": swept(4, 6), "seed": swept(1, 2)})
    planned = grid.plan(given)
    instance = next(step.instance for step in planned.steps if step.id == "store[seed=2,cfg=4]")
    plain = comparison(gathers=False, sampler={"cfg": 4, "seed": 2})
    assert document_at(given, instance) == plain
    grid.run(given)
    assert json.loads((grid.folders.folder("output") / "a.json").read_text())["nodes"][2]["inputs"][
        "cfg"
    ] in (4, 6)


def test_what_is_gathered_carries_the_sweep(grid: Bench) -> None:
    given = comparison(sampler={"cfg": swept(4, 6)})
    grid.run(given)
    assert json.loads((grid.folders.folder("output") / "a.json").read_text()) == given


def test_axes_count_their_coordinates() -> None:
    axes = Axes((Axis("x", (1, 2, 3)), Axis("y", ("u", "v"))))
    assert (axes.count, len(axes), [axis.name for axis in axes]) == (6, 2, ["x", "y"])
