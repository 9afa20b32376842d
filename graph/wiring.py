"""Wiring: a document's nodes and links by name, with muted nodes taken out and bypassed ones passed by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from graph.nodetype import NodeType
from graph.sockets import ANY, Input, Output
from graph.workflow import Link, Node, Workflow

Source = tuple[str, str]
NOTHING: Mapping[str, list[Link]] = {}


class Wiring:
    """Read-only view: which node has which id, and what leads into each of its inputs."""

    def __init__(self, workflow: Workflow, types: Mapping[str, NodeType]) -> None:
        self.nodes: dict[str, Node] = {node.id: node for node in workflow.nodes}
        self.duplicates: set[str] = set()
        if len(self.nodes) < len(workflow.nodes):
            counted = Counter(node.id for node in workflow.nodes)
            self.duplicates = {node_id for node_id, count in counted.items() if count > 1}
        self._types = types
        self._into: dict[str, dict[str, list[Link]]] = {}
        for link in workflow.links:
            self._into.setdefault(link.target, {}).setdefault(link.input, []).append(link)
        self._plain = all(node.mode == "active" for node in workflow.nodes)
        self._passed: dict[Source, Source | None] = {}

    def into(self, node_id: str) -> Mapping[str, list[Link]]:
        """The links into a node by input name, as they are drawn."""
        return self._into.get(node_id, NOTHING)

    def effective(self, links: Sequence[Link]) -> Sequence[Link]:
        """The links with bypassed sources replaced by what they pass, without those from muted nodes."""
        if self._plain:
            return links
        sources = ((link, self._follow((link.source, link.output))) for link in links)
        return [Link(*source, link.target, link.input) for link, source in sources if source is not None]

    def _follow(self, source: Source) -> Source | None:
        """Walk back over bypassed nodes; None where the way ends at a muted node or an open input."""
        path: list[Source] = []
        current: Source | None = source
        while current is not None and current not in self._passed:
            node = self.nodes.get(current[0])
            if node is None or node.mode == "active":
                break
            path.append(current)
            self._passed[current] = None  # so that a ring of bypassed nodes ends here
            current = None if node.mode == "muted" else self._behind(node, current)
        end = self._passed.get(current, current) if current is not None else None
        self._passed.update(dict.fromkeys(path, end))
        return end

    def _behind(self, node: Node, source: Source) -> Source | None:
        """What leads into the input that a bypassed node passes on."""
        node_type = self._types.get(node.type)
        if node_type is None or source[1] not in node_type.positions:
            return None
        position, into = node_type.positions[source[1]], self.into(node.id)
        passed = passed_on(node_type.inputs, node_type.outputs[position], position, into)
        if passed is None:
            return None
        link = into[passed][0]
        return link.source, link.output


def passed_on(
    inputs: Sequence[Input], output: Output, position: int, into: Mapping[str, Sequence[Link]]
) -> str | None:
    """The input that a bypassed node passes on to an output: as its author says, else one of its type.

    That of the same name, else of the same place among the sockets, as in ComfyUI, else the first.
    """
    if output.passes is not None:
        return output.passes if into.get(output.passes) else None
    place = [given.name for given in inputs if given.widget is None][position : position + 1]
    passed: tuple[tuple[bool, bool], str] | None = None
    for given in inputs:
        same = given.types == output.types or ANY in output.types or ANY in given.types
        if same and given.list == output.list and into.get(given.name):
            rank = given.name != output.name, [given.name] != place
            if passed is None or rank < passed[0]:
                passed = rank, given.name
    return passed[1] if passed is not None else None
