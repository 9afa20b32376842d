"""Import of the graphs that ComfyUI's interface saves, versions 0.4 and 1.0."""

from __future__ import annotations

from typing import Any, NamedTuple

from compat.flat import FlatGraph, FlatNode
from compat.front_end import INLINE, NOTES, note_text, resolve
from compat.loose import Record, record, text
from compat.marks import DRAWN, MARK, document_fields, kept, mark_of, renamed, restored
from compat.object_info import NodeInfo, ObjectInfo, unique
from compat.opened import open_all
from compat.placing import placed
from compat.widget_values import named_values
from graph.problems import Problem
from graph.workflow import FORMAT, VERSION

MODES = {2: "muted", 4: "bypassed"}


class Imported(NamedTuple):
    document: dict[str, Any] | None
    problems: tuple[Problem, ...] = ()


def is_ui_graph(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("nodes"), list) and "format" not in value


def read_ui_graph(raw: Record, info: ObjectInfo, title: str = "") -> Imported:
    """The document of a saved graph. Never raises."""
    graph = open_all(raw)
    resolve(graph, raw.get("extra"))
    real = [node for node in graph.nodes.values() if node.id not in graph.virtual]
    slots: dict[str, list[int]] = {}
    for target, slot in graph.into:
        slots.setdefault(target, []).append(slot)
    notes = [node for node in graph.nodes.values() if node.type in NOTES]
    document = {
        "format": FORMAT,
        "version": VERSION,
        "title": title,
        "nodes": [restored(_node(node, info.get(node.type)), node.raw, info.get(node.type)) for node in real],
        "links": [link for node in real for link in _links(graph, node, slots.get(node.id, []), info)],
        "frames": [_frame(frame, place) for place, frame in enumerate(graph.frames, 1)],
        "notes": [restored(_note(node), node.raw, None) for node in notes],
        "parameters": [],
        "comfy": {name: value for name, value in raw.items() if name not in ("nodes", "links", "groups")},
    }
    problems = renamed(document, (mark_of(node.raw) for node in (*real, *notes)), graph.problems)
    mark = record(record(raw.get("extra")).get(MARK))
    if mark:
        document = kept({**document, **document_fields(mark)}, mark)
    return Imported(document, problems)


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


def _links(graph: FlatGraph, node: FlatNode, slots: list[int], info: ObjectInfo) -> list[Record]:
    found = []
    for slot in sorted(slots):
        source = graph.source(node.id, slot)
        if source is None or source.node not in graph.nodes or source.node in graph.virtual:
            continue
        outputs = output_names(graph.nodes[source.node].raw, info.get(graph.nodes[source.node].type))
        output = outputs[source.slot] if source.slot < len(outputs) else f"output_{source.slot}"
        given = _input_name(node, slot, info.get(node.type))
        found.append({"from": [source.node, output], "to": [node.id, given]})
    return found


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
