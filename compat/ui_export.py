"""Export of workflows as graphs of ComfyUI's interface, as it saves them (0.4) or by its schema 1.0."""

from __future__ import annotations

from typing import Any, Literal

from compat.export import View, is_inline
from compat.front_end import INLINE, NOTES
from compat.loose import Record, items, pair, record, records, text
from compat.marks import DOCUMENT_FIELDS, MARK, OTHER_NAMES, first_of, is_said
from compat.nodes.dynamic import is_live
from compat.object_info import NO_DEFAULT, NodeInfo
from compat.placing import columns, unplaced
from compat.widget_values import CONTROLS, defaults
from graph.sweep import is_sweep
from graph.workflow import Link, Node

UiVersion = Literal["0.4", "1.0"]
NUMBERS = {"active": 0, "muted": 2, "bypassed": 4}
OWN_FIELDS = {"id", "type", "title", "inputs", "position", "size", "collapsed", "mode", "colour", "comfy"}
FRAME_FIELDS = {"title", "position", "size", "colour", "comfy"}
NOTE_FIELDS = {"text", "position", "size", "comfy"}
NOTE_COLOURS = {"color": "#432", "bgcolor": "#653"}
SMALLEST = (210.0, 60.0)
OPTIONAL = 7
"""The shape that the interface draws an optional socket in."""


class Writer:
    """One export: numbers for nodes and links, and the records that they become."""

    def __init__(self, view: View) -> None:
        self.view = view
        document = view.workflow.document
        self.notes = records(document.get("notes"))
        self.numbers = _numbers(
            [node.id for node in view.workflow.nodes] + [text(each.get("id")) for each in self.notes]
        )
        self.links: list[list[object]] = []
        self.inputs = {node.id: self._sockets(node) for node in view.workflow.nodes}
        self.outputs = {node.id: self._outputs(node) for node in view.workflow.nodes}
        for link in view.workflow.links:
            self._join(link)

    def nodes(self) -> list[Record]:
        feeds: dict[str, list[str]] = {}
        for link in self.view.workflow.links:
            feeds.setdefault(link.target, []).append(link.source)
        depth = columns([node.id for node in self.view.workflow.nodes], feeds)
        ordered = sorted(depth, key=lambda own: depth[own])
        order = {own: place for place, own in enumerate(ordered)}
        made = [self._node(node, order[node.id]) for node in self.view.workflow.nodes]
        return made + [self._note(note, len(order) + place) for place, note in enumerate(self.notes)]

    def _node(self, node: Node, order: int) -> Record:
        comfy, info = record(node.record.get("comfy")), self.view.info.get(node.type)
        kind = INLINE if is_inline(node) else OTHER_NAMES.get(node.type, node.type)
        values, mark = _values(node, info)
        position, size = _place(node.record)
        made: Record = {**comfy, "id": self.numbers[node.id], "type": kind, "pos": position, "size": size}
        made["flags"] = (
            {**record(comfy.get("flags")), "collapsed": True} if node.record.get("collapsed") else {}
        )
        made |= {"order": order, "mode": NUMBERS[node.mode]}
        made |= {"inputs": self.inputs[node.id], "outputs": self.outputs[node.id]}
        if text(node.record.get("title")):
            made["title"] = node.record["title"]
        if text(node.record.get("colour")):
            made["bgcolor"] = node.record["colour"]
        mark |= _mark(node.id, node.record, OWN_FIELDS)
        if kind != node.type:
            mark["type"] = node.type
        name = {} if kind == INLINE else {"Node name for S&R": kind}
        made["properties"] = {**name, **record(comfy.get("properties")), MARK: mark}
        made["widgets_values"] = values
        return made

    def _note(self, note: Record, order: int) -> Record:
        comfy, own = record(note.get("comfy")), text(note.get("id"))
        position, size = _place(note)
        kind = comfy["type"] if comfy.get("type") in NOTES else NOTES[0]
        made = {**NOTE_COLOURS, **comfy, "id": self.numbers[own], "type": kind, "pos": position, "size": size}
        made |= {"flags": {}, "order": order, "mode": 0, "inputs": [], "outputs": []}
        mark = _mark(own, note, {"id", *NOTE_FIELDS})
        made["properties"] = {**record(comfy.get("properties")), MARK: mark}
        made["widgets_values"] = [text(note.get("text"))]
        return made

    def _sockets(self, node: Node) -> list[Record]:
        saved = records(record(node.record.get("comfy")).get("inputs"))
        if saved:
            return [{**given, "link": None} for given in saved]
        info = self.view.info.get(node.type)
        return [
            {
                "name": given.name,
                "type": given.type,
                "link": None,
                **({"shape": OPTIONAL} if given.optional else {}),
            }
            for given in (info.sockets if info else ())
        ]

    def _outputs(self, node: Node) -> list[Record]:
        info = self.view.info.get(node.type)
        saved = records(record(node.record.get("comfy")).get("outputs"))
        known = [{"name": name, "type": kind} for name, kind in info.outputs] if info else []
        made = [{**output, "links": None, "slot_index": place} for place, output in enumerate(saved or known)]
        return made

    def _join(self, link: Link) -> None:
        """Number a link, and write it at both of its ends; a socket that is missing there is added."""
        nodes = self.view.nodes
        if link.source not in nodes or link.target not in nodes:
            return
        own = len(self.links) + 1
        outputs, slot = self.outputs[link.source], self.view.slot(nodes[link.source], link.output)
        while slot >= len(outputs):
            name = link.output if slot == len(outputs) else f"output_{len(outputs)}"
            outputs.append({"name": name, "type": "*", "links": None, "slot_index": len(outputs)})
        outputs[slot]["links"] = [*items(outputs[slot]["links"]), own]
        place = self._free(nodes[link.target], link.input, text(outputs[slot].get("type")))
        self.inputs[link.target][place]["link"] = own
        source, target = self.numbers[link.source], self.numbers[link.target]
        self.links.append([own, source, slot, target, place, outputs[slot].get("type", "*")])

    def _free(self, node: Node, name: str, kind: str) -> int:
        """The place of an input of this name that nothing feeds yet."""
        inputs = self.inputs[node.id]
        for place, given in enumerate(inputs):
            if given.get("name") == name and given["link"] is None:
                return place
        info = self.view.info.get(node.type)
        known = info.input(name) if info else None
        made: Record = {"name": name, "type": known.type if known else kind, "link": None}
        if known is not None and known.widget:
            made["widget"] = {"name": name}
        inputs.append(made)
        return len(inputs) - 1


