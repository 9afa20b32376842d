"""Graphs that we write for ComfyUI's interface: as it would save them, and nothing of ours is lost."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compat.export import View, write_api_prompt
from compat.object_info import ObjectInfo, known_nodes
from compat.reading import read_file
from compat.ui_export import UiVersion, write_ui_graph
from compat.ui_graph import read_ui_graph
from graph.registry import Registry
from graph.workflow import read_document
from tests.compat.test_reading import anything

ROOT = Path(__file__).resolve().parents[2]
SAVED = sorted((ROOT / "tests/data/comfy_workflows").glob("[ua]*/*.json"))
WORKFLOWS = sorted((ROOT / "workflows").glob("*.json"))
VERSIONS: tuple[UiVersion, ...] = ("0.4", "1.0")
SWEEP = {"sweep": [4, 6, 8], "axis": "cfg"}


@pytest.fixture(scope="module")
def info() -> ObjectInfo:
    registry = Registry()
    registry.load_package("nodes")
    return known_nodes(registry.types)


def exported(document: Any, info: ObjectInfo, version: UiVersion = "0.4") -> Any:
    """The graph, as it comes out of a file."""
    workflow, problems = read_document(document)
    assert workflow is not None and problems == ()
    return json.loads(json.dumps(write_ui_graph(View(workflow, info), version)))


def comparable(document: Any) -> Any:
    """A graph lists links as it likes; which of them there are is what counts."""
    made = {**document, "links": sorted(document["links"], key=json.dumps)}
    if "subgraphs" in document:
        made["subgraphs"] = [comparable(each) for each in document["subgraphs"]]
    return made


def without(document: Any, field: str) -> Any:
    return [{name: value for name, value in node.items() if name != field} for node in document["nodes"]]


def one_node(kind: str, **fields: Any) -> Any:
    record = {"id": "it", "type": kind, "inputs": {}, "position": [0, 0], "size": [300, 200]}
    node = {**record, "collapsed": False, "mode": "active", **fields}
    head = {"format": "tessera.workflow", "version": 1, "title": "One"}
    return {**head, "nodes": [node], "links": [], "frames": [], "notes": [], "parameters": []}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_our_workflows_come_back_as_they_were(path: Path, version: UiVersion, info: ObjectInfo) -> None:
    document = json.loads(path.read_text("utf-8"))
    imported = read_ui_graph(exported(document, info, version), info)
    assert imported.document is not None and imported.problems == ()
    assert comparable(imported.document) == comparable(document)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("path", SAVED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_others_saved_says_the_same_after_export(
    path: Path, version: UiVersion, info: ObjectInfo
) -> None:
    document = read_file(path.read_bytes(), info, "t").document
    imported = read_ui_graph(exported(document, info, version), info)
    assert imported.document is not None and imported.problems == ()
    assert without(imported.document, "comfy") == without(document, "comfy")
    assert write_api_prompt(imported.document, info) == write_api_prompt(document, info)


def test_a_graph_is_what_the_interface_itself_would_save(info: ObjectInfo) -> None:
    document = json.loads((ROOT / "workflows/image_to_image.json").read_text("utf-8"))
    graph = exported(document, info)
    nodes = {node["type"]: node for node in graph["nodes"]}
    assert nodes["LoadImage"]["widgets_values"] == ["example.png", "image"]
    sampler = nodes["KSampler"]
    order = ("seed", "steps", "cfg", "sampler_name", "scheduler", "denoise")
    given = {node["type"]: node for node in document["nodes"]}["KSampler"]["inputs"]
    seed, *others = (given[name] for name in order)
    assert sampler["widgets_values"] == [seed, "fixed", *others]
    assert [each["name"] for each in sampler["inputs"]] == ["model", "positive", "negative", "latent_image"]
    links = {link[0]: link for link in graph["links"]}
    for node in graph["nodes"]:
        for place, socket in enumerate(node["inputs"]):
            if socket["link"] is not None:
                assert links[socket["link"]][3:5] == [node["id"], place]
        for place, socket in enumerate(node["outputs"]):
            for link in socket["links"] or ():
                assert links[link][1:3] == [node["id"], place]
    ids = [node["id"] for node in graph["nodes"]]
    assert all(isinstance(own, int) for own in ids) and len(set(ids)) == len(ids)
    assert (graph["version"], graph["last_node_id"], graph["last_link_id"]) == (0.4, max(ids), len(links))
    newer = exported(document, info, "1.0")
    state = {"lastGroupid": len(document["frames"]), "lastNodeId": max(ids), "lastLinkId": len(links)}
    assert (newer["version"], newer["state"]) == (1, {**state, "lastRerouteId": 0})
    assert [list(link.values()) for link in newer["links"]] == graph["links"]


def test_what_the_interface_cannot_say_comes_back(info: ObjectInfo) -> None:
    inputs = {"cfg": SWEEP, "seed": 7, "steps": 9, "unheard": {"__deep__": [1]}, "denoise": None}
    given = one_node("KSampler", inputs=inputs, mode="bypassed", colour="#aabbcc", mood="blue")
    given["notes"] = [{"id": "says", "text": "why", "position": [9, 9], "size": [100, 90], "mood": "red"}]
    frame = {"id": "around", "title": "All", "position": [-20, -20], "size": [400, 300]}
    given["frames"] = [{**frame, "colour": "#123456", "mood": "green"}]
    given |= {"view": {"x": 3, "y": 4, "zoom": 2}, "id": "d1", "mood": "grey"}
    given["parameters"] = [{"name": "seed", "node": "it", "input": "seed", "label": "Seed"}]
    (node, _) = exported(given, info)["nodes"]
    assert node["widgets_values"][:4] == [7, "fixed", 9, 4]  # a sweep shows its first value
    assert read_ui_graph(exported(given, info), info).document == given


def test_what_was_changed_in_the_interface_wins(info: ObjectInfo) -> None:
    given = one_node("KSampler", inputs={"cfg": SWEEP, "seed": 7})
    graph = exported(given, info)
    (node,) = graph["nodes"]
    node["widgets_values"][2:4] = [33, 5.5]
    node["pos"][0] += 50
    copied = copy.deepcopy(node) | {"id": 12}
    graph["nodes"].append(copied)
    document = read_ui_graph(graph, info).document
    assert document is not None
    assert [made["id"] for made in document["nodes"]] == ["it", "12"]
    assert document["nodes"][0]["inputs"] == {"cfg": 5.5, "seed": 7, "steps": 33}
    assert document["nodes"][0]["position"] == [50, 0]


def test_ids_that_are_numbers_stay_and_others_get_free_ones(info: ObjectInfo) -> None:
    given = one_node("VAEDecode")
    given["nodes"] += [{**given["nodes"][0], "id": own} for own in ("7", "07", "3:1")]
    given["links"] = [{"from": ["7", "IMAGE"], "to": ["it", "samples"]}]
    graph = exported(given, info)
    assert [node["id"] for node in graph["nodes"]] == [8, 7, 9, 10]
    assert graph["links"] == [[1, 7, 0, 8, 0, "IMAGE"]]
    assert read_ui_graph(graph, info).document == given


def test_several_links_into_one_input_have_a_socket_each(info: ObjectInfo) -> None:
    given = one_node("Strange")
    given["nodes"] += [{**given["nodes"][0], "id": own, "type": "LoadImage"} for own in ("a", "b")]
    given["links"] = [{"from": [own, "IMAGE"], "to": ["it", "pictures"]} for own in ("a", "b")]
    graph = exported(given, info)
    assert [socket["name"] for socket in graph["nodes"][0]["inputs"]] == ["pictures", "pictures"]
    assert read_ui_graph(graph, info).document == given


NODE_FIELDS = ["id", "type", "inputs", "position", "size", "mode", "comfy", "title", "colour", "text"]
DOCUMENT_FIELDS = ["frames", "notes", "parameters", "comfy", "view", "title"]
record = st.dictionaries(st.sampled_from([*NODE_FIELDS, "from", "to"]), anything)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(record | anything, max_size=4),
    st.lists(record | anything, max_size=4),
    st.dictionaries(st.sampled_from(DOCUMENT_FIELDS), st.lists(record, max_size=3) | record | anything),
)
def test_no_document_breaks_the_export(nodes: Any, links: Any, others: Any) -> None:
    known = known_nodes()
    named = [
        {"id": str(place), "type": "KSampler", **each}
        for place, each in enumerate(nodes)
        if isinstance(each, dict)
    ]
    document = {"format": "tessera.workflow", "version": 1, **others, "nodes": named, "links": links}
    workflow, _ = read_document(document)
    assert workflow is not None
    for version in VERSIONS:
        read_ui_graph(write_ui_graph(View(workflow, known), version), known)
