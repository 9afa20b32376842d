"""Switches pass one value on, and compute no other."""

import pytest


def switching(kind, **inputs):
    nodes = [
        {"id": "a", "type": "PrimitiveInt", "inputs": {"value": 8}},
        {"id": "b", "type": "PrimitiveInt", "inputs": {"value": 16}},
        {"id": "switch", "type": kind, "inputs": inputs},
        {"id": "picture", "type": "EmptyImage", "inputs": {"height": 8}},
        {"id": "show", "type": "PreviewImage", "inputs": {}},
    ]
    into = ("on_false", "on_true") if kind == "LazySwitch" else ("value0", "value3")
    links = [{"from": [name, "INT"], "to": ["switch", to]} for name, to in zip("ab", into, strict=True)]
    links.append({"from": ["switch", "output"], "to": ["picture", "width"]})
    links.append({"from": ["picture", "IMAGE"], "to": ["show", "images"]})
    return {"format": "tessera.workflow", "version": 1, "nodes": nodes, "links": links}


@pytest.mark.parametrize(
    ("kind", "inputs", "chosen", "width"),
    [
        ("LazySwitch", {"switch": False}, "a", 8),
        ("LazySwitch", {"switch": True}, "b", 16),
        ("LazyIndexSwitch", {"index": 0}, "a", 8),
        ("LazyIndexSwitch", {"index": 3}, "b", 16),
    ],
)
def test_a_switch_computes_what_it_passes_on(bench, kind, inputs, chosen, width):
    ran = bench.run(switching(kind, **inputs))
    assert ran.finished.status == "succeeded"
    assert ran.did_run == {chosen, "switch", "picture", "show"}
    assert bench.picture(ran.names[0], "temp").shape[1] == width


def test_a_switch_to_where_nothing_is_linked_names_the_input(bench):
    problem = bench.run(switching("LazyIndexSwitch", index=1)).failed
    assert (problem.code, problem.node, problem.input) == ("missing_input", "switch", "value1")
