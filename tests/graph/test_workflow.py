"""The document is read by name and kept whole."""

import copy
from typing import Any

import pytest

from graph import workflow as workflow_module
from graph.patch import apply_patch
from graph.workflow import MODES, Link, Workflow, read_document, with_values
from tests.graph.sample import document, read, subgraph


def codes(given: object) -> list[str]:
    return [problem.code for problem in read_document(given)[1]]


def test_a_document_is_read_into_nodes_and_links() -> None:
    read_one = read(document({"a": ("Number", {"value": 1}), "b": ("Show", {})}, "a.INT > b.value"))
    assert [(each.id, each.type, each.inputs, each.mode) for each in read_one.nodes] == [
        ("a", "Number", {"value": 1}, "active"),
        ("b", "Show", {}, "active"),
    ]
    assert read_one.links == (Link("a", "INT", "b", "value"),)


def test_everything_unknown_survives_load_and_save_in_its_place() -> None:
    given = document({"a": ("FromAPackThatIsGone", {"list": [1, {"deep": None}], "text": "é"})})
    given["nodes"][0] |= {"position": [1, 2], "colour": "#123456", "of the future": {"x": 1}}
    given |= {"frames": [{"id": "f"}], "of the future": [1, 2], "view": {"zoom": 2}}
    before = copy.deepcopy(given)
    saved = read(given).to_json()
    assert saved == before
    assert list(saved) == list(before)
    assert list(saved["nodes"][0]) == list(before["nodes"][0])


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (None, "unreadable_document"),
        ([], "unreadable_document"),
        ({}, "unreadable_document"),
        ({"format": "tessera.workflow", "version": "1"}, "unreadable_document"),
        ({"format": "tessera.workflow", "version": True}, "unreadable_document"),
        ({"format": "tessera.workflow", "version": 0}, "unreadable_document"),
        ({"format": "tessera.workflow", "version": 99}, "newer_version"),
        ({"format": "tessera.workflow", "version": 1, "nodes": {}}, "unreadable_document"),
        ({"format": "tessera.workflow", "version": 1, "links": "x"}, "unreadable_document"),
    ],
)
def test_what_is_no_workflow_is_one_problem(given: object, code: str) -> None:
    found, problems = read_document(given)
    assert (found, [problem.code for problem in problems]) == (None, [code])


@pytest.mark.parametrize(
    "record",
    [
        None,
        {},
        {"id": "", "type": "Number"},
        {"id": 3, "type": "Number"},
        {"id": "a", "type": None},
        {"id": "a", "type": "Number", "inputs": []},
    ],
)
def test_a_malformed_node_is_a_problem_and_the_others_are_read(record: object) -> None:
    given = document({"good": ("Number", {})})
    given["nodes"].append(record)
    found, problems = read_document(given)
    assert found is not None
    assert [each.id for each in found.nodes] == ["good"]
    assert [problem.code for problem in problems] == ["malformed_record"]
    assert found.to_json() == given


@pytest.mark.parametrize("mode", ["asleep", 4, None, ["active"]])
def test_a_node_of_an_unknown_mode_takes_part_and_its_links_stay(mode: object) -> None:
    given = document({"a": ("Number", {})}, "a.INT > b.a", "b.INT > c.a")
    given["nodes"].insert(1, {"id": "b", "type": "Number", "mode": mode})
    found, problems = read_document(given)
    assert found is not None and found.to_json() == given
    assert [(each.id, each.mode) for each in found.nodes] == [("a", "active"), ("b", "active")]
    (problem,) = problems
    assert (problem.code, problem.node) == ("malformed_record", "b")
    assert [fix.label for fix in problem.fixes] == ["Make it active", "Make it muted", "Make it bypassed"]
    for fix, wanted in zip(problem.fixes, MODES, strict=True):
        mended, left = read_document(apply_patch(given, fix.patch))
        assert mended is not None and not left and mended.nodes[1].mode == wanted


