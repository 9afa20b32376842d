"""docs/workflow.schema.json says what docs/format.md says, and what the program reads."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from graph.records import KINDS, MODES, OF_KIND
from graph.workflow import FORMAT, VERSION, read_document
from tests.graph.sample import document, subgraph

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = json.loads((ROOT / "docs/workflow.schema.json").read_text())
PAGE = (ROOT / "docs/format.md").read_text()
SHIPPED = sorted([*(ROOT / "workflows").glob("*.json"), *(ROOT / "tests/museum").glob("*.json")])
VALIDATOR = jsonschema_rs.validator_for(SCHEMA)


def errors(given: object) -> list[str]:
    """Where a document is not as the schema has it."""
    return ["/".join(map(str, error.instance_path)) for error in VALIDATOR.iter_errors(given)]


def test_the_schema_is_one() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema_rs.meta.validate(SCHEMA)
    assert "(workflow.schema.json)" in PAGE


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_workflow_that_ships_is_as_the_schema_says(path: Path) -> None:
    assert errors(json.loads(path.read_text())) == []


def test_the_examples_of_the_page_are_as_the_schema_says() -> None:
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.S)]
    whole, models, drawn, swept, nested = blocks
    assert errors(whole) == []
    assert errors({**whole, **models, "nodes": [drawn, swept]}) == []
    assert errors({"format": FORMAT, "version": VERSION, **nested}) == []


BODY = subgraph("f", "x:INT", "y:INT", {"a": ("Add", {})}, "@in.x > a.a", "a.INT > @out.y")
MAP = subgraph("f", "x:INT+each", "y:INT+collect", {}, "@in.x > @out.y", kind="map")
DRAWN = {"points": [[0, 8], [0.5, -2.5]], "interpolation": "smooth"}
WHOLE = document(
    {"a": ("Number", {"value": 1, "text": None, "many": [1, {"x": 2}], "drawn": DRAWN}), "b": ("@f", {})},
    "a.INT > b.x",
) | {
    "frames": [{"id": "f", "position": [0, 1.5], "size": [10, 20]}],
    "notes": [{"id": "n", "text": "words"}],
    "parameters": [{"name": "value", "node": "a", "input": "value", "label": "Value"}],
    "subgraphs": [MAP],
    "view": {"x": 1, "y": -2, "zoom": 0.5},
    "of the future": {"x": 1},
}


def test_a_document_with_everything_is_taken() -> None:
    assert errors(WHOLE) == []
    assert errors({**WHOLE, "subgraphs": [{**BODY, "kind": kind} for kind in KINDS if kind != "map"]}) == []
    assert errors(with_link(via=[[1, 2], [3.5, -4]])) == []


def with_node(**fields: object) -> dict[str, Any]:
    return {**WHOLE, "nodes": [{**WHOLE["nodes"][0], **fields}]}


def with_link(**fields: object) -> dict[str, Any]:
    return {**WHOLE, "links": [{**WHOLE["links"][0], **fields}]}


def with_subgraph(made: Mapping[str, object], **fields: object) -> dict[str, Any]:
    return {**WHOLE, "subgraphs": [{**made, **fields}]}


UNREAD: dict[str, object] = {
    "no object": [],
    "no format": {"version": 1},
    "another format": {**WHOLE, "format": "comfyui"},
    "a version as text": {**WHOLE, "version": "1"},
    "version 0": {**WHOLE, "version": 0},
    "a version of the future": {**WHOLE, "version": VERSION + 1},
    "nodes by name": {**WHOLE, "nodes": {"a": {}}},
    "links as text": {**WHOLE, "links": "a > b"},
    "a node that is none": {**WHOLE, "nodes": [None]},
    "a node without an id": with_node(id=""),
    "a node with a number for an id": with_node(id=3),
    "a node without a type": {**WHOLE, "nodes": [{"id": "a"}]},
    "inputs in a list": with_node(inputs=[1, 2]),
    "an unknown mode": with_node(mode="asleep"),
    "a link of one end": {**WHOLE, "links": [{"from": ["a", "INT"]}]},
    "a link without an input": with_link(to=["b"]),
    "a link by place": with_link(**{"from": ["a", 0]}),
    "sub-graphs by name": {**WHOLE, "subgraphs": {"f": BODY}},
    "a sub-graph with a slash": with_subgraph(BODY, id="a/b"),
    "a sub-graph of an unknown kind": with_subgraph(BODY, kind="for"),
    "a sub-graph with a broken node": with_subgraph(BODY, nodes=[{"id": "a"}]),
    "a signature without a type": with_subgraph(BODY, inputs=[{"name": "x"}]),
    "a map of nothing": with_subgraph(MAP, inputs=[{"name": "x", "type": "INT"}]),
    "a loop that has a name of its kind": with_subgraph(
        BODY, kind="repeat", inputs=[{"name": "times", "type": "INT"}]
    ),
}
"""What the program does not read, or reads with a Problem."""
UNDRAWN: dict[str, object] = {
    "an object for a value": with_node(inputs={"value": {"x": 1}}),
    "a curve without points": with_node(inputs={"value": {"points": []}}),
    "a curve that leaves its way": with_node(inputs={"value": {"points": [[1.5, 0]]}}),
    "a curve of unknown interpolation": with_node(
        inputs={"value": {"points": [[0, 0]], "interpolation": "wavy"}}
    ),
    "a sweep without values": with_node(inputs={"value": {"sweep": []}}),
    "a sweep of one value": with_node(inputs={"value": {"sweep": 3}}),
    "a sweep with a strange field": with_node(inputs={"value": {"sweep": [1], "step": 2}}),
    "a place in one dimension": with_node(position=[1]),
    "a place in words": with_node(position=["left", "top"]),
    "via a place": with_link(via=[1, 2]),
    "a parameter of nothing": {**WHOLE, "parameters": [{"name": "x"}]},
    "a frame without an id": {**WHOLE, "frames": [{"title": "x"}]},
    "a model by its name alone": {**WHOLE, "models": [{"name": "a.ckpt"}]},
    "a model of a strange digest": {
        **WHOLE,
        "models": [{"folder": "vae", "name": "a.ckpt", "sha256": "abc"}],
    },
    "a view from nowhere": {**WHOLE, "view": {"zoom": 0}},
}
"""What only somebody else notices: planning, or the editor."""


@pytest.mark.parametrize("name", [*UNREAD, *UNDRAWN])
def test_what_is_broken_is_refused(name: str) -> None:
    assert errors({**UNREAD, **UNDRAWN}[name]), name


@pytest.mark.parametrize("name", UNREAD)
def test_what_the_schema_refuses_is_a_problem_for_the_program(name: str) -> None:
    _, problems = read_document(copy.deepcopy(UNREAD[name]))
    assert problems, name


def test_the_schema_and_the_program_agree_on_formats_modes_and_kinds() -> None:
    parts = SCHEMA["$defs"]
    assert SCHEMA["properties"]["format"] == {"const": FORMAT}
    assert SCHEMA["properties"]["version"] == {"type": "integer", "minimum": 1, "maximum": VERSION}
    assert tuple(parts["node"]["properties"]["mode"]["enum"]) == MODES
    assert tuple(parts["subgraph"]["properties"]["kind"]["enum"]) == KINDS
    for rule in parts["subgraph"]["allOf"]:
        inputs, _, outputs = OF_KIND[rule["if"]["properties"]["kind"]["const"]]
        for end, names in (("inputs", inputs), ("outputs", outputs)):
            taken = rule["then"]["properties"].get(end, {}).get("items")
            said = taken["properties"]["name"]["not"]["enum"] if taken else []
            assert tuple(said) == names


# --- the page and the schema name the same fields

TABLES = {
    "workflow": "",
    "model": "models[].",
    "curve": "literal.",
    "sweep": "literal.",
    "subgraph": "subgraphs[].",
}


def named_on_the_page() -> set[str]:
    """The fields in the tables' first columns, and in the objects that the second ones write out."""
    found: set[str] = set()
    tables = re.findall(r"\| field \| meaning \|\n\|---\|---\|\n((?:\|.*\n)+)", PAGE)
    for prefix, table in zip(TABLES.values(), tables, strict=True):
        for line in table.splitlines():
            first, meaning = line.strip("|").split("|", 1)
            for whole in _names(first):
                found.add(prefix + whole)
                if whole.endswith("[]"):
                    inside = re.findall(r'"(\w+)"', meaning) or re.findall(r"`(\w+)` =", meaning)
                    found |= {f"{prefix}{whole}.{name}" for name in inside}
    return found


