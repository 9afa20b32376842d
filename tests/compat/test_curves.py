"""Curves through ComfyUI's formats: sent, saved, read again, and described to interfaces that know CURVE."""

from typing import Any

import pytest

from compat.api_prompt import read_api_prompt
from compat.export import View, write_api_prompt
from compat.nodes.spec import input_types
from compat.object_info import ObjectInfo, known_nodes
from compat.server.literals import fitted
from compat.server.shapes import shape
from compat.ui_export import write_ui_graph
from compat.ui_graph import read_ui_graph
from graph.folders import Folders
from graph.registry import Registry
from graph.workflow import read_document
from tests.nodes.bench import ROOT, template

OURS = {"points": [[0, 9], [1, 1]], "interpolation": "smooth"}
THEIRS = {"points": [[0, 9], [1, 1]], "interpolation": "monotone_cubic"}
LISTED = [[0, 9], [1, 1]]


@pytest.fixture(scope="module")
def registry() -> Registry:
    registry = Registry()
    registry.load_package("nodes")
    return registry


@pytest.fixture(scope="module")
def info(registry: Registry) -> ObjectInfo:
    return known_nodes(registry.types)


def values(document: Any) -> dict[str, Any]:
    """The curves of a document, by node title."""
    found = {node.get("title", node["type"]): node["inputs"] for node in document["nodes"]}
    return {name: each for name, given in found.items() for each in given.values() if isinstance(each, dict)}


def test_a_template_with_curves_comes_back_from_both_formats(info: ObjectInfo) -> None:
    document = template("guidance_by_a_curve")
    workflow, _ = read_document(document)
    assert workflow is not None
    curves = values(document)
    assert len(curves) == 5
    unlinked = {name: each for name, each in curves.items() if name != "GuidanceCurve"}
    assert values(read_api_prompt(write_api_prompt(document, info), info).document) == unlinked
    for version in ("0.4", "1.0"):
        assert values(read_ui_graph(write_ui_graph(View(workflow, info), version), info).document) == curves


@pytest.mark.parametrize("literal", [OURS, THEIRS, LISTED, {"__value__": LISTED}])
def test_a_curve_is_read_in_the_words_of_the_interface(literal: object, info: ObjectInfo) -> None:
    prompt = {"1": {"class_type": "PrimitiveCurve", "inputs": {"value": literal}}}
    (node,) = read_api_prompt(prompt, info).document["nodes"]
    assert node["inputs"] == {"value": OURS}


def test_a_posted_curve_is_ours_and_what_is_none_stays_for_the_plan(registry: Registry) -> None:
    (given,) = registry.types["PrimitiveCurve"].inputs
    folders = Folders(ROOT)
    assert [fitted(given, each, folders) for each in (OURS, THEIRS, LISTED)] == [OURS] * 3
    assert [fitted(given, each, folders) for each in (3, {"points": 1})] == [3, {"points": 1}]


def test_curves_are_described_and_need_not_be_said(registry: Registry, info: ObjectInfo) -> None:
    declared = registry.types["GuidanceCurve"]
    told: Any = shape(declared, info.get("GuidanceCurve"), Folders(ROOT))
    default = {"points": [[0.0, 8.0], [1.0, 2.0]], "interpolation": "linear"}
    tooltip = "guidance from the first step to the last; 1 is none"
    options = {"tooltip": tooltip, "default": default, "min": 0, "max": 100}
    assert list(told["input"]["required"]) == ["model"]
    assert told["input"]["optional"] == {"cfg": ["CURVE", options]}
    assert input_types(declared, Folders(ROOT))["required"]["cfg"] == ("CURVE", options)
