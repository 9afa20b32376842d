"""Schemas whose inputs grow with what is linked, or depend on what is chosen."""

from typing import Any

import pytest

from compat.formats import write_as
from compat.nodes.info import info_of
from compat.object_info import known_nodes
from compat.reading import read_value
from graph.migrate import read_current
from tests.compat.nodes.conftest import PackBench
from tests.compat.nodes.test_running import planned
from tests.graph.sample import document


def linked(given: dict[str, Any], *links: tuple[str, str, str, str]) -> dict[str, Any]:
    """With links into inputs whose names have dots."""
    made = [{"from": [source, output], "to": [target, name]} for source, output, target, name in links]
    return {**given, "links": [*made, *given["links"]]}


def stacked(*links: str) -> dict[str, Any]:
    nodes = {
        **{"load": ("PackLoadImage", {"image": "small.png"}), "stack": ("GrowStacked", {})},
        **{"save": ("SaveImage", {"filename_prefix": "made"}), "show": ("PreviewAny", {})},
    }
    ends = ("stack.IMAGE > save.images", "stack.names > show.source")
    into = [("load", "IMAGE", "stack", f"images.{name}") for name in links]
    return linked(document(nodes, *ends), *into)


def resized(**inputs: object) -> dict[str, Any]:
    nodes = {"n": ("GrowResized", inputs), "show": ("PreviewAny", {})}
    return document(nodes, "n.STRING > show.source")


@pytest.mark.parametrize("links", [("image0", "image1"), ("image0", "image1", "image5", "image33")])
def test_what_is_linked_comes_in_a_dictionary(bench: PackBench, links: tuple[str, ...]) -> None:
    ran = bench.run(stacked(*links))
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert bench.texts_of(ran)["show"] == [",".join(links)]
    assert bench.picture("made_00001_.png").shape == (8 * len(links), 8, 3)
    assert bench.picture("grown/first_00001_.png").shape == (8, 8, 3)  # by the helper of schemas
    assert bench.run(stacked(*links)).did_run == set()


def test_the_least_that_it_takes_is_demanded(bench: PackBench) -> None:
    problems = planned(bench, stacked("image0", "image2")).problems
    assert [(each.code, each.node, each.input) for each in problems] == [
        ("missing_input", "stack", "images.image1")
    ]


def test_all_that_it_may_grow_to_is_served_as_a_row_and_told_as_declared(bench: PackBench) -> None:
    node_type = bench.registry.get("GrowStacked")
    assert node_type is not None
    served: Any = node_type.to_json(None)["inputs"]
    row = {"row": "images", "least": 2}
    assert [(each["name"], each["required"], each["grows"]) for each in served] == [
        (f"images.image{number}", number < 2, row) for number in range(50)
    ]
    told = info_of(node_type)
    template = {"input": {"required": {"image": ["IMAGE", {}]}}, "prefix": "image", "max": 50, "min": 2}
    options = {"tooltip": "what is stacked", "template": template}
    assert told is not None and told["input"] == {"required": {"images": ["COMFY_AUTOGROW_V3", options]}}
    assert told["deprecated"] is told["dev_only"] is True


@pytest.mark.parametrize(
    ("inputs", "text"),
    [
        ({}, "{'resize': 'exact', 'width': 8, 'height': 4} 7"),
        (
            {"resize": "exact", "resize.width": 64, "after": 1},
            "{'resize': 'exact', 'width': 64, 'height': 4} 1",
        ),
        ({"resize": "no", "resize.width": 64}, "{'resize': 'no'} 7"),
        ({"resize": "scaled"}, "{'resize': 'scaled', 'unit': {'unit': 'times', 'width': 2.0}} 7"),
        (
            {"resize": "scaled", "resize.unit": "times", "resize.unit.width": 0.5},
            "{'resize': 'scaled', 'unit': {'unit': 'times', 'width': 0.5}} 7",
        ),
    ],
)
def test_a_choice_brings_its_own_inputs(bench: PackBench, inputs: dict[str, object], text: str) -> None:
    ran = bench.run(resized(**inputs))
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert bench.texts_of(ran) == {"show": [text]}


def test_what_a_choice_asks_for_is_linked_or_missed(bench: PackBench) -> None:
    given = resized(resize="scaled", **{"resize.unit": "as"})
    (problem,) = planned(bench, given).problems
    assert (problem.code, problem.input) == ("missing_input", "resize.unit.like")
    assert problem.message == "GrowResized.resize.unit.like is missing, which resize.unit asks for"
    given["nodes"].append({"id": "load", "type": "PackLoadImage", "inputs": {"image": "small.png"}})
    given["links"].append({"from": ["load", "IMAGE"], "to": ["n", "resize.unit.like"]})
    assert bench.texts_of(bench.run(given)) == {
        "show": ["{'resize': 'scaled', 'unit': {'unit': 'as', 'like': (1, 8, 8, 3)}} 7"]
    }


def test_what_a_choice_brings_is_served_with_its_conditions(bench: PackBench) -> None:
    node_type = bench.registry.get("GrowResized")
    assert node_type is not None
    served: Any = node_type.to_json(None)["inputs"]
    scaled = {"input": "resize", "is": ["scaled"]}
    assert {each["name"]: each.get("when") for each in served} == {
        "resize": None,
        "resize.width": [{"input": "resize", "is": ["exact"]}],
        "resize.height": [{"input": "resize", "is": ["exact"]}],
        "resize.unit": [scaled],
        "resize.unit.width": [scaled, {"input": "resize.unit", "is": ["times"]}],
        "resize.unit.like": [scaled, {"input": "resize.unit", "is": ["as"]}],
        "after": None,
    }


