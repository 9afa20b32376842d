"""Renames: what node types, inputs and outputs were called before, for documents that still say so.

A rename is declared beside the node, with final names, whatever lay between:

    @formerly("ImageFlip", inputs={"axis": "direction"})
    @node()
    def flip_image(image: Image, direction: Literal["x", "y"] = "x") -> Image: ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from graph.misuse import UnfitRename
from graph.nodetype import NodeType, node_type
from graph.problems import Problem
from graph.workflow import Document, Workflow, read_document

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Rename:
    """Names of today by those of before, of one node type."""

    id: str
    before: tuple[str, ...] = ()
    """The ids that it had."""
    inputs: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, object] = field(default_factory=dict)
    """Literals that nodes get which have an id from before."""
    replaces: bool = False
    """Whether the ids from before were other node types: then nothing counts for the id of today."""

    @property
    def ids(self) -> tuple[str, ...]:
        """Those whose nodes it changes."""
        return self.before if self.replaces else (self.id, *self.before)

    def to_json(self) -> dict[str, object]:
        inputs, outputs, values = dict(self.inputs), dict(self.outputs), dict(self.values)
        return {"id": self.id, "inputs": inputs, "outputs": outputs, "values": values}


Renames = Mapping[str, Rename]
"""By every id that a renamed node type has or had."""


def formerly(
    *ids: str, inputs: Mapping[str, str] | None = None, outputs: Mapping[str, str] | None = None
) -> Callable[[Function], Function]:
    """Let documents name a node type, its inputs and its outputs as they were called before."""

    def declare(function: Function) -> Function:
        made = Rename(node_type(function).id, ids, dict(inputs or {}), dict(outputs or {}))
        _check(node_type(function), made)
        function.__rename__ = made  # type: ignore[attr-defined]  # where the registry looks
        return function

    return declare


def _check(declared: NodeType, rename: Rename) -> None:
    ends = (
        ("input", rename.inputs, declared.inputs_by_name),
        ("output", rename.outputs, declared.positions),
    )
    for kind, names, known in ends:
        for old, new in names.items():
            if new not in known:
                there = ", ".join(known) or "none"
                raise UnfitRename(f"{declared.id}: {old!r} became the {kind} {new!r}, but it has {there}")
            if old in known:
                raise UnfitRename(
                    f"{declared.id}: {old!r} is an {kind} of today; it cannot mean {new!r}, too"
                )
    if declared.id in rename.before:
        raise UnfitRename(f"{declared.id} is its id of today; name those from before")


def read_current(document: object, renames: Renames) -> tuple[Workflow | None, tuple[Problem, ...]]:
    """A document of any age, read with the names of today."""
    workflow, problems = read_document(document)
    if workflow is None or not renames:
        return workflow, problems
    inside = [node for subgraph in workflow.subgraphs.values() for node in subgraph.nodes]
    if not any(node.type in renames for node in (*workflow.nodes, *inside)):
        return workflow, problems
    return read_document(renamed(workflow.document, renames))


def renamed(document: Document, renames: Renames) -> Document:
    """The document with the names of today; all else stays in its place, and the given one as it is."""
    made = _renamed_graph(document, renames)
    if isinstance(document.get("subgraphs"), list):
        made["subgraphs"] = [
            _renamed_graph(each, renames) if isinstance(each, Mapping) else each
            for each in document["subgraphs"]
        ]
    if isinstance(document.get("parameters"), list):
        types = dict(_types(document, renames))
        made["parameters"] = [_renamed_parameter(each, types) for each in document["parameters"]]
    return made


def _types(graph: Document, renames: Renames) -> Iterator[tuple[str, Rename]]:
    """The renames of a graph's nodes, by their ids."""
    nodes = graph.get("nodes")
    for node in nodes if isinstance(nodes, list) else ():
        match node:
            case {"id": str(own), "type": str(kind)} if kind in renames:
                yield own, renames[kind]


def _renamed_graph(graph: Document, renames: Renames) -> dict[str, Any]:
    made, types = dict(graph), dict(_types(graph, renames))
    for name, rename_one in (("nodes", _renamed_node), ("links", _renamed_link)):
        if types and isinstance(graph.get(name), list):
            made[name] = [rename_one(record, types) for record in graph[name]]
    return made


def _renamed_node(record: Any, types: Mapping[str, Rename]) -> Any:
    rename = types.get(record["id"]) if isinstance(record, Mapping) and _is_name(record.get("id")) else None
    if rename is None:
        return record
    made = {**record, "type": rename.id}
    inputs = record.get("inputs")
    if isinstance(inputs, Mapping):
        made["inputs"] = {
            (name if rename.inputs.get(name, name) in inputs else rename.inputs.get(name, name)): value
            for name, value in inputs.items()
        }
    if rename.values and record["type"] != rename.id and isinstance(made.get("inputs", {}), Mapping):
        made["inputs"] = {**made.get("inputs", {}), **rename.values}
    return made


def _renamed_link(record: Any, types: Mapping[str, Rename]) -> Any:
    match record:
        case {"from": [str(source), str(output)], "to": [str(target), str(given)], **rest}:
            if source in types:
                output = types[source].outputs.get(output, output)
            if target in types:
                given = types[target].inputs.get(given, given)
            ends = {"from": [source, output], "to": [target, given]}
            return {name: ends.get(name, rest.get(name)) for name in record}
    return record


def _renamed_parameter(record: Any, types: Mapping[str, Rename]) -> Any:
    match record:
        case {"node": str(node), "input": str(given)} if node in types:
            return {**record, "input": types[node].inputs.get(given, given)}
    return record


def _is_name(value: object) -> bool:
    return isinstance(value, str)
