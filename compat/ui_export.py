"""Export of workflows as graphs of ComfyUI's interface, as it saves them (0.4) or by its schema 1.0."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from compat.export import View, is_inline
from compat.flat import INPUTS, OUTPUTS
from compat.front_end import INLINE, NOTES
from compat.instances import their_type
from compat.loose import Record, items, pair, record, records, text
from compat.marks import DOCUMENT_FIELDS, MARK, OTHER_NAMES, SUBGRAPH_FIELDS, first_of, is_said
from compat.nodes.dynamic import is_live
from compat.object_info import NO_DEFAULT, NodeInfo
from compat.placing import columns, unplaced
from compat.widget_values import CONTROLS, defaults
from graph.records import IN, INSTANCE, OUT
from graph.sweep import is_sweep
from graph.workflow import Link, Node, Subgraph, Workflow

UiVersion = Literal["0.4", "1.0"]
NUMBERS = {"active": 0, "muted": 2, "bypassed": 4}
OWN_FIELDS = {"id", "type", "title", "inputs", "position", "size", "collapsed", "mode", "colour", "comfy"}
FRAME_FIELDS = {"title", "position", "size", "colour", "comfy"}
NOTE_FIELDS = {"text", "position", "size", "comfy"}
NOTE_COLOURS = {"color": "#432", "bgcolor": "#653"}
SMALLEST = (210.0, 60.0)
OPTIONAL = 7
"""The shape that the interface draws an optional socket in."""


@dataclass
class Taken:
    """The numbers of nodes and links that are in use: all graphs of a file share them."""

    nodes: set[int] = field(default_factory=set)
    links: int = 0


class Writer:
    """The export of one graph: numbers for nodes and links, and the records that they become."""

    def __init__(self, view: View, taken: Taken, names: Mapping[str, str]) -> None:
        self.view, self._names, self._taken = view, names, taken
        document = view.workflow.document
        self.notes = records(document.get("notes"))
        self.numbers = _numbers(
            [node.id for node in view.workflow.nodes] + [text(each.get("id")) for each in self.notes],
            taken.nodes,
        )
        self.links: list[list[object]] = []
        linked: dict[str, set[str]] = {}
        for link in view.workflow.links:
            linked.setdefault(link.target, set()).add(link.input)
        self.inputs = {node.id: self._sockets(node, linked.get(node.id, ())) for node in view.workflow.nodes}
        self.outputs = {node.id: self._outputs(node) for node in view.workflow.nodes}
        ends = {IN: INPUTS, OUT: OUTPUTS}
        self.numbers |= {end: int(number) for end, number in ends.items()}
        self.outputs[IN], self.inputs[OUT] = (_signed(document, side) for side in ("inputs", "outputs"))
        for link in view.workflow.links:
            self._join(link)

    def nodes(self) -> list[Record]:
        feeds: dict[str, list[str]] = {}
        for link in self.view.workflow.links:
            if link.source in self.view.nodes:
                feeds.setdefault(link.target, []).append(link.source)
        depth = columns([node.id for node in self.view.workflow.nodes], feeds)
        ordered = sorted(depth, key=lambda own: depth[own])
        order = {own: place for place, own in enumerate(ordered)}
        made = [self._node(node, order[node.id]) for node in self.view.workflow.nodes]
        return made + [self._note(note, len(order) + place) for place, note in enumerate(self.notes)]

    def _node(self, node: Node, order: int) -> Record:
        comfy, info = record(node.record.get("comfy")), self.view.info.get(node.type)
        kind = INLINE if is_inline(node) else OTHER_NAMES.get(node.type, node.type)
        kind = self._names.get(kind.removeprefix(INSTANCE), kind) if kind.startswith(INSTANCE) else kind
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
        if kind != node.type and not node.type.startswith(INSTANCE):
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

    def _sockets(self, node: Node, linked: Collection[str]) -> list[Record]:
        saved = records(record(node.record.get("comfy")).get("inputs"))
        info, is_instance = self.view.info.get(node.type), node.type.startswith(INSTANCE)
        if saved and not (is_instance and info):
            return [{**given, "link": None} for given in saved]
        shown = () if info is None else info.inputs if is_instance else info.drawn_sockets(linked)
        return [
            {
                "name": given.name,
                "type": given.type,
                "link": None,
                **({"shape": OPTIONAL} if given.optional and not given.widget else {}),
                **({"widget": {"name": given.name}} if given.widget else {}),
            }
            for given in shown
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
        if link.source not in self.outputs or link.target not in self.inputs:
            return
        if not (self._has(self.outputs, IN, link[:2]) and self._has(self.inputs, OUT, link[2:])):
            return
        own = self._taken.links = self._taken.links + 1
        outputs = self.outputs[link.source]
        slot = (
            [each["name"] for each in outputs].index(link.output)
            if link.source == IN
            else self.view.slot(nodes[link.source], link.output)
        )
        while slot >= len(outputs):
            name = link.output if slot == len(outputs) else f"output_{len(outputs)}"
            outputs.append({"name": name, "type": "*", "links": None, "slot_index": len(outputs)})
        outputs[slot]["links"] = [*items(outputs[slot]["links"]), own]
        kind = text(outputs[slot].get("type"))
        place = (
            [each["name"] for each in self.inputs[OUT]].index(link.input)
            if link.target == OUT
            else self._free(nodes[link.target], link.input, kind)
        )
        self.inputs[link.target][place]["link"] = own
        source, target = self.numbers[link.source], self.numbers[link.target]
        self.links.append([own, source, slot, target, place, outputs[slot].get("type", "*")])

    @staticmethod
    def _has(sockets: Mapping[str, list[Record]], end: str, named: tuple[str, ...]) -> bool:
        """Whether a link to one of a graph's own ends leads to what its signature has."""
        return named[0] != end or any(each["name"] == named[1] for each in sockets[end])

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
    """The graph of a workflow, with the definitions of its sub-graphs; zones lie in its mark."""
    document, subgraphs = view.workflow.document, view.workflow.subgraphs
    plain = {own: each for own, each in subgraphs.items() if not each.is_zone}
    names = {own: _uuid(own) for own in plain}
    taken = Taken()
    writer = Writer(view, taken, names)
    comfy = record(document.get("comfy"))
    nodes = writer.nodes()
    definitions = [_definition(view, each, taken, names) for each in plain.values()]
    groups = [_group(frame, place) for place, frame in enumerate(records(document.get("frames")), 1)]
    last = {"node": max(taken.nodes, default=0), "link": taken.links}
    mark: Record = {
        "fields": {name: value for name, value in document.items() if name not in DOCUMENT_FIELDS}
    }
    if "comfy" in document:
        mark["comfy"] = list(comfy)
    if subgraphs:
        mark["subgraphs"] = [dict(each.record) if each.is_zone else own for own, each in subgraphs.items()]
    mark |= _drawn_links(document)
    inherited = {name: value for name, value in comfy.items() if name not in ("definitions", "state")}
    made: Record = {**inherited, "last_node_id": last["node"], "last_link_id": last["link"], "nodes": nodes}
    made |= {"links": writer.links, "groups": groups, "config": record(comfy.get("config"))}
    extra = {name: value for name, value in record(comfy.get("extra")).items() if name not in LAID_OPEN}
    made["extra"] = {**extra, MARK: mark}
    made["version"] = 0.4
    if definitions:
        made["definitions"] = {"subgraphs": definitions}
    return made if version == "0.4" else _newer(made, last, len(groups))


