"""Graphs that nodes return: what a node puts in its own place, node by node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Wire(NamedTuple):
    """An output of a node in a graph that is being built: a node returns it, or leads it into another."""

    node: AddedNode
    output: str


class AddedNode:
    """A node in a graph that is being built; `node["IMAGE"]` is one of its outputs."""

    __slots__ = ("graph", "id", "inputs", "type")

    def __init__(self, graph: Graph, name: str, kind: str, inputs: Mapping[str, object]) -> None:
        self.graph, self.id, self.type, self.inputs = graph, name, kind, inputs

    def __getitem__(self, output: str) -> Any:
        """A Wire; a type checker takes it for the value that will be there."""
        return Wire(self, output)


class Graph:
    """A graph that a node builds and returns wires of. What they lead to runs in the node's place.

    The nodes run as if they stood in the document: each in its lane, with a result of its own, known by what
    made it. An input takes a literal, a wire, or a value that the node was given or made.
    """

    def __init__(self) -> None:
        self.nodes: dict[str, AddedNode] = {}

    def add(self, kind: str, /, *, id: str = "", **inputs: object) -> AddedNode:
        """Put in a node of a type. Its step is called `node/id`; without an id, by its type and a number."""
        name = id or f"{kind}_{len(self.nodes) + 1}"
        if name in self.nodes or "/" in name:
            raise ValueError(f"Graph.add: the id {name!r} is taken or has a slash; give another")
        self.nodes[name] = made = AddedNode(self, name, kind, inputs)
        return made