@pytest.mark.parametrize(
    "record",
    [
        *(None, {}, 3, {"from": ["a"], "to": ["b", "c"]}, {"from": ["a", "b"]}),
        *({"from": ["a", 1], "to": ["b", "c"]}, {"from": "ab", "to": [None, "c"]}),
    ],
)
def test_a_malformed_link_is_a_problem(record: object) -> None:
    given = document({"a": ("Number", {})})
    given["links"].append(record)
    assert codes(given) == ["malformed_record"]


def test_an_older_version_is_migrated_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    def to_two(given: Any) -> Any:
        return {**given, "version": 2, "title": given["name"]}

    def to_three(given: Any) -> Any:
        return {**given, "version": 3, "title": given["title"].upper()}

    monkeypatch.setattr(workflow_module, "VERSION", 3)
    monkeypatch.setattr(workflow_module, "MIGRATIONS", {1: to_two, 2: to_three})
    assert read({**document({}), "name": "old"}).title == "OLD"


def test_values_are_set_by_node_and_input_or_by_parameter() -> None:
    given = document({"a": ("Number", {"value": 1}), "b.c": ("Number", {})})
    given["parameters"] = [{"name": "how many", "node": "a", "input": "value", "label": ""}]
    first, problems = with_values(read(given), {"how many": 7, "b.c.value": 8})
    assert not problems
    assert [node["inputs"] for node in first.to_json()["nodes"]] == [{"value": 7}, {"value": 8}]
    assert [dict(node.inputs) for node in first.nodes] == [{"value": 7}, {"value": 8}]
    assert given["nodes"][0]["inputs"] == {"value": 1}  # the document it came from is not changed


def test_values_inside_a_sub_graph_are_set_for_all_its_instances() -> None:
    body = subgraph(
        "f", "x:INT", "y:INT", {"n": ("Number", {"value": 1})}, "n.INT > @out.y", "@in.x > n.value"
    )
    given = {**document({"i": ("@f", {}), "n": ("Number", {})}), "subgraphs": [None, body]}
    before = copy.deepcopy(given)
    changed, problems = with_values(_readable(given), {"@f/n.value": 7, "n.value": 2, "f/n.value": 3})
    assert given == before
    assert changed.to_json()["subgraphs"] == [
        None,
        {**body, "nodes": [{**body["nodes"][0], "inputs": {"value": 7}}]},
    ]
    assert [dict(node.inputs) for node in changed.subgraphs["f"].nodes] == [{"value": 7}]
    assert [dict(node.inputs) for node in changed.nodes] == [{}, {"value": 2}]
    assert [(each.code, each.node, each.given, each.fixes) for each in problems] == [
        ("value_not_used", "@f/n", None, ()),
        ("unknown_parameter", None, "f/n.value", ()),
    ]
    assert "'@f/n'" in problems[1].remedy


def _readable(given: dict[str, Any]) -> Workflow:
    """A document of which some records are none."""
    workflow, _ = read_document(given)
    assert workflow is not None
    return workflow


def test_a_value_for_nothing_is_a_problem_that_knows_better() -> None:
    _, problems = with_values(read(document({"sampler": ("Number", {})})), {"smapler.value": 1, "x": 2})
    assert [(problem.code, problem.given) for problem in problems] == [
        ("unknown_parameter", "smapler.value"),
        ("unknown_parameter", "x"),
    ]
    assert "sampler" in problems[0].remedy


def test_a_value_that_a_link_outdoes_is_a_warning() -> None:
    given = document({"a": ("Number", {}), "b": ("Show", {})}, "a.INT > b.value")
    changed, (problem,) = with_values(read(given), {"b.value": 3})
    assert (problem.code, problem.severity, problem.node, problem.input) == (
        *("value_not_used", "warning"),
        *("b", "value"),
    )
    assert dict(changed.nodes[1].inputs) == {"value": 3}
