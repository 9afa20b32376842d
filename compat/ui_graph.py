"""Import of the graphs that ComfyUI's interface saves, versions 0.4 and 1.0."""

from __future__ import annotations

from collections import ChainMap
from dataclasses import replace
from itertools import zip_longest
from typing import Any, NamedTuple

from compat.flat import INPUTS, OUTPUTS, FlatNode
from compat.front_end import INLINE, NOTES, note_text, resolve
from compat.levels import Level, read_levels
from compat.loose import Record, items, pair, record, records, text
from compat.marks import (
    DRAWN,
    MARK,
    document_fields,
    kept,
    mark_of,
    renamed,
    restored,
    restored_subgraph,
    with_zones,
)
from compat.object_info import NodeInfo, ObjectInfo, unique
from compat.placing import placed
from compat.told_models import of_graph, with_models
from compat.widget_values import named_values
from graph.problems import Problem
from graph.records import IN, INSTANCE, OUT
from graph.workflow import FORMAT, VERSION

MODES = {2: "muted", 4: "bypassed"}


class Imported(NamedTuple):
    document: dict[str, Any] | None
    problems: tuple[Problem, ...] = ()


def is_ui_graph(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("nodes"), list) and "format" not in value


def read_ui_graph(raw: Record, info: ObjectInfo, title: str = "") -> Imported:
    """The document of a saved graph. Never raises."""
    root, inner = read_levels(raw, info)
    known = ChainMap({INSTANCE + level.id: level.info for level in inner}, dict(info))
    body, problems = _body(root, known)
    comfy = {name: value for name, value in raw.items() if name not in SAID}
    document: Record = {"format": FORMAT, "version": VERSION, "title": title, **body}
    document |= {"parameters": [], "comfy": comfy}
    subgraphs = []
    for level in inner:
        made, inside = _subgraph(level, known)
        subgraphs.append(made)
        problems += [replace(each, node=None) for each in inside]
    mark = record(record(raw.get("extra")).get(MARK))
    if mark:
        document = kept({**document, **document_fields(mark)}, mark)
        subgraphs = with_zones(subgraphs, mark)
    if subgraphs:
        document["subgraphs"] = subgraphs
    if "models" not in document:
        document = with_models(document, of_graph(raw))
    return Imported(document, tuple(problems))


SAID = ("nodes", "links", "groups", "definitions")
"""Fields of a graph that our document says in its own way."""


def _body(level: Level, info: ObjectInfo) -> tuple[Record, list[Problem]]:
    """Nodes, links, frames and notes of one graph."""
    graph = level.graph
    resolve(graph, level.raw.get("extra"))
    real = [node for node in graph.nodes.values() if node.id not in graph.virtual]
    slots: dict[str, list[int]] = {}
    for target, slot in graph.into:
        slots.setdefault(target, []).append(slot)
    notes = [node for node in graph.nodes.values() if node.type in NOTES]
    links = [link for node in real for link in _links(level, node, slots.get(node.id, []), info)]
    body = {
        "nodes": [restored(_node(node, info.get(node.type)), node.raw, info.get(node.type)) for node in real],
        "links": links + _ends(level, slots.get(OUTPUTS, []), info),
        "frames": [_frame(frame, place) for place, frame in enumerate(graph.frames, 1)],
        "notes": [restored(_note(node), node.raw, None) for node in notes],
    }
    problems = renamed(body, (mark_of(node.raw) for node in (*real, *notes)), graph.problems)
    return body, list(problems)


def _subgraph(level: Level, info: ObjectInfo) -> tuple[Record, list[Problem]]:
    """One sub-graph of the document."""
    body, problems = _body(level, info)
    made: Record = {"id": level.id, "title": level.title}
    for side, sockets in (("inputs", level.inputs), ("outputs", level.outputs)):
        labels = [text(each.get("label")) for each in records(level.raw.get(side))]
        made[side] = [
            {"name": name, "type": our_type(kind), **({"label": label} if label else {})}
            for (name, kind), label in zip_longest(sockets, labels[: len(sockets)])
        ]
    made |= body
    for side in ("input", "output"):
        bounds = items(record(level.raw.get(f"{side}Node")).get("bounding"))
        if len(bounds) >= 4:
            made[f"{side}_position"] = placed(pair(bounds[:2]), pair(bounds[2:4]))["position"]
    made["comfy"] = {name: value for name, value in level.raw.items() if name not in SAID_OF_SUBGRAPH}
    mark = record(record(level.raw.get("extra")).get(MARK))
    return restored_subgraph(made, mark) if mark else made, problems


