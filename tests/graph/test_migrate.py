"""Documents that name node types, inputs and outputs as they were called before mean those of today."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from graph import NodeError, node
from graph.collected import Contents, Known, declared_by
from graph.migrate import Rename, formerly, read_current, renamed
from graph.misuse import UnfitRename
from graph.plan import plan
from graph.registry import Registry
from graph.workflow import Link
from tests.graph.sample import document, subgraph


@formerly("Plus", "AddTwo", inputs={"first": "a", "left": "a", "second": "b"}, outputs={"SUM": "total"})
@node(id="Sum", outputs=["total"])
def sum_of(a: int, b: int = 0) -> int:
    return a + b


@node()
def number(value: int = 0) -> int:
    return value


@node(sink=True)
def show(value: int) -> None:
    if value < 0:
        raise NodeError("it is below 0")


@pytest.fixture
def registry() -> Registry:
    made = Registry()
    made.take([sum_of, number, show], "test")
    return made


OLD = document(
    {
        "n": ("Number", {"value": 2}),
        "p": ("Plus", {"second": {"sweep": [1, 2], "axis": "b"}, "of the future": [1]}),
        "q": ("Sum", {"left": 5, "b": 1}),
        "s": ("Show", {}),
    },
    "n.INT > p.first",
    "p.SUM > s.value",
)


def test_ids_inputs_and_outputs_get_the_names_of_today(registry: Registry) -> None:
    workflow, problems = read_current(OLD, registry.now.renames)
    assert workflow is not None and not problems
    assert [(each.id, each.type, each.inputs) for each in workflow.nodes] == [
        ("n", "Number", {"value": 2}),
        ("p", "Sum", {"b": {"sweep": [1, 2], "axis": "b"}, "of the future": [1]}),
        ("q", "Sum", {"a": 5, "b": 1}),
        ("s", "Show", {}),
    ]
    assert workflow.links == (Link("n", "INT", "p", "a"), Link("p", "total", "s", "value"))


def test_what_was_renamed_is_planned_without_a_word(registry: Registry) -> None:
    old = copy.deepcopy(OLD)
    del old["nodes"][1]["inputs"]["of the future"]
    workflow, _ = read_current(old, registry.now.renames)
    assert workflow is not None
    planned = plan(workflow, registry, targets=["s", "q"])
    assert (planned.problems, planned.ok) == ((), True)
    assert [step.id for step in planned.steps] == ["n", "p[b=1]", "s[b=1]", "p[b=2]", "s[b=2]", "q"]


def test_the_document_given_stays_as_it_is_and_one_of_today_is_not_touched(registry: Registry) -> None:
    before = copy.deepcopy(OLD)
    made = renamed(OLD, registry.now.renames)
    assert before == OLD
    assert renamed(made, registry.now.renames) == made
    today, _ = read_current(made, registry.now.renames)
    assert today is not None and today.document == made


def test_sub_graphs_and_parameters_are_renamed_too(registry: Registry) -> None:
    body = subgraph(
        "f", "x:INT", "y:INT", {"p": ("AddTwo", {"second": 3})}, "@in.x > p.first", "p.SUM > @out.y"
    )
    named = [{"name": "more", "node": "p", "input": "second", "label": "More"}, "no record"]
    made = renamed({**OLD, "subgraphs": [body, None], "parameters": named}, registry.now.renames)
    assert made["subgraphs"][0]["nodes"] == [{"id": "p", "type": "Sum", "inputs": {"b": 3}, "mode": "active"}]
    assert made["subgraphs"][0]["links"] == [
        {"from": ["@in", "x"], "to": ["p", "a"]},
        {"from": ["p", "total"], "to": ["@out", "y"]},
    ]
    assert made["parameters"] == [{**named[0], "input": "b"}, "no record"]


def test_of_a_value_under_both_names_that_of_today_wins(registry: Registry) -> None:
    old = document({"p": ("Plus", {"first": 1, "a": 2})})
    assert renamed(old, registry.now.renames)["nodes"][0]["inputs"] == {"first": 1, "a": 2}


def test_fields_that_nobody_knows_stay_in_their_place(registry: Registry) -> None:
    old = copy.deepcopy(OLD)
    old["nodes"][1] = {"colour": "#fff", **old["nodes"][1], "odd": {"deep": None}}
    old["links"][1] = {"via": [[1, 2]], **old["links"][1], "odd": 1}
    made = renamed(old, registry.now.renames)
    assert list(made) == list(old)
    assert list(made["nodes"][1]) == list(old["nodes"][1])
    assert made["links"][1] == {"via": [[1, 2]], "from": ["p", "total"], "to": ["s", "value"], "odd": 1}
    assert list(made["links"][1]) == ["via", "from", "to", "odd"]


@pytest.mark.parametrize(
    "broken",
    [
        {"nodes": [None, 1, {"id": 3, "type": "Plus"}, {"id": "p", "type": ["Plus"]}, {"type": "Plus"}]},
        {
            "nodes": [{"id": "p", "type": "Plus", "inputs": 5}],
            "links": [None, {}, {"from": "p", "to": [1, 2]}],
        },
        {"nodes": {"p": "Plus"}, "links": 1, "subgraphs": [[], {"nodes": 1}], "parameters": [{"node": []}]},
    ],
)
def test_what_is_malformed_is_left_to_the_reader(registry: Registry, broken: dict[str, Any]) -> None:
    whole = {"format": "tessera.workflow", "version": 1, **broken}
    before = copy.deepcopy(whole)
    made = renamed(whole, registry.now.renames)
    assert before == whole
    _, problems = read_current(whole, registry.now.renames)
    assert problems and {problem.code for problem in problems} <= {"malformed_record", "unreadable_document"}
    assert made["format"] == "tessera.workflow"


def test_an_id_that_somebody_has_today_means_that() -> None:
    @node(id="Plus")
    def plus(first: int) -> int:
        return first

    known = Known()
    known.take(declared_by([sum_of, plus]), "one")
    assert sorted(known.renames) == ["AddTwo", "Sum"]
    other = Known()
    other.take(declared_by([sum_of]), "one")
    other.take(declared_by([plus]), "another")
    assert sorted(other.renames) == ["AddTwo", "Sum"]


def test_renames_that_lead_nowhere_are_refused_where_they_are_declared() -> None:
    def declare(*ids: str, **names: dict[str, str]) -> None:
        @formerly(*ids, **names)
        @node(id="It")
        def it(a: int) -> int:
            return a

    with pytest.raises(UnfitRename, match="It: 'x' became the input 'b', but it has a"):
        declare(inputs={"x": "b"})
    with pytest.raises(UnfitRename, match="It: 'INT' is an output of today"):
        declare(outputs={"INT": "INT"})
    with pytest.raises(UnfitRename, match="It is its id of today"):
        declare("It")


def test_another_type_in_the_place_of_one_changes_only_nodes_with_the_old_id() -> None:
    known = Known()
    swap = Rename("Sum", ("Gone",), {"b": "a"}, {"output_0": "total"}, {"b": 7}, replaces=True)
    known.take(Contents(renames=(swap,)), "a pack")
    assert list(known.renames) == ["Gone"]
    given = {"g": ("Gone", {"b": 1}), "s": ("Sum", {"b": 2}), "e": ("Gone", {}), "m": ("Show", {})}
    old = document(given, "g.output_0 > m.value")  # type: ignore[arg-type]  # of several shapes
    made = renamed(old, known.renames)
    assert [(each["type"], each["inputs"]) for each in made["nodes"][:3]] == [
        *(("Sum", {"a": 1, "b": 7}), ("Sum", {"b": 2})),
        ("Sum", {"b": 7}),
    ]
    assert made["links"][0]["from"] == ["g", "total"]
    assert renamed(made, known.renames) == made
    broken = {"nodes": [{"id": "g", "type": "Gone", "inputs": 5}]}
    assert renamed(broken, known.renames)["nodes"] == [{"id": "g", "type": "Sum", "inputs": 5}]


def test_the_catalogue_says_by_every_name_of_before_what_it_is_today(registry: Registry) -> None:
    today = {"inputs": {"first": "a", "left": "a", "second": "b"}, "outputs": {"SUM": "total"}, "values": {}}
    said = {"id": "Sum", **today}
    assert registry.catalog()["renames"] == {"Sum": said, "Plus": said, "AddTwo": said}