def _names(cell: str) -> Iterator[str]:
    """`nodes[].title`, `size` -> nodes[].title, nodes[].size."""
    before = ""
    for name in re.findall(r"`([\w\[\].]+)`", cell):
        before = name.rpartition(".")[0] if "." in name else before
        yield name if "." in name or not before else f"{before}.{name}"


def named_in_the_schema(schema: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Every field by its way from the document."""
    for name, field in schema.get("properties", {}).items():
        inside = _resolved(field.get("items", {}))
        is_list = bool(inside.get("properties"))
        yield f"{prefix}{name}{'[]' if is_list else ''}"
        if is_list and prefix.count("[]") < 1:
            yield from named_in_the_schema(inside, f"{prefix}{name}[].")


def _resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    return SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def test_every_field_of_the_pages_tables_is_in_the_schema() -> None:
    fields = {name.replace("[]", "") for name in named_in_the_schema(SCHEMA)}
    fields |= {
        f"literal.{name}" for part in ("curve", "sweep") for name in SCHEMA["$defs"][part]["properties"]
    }
    missing = {name.replace("[]", "") for name in named_on_the_page()} - fields
    assert not missing, "name them in docs/workflow.schema.json, too"


def test_every_field_of_the_schema_is_on_the_page() -> None:
    tables = named_on_the_page()
    assert {"format", "nodes[].mode", "links[].via", "frames[].colour", "subgraphs[].kind"} <= tables
    code = " ".join(re.findall(r"`[^`]+`|```.*?```", PAGE, re.S))
    names = {name.rpartition(".")[2].rstrip("[]") for name in named_in_the_schema(SCHEMA)}
    for part in ("curve", "sweep", "input", "output", "subgraph", "node", "link"):
        names |= set(SCHEMA["$defs"][part]["properties"])
    assert [name for name in sorted(names) if not re.search(rf"\b{name}\b", code)] == []