SAID_OF_SUBGRAPH = ("id", "name", "inputs", "outputs", "inputNode", "outputNode", *SAID)


def our_type(kind: str) -> str:
    """`*` is our ANY, `A,B` our `A|B`; a choice is text."""
    members = ["ANY" if each.strip() in ("*", "") else each.strip() for each in kind.split(",")]
    return "ANY" if "ANY" in members else "|".join("STRING" if each == "COMBO" else each for each in members)


def _node(node: FlatNode, info: NodeInfo | None) -> Record:
    made: Record = {"id": node.id, "type": node.type}
    if text(node.raw.get("title")):
        made["title"] = node.raw["title"]
    if node.raw.get("type") == INLINE:
        made["inputs"] = dict(node.overrides)
    else:
        made["inputs"] = {**named_values(node.raw, info), **node.overrides}
    made |= placed(node.position, node.size)
    flags = node.raw.get("flags")
    made["collapsed"] = bool(flags.get("collapsed")) if isinstance(flags, dict) else False
    made["mode"] = MODES.get(node.mode, "active")
    colour = text(node.raw.get("bgcolor")) or text(node.raw.get("color"))
    if colour:
        made["colour"] = colour
    made["comfy"] = {name: value for name, value in node.raw.items() if name not in DRAWN}
    if node.raw.get("type") == INLINE:
        made["comfy"]["type"] = INLINE
    return made


def _links(level: Level, node: FlatNode, slots: list[int], info: ObjectInfo) -> list[Record]:
    found = [
        {"from": [IN, level.inputs[place][0]], "to": [node.id, given]}
        for place, own, given in level.shown
        if own == node.id
    ]
    for slot in sorted(slots):
        source = _source(level, node.id, slot, info)
        if source is not None:
            found.append({"from": source, "to": [node.id, _input_name(node, slot, info.get(node.type))]})
    return found


def _ends(level: Level, slots: list[int], info: ObjectInfo) -> list[Record]:
    """The links that lead out of a sub-graph."""
    found = []
    for slot in sorted(slots):
        source = _source(level, OUTPUTS, slot, info)
        if source is not None and slot < len(level.outputs):
            found.append({"from": source, "to": [OUT, level.outputs[slot][0]]})
    return found


def _source(level: Level, target: str, slot: int, info: ObjectInfo) -> list[str] | None:
    """The node and output, or the sub-graph's input, that a link comes from."""
    graph, source = level.graph, level.graph.source(target, slot)
    if source is None:
        return None
    if source.node == INPUTS and level.id:
        return [IN, level.inputs[source.slot][0]] if source.slot < len(level.inputs) else None
    if source.node not in graph.nodes or source.node in graph.virtual:
        return None
    outputs = output_names(graph.nodes[source.node].raw, info.get(graph.nodes[source.node].type))
    return [source.node, outputs[source.slot] if source.slot < len(outputs) else f"output_{source.slot}"]


def _input_name(node: FlatNode, slot: int, info: NodeInfo | None) -> str:
    if slot < len(node.inputs) and text(node.inputs[slot].get("name")):
        return node.inputs[slot]["name"]
    if info is not None and slot < len(info.sockets):
        return info.sockets[slot].name
    return f"input_{slot}"


def output_names(raw: Record, info: NodeInfo | None) -> list[str]:
    """The names of a node's outputs: its type's, then those that it was saved with."""
    known = [name for name, _ in info.outputs] if info else []
    saved = raw.get("outputs")
    for place, output in enumerate(saved if isinstance(saved, list) else []):
        if place >= len(known):
            known.append(text(output.get("name") if isinstance(output, dict) else "") or f"output_{place}")
    return unique(known)


def _frame(frame: Record, place: int) -> Record:
    group = frame["raw"]
    made = {"id": f"frame_{place}", "title": text(group.get("title"))}
    made |= placed(frame["position"], frame["size"], title=0.0)
    if text(group.get("color")):
        made["colour"] = group["color"]
    made["comfy"] = group
    mark = record(group.get(MARK))
    return kept({**made, **record(mark.get("fields"))}, mark) if mark else made


def _note(node: FlatNode) -> Record:
    return {"id": node.id, "text": note_text(node), **placed(node.position, node.size), "comfy": node.raw}
