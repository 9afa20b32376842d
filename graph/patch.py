"""Patches: what a fix does to a document, operation by operation; the given document stays as it is."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from graph.naming import Names
from graph.records import INSTANCE

Document = dict[str, Any]


def apply_patch(document: Mapping[str, Any], patch: Iterable[Mapping[str, Any]]) -> Document:
    """The document with a fix applied."""
    changed: Document = copy.deepcopy(dict(document))
    for operation in patch:
        graph, within = _graph(changed, operation)
        OPERATIONS[operation["op"]](graph, within)
    return changed


def _graph(document: Document, operation: Mapping[str, Any]) -> tuple[Document, Mapping[str, Any]]:
    """The graph in which an operation's nodes stand, and the operation with their names in it.

    A name with slashes leads through instances into a sub-graph.
    """
    *way, _ = str(operation.get("node") or operation["to"][0]).split("/")
    graph = document
    for instance in way:
        kind = _node(graph, instance)["type"]
        graph = next(each for each in document["subgraphs"] if INSTANCE + each["id"] == kind)
    return graph, Names(lambda name: name.rpartition("/")[2]).patch(operation) if way else operation


def _node(document: Document, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(node for node in document["nodes"] if node["id"] == name)
    return found


def _set_input(document: Document, operation: Mapping[str, Any]) -> None:
    _node(document, operation["node"]).setdefault("inputs", {})[operation["input"]] = operation["value"]


def _remove_value(document: Document, operation: Mapping[str, Any]) -> None:
    _node(document, operation["node"]).get("inputs", {}).pop(operation["input"], None)


def _set_type(document: Document, operation: Mapping[str, Any]) -> None:
    _node(document, operation["node"])["type"] = operation["type"]


def _set_mode(document: Document, operation: Mapping[str, Any]) -> None:
    _node(document, operation["node"])["mode"] = operation["mode"]


def _remove_link(document: Document, operation: Mapping[str, Any]) -> None:
    document["links"] = [link for link in document.get("links", ()) if link["to"] != list(operation["to"])]


def _add_link(document: Document, operation: Mapping[str, Any]) -> None:
    _remove_link(document, operation)
    document["links"].append({"from": list(operation["from"]), "to": list(operation["to"])})


def _add_node(document: Document, operation: Mapping[str, Any]) -> None:
    """To the left of another node, above it; the editor finds it a free place."""
    record = {"id": operation["node"], "type": operation["type"], "inputs": dict(operation["inputs"])}
    place = _node(document, operation["before"]).get("position")
    if place is not None:
        record["position"] = [place[0] - 300, place[1] - 200]
    document["nodes"].append(record)


def _remove_node(document: Document, operation: Mapping[str, Any]) -> None:
    name = operation["node"]
    document["nodes"] = [node for node in document["nodes"] if node["id"] != name]
    links = document.get("links", ())
    document["links"] = [link for link in links if name not in (link["from"][0], link["to"][0])]


OPERATIONS = {
    "set_input": _set_input,
    "remove_value": _remove_value,
    "set_type": _set_type,
    "set_mode": _set_mode,
    "remove_link": _remove_link,
    "add_link": _add_link,
    "add_node": _add_node,
    "remove_node": _remove_node,
}
