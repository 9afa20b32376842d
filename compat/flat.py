"""A graph of ComfyUI's interface: its nodes, and what leads into each of their inputs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from compat.loose import Record, index, items, name, pair, records, text
from graph.problems import Problem, words

INPUTS, OUTPUTS = "-10", "-20"
"""The ids that a sub-graph gives its own inputs and outputs."""


class Source(NamedTuple):
    node: str
    slot: int


@dataclass(frozen=True, slots=True)
class FlatNode:
    """One node, at its place on the canvas; `raw` is its record as it was saved."""

    id: str
    type: str
    raw: Record
    mode: int
    position: tuple[float, float]
    size: tuple[float, float]
    overrides: Record = field(default_factory=dict)
    """Values by name that count beside those that are saved by position."""

    @property
    def inputs(self) -> list[Record]:
        return records(self.raw.get("inputs"))

    @property
    def outputs(self) -> list[Record]:
        return records(self.raw.get("outputs"))

    def slot_of(self, given: str) -> int | None:
        return next((place for place, each in enumerate(self.inputs) if each.get("name") == given), None)


@dataclass(slots=True)
class FlatGraph:
    """All nodes in order; `passes` says where a virtual node's output comes from."""

    nodes: dict[str, FlatNode] = field(default_factory=dict)
    into: dict[tuple[str, int], Source] = field(default_factory=dict)
    passes: dict[Source, tuple[str, int]] = field(default_factory=dict)
    virtual: set[str] = field(default_factory=set)
    """Nodes that compute nothing, like reroutes."""
    frames: list[Record] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def add(self, node: FlatNode) -> FlatNode:
        """Take a node in; one whose id is taken gets another."""
        if node.id in self.nodes:
            number = 2
            while f"{node.id}_{number}" in self.nodes:
                number += 1
            message = f"two nodes have the id {words(node.id)}; the second is now {node.id}_{number}"
            self.warn("duplicate_id", message)
            node = replace(node, id=f"{node.id}_{number}")
        self.nodes[node.id] = node
        return node

    def warn(self, code: str, message: str, node: str | None = None) -> None:
        self.problems.append(Problem(code, message, node=node, severity="warning"))

    def source(self, target: str, slot: int) -> Source | None:
        """The real node behind an input, past reroutes."""
        seen: set[tuple[str, int]] = set()
        here = (target, slot)
        while here not in seen:
            seen.add(here)
            source = self.into.get(here)
            if source is None or source not in self.passes:
                return source
            here = self.passes[source]
        return None


class RawLink(NamedTuple):
    id: object
    source: str
    slot: int
    target: str
    target_slot: int
    type: str


def raw_links(value: object) -> list[RawLink]:
    """Links as lists (0.4) or as objects (1.0)."""
    found = []
    for link in items(value):
        if isinstance(link, dict):
            names = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
            link = [link.get(each) for each in names]
        if not isinstance(link, list) or len(link) < 5:
            continue
        source, slot, target, target_slot = name(link[1]), index(link[2]), name(link[3]), index(link[4])
        if source and target and slot is not None and target_slot is not None:
            kind = text(link[5]) if len(link) > 5 else ""
            found.append(RawLink(name(link[0]), source, slot, target, target_slot, kind))
    return found


def flat_node(raw: Record) -> FlatNode | None:
    """A node's record read; None for what is no node."""
    own, kind = name(raw.get("id")), text(raw.get("type"))
    if not own or not kind:
        return None
    mode = index(raw.get("mode"))
    size = pair(raw.get("size"), (210.0, 60.0))
    return FlatNode(own, kind, raw, mode or 0, pair(raw.get("pos")), size)


def wire(graph: FlatGraph, links: list[RawLink], added: dict[str, FlatNode], *, inner: bool) -> None:
    """Connect the nodes of one level: an input's own word for its link counts, then the link's."""
    by_id = {link.id: link for link in links}
    claimed: set[object] = set()
    for own, node in added.items():
        for slot, given in enumerate(node.inputs):
            link = by_id.get(name(given.get("link")))
            if link is not None:
                claimed.add(link.id)
                _connect(graph, link, node.id, slot, added, inner=inner)
            elif given.get("link") is not None:
                graph.warn("dangling_link", f"a link into node {own} is missing", node.id)
    for link in links:
        node = added.get(link.target)
        if link.target == OUTPUTS and inner:
            _connect(graph, link, OUTPUTS, link.target_slot, added, inner=inner)
        elif node is None:
            graph.warn("dangling_link", f"a link leads to node {link.target}, which is missing")
        elif link.id not in claimed and (node.id, link.target_slot) not in graph.into:
            _connect(graph, link, node.id, link.target_slot, added, inner=inner)


def _connect(
    graph: FlatGraph, link: RawLink, target: str, slot: int, added: dict[str, FlatNode], *, inner: bool
) -> None:
    source = added.get(link.source)
    if source is not None:
        graph.into[target, slot] = Source(source.id, link.slot)
    elif link.source == INPUTS and inner:
        graph.into[target, slot] = Source(INPUTS, link.slot)
    else:
        graph.warn("dangling_link", f"a link comes from node {link.source}, which is missing", target)


def read_level(graph: FlatGraph, raw: Record, *, inner: bool = False) -> None:
    """Take the nodes and links of one graph in; an inner one has inputs and outputs of its own."""
    added: dict[str, FlatNode] = {}
    for each in records(raw.get("nodes")):
        node = flat_node(each)
        if node is not None:
            added.setdefault(name(each.get("id")), graph.add(node))
        else:
            graph.warn("malformed_record", "a node without an id or a type is left out")
    wire(graph, raw_links(raw.get("links")), added, inner=inner)
    graph.frames.extend(frames(raw))


def frames(raw: Record) -> list[Record]:
    """Groups with their corners as numbers."""
    found = []
    for group in records(raw.get("groups")):
        bounds = items(group.get("bounding"))
        if len(bounds) >= 4:
            found.append({"raw": group, "position": pair(bounds[:2]), "size": pair(bounds[2:4])})
    return found
