"""The document: a workflow as JSON, read into records that keep whatever they do not know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from graph.problems import Fix, Problem, nearest, remove_link, words
from graph.records import (
    INSTANCE,
    MODES,
    Document,
    Link,
    Node,
    Subgraph,
    read_links,
    read_nodes,
    read_subgraphs,
)

__all__ = ["MODES", "Document", "Link", "Node", "Subgraph", "Workflow", "read_document", "with_values"]

FORMAT, VERSION = "tessera.workflow", 1
MIGRATIONS: dict[int, Callable[[Document], Document]] = {}
"""From each older version: the document as the next version writes it. There is no older one yet."""


@dataclass(frozen=True, slots=True)
class Workflow:
    """A document that can be planned; `document` is its JSON, unknown fields and all."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    document: Document
    subgraphs: Mapping[str, Subgraph] = field(default_factory=dict)

    @property
    def title(self) -> str:
        title = self.document.get("title")
        return title if isinstance(title, str) else ""

    def to_json(self) -> dict[str, Any]:
        """The document with every field in its place; it shares its parts, so do not change them."""
        return dict(self.document)


def read_document(document: object) -> tuple[Workflow | None, tuple[Problem, ...]]:
    """The workflow and what is wrong with its records; no workflow where it cannot be one at all."""
    if not isinstance(document, Mapping):
        return None, (_unreadable(f"the workflow is {words(document)}, not an object"),)
    document, refusal = _current_version(document)
    if refusal is not None:
        return None, (refusal,)
    nodes, links = document.get("nodes", ()), document.get("links", ())
    for name, records in (("nodes", nodes), ("links", links)):
        if not isinstance(records, list | tuple):
            return None, (_unreadable(f"{name} is {words(records)}, not a list"),)
    problems: list[Problem] = []
    subgraphs = read_subgraphs(document.get("subgraphs", ()), problems)
    made = Workflow(read_nodes(nodes, problems), read_links(links, problems), document, subgraphs)
    return made, tuple(problems)


def _current_version(document: Document) -> tuple[Document, Problem | None]:
    form, version = document.get("format"), document.get("version")
    if form != FORMAT:
        return document, _unreadable(f"the format is {words(form)}, not {FORMAT!r}")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        return document, _unreadable(f"the version is {words(version)}, not a whole number from 1")
    if version > VERSION:
        message = f"the document's version {words(version)} is newer than this program's, {VERSION}"
        remedy = "Update Tessera."
        return document, Problem("newer_version", message, expected=f"at most {VERSION}", remedy=remedy)
    while version < VERSION:
        document, version = MIGRATIONS[version](document), version + 1
    return document, None


def _unreadable(message: str) -> Problem:
    remedy = f'A workflow is {{"format": "{FORMAT}", "version": {VERSION}, "nodes": […], "links": […]}}.'
    return Problem("unreadable_document", message, expected="a workflow document", remedy=remedy)


def with_values(workflow: Workflow, values: Mapping[str, object]) -> tuple[Workflow, tuple[Problem, ...]]:
    """The workflow with other literals, by `node.input`, `@subgraph/node.input` or a parameter's name."""
    changed: dict[str, dict[str, dict[str, object]]] = {}
    problems: list[Problem] = []
    graphs: dict[str, Workflow | Subgraph] = {**workflow.subgraphs, "": workflow}
    places = {name_in(own, node.id): (own, node.id) for own, graph in graphs.items() for node in graph.nodes}
    linked = {(name_in(own, link.target), link.input) for own in graphs for link in graphs[own].links}
    named = _parameters(workflow)
    for name, value in values.items():
        node_name, input_name = named.get(name) or name.rpartition(".")[::2]
        if node_name in places and input_name:
            own, node_id = places[node_name]
            changed.setdefault(own, {}).setdefault(node_id, {})[input_name] = value
        else:
            problems.append(_no_such_value(name, [*named, *places]))
        if (node_name, input_name) in linked:
            problems.append(_outdone(name, node_name, input_name))
    nodes, document = _renewed(workflow.nodes, workflow.document, changed.get("", {}))
    subgraphs = dict(workflow.subgraphs)
    for own, inside in changed.items():
        if own:
            made, record = _renewed(subgraphs[own].nodes, subgraphs[own].record, inside)
            subgraphs[own] = replace(subgraphs[own], nodes=made, record=record)
    renewed = {id(workflow.subgraphs[own].record): subgraphs[own].record for own in changed if own}
    if renewed:
        records = [renewed.get(id(record), record) for record in document["subgraphs"]]
        document = {**document, "subgraphs": records}
    return replace(workflow, nodes=nodes, document=document, subgraphs=subgraphs), tuple(problems)


def name_in(subgraph: str, node_id: str) -> str:
    """What a node is called in the document: `@refine/sampler` for one in a sub-graph."""
    return f"@{subgraph}/{node_id}" if subgraph else node_id


def _renewed(
    nodes: tuple[Node, ...], record: Document, values: Mapping[str, Mapping[str, object]]
) -> tuple[tuple[Node, ...], Document]:
    """The nodes of one graph and its record, with other literals by the nodes' ids."""
    made = tuple(_changed(node, values[node.id]) if node.id in values else node for node in nodes)
    renewed = {id(old.record): new.record for old, new in zip(nodes, made, strict=True)}
    return made, {**record, "nodes": [renewed.get(id(each), each) for each in record.get("nodes", ())]}


def _changed(node: Node, values: Mapping[str, object]) -> Node:
    inputs = {**node.inputs, **values}
    return replace(node, inputs=inputs, record={**node.record, "inputs": inputs})


def _parameters(workflow: Workflow) -> dict[str, tuple[str, str]]:
    named = {}
    parameters = workflow.document.get("parameters", ())
    for record in parameters if isinstance(parameters, list | tuple) else ():
        match record:
            case {"name": str(name), "node": str(node), "input": str(given)}:
                named[name] = (node, given)
    return named


def _no_such_value(name: str, known: list[str]) -> Problem:
    like = nearest(name.rpartition(".")[0] or name, known)
    return Problem(
        "unknown_parameter",
        f"there is nothing to set by the name {words(name)}",
        given=name[:200],
        expected="node.input, @subgraph/node.input, or the name of a parameter",
        remedy=f"Did you mean {' or '.join(map(repr, like))}?" if like else "",
    )


def _outdone(name: str, node_id: str, input_name: str) -> Problem:
    return Problem(
        "value_not_used",
        f"{name} is set, but a link leads into {node_id}.{input_name} and wins",
        node=node_id,
        input=input_name,
        remedy="Remove the link, or set what it comes from.",
        fixes=()
        if node_id.startswith(INSTANCE)
        else (Fix("Remove the link", (remove_link(node_id, input_name),)),),
        severity="warning",
    )
