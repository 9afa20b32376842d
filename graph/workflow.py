"""The document: a workflow as JSON, read into records that keep whatever they do not know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from graph.problems import Fix, Problem, nearest, remove_link, words

FORMAT, VERSION = "tessera.workflow", 1
MODES = ("active", "muted", "bypassed")
Document = Mapping[str, Any]
MIGRATIONS: dict[int, Callable[[Document], Document]] = {}
"""From each older version: the document as the next version writes it. There is no older one yet."""


class Link(NamedTuple):
    source: str
    output: str
    target: str
    input: str


@dataclass(frozen=True, slots=True)
class Node:
    """One node of a document; `record` is its JSON object, with every field it came with."""

    id: str
    type: str
    inputs: Mapping[str, object]
    mode: str
    record: Document


@dataclass(frozen=True, slots=True)
class Workflow:
    """A document that can be planned; `document` is its JSON, unknown fields and all."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    document: Document

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
    read_nodes = _read_nodes(nodes, problems)
    read_links = _read_links(links, problems)
    return Workflow(read_nodes, read_links, document), tuple(problems)


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


def _read_nodes(records: list[object] | tuple[object, ...], problems: list[Problem]) -> tuple[Node, ...]:
    nodes = []
    for position, record in enumerate(records):
        if not isinstance(record, dict):
            problems.append(_malformed(f"nodes[{position}] is {words(record)}, not an object"))
            continue
        node_id, type_id = record.get("id"), record.get("type")
        inputs, mode = record.get("inputs", {}), record.get("mode", "active")
        if not isinstance(node_id, str) or not node_id:
            problems.append(_malformed(f"nodes[{position}].id is {words(node_id)}, not a name"))
        elif not isinstance(type_id, str):
            problems.append(_malformed(f"the type of {node_id!r} is {words(type_id)}, not a name", node_id))
        elif not isinstance(inputs, dict):
            problems.append(_malformed(f"the inputs of {node_id!r} are {words(inputs)}, no object", node_id))
        elif mode not in MODES:
            message = f"the mode of {node_id!r} is {words(mode)}, not one of {', '.join(MODES)}"
            problems.append(_malformed(message, node_id))
        else:
            nodes.append(Node(node_id, type_id, inputs, mode, record))
    return tuple(nodes)


def _read_links(records: list[object] | tuple[object, ...], problems: list[Problem]) -> tuple[Link, ...]:
    links = []
    for position, record in enumerate(records):
        try:
            (source, output), (target, given) = record["from"], record["to"]  # type: ignore[index]
            well_formed = type(source) is type(output) is type(target) is type(given) is str
        except (TypeError, KeyError, ValueError, IndexError):
            well_formed = False
        if well_formed:
            links.append(Link(source, output, target, given))
        else:
            message = f'links[{position}] is not {{"from": [node, output], "to": [node, input]}}'
            problems.append(_malformed(message))
    return tuple(links)


def _malformed(message: str, node: str | None = None) -> Problem:
    return Problem("malformed_record", message, node=node, remedy="Repair the document or remove it.")


def with_values(workflow: Workflow, values: Mapping[str, object]) -> tuple[Workflow, tuple[Problem, ...]]:
    """The workflow with other literals, by `node.input` or by the name of a parameter."""
    changed: dict[str, dict[str, object]] = {}
    problems: list[Problem] = []
    ids = {node.id for node in workflow.nodes}
    linked = {(link.target, link.input) for link in workflow.links}
    named = _parameters(workflow)
    for name, value in values.items():
        node_id, input_name = named.get(name) or name.rpartition(".")[::2]
        if node_id in ids and input_name:
            changed.setdefault(node_id, {})[input_name] = value
        else:
            problems.append(_no_such_value(name, [*named, *ids]))
        if (node_id, input_name) in linked:
            problems.append(_outdone(name, node_id, input_name))
    nodes = tuple(_changed(node, changed[node.id]) if node.id in changed else node for node in workflow.nodes)
    renewed = {id(old.record): new.record for old, new in zip(workflow.nodes, nodes, strict=True)}
    records = [renewed.get(id(record), record) for record in workflow.document.get("nodes", ())]
    return Workflow(nodes, workflow.links, {**workflow.document, "nodes": records}), tuple(problems)


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
        expected="node.input, or the name of a parameter",
        remedy=f"Did you mean {' or '.join(map(repr, like))}?" if like else "",
    )


def _outdone(name: str, node_id: str, input_name: str) -> Problem:
    return Problem(
        "value_not_used",
        f"{name} is set, but a link leads into {node_id}.{input_name} and wins",
        node=node_id,
        input=input_name,
        remedy="Remove the link, or set what it comes from.",
        fixes=(Fix("Remove the link", (remove_link(node_id, input_name),)),),
        severity="warning",
    )
