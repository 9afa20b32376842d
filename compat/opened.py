"""Sub-graphs and group nodes laid open: their nodes stand in a frame where the one node was."""

from __future__ import annotations

from dataclasses import replace

from compat.flat import INPUTS, OUTPUTS, FlatGraph, FlatNode, Source, flat_node, read_level
from compat.loose import Record, index, items, name, record, records, text

DEEPEST, MOST = 16, 4000
MARGIN, TITLE = 20.0, 60.0
GROUP = ("workflow>", "workflow/")


def open_all(raw: Record) -> FlatGraph:
    """Read a graph, with everything in it laid open."""
    graph = FlatGraph()
    subgraphs = {
        text(each.get("id")): each for each in records(record(raw.get("definitions")).get("subgraphs"))
    }
    groups = record(record(raw.get("extra")).get("groupNodes"))
    waiting: list[tuple[str, tuple[str, ...]]] = [(each, ()) for each in read_level(graph, raw)]
    while waiting:
        own, within = waiting.pop()
        node = graph.nodes[own]
        definition = subgraphs.get(node.type) or record(groups.get(_group_name(node.type)))
        if not definition:
            continue
        if node.type in within or len(within) >= DEEPEST or len(graph.nodes) > MOST:
            graph.warn("too_deep", f"node {own} is nested too deeply, or in itself, and stays closed", own)
            continue
        opening = open_subgraph if node.type in subgraphs else open_group
        inner = opening(graph, node, definition)
        graph.virtual.add(own)
        title = text(node.raw.get("title")) or text(definition.get("name")) or _group_name(node.type)
        _settle(graph, node, inner, title)
        waiting.extend((each, (*within, node.type)) for each in inner)
    return graph


def _group_name(kind: str) -> str:
    return kind[len(GROUP[0]) :] if kind.startswith(GROUP) else ""


def open_subgraph(graph: FlatGraph, node: FlatNode, definition: Record) -> list[str]:
    """Put a sub-graph's nodes in, and join its inputs and outputs to those of the node."""
    prefix = f"{node.id}:"
    before = len(graph.frames)
    inner = read_level(graph, {**definition, "groups": definition.get("groups")}, prefix)
    del graph.frames[before:]  # they lie in the coordinates of the sub-graph
    values = _promoted(node)
    for slot, given in enumerate(records(definition.get("inputs"))):
        own = text(given.get("name"))
        at = node.slot_of(own)
        graph.passes[Source(prefix + INPUTS, slot)] = (node.id, slot if at is None else at)
        if own in values:
            _give(graph, Source(prefix + INPUTS, slot), values[own])
    for slot in range(len(records(definition.get("outputs")))):
        graph.passes[Source(node.id, slot)] = (prefix + OUTPUTS, slot)
    return inner


def _promoted(node: FlatNode) -> Record:
    """Values of inner widgets that the node itself shows, where their number leaves no doubt."""
    shown = [text(given.get("name")) for given in node.inputs if record(given.get("widget"))]
    values = items(node.raw.get("widgets_values"))
    return dict(zip(shown, values, strict=True)) if len(shown) == len(values) else {}


def _give(graph: FlatGraph, source: Source, value: object) -> None:
    """Set a value on every input that a source feeds."""
    for (target, slot), each in list(graph.into.items()):
        node = graph.nodes.get(target)
        if each == source and node is not None and slot < len(node.inputs):
            own = text(node.inputs[slot].get("name"))
            graph.nodes[target] = replace(node, overrides={**node.overrides, own: value})


def open_group(graph: FlatGraph, node: FlatNode, definition: Record) -> list[str]:
    """Put a legacy group node's nodes in: it shows, in order, what its nodes do not link among themselves."""
    added: list[FlatNode] = []
    values, at = items(node.raw.get("widgets_values")), 0
    for place, each in enumerate(records(definition.get("nodes"))):
        count = len(items(each.get("widgets_values")))
        own = values[at : at + count]
        at += count
        raw = {**each, "id": place, "widgets_values": own}
        read = flat_node(raw, f"{node.id}:")
        if read is not None:
            added.append(graph.add(read))
    if at != len(values):
        graph.warn("values_do_not_fit", f"{len(values)} values for the {at} of a group node", node.id)
    links = [link for link in items(definition.get("links")) if isinstance(link, list) and len(link) >= 4]
    _join_group(graph, node, added, links)
    return [each.id for each in added]


