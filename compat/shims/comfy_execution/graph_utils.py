"""What packs build graphs with, to put further nodes in the place of one of theirs."""

from __future__ import annotations

from typing import Any

from compat.nodes.expanding import is_link as is_link
from compat.nodes.here import GRAPHS, STEP
from compat.nodes.importing import lacking
from compat.nodes.values import ExecutionBlocker as ExecutionBlocker

__getattr__ = lacking(__name__)


class GraphBuilder:
    """Nodes on their way into the graph; their ids begin with that of the node that they stand for."""

    def __init__(self, prefix: str | None = None) -> None:
        self.prefix = GraphBuilder.alloc_prefix() if prefix is None else prefix
        self.nodes: dict[str, Node] = {}
        self.id_gen = 1

    @staticmethod
    def alloc_prefix(
        root: str | None = None, call_index: int | None = None, graph_index: int | None = None
    ) -> str:
        """A beginning for ids that no other graph of this call has, and the same at every call."""
        step = STEP.get()
        root = root if root is not None else step.node_id if step is not None else "graph"
        return f"{root}.{call_index or 0}.{next(GRAPHS.get()) if graph_index is None else graph_index}."

    def node(self, class_type: str, id: str | None = None, **kwargs: Any) -> Node:
        """A new node, or the one of this id."""
        own = self.prefix + (str(self.id_gen) if id is None else id)
        self.id_gen += id is None
        if own not in self.nodes:
            self.nodes[own] = Node(own, class_type, kwargs)
        return self.nodes[own]

    def lookup_node(self, id: str) -> Node | None:
        return self.nodes.get(self.prefix + id)

    def finalize(self) -> dict[str, Any]:
        """The graph as a node returns it."""
        return {own: node.serialize() for own, node in self.nodes.items()}

    def replace_node_output(self, node_id: str, index: int, new_value: Any) -> None:
        """Put a value in the place of all links to an output; None removes them."""
        old = [self.prefix + node_id, index]
        for node in self.nodes.values():
            for name in [name for name, value in node.inputs.items() if value == old]:
                node.set_input(name, new_value)

    def remove_node(self, id: str) -> None:
        del self.nodes[self.prefix + id]


class Node:
    """A node of a graph that is built."""

    def __init__(self, id: str, class_type: str, inputs: dict[str, Any]) -> None:
        self.id, self.class_type, self.inputs = id, class_type, inputs
        self.override_display_id: str | None = None

    def out(self, index: int) -> list[Any]:
        """A link to an output."""
        return [self.id, index]

    def set_input(self, key: str, value: Any) -> None:
        if value is None:
            self.inputs.pop(key, None)
        else:
            self.inputs[key] = value

    def get_input(self, key: str) -> Any:
        return self.inputs.get(key)

    def set_override_display_id(self, override_display_id: str) -> None:
        self.override_display_id = override_display_id

    def serialize(self) -> dict[str, Any]:
        made = {"class_type": self.class_type, "inputs": self.inputs}
        shown = {"override_display_id": self.override_display_id} if self.override_display_id else {}
        return {**made, **shown}


def add_graph_prefix(
    graph: dict[str, Any], outputs: Any, prefix: str
) -> tuple[dict[str, Any], tuple[Any, ...]]:
    """A graph whose ids, and whose links to them, begin with a prefix; and its outputs as well."""

    def prefixed(value: Any) -> Any:
        return [prefix + value[0], value[1]] if is_link(value) else value

    made = {
        prefix + own: {**node, "inputs": {name: prefixed(value) for name, value in node["inputs"].items()}}
        for own, node in graph.items()
    }
    return made, tuple(map(prefixed, outputs))