def write_ui_graph(view: View, version: UiVersion = "0.4") -> Record:
    """The graph of a workflow."""
    document, writer = view.workflow.document, Writer(view)
    comfy = record(document.get("comfy"))
    nodes = writer.nodes()
    groups = [_group(frame, place) for place, frame in enumerate(records(document.get("frames")), 1)]
    last = {"node": max(writer.numbers.values(), default=0), "link": len(writer.links)}
    mark: Record = {
        "fields": {name: value for name, value in document.items() if name not in DOCUMENT_FIELDS}
    }
    if "comfy" in document:
        mark["comfy"] = list(comfy)
    inherited = {name: value for name, value in comfy.items() if name not in ("definitions", "state")}
    made: Record = {**inherited, "last_node_id": last["node"], "last_link_id": last["link"], "nodes": nodes}
    made |= {"links": writer.links, "groups": groups, "config": record(comfy.get("config"))}
    extra = {name: value for name, value in record(comfy.get("extra")).items() if name not in LAID_OPEN}
    made["extra"] = {**extra, MARK: mark}
    made["version"] = 0.4
    return made if version == "0.4" else _newer(made, last, len(groups))


LAID_OPEN = ("groupNodes", "reroutes", "linkExtensions", "ue_links")
"""What import has turned into nodes and plain links."""


def _newer(graph: Record, last: dict[str, int], groups: int) -> Record:
    names = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
    state = {
        "lastGroupid": groups,
        "lastNodeId": last["node"],
        "lastLinkId": last["link"],
        "lastRerouteId": 0,
    }
    kept = {name: value for name, value in graph.items() if name not in ("last_node_id", "last_link_id")}
    links = [dict(zip(names, link, strict=True)) for link in graph["links"]]
    return {**kept, "version": 1, "state": state, "links": links, "reroutes": []}


def _numbers(names: list[str]) -> dict[str, int]:
    """A whole number for every node: the one that it is called by, or a free one."""
    own = {name: int(name) for name in names if name.isascii() and name.isdecimal() and len(name) < 10}
    numbers = {name: value for name, value in own.items() if str(value) == name}
    following = max(numbers.values(), default=0)
    for name in names:
        if name not in numbers:
            following += 1
            numbers[name] = following
    return numbers


def _values(node: Node, info: NodeInfo | None) -> tuple[Any, Record]:
    """The widgets' values by position, and what of the inputs they do not say."""
    if is_inline(node):
        value = node.inputs.get("value")
        rest = items(record(node.record.get("comfy")).get("widgets_values"))[1:]
        return [value, *rest], {}
    if info is None:
        return dict(node.inputs), {}
    values: list[object] = []
    said, unset = set(), []
    last_required = max((place for place, given in enumerate(info.widgets) if not given.optional), default=-1)
    for place, given in enumerate(info.widgets):
        if not is_live(given.when, {**defaults(info), **node.inputs}):
            continue
        value = first_of(node.inputs.get(given.name))
        if is_said(value):
            values.append(value)
            said |= set() if is_sweep(node.inputs[given.name]) else {given.name}
        else:
            values.append(None if given.default is NO_DEFAULT else given.default)
            unset += [given.name] if given.name not in node.inputs else []
        if given.control:
            values.append(CONTROLS[0])
        if place == last_required and any(each.upload for each in info.widgets):
            values.append("image")
    mark: Record = {"unset": unset} if unset else {}
    others = {name: value for name, value in node.inputs.items() if name not in said}
    return values, {**mark, "inputs": others} if others else mark


def _mark(own: str, made: Any, known: set[str]) -> Record:
    mark: Record = {"id": own}
    fields = {name: value for name, value in made.items() if name not in known}
    if fields:
        mark["fields"] = fields
    if "comfy" in made:
        mark["comfy"] = list(record(made["comfy"]))
    return mark


def _place(made: Any, *, title: float | None = None) -> tuple[list[float], list[float]]:
    position, size = pair(made.get("position")), pair(made.get("size"), SMALLEST)
    return unplaced(position, size) if title is None else unplaced(position, size, title=title)


def _group(frame: Record, place: int) -> Record:
    comfy = record(frame.get("comfy"))
    position, size = _place(frame, title=0.0)
    made = {"color": "#3f789e", "font_size": 24, "flags": {}, **comfy, "title": text(frame.get("title"))}
    made |= {"id": comfy.get("id", place), "bounding": [*position, *size]}
    if text(frame.get("colour")):
        made["color"] = frame["colour"]
    mark: Record = {"fields": {name: value for name, value in frame.items() if name not in FRAME_FIELDS}}
    if "comfy" in frame:
        mark["comfy"] = list(comfy)
    return {**made, MARK: mark}
