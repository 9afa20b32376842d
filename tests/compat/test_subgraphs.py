"""Sub-graphs and group nodes of ComfyUI's interface become our sub-graphs, and ours become its."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compat.export import View, write_api_prompt
from compat.infotext_export import write_infotext
from compat.object_info import ObjectInfo, known_nodes
from compat.ui_export import UiVersion, write_ui_graph
from compat.ui_graph import read_ui_graph
from graph.plan import plan
from graph.registry import Registry
from graph.workflow import read_document
from tests.compat.test_reading import anything
from tests.compat.test_ui_export import ROOT, comparable
from tests.compat.test_ui_graph import LOADER, node, save

VERSIONS: tuple[UiVersion, ...] = ("0.4", "1.0")
SHOWN = {"name": "scale_by", "type": "FLOAT", "link": None, "widget": {"name": "scale_by"}}
SCALED, TURNED = "0d7f6c9e-0000-4000-8000-000000000001", "0d7f6c9e-0000-4000-8000-000000000002"


@pytest.fixture(scope="module")
def registry() -> Registry:
    made = Registry()
    made.load_package("nodes")
    return made


@pytest.fixture(scope="module")
def info(registry: Registry) -> ObjectInfo:
    return known_nodes(registry.types)


def links(*ends: tuple[int, int, int, int, str]) -> list[Any]:
    names = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
    return [dict(zip(names, (own, *each), strict=True)) for own, each in enumerate(ends, 1)]


def scaled() -> Any:
    """Scales a picture, by a factor that it shows; the method it shows as a widget of the node inside."""
    widget = {"name": "scale_by", "type": "FLOAT", "link": 2, "widget": {"name": "scale_by"}}
    method = {"name": "upscale_method", "type": "COMBO", "link": None, "widget": {"name": "upscale_method"}}
    scale = node(7, "ImageScaleBy", [("image", "IMAGE", 1)], ["IMAGE"], ["area", 2.0])
    scale["inputs"] += [method, widget]
    inner = node(8, "Reroute", [("", "*", 3)], ["*"])
    return {
        "id": SCALED, "name": "Scaled", "version": 1, "revision": 0, "config": {},
        "inputNode": {"id": -10, "bounding": [-200, 50, 120, 60]},
        "outputNode": {"id": -20, "bounding": [900, 50, 120, 60]},
        "inputs": [{"id": "a", "name": "image", "type": "IMAGE", "linkIds": [1]},
                   {"id": "b", "name": "scale_by", "type": "FLOAT", "linkIds": [2], "label": "how much"}],
        "outputs": [{"id": "c", "name": "IMAGE", "type": "IMAGE", "linkIds": [4]}],
        "nodes": [scale, inner, node(9, "Note", [], [], ["why it is scaled"])],
        "groups": [{"title": "Inside", "bounding": [0, 0, 400, 200], "color": "#345"}],
        "links": links((-10, 0, 7, 0, "IMAGE"), (-10, 1, 7, 2, "FLOAT"), (7, 0, 8, 0, "IMAGE"),
                       (8, 0, -20, 0, "IMAGE")),
    }  # fmt: skip


def turned() -> Any:
    """Holds one of the other, and an inverter."""
    instance = node(5, SCALED, [("image", "IMAGE", 1)], ["IMAGE"], [3.0])
    instance["inputs"].append(
        {"name": "scale_by", "type": "FLOAT", "link": None, "widget": {"name": "scale_by"}}
    )
    return {
        "id": TURNED, "name": "Turned",
        "inputs": [{"name": "image", "type": "IMAGE"}], "outputs": [{"name": "IMAGE", "type": "IMAGE"}],
        "nodes": [instance, node(6, "ImageInvert", [("image", "IMAGE", 2)], ["IMAGE"])],
        "links": links((-10, 0, 5, 0, "IMAGE"), (5, 0, 6, 0, "IMAGE"), (6, 0, -20, 0, "IMAGE")),
    }  # fmt: skip


def graph(kind: str, *definitions: Any, values: Any = (), **more: Any) -> Any:
    """A picture through one instance into a file."""
    instance = {**node(2, kind, [("image", "IMAGE", 1)], ["IMAGE"], values), **more}
    flat = [[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 0, "IMAGE"]]
    nodes = [LOADER, instance, save(3, 2)]
    return {"nodes": nodes, "links": flat, "definitions": {"subgraphs": list(definitions)}, "version": 0.4}


def imported(raw: Any, info: ObjectInfo) -> Any:
    found = read_ui_graph(raw, info)
    assert found.document is not None and found.problems == ()
    workflow, problems = read_document(found.document)
    assert workflow is not None and problems == ()
    return found.document


def prompt_of(document: Any, info: ObjectInfo) -> Any:
    return {own: made["inputs"] for own, made in write_api_prompt(document, info).items()}


def exported(document: Any, info: ObjectInfo, version: UiVersion = "0.4") -> Any:
    workflow, problems = read_document(document)
    assert workflow is not None and problems == ()
    return json.loads(json.dumps(write_ui_graph(View(workflow, info), version)))


def test_a_definition_becomes_a_subgraph_and_its_node_an_instance(info: ObjectInfo) -> None:
    document = imported(graph(SCALED, scaled(), title="Twice"), info)
    (made,) = document["subgraphs"]
    assert (made["id"], made["title"]) == (SCALED, "Scaled")
    assert made["inputs"] == [
        {"name": "image", "type": "IMAGE"},
        {"name": "scale_by", "type": "FLOAT", "label": "how much"},
    ]
    assert made["outputs"] == [{"name": "IMAGE", "type": "IMAGE"}]
    (inner,) = made["nodes"]
    assert (inner["id"], inner["inputs"]) == ("7", {"upscale_method": "area", "scale_by": 2.0})
    assert made["links"] == [
        {"from": ["@in", "image"], "to": ["7", "image"]},
        {"from": ["@in", "scale_by"], "to": ["7", "scale_by"]},
        {"from": ["7", "IMAGE"], "to": ["@out", "IMAGE"]},
    ]
    assert [frame["title"] for frame in made["frames"]] == ["Inside"]
    assert [note["text"] for note in made["notes"]] == ["why it is scaled"]
    assert made["input_position"] == [-200.0, 25.0] and made["output_position"] == [900.0, 25.0]
    instance = document["nodes"][1]
    assert (instance["id"], instance["type"], instance["title"]) == ("2", f"@{SCALED}", "Twice")
    assert document["links"] == [
        {"from": ["1", "IMAGE"], "to": ["2", "image"]},
        {"from": ["2", "IMAGE"], "to": ["3", "images"]},
    ]
    assert prompt_of(document, info) == {
        "1": {"image": "a.png"},
        "2:7": {"image": ["1", 0], "upscale_method": "area", "scale_by": 2.0},
        "3": {"filename_prefix": "x", "images": ["2:7", 0]},
    }


def test_values_of_an_instance_count_before_those_inside(info: ObjectInfo) -> None:
    older, newer = graph(SCALED, scaled(), values=[4.5]), graph(SCALED, scaled(), values=[4.5])
    older["nodes"][1]["inputs"].append(dict(SHOWN))
    newest = graph(SCALED, scaled(), widgets_values_named={"scale_by": 4.5, "gone": 1})
    for raw in (older, newer, newest):
        document = imported(raw, info)
        assert document["nodes"][1]["inputs"] == {"scale_by": 4.5}
        assert prompt_of(document, info)["2:7"]["scale_by"] == 4.5


def test_what_an_instance_shows_of_its_insides_comes_into_the_signature(info: ObjectInfo) -> None:
    proxies = [["7", "upscale_method"], ["-1", "scale_by"], ["77", "gone"], "junk"]
    document = imported(graph(SCALED, scaled(), properties={"proxyWidgets": proxies}), info)
    (made,) = document["subgraphs"]
    assert made["inputs"][2:] == [{"name": "upscale_method", "type": "STRING"}]
    assert {"from": ["@in", "upscale_method"], "to": ["7", "upscale_method"]} in made["links"]
    document["nodes"][1]["inputs"]["upscale_method"] = "lanczos"
    assert prompt_of(document, info)["2:7"]["upscale_method"] == "lanczos"


def test_subgraphs_in_subgraphs_are_called_by_their_way(info: ObjectInfo) -> None:
    document = imported(graph(TURNED, turned(), scaled()), info)
    assert prompt_of(document, info) == {
        "1": {"image": "a.png"},
        "2:5:7": {"image": ["1", 0], "upscale_method": "area", "scale_by": 3.0},
        "2:6": {"image": ["2:5:7", 0]},
        "3": {"filename_prefix": "x", "images": ["2:6", 0]},
    }


def test_a_subgraph_in_itself_is_told_when_it_is_planned(info: ObjectInfo, registry: Registry) -> None:
    definition = turned()
    definition["nodes"][0]["type"] = TURNED
    document = imported(graph(TURNED, definition), info)
    workflow, _ = read_document(document)
    assert workflow is not None
    assert "recursive_subgraph" in {each.code for each in plan(workflow, registry).problems}
    assert exported(document, info)["definitions"]


@pytest.mark.parametrize(("mode", "images"), [(4, {"images": ["1", 0]}), (2, {})])
def test_a_bypassed_instance_passes_on_and_a_muted_one_is_not_there(
    info: ObjectInfo, mode: int, images: Any
) -> None:
    document = imported(graph(SCALED, scaled(), mode=mode), info)
    assert prompt_of(document, info) == {
        "1": {"image": "a.png"},
        "3": {"filename_prefix": "x", **images},
    }


def bare(value: Any) -> Any:
    """Without what other programs say beside our fields."""
    if isinstance(value, list):
        return [bare(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {name: bare(each) for name, each in comparable({"links": [], **value}).items() if name != "comfy"}


def group_node(values: list[Any]) -> Any:
    """Two nodes in one: what they do not link among themselves, the node shows."""
    inside = [
        node(0, "ImageScaleBy", [("image", "IMAGE", None)], ["IMAGE"], ["area", 2.0]),
        node(1, "ImageInvert", [("image", "IMAGE", None)], ["IMAGE"]),
    ]
    for each in inside:
        del each["id"]
    group = {"nodes": inside, "links": [[0, 0, 1, 0, 1, "IMAGE"]], "external": []}
    raw = graph("workflow>Both", values=values)
    raw["extra"] = {"groupNodes": {"Both": group}}
    return raw


def test_a_group_node_becomes_an_instance_with_all_its_values(info: ObjectInfo) -> None:
    document = imported(group_node(["bilinear", 1.5]), info)
    (made,) = document["subgraphs"]
    assert (made["id"], [each["name"] for each in made["inputs"]]) == (
        "Both",
        ["image", "upscale_method", "scale_by"],
    )
    assert document["nodes"][1]["inputs"] == {"upscale_method": "bilinear", "scale_by": 1.5}
    assert prompt_of(document, info) == {
        "1": {"image": "a.png"},
        "2:0": {"image": ["1", 0], "upscale_method": "bilinear", "scale_by": 1.5},
        "2:1": {"image": ["2:0", 0]},
        "3": {"filename_prefix": "x", "images": ["2:1", 0]},
    }
    found = read_ui_graph(group_node([1]), info)
    assert [problem.code for problem in found.problems] == ["values_do_not_fit"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("raw", [graph(TURNED, turned(), scaled()), group_node(["area", 3.0])])
def test_what_was_imported_is_exported_as_definitions(raw: Any, version: UiVersion, info: ObjectInfo) -> None:
    document = imported(raw, info)
    written = exported(document, info, version)
    ids = {each["id"] for each in written["definitions"]["subgraphs"]}
    assert {each["type"] for each in written["nodes"]} & ids
    again = imported(written, info)
    assert bare(again) == bare(document)
    assert prompt_of(again, info) == prompt_of(document, info)
    for definition in written["definitions"]["subgraphs"]:
        del definition["extra"]  # as if another program had made it
    del written["extra"]
    for each in written["nodes"]:
        each["properties"].pop("tessera")
    assert prompt_of(read_ui_graph(written, info).document, info) == prompt_of(document, info)


def ours() -> Any:
    """A document as our editor makes it: a sub-graph with defaults, a zone, and one in the other."""
    refine = {
        "id": "refine", "title": "Refine", "description": "Once more.", "category": "mine",
        "inputs": [{"name": "image", "type": "IMAGE"}, {"name": "by", "type": "FLOAT", "default": 1.5},
                   {"name": "how", "type": "STRING", "label": "How"}],
        "outputs": [{"name": "image", "type": "IMAGE"}],
        "nodes": [{"id": "scale", "type": "ImageScaleBy", "inputs": {"upscale_method": "area"},
                   "mode": "active", "position": [10.0, 20.0], "size": [300.0, 160.0], "collapsed": False}],
        "links": [{"from": ["@in", "image"], "to": ["scale", "image"]},
                  {"from": ["@in", "by"], "to": ["scale", "scale_by"], "via": [[5, 6]]},
                  {"from": ["@in", "how"], "to": ["scale", "upscale_method"]},
                  {"from": ["scale", "IMAGE"], "to": ["@out", "image"]}],
        "input_position": [-300.0, 40.0], "output_position": [400.0, 40.0],
    }  # fmt: skip
    twice = {
        "id": "twice", "title": "Twice", "kind": "repeat",
        "inputs": [{"name": "image", "type": "IMAGE"}], "outputs": [{"name": "image", "type": "IMAGE"}],
        "nodes": [{"id": "one", "type": "@refine", "inputs": {}}],
        "links": [{"from": ["@in", "image"], "to": ["one", "image"]},
                  {"from": ["one", "image"], "to": ["@out", "image"]}],
    }  # fmt: skip

    def at(own: str, kind: str, **inputs: Any) -> Any:
        drawn = {"position": [0.0, 0.0], "size": [300.0, 200.0], "collapsed": False, "mode": "active"}
        return {"id": own, "type": kind, "inputs": inputs, **drawn}

    nodes = [at("load", "LoadImage", image="a.png"), at("first", "@refine", how="lanczos"),
             at("more", "@refine", by=3.0), at("zone", "@twice", times=3),
             at("save", "SaveImage", filename_prefix="x")]  # fmt: skip
    between = [("load", "IMAGE", "first", "image"), ("first", "image", "more", "image"),
               ("more", "image", "zone", "image"), ("zone", "image", "save", "images")]  # fmt: skip
    return {
        "format": "tessera.workflow", "version": 1, "title": "Ours", "nodes": nodes,
        "links": [{"from": [a, b], "to": [c, d]} for a, b, c, d in between],
        "frames": [], "notes": [], "parameters": [], "subgraphs": [twice, refine],
    }  # fmt: skip


@pytest.mark.parametrize("version", VERSIONS)
def test_our_subgraphs_come_back_as_they_were(version: UiVersion, info: ObjectInfo) -> None:
    document = ours()
    written = exported(document, info, version)
    assert [each["name"] for each in written["definitions"]["subgraphs"]] == ["Refine"]
    first = next(each for each in written["nodes"] if each["title" if "title" in each else "id"] == 2)
    assert first["widgets_values"] == [1.5, "lanczos"]
    assert comparable(read_ui_graph(written, info).document) == comparable(document)
    levels = (written, *written["definitions"]["subgraphs"])
    numbers = [each["id"] for level in levels for each in level["nodes"]]
    assert len(set(numbers)) == len(numbers)
    inner = [each["id"] for definition in levels[1:] for each in definition["links"]]
    outer = [each["id"] if isinstance(each, dict) else each[0] for each in written["links"]]
    assert sorted(outer + inner) == list(range(1, 1 + len(outer) + len(inner)))


def test_what_was_changed_of_a_definition_in_the_interface_wins(info: ObjectInfo) -> None:
    written = exported(ours(), info)
    (definition,) = written["definitions"]["subgraphs"]
    definition["name"] = "Finer"
    definition["nodes"][0]["widgets_values"][0] = "bilinear"
    document: Any = read_ui_graph(written, info).document
    twice, refine = document["subgraphs"]
    assert (twice["id"], refine["title"]) == ("twice", "Finer")
    assert refine["nodes"][0]["inputs"]["upscale_method"] == "bilinear"


def test_prompts_call_what_is_inside_by_the_instance(info: ObjectInfo) -> None:
    found = prompt_of(ours(), info)
    assert found["first:scale"] == {"image": ["load", 0], "upscale_method": "lanczos", "scale_by": 1.5}
    assert found["more:scale"] == {"image": ["first:scale", 0], "upscale_method": "area", "scale_by": 3.0}
    assert found["zone"] == {"times": 3, "image": ["more:scale", 0]}  # a zone is ours alone


def test_an_infotext_sees_through_instances(info: ObjectInfo) -> None:
    plain = json.loads((ROOT / "workflows/text_to_image.json").read_text("utf-8"))
    names = {each["type"]: each["id"] for each in plain["nodes"]}
    wrapped = copy.deepcopy(plain)
    latent = next(each for each in wrapped["nodes"] if each["id"] == names["EmptyLatentImage"])
    wrapped["nodes"] = [each for each in wrapped["nodes"] if each is not latent]
    wrapped["nodes"].append({"id": "size", "type": "@size", "inputs": {}})
    inside = [{"from": [latent["id"], "LATENT"], "to": ["@out", "LATENT"]}]
    outputs = [{"name": "LATENT", "type": "LATENT"}]
    wrapped["subgraphs"] = [
        {"id": "size", "inputs": [], "outputs": outputs, "nodes": [latent], "links": inside}
    ]
    for link in wrapped["links"]:
        link["from"][0] = "size" if link["from"][0] == latent["id"] else link["from"][0]
    views = [View(workflow, info) for workflow, _ in map(read_document, (plain, wrapped)) if workflow]
    assert write_infotext(views[0]) and write_infotext(views[0]) == write_infotext(views[1])


@settings(max_examples=60, deadline=None)
@given(junk=st.lists(anything, min_size=1, max_size=4), field=st.sampled_from(
    ["inputs", "outputs", "nodes", "links", "groups", "inputNode", "extra", "id", "name", "state"]
))  # fmt: skip
def test_no_definition_breaks_import_or_export(junk: list[Any], field: str) -> None:
    info = known_nodes()
    for value in (junk, junk[0]):
        for raw in (
            graph(SCALED, {**scaled(), field: value}),
            graph(TURNED, {**turned(), field: value}, scaled()),
        ):
            document: Any = read_ui_graph(raw, info).document
            write_api_prompt(document, info)
            workflow, _ = read_document(document)
            assert workflow is not None
            written = json.loads(json.dumps(write_ui_graph(View(workflow, info))))
            assert read_ui_graph(written, info).document is not None


@pytest.mark.parametrize("name", ["promoted", "nested"])
def test_what_the_interface_saved_gives_its_own_prompt(name: str, info: ObjectInfo) -> None:
    """Saved by comfyui-frontend-package 1.58.1, with the prompts that it made."""
    saved = json.loads((ROOT / f"tests/data/comfy_subgraphs/{name}.json").read_text("utf-8"))
    document = imported(saved["workflow"], info)
    theirs = {own: made["inputs"] for own, made in saved["output"].items()}
    assert prompt_of(document, info) == theirs
    assert prompt_of(imported(exported(document, info), info), info) == theirs