LAID_OPEN = ("groupNodes", "reroutes", "linkExtensions", "ue_links")
"""What import has turned into nodes and plain links."""
LINK_NAMES = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
ENDS = (("input", IN, INPUTS), ("output", OUT, OUTPUTS))
END_SIZE = (120.0, 60.0)


def _uuid(own: str) -> str:
    """The id of a definition: ComfyUI's interface takes no other names for them."""
    try:
        return str(uuid.UUID(own))
    except ValueError:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"tessera:{own}"))


def _definition(view: View, subgraph: Subgraph, taken: Taken, names: Mapping[str, str]) -> Record:
    """One sub-graph as ComfyUI's interface defines it."""
    body = Workflow(subgraph.nodes, subgraph.links, subgraph.record)
    writer, comfy = Writer(View(body, view.info), taken, names), record(subgraph.record.get("comfy"))
    nodes = writer.nodes()
    made: Record = {**comfy, "id": names[subgraph.id], "version": 1, "revision": 0, "config": {}}
    made |= {"name": subgraph.title, "nodes": nodes, "widgets": []}
    made["groups"] = [
        _group(frame, place) for place, frame in enumerate(records(subgraph.record.get("frames")), 1)
    ]
    state = {"lastGroupId": len(made["groups"]), "lastNodeId": max(taken.nodes, default=0)}
    made["state"] = {**state, "lastLinkId": taken.links, "lastRerouteId": 0}
    made["links"] = [dict(zip(LINK_NAMES, link, strict=True)) for link in writer.links]
    for side, end, number in ENDS:
        place, _ = unplaced(pair(subgraph.record.get(f"{side}_position")), END_SIZE)
        made[f"{side}Node"] = {"id": int(number), "bounding": [*place, *END_SIZE]}
        sockets = writer.outputs[IN] if end == IN else writer.inputs[OUT]
        made[f"{side}s"] = [
            _signed_socket(each, place, names[subgraph.id]) for place, each in enumerate(sockets)
        ]
    given = subgraph.record
    mark: Record = {"id": subgraph.id, "inputs": given.get("inputs", []), "outputs": given.get("outputs", [])}
    mark["fields"] = {name: value for name, value in given.items() if name not in SUBGRAPH_FIELDS}
    mark["without"] = [name for name in WITH if name not in given]
    mark |= _drawn_links(given)
    if "comfy" in given:
        mark["comfy"] = list(comfy)
    made["extra"] = {**record(comfy.get("extra")), MARK: mark}
    return made