def _join_group(graph: FlatGraph, node: FlatNode, added: list[FlatNode], links: list[list[object]]) -> None:
    by_place = {name(each.raw["id"]): each for each in added}
    kinds: dict[tuple[str, int], str] = {}
    taken: set[tuple[str, int]] = set()
    for link in links:
        source, target = by_place.get(name(link[0])), by_place.get(name(link[2]))
        slot, target_slot = index(link[1]), index(link[3])
        if source is None or target is None or slot is None or target_slot is None:
            continue
        graph.into[target.id, target_slot] = Source(source.id, slot)
        taken.add((source.id, slot))
        if source.type == "Reroute" and slot < len(source.outputs) and target_slot < len(target.inputs):
            kinds.setdefault((source.id, 0), text(target.inputs[target_slot].get("type")))
    _join_inputs(graph, node, added, kinds)
    shown = [
        (each.id, slot, text(output.get("type")))
        for each in added
        for slot, output in enumerate(each.outputs)
        if (each.id, slot) not in taken and each.type != "Reroute"
    ]
    for slot, output in enumerate(node.outputs):
        found = next((each for each in shown if each[2] == text(output.get("type"))), None)
        if found is not None:
            shown.remove(found)
            graph.into[f"{node.id}:{OUTPUTS}", slot] = Source(found[0], found[1])
            graph.passes[Source(node.id, slot)] = (f"{node.id}:{OUTPUTS}", slot)


def _join_inputs(
    graph: FlatGraph, node: FlatNode, added: list[FlatNode], kinds: dict[tuple[str, int], str]
) -> None:
    """Give the node's inputs, in order, to the open inputs of its nodes that have the same type."""
    waiting = list(enumerate(node.inputs))
    for each in added:
        for slot, given in enumerate(each.inputs):
            kind = kinds.get((each.id, 0), "") if each.type == "Reroute" else text(given.get("type"))
            if (each.id, slot) in graph.into:
                continue
            fitting = [item for item in waiting if text(item[1].get("type")) == kind]
            if record(given.get("widget")):
                own = text(given.get("name"))
                fitting = [item for item in fitting if text(item[1].get("name")).endswith(own)]
            if fitting:
                waiting.remove(fitting[0])
                inward = Source(f"{node.id}:{INPUTS}", fitting[0][0])
                graph.into[each.id, slot] = inward
                graph.passes[inward] = (node.id, fitting[0][0])


def _settle(graph: FlatGraph, node: FlatNode, inner: list[str], title: str) -> None:
    """Place what came out of a node where it stood, make room for it and frame it."""
    if not inner:
        return
    nodes = [graph.nodes[each] for each in inner]
    left, top = (min(each.position[axis] for each in nodes) for axis in (0, 1))
    width, height = (
        max(each.position[axis] + each.size[axis] for each in nodes) - start
        for axis, start in ((0, left), (1, top))
    )
    room = (width + 2 * MARGIN, height + 2 * MARGIN + TITLE)
    x, y = node.position
    _make_room(graph, node, room, set(inner))
    for each in nodes:
        place = (each.position[0] - left + x + MARGIN, each.position[1] - top + y + MARGIN + TITLE)
        graph.nodes[each.id] = replace(each, position=place, mode=node.mode or each.mode)
    if title:
        graph.frames.append({"raw": {"title": title}, "position": (x, y), "size": room})


def _make_room(graph: FlatGraph, node: FlatNode, room: tuple[float, float], inner: set[str]) -> None:
    """Move what lies right of a node and below it, so that something larger can stand there."""
    grown = tuple(max(0.0, room[axis] - node.size[axis]) for axis in (0, 1))
    ends = tuple(node.position[axis] + node.size[axis] for axis in (0, 1))

    def moved(place: tuple[float, float]) -> tuple[float, float]:
        x, y = (place[axis] + (grown[axis] if place[axis] >= ends[axis] else 0.0) for axis in (0, 1))
        return x, y

    for each in list(graph.nodes.values()):
        if each.id not in inner and each.id != node.id:
            graph.nodes[each.id] = replace(each, position=moved(each.position))
    for frame in graph.frames:
        start, size = frame["position"], frame["size"]
        holds = all(start[axis] <= node.position[axis] <= start[axis] + size[axis] for axis in (0, 1))
        frame["position"] = moved(start)
        if holds:
            frame["size"] = (size[0] + grown[0], size[1] + grown[1])
