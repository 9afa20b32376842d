"""Nodes that exist in ComfyUI's interface only: reroutes, primitives, named links, notes."""

from __future__ import annotations

from dataclasses import replace

from compat.flat import FlatGraph, FlatNode, Source
from compat.loose import index, items, name, record, records, text
from compat.widget_values import SEEDS

REROUTES = ("Reroute", "Reroute (rgthree)", "ReroutePrimitive|pysssss")
NOTES = ("Note", "MarkdownNote", "Note Plus (mtb)", "Label (rgthree)")
EVERYWHERE = ("Anything Everywhere", "Prompts Everywhere")
INLINE = "PrimitiveNode"


def resolve(graph: FlatGraph, extra: object) -> None:
    """Replace what only the interface knows by plain links and values."""
    for node in graph.nodes.values():
        if node.type in REROUTES:
            graph.passes[Source(node.id, 0)] = (node.id, 0)
            graph.virtual.add(node.id)
        elif node.type in NOTES or node.type.startswith(EVERYWHERE):
            graph.virtual.add(node.id)
    _join_named(graph)
    _join_everywhere(graph, extra)
    for node in list(graph.nodes.values()):
        if node.type == INLINE:
            _spread(graph, node)


def note_text(node: FlatNode) -> str:
    values = items(node.raw.get("widgets_values"))
    return text(values[0] if values else None) or text(record(node.raw.get("properties")).get("text"))


def _join_named(graph: FlatGraph) -> None:
    """A GetNode gives what the SetNode of the same name was given."""
    setters = {note_text(node): node for node in graph.nodes.values() if node.type == "SetNode"}
    for node in list(graph.nodes.values()):
        if node.type == "SetNode":
            graph.passes[Source(node.id, 0)] = (node.id, 0)
            graph.virtual.add(node.id)
        elif node.type == "GetNode":
            graph.virtual.add(node.id)
            setter = setters.get(note_text(node))
            if setter is None:
                graph.warn("dangling_link", f"no SetNode is called {note_text(node)[:100]!r}", node.id)
                graph.passes[Source(node.id, 0)] = ("", 0)
            else:
                graph.passes[Source(node.id, 0)] = (setter.id, 0)


def _join_everywhere(graph: FlatGraph, extra: object) -> None:
    """Links that "Anything Everywhere" made without drawing them."""
    for link in records(record(extra).get("ue_links")):
        target, slot = name(link.get("downstream")), index(link.get("downstream_slot"))
        source, source_slot = name(link.get("upstream")), index(link.get("upstream_slot"))
        known = source in graph.nodes and target in graph.nodes
        if known and slot is not None and source_slot is not None:
            graph.into.setdefault((target, slot), Source(source, source_slot))


def _spread(graph: FlatGraph, node: FlatNode) -> None:
    """Write a primitive's value into what it feeds; it stays where a node of ours can take its place."""
    values = items(node.raw.get("widgets_values"))
    value = values[0] if values else None
    fed: list[tuple[FlatNode, int, str, str]] = []
    for target, slot in list(graph.into):
        consumer = graph.nodes.get(target)
        if consumer is None or target in graph.virtual or graph.source(target, slot) != Source(node.id, 0):
            continue
        given = consumer.inputs[slot] if slot < len(consumer.inputs) else {}
        own = text(record(given.get("widget")).get("name")) or text(given.get("name"))
        fed.append((consumer, slot, own, text(given.get("type"))))
    kind = primitive_type(value, [own for *_, own, _ in fed])
    ours = [each for each in fed if kind and each[3] in ("INT", "FLOAT", "STRING", "BOOLEAN")]
    for consumer, slot, own, _ in fed:
        if value is not None and own:
            current = graph.nodes[consumer.id]
            graph.nodes[consumer.id] = replace(current, overrides={**current.overrides, own: value})
        if len(ours) < len(fed) or not kind:
            graph.into.pop((consumer.id, slot), None)
    if not ours or len(ours) < len(fed):
        graph.virtual.add(node.id)
        return
    graph.nodes[node.id] = replace(node, type=kind, overrides={"value": value}, mode=0)


def primitive_type(value: object, fed: list[str]) -> str:
    """Our node that holds such a value; "" where none does."""
    if isinstance(value, bool):
        return "PrimitiveBoolean"
    if isinstance(value, int):
        return "PrimitiveSeed" if any(own in SEEDS for own in fed) else "PrimitiveInt"
    if isinstance(value, float):
        return "PrimitiveFloat"
    if isinstance(value, str):
        return "PrimitiveStringMultiline" if "\n" in value else "PrimitiveString"
    return ""