def test_a_link_that_the_choice_leaves_unused_is_told_and_kept(bench: PackBench) -> None:
    nodes = {"n": ("GrowResized", {"resize": "no"}), "show": ("PreviewAny", {})}
    given = document({**nodes, "load": ("PackLoadImage", {"image": "small.png"})}, "n.STRING > show.source")
    plan = planned(bench, linked(given, ("load", "IMAGE", "n", "resize.unit.like")))
    (problem,) = plan.problems
    assert (problem.code, problem.severity, problem.input, plan.ok) == (
        *("link_not_used", "warning", "resize.unit.like"),
        True,
    )
    assert problem.message == "GrowResized.resize.unit.like: the link is not used while resize is 'no'", (
        problem.message
    )
    assert [fix.label for fix in problem.fixes] == ["Set resize to scaled", "Remove the link"]


def test_a_graph_for_comfyui_has_what_is_linked_and_one_more(bench: PackBench) -> None:
    info = known_nodes(bench.registry.types)
    (node,) = [
        each
        for each in write_as("ui", stacked("image0", "image3"), info)["nodes"]
        if each["type"] == "GrowStacked"
    ]
    assert [each["name"] for each in node["inputs"]] == [f"images.image{number}" for number in range(5)]
    assert [each["link"] is not None for each in node["inputs"]] == [True, False, False, True, False]


def test_its_own_check_sees_the_dictionary(bench: PackBench) -> None:
    (problem,) = planned(bench, resized(resize="exact", **{"resize.width": 13})).problems
    assert (problem.code, problem.message) == ("input_refused", "GrowResized: width: 13 brings bad luck")
    assert planned(bench, resized(resize="no", **{"resize.width": 13})).problems == ()


@pytest.mark.parametrize(("which", "text"), [("a", "1"), ("b", "2"), ("c", "nothing")])
def test_only_the_lazy_value_that_is_asked_for_is_made(bench: PackBench, which: str, text: str) -> None:
    nodes = {
        **{name: ("Pack Integer Math", {"a": number, "operation": "add", "b": 0}) for number, name in
           ((1, "one"), (2, "two"))},
        **{"pick": ("GrowPicked", {"which": which}), "show": ("PreviewAny", {})},
    }  # fmt: skip
    links = [("one", "number", "pick", "values.a"), ("two", "number", "pick", "values.b")]
    given = document(nodes, "pick.* > show.source")
    ran = bench.run(given if which == "c" else linked(given, *links))
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert bench.texts_of(ran) == {"show": [text]}
    assert ran.did_run & {"one", "two"} == {"a": {"one"}, "b": {"two"}, "c": set()}[which]


def test_a_document_that_names_a_replaced_node_runs_as_the_new_one(bench: PackBench) -> None:
    nodes = {"n": ("GrowOldResized", {"wide": 33}), "show": ("PreviewAny", {})}
    old = document(nodes, "n.output_1 > show.source")
    workflow, _ = read_current(old, bench.registry.now.renames)
    assert workflow is not None
    ran = bench.run(workflow.document)
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert bench.texts_of(ran) == {"show": ["{'resize': 'exact', 'width': 33, 'height': 2} 1"]}


def test_whole_lists_come_in_the_dictionary(bench: PackBench) -> None:
    nodes = {
        **{"n": ("ListOfNumbers", {"start": 1, "count": 3}), "text": ("PackSplit", {"text": "x\ny"})},
        **{"all": ("GrowListed", {}), "show": ("PackShowText", {})},
    }
    links = [("text", "STRING", "all", f"inputs.input{number}") for number in (0, 2)]
    ran = bench.run(linked(document(nodes, "all.* > show.text"), *links))
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert bench.texts_of(ran)["show"] == ["x", "y", "x", "y"]


def graph_of(*values: object) -> dict[str, Any]:
    """A graph of the interface, which saves by position only the widgets that it shows."""
    node = {"id": 1, "type": "GrowResized", "pos": [0, 0], "size": [200, 100], "mode": 0}
    return {"nodes": [{**node, "widgets_values": list(values)}], "links": [], "version": 0.4}


@pytest.mark.parametrize(
    ("values", "inputs"),
    [
        (("exact", 16, 32, 3), {"resize": "exact", "resize.width": 16, "resize.height": 32, "after": 3}),
        (("no", 3), {"resize": "no", "after": 3}),
        (
            ("scaled", "times", 1.5, 3),
            {"resize": "scaled", "resize.unit": "times", "resize.unit.width": 1.5, "after": 3},
        ),
    ],
)
def test_widgets_by_position_are_those_of_the_choice(
    bench: PackBench, values: tuple[object, ...], inputs: dict[str, object]
) -> None:
    info = known_nodes(bench.registry.types)
    imported = read_value(graph_of(*values), info)
    assert imported is not None and imported.document is not None
    assert imported.document["nodes"][0]["inputs"] == inputs
    assert write_as("ui", imported.document, info)["nodes"][0]["widgets_values"] == list(values)
    assert write_as("api", imported.document, info)["1"]["inputs"] == inputs