WITH = ("title", "frames", "notes", "input_position", "output_position")
"""Fields that every import gives to a sub-graph."""


def _signed(document: Mapping[str, Any], side: str) -> list[Record]:
    """The sockets of a graph's own end, in order."""
    return [
        {
            "name": text(each.get("name")),
            "type": their_type(text(each.get("type"))),
            "links": None,
            "link": None,
        }
        for each in records(document.get(side))
    ]


def _signed_socket(socket: Record, place: int, definition: str) -> Record:
    own = uuid.uuid5(uuid.UUID(definition), f"{place} {socket['name']}")
    links = items(socket["links"]) or ([socket["link"]] if socket["link"] is not None else [])
    return {"id": str(own), "name": socket["name"], "type": socket["type"], "linkIds": links}


def _drawn_links(document: Mapping[str, Any]) -> Record:
    """Links that say more than where they lead."""
    found = [each for each in records(document.get("links")) if each.keys() - {"from", "to"}]
    return {"links": found} if found else {}


def _newer(graph: Record, last: dict[str, int], groups: int) -> Record:
    state = {
        "lastGroupid": groups,
        "lastNodeId": last["node"],
        "lastLinkId": last["link"],
        "lastRerouteId": 0,
    }
    kept = {name: value for name, value in graph.items() if name not in ("last_node_id", "last_link_id")}
    links = [dict(zip(LINK_NAMES, link, strict=True)) for link in graph["links"]]
    return {**kept, "version": 1, "state": state, "links": links, "reroutes": []}


def _numbers(names: list[str], taken: set[int]) -> dict[str, int]:
    """A whole number for every node: the one that it is called by, or one that is free in all graphs."""
    own = {name: int(name) for name in names if name.isascii() and name.isdecimal() and len(name) < 10}
    numbers = {name: value for name, value in own.items() if str(value) == name and value not in taken}
    following = max([0, *numbers.values(), *taken])
    for name in names:
        if name not in numbers:
            following += 1
            numbers[name] = following
    taken.update(numbers.values())
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
    if node.type.startswith(INSTANCE):
        mark = {"written": {each.name: each.default for each in info.widgets if each.name in unset}}
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
