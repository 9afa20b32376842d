"""A sweep is one plan: what is shared is computed once, models change seldom, and problems name the value."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import pytest

from graph import Artifact, Axes, Axis, Context, File, Lazy, Range, Seed, node
from graph.events import RunQueued, StepFinished, StepProgress, StepStarted
from graph.expand import MOST_STEPS
from graph.plan import Plan
from graph.sweep import document_at
from graph.workflow import with_values
from tests.graph.sample import Bench, Ran, document, read

calls: list[tuple[Any, ...]] = []


@node(lane="io")
def load(name: Annotated[Path, File("models")]) -> str:
    calls.append(("load", name.name))
    return name.stem


@node()
def blank(size: int = 8) -> int:
    calls.append(("blank", size))
    return size


@node(lane="gpu")
def sample(
    model: str, latent: int, context: Context, seed: Seed = 0, cfg: Annotated[float, Range(0, 100)] = 7.0
) -> str:
    calls.append(("sample", model, seed, cfg))
    context.progress(1, 1)
    return f"{model} {latent} {seed} {cfg:g}"


@node()
def tile(pictures: list[str], axes: Axes, title: str = "") -> str:
    calls.append(("tile", *pictures))
    return json.dumps([title, pictures, [[axis.name, *axis.values] for axis in axes]])


@node(sink=True)
def store(text: str, context: Context) -> tuple[Artifact, ...]:
    calls.append(("store", text))
    (context.folder("output") / "a.json").write_text(json.dumps(context.document))
    return (Artifact("text", text=text),)


@node()
def several(count: int = 2, text: str = "") -> list[str]:
    return [f"{text}{place}" for place in range(count)]


@node()
def choose(which: bool, first: Lazy[str], second: Lazy[str]) -> str:
    return (second if which else first).get()


@node()
def echo(text: str) -> str:
    return text


FUNCTIONS = (echo, load, blank, sample, tile, store, several, choose)


@pytest.fixture
def grid(make_bench: Callable[..., Bench], tmp_path: Path) -> Bench:
    calls.clear()
    (tmp_path / "models/models").mkdir(parents=True)
    bench = make_bench(*FUNCTIONS)
    folder = bench.folders.folder("models")
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("a", "b", "c"):
        (folder / name).write_text(name)
    return bench


def swept(*values: object, axis: str | None = None) -> dict[str, object]:
    return {"sweep": list(values)} | ({} if axis is None else {"axis": axis})


def comparison(gathers: bool = True, **inputs: Mapping[str, object]) -> dict[str, Any]:
    """loader -> sampler -> (tile ->) store, with the literals that are given by node."""
    plain: dict[str, dict[str, object]] = {"loader": {"name": "a"}, "sampler": {"seed": 1}}
    given = {name: {**plain.get(name, {}), **inputs.get(name, {})} for name in (*plain, *inputs)}
    kinds = {"blank": "Blank", "loader": "Load", "sampler": "Sample", "store": "Store"}
    links = ["loader.STRING > sampler.model", "blank.INT > sampler.latent"]
    if gathers:
        kinds["tile"] = "Tile"
        links += ["sampler.STRING > tile.pictures", "tile.STRING > store.text"]
    else:
        links.append("sampler.STRING > store.text")
    return document({name: (kind, given.get(name, {})) for name, kind in kinds.items()}, *links)


def counted() -> Counter[str]:
    return Counter(str(call[0]) for call in calls)


def told(ran: Ran) -> list[Any]:
    """What the one sink got of the tile."""
    (event,) = [event for event in ran.of(StepFinished) if event.artifacts]
    return json.loads(event.artifacts[0].text)


def problems(planned: Plan) -> list[tuple[str, str | None, str | None, str]]:
    return [(each.code, each.node, each.input, each.message) for each in planned.problems]


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


# Plans


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


# Problems


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


# What a result carries


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
