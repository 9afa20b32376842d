"""Export of workflows as ComfyUI's API prompts: muted nodes left out, bypassed ones passed by."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from compat.front_end import INLINE
from compat.instances import with_instances, without_instances
from compat.loose import Record, record, records, text
from compat.marks import OTHER_NAMES
from compat.object_info import ObjectInfo
from compat.ui_graph import output_names
from graph.sockets import ANY, Input, Output, SocketType
from graph.widgets import TextWidget
from graph.wiring import passed_on
from graph.workflow import Link, Node, Workflow, read_document

REMOVED = object()

Source = tuple[str, str]


def write_api_prompt(document: object, info: ObjectInfo) -> dict[str, Any]:
    """The prompt of a document; what cannot be read of it is left out. Never raises."""
    workflow, _ = read_document(document)
    return {} if workflow is None else write_prompt(View(workflow, info))


def write_prompt(view: View) -> dict[str, Any]:
    """The prompt of a workflow; nodes of instances are called `instance:node`."""
    view = view.flat
    return {node.id: _entry(node, view) for node in view.workflow.nodes if view.is_sent(node)}


@dataclass
class View:
    """A workflow as the exporter asks it: sockets by place and what leads into each."""

    workflow: Workflow
    info: ObjectInfo
    nodes: dict[str, Node] = field(init=False)
    into: dict[str, dict[str, list[Link]]] = field(init=False)
    links_to: dict[str, list[Link]] = field(init=False)

    def __post_init__(self) -> None:
        self.info = with_instances(self.workflow, self.info)
        self.nodes = {node.id: node for node in self.workflow.nodes}
        self.into, self.links_to = {}, {}
        for link in self.workflow.links:
            self.links_to.setdefault(link.target, []).append(link)
            self.into.setdefault(link.target, {}).setdefault(link.input, []).append(link)

    @property
    def flat(self) -> View:
        """The same without instances of sub-graphs."""
        return View(without_instances(self.workflow), self.info) if self.workflow.subgraphs else self

    def is_sent(self, node: Node) -> bool:
        return node.mode == "active" and not is_inline(node)

    def outputs(self, node: Node) -> list[str]:
        return output_names(record(node.record.get("comfy")), self.info.get(node.type))

    def sockets(self, node: Node) -> list[tuple[str, str]]:
        """Names and types of a node's inputs, by place."""
        saved = records(record(node.record.get("comfy")).get("inputs"))
        if saved:
            return [(text(given.get("name")), text(given.get("type"))) for given in saved]
        known = self.info.get(node.type)
        return [(given.name, given.type) for given in known.sockets] if known else []

    def slot(self, node: Node, output: str) -> int:
        """The number of an output; one that nobody knows says it in its name, or is the first."""
        names = self.outputs(node)
        if output in names:
            return names.index(output)
        numbered = re.fullmatch(r"output_(\d{1,4})", output)
        return int(numbered[1]) if numbered else 0

    def follow(self, link: Link) -> Source | object | None:
        """The node and output that a link brings; None where nothing does, REMOVED behind a muted node."""
        seen: set[Source] = set()
        here: Source = (link.source, link.output)
        while here not in seen:
            seen.add(here)
            node = self.nodes.get(here[0])
            if node is None or node.mode == "muted":
                return REMOVED
            if node.mode != "bypassed":
                return here
            behind = self._behind(node, self.slot(node, here[1]))
            if behind is None:
                return None
            here = (behind.source, behind.output)
        return None

    def _behind(self, node: Node, slot: int) -> Link | None:
        """What leads into the input that a bypassed node passes on, by the engine's own rule."""
        into, outputs = self.into.get(node.id, {}), self.output_types(node)
        if slot >= len(outputs):
            return None
        known = self.info.get(node.type)
        inputs = [Input(name, _types(kind)) for name, kind in self.sockets(node)]
        if known is not None:
            inputs = [
                Input(given.name, _types(given.type), widget=TextWidget() if given.widget else None)
                for given in known.inputs
            ]
        output = Output(outputs[slot][0], _types(outputs[slot][1]))
        passed = passed_on(inputs, output, slot, into)
        return into[passed][0] if passed is not None else None

    def output_types(self, node: Node) -> list[tuple[str, str]]:
        """Names and types of a node's outputs, by place."""
        known = self.info.get(node.type)
        saved = records(record(node.record.get("comfy")).get("outputs"))
        kinds = [kind for _, kind in known.outputs] if known else []
        kinds += [text(each.get("type")) for each in saved[len(kinds) :]]
        return list(zip(self.outputs(node), kinds, strict=False))


def _types(kind: str) -> tuple[SocketType, ...]:
    kinds = ("STRING" if name == "COMBO" else name for name in kind.split(","))
    return tuple(ANY if name in ("*", "") else SocketType(name) for name in kinds)


def is_inline(node: Node) -> bool:
    """Whether a node stands for one that is no part of a prompt; its value is written where it leads."""
    return record(node.record.get("comfy")).get("type") == INLINE


def _entry(node: Node, view: View) -> Record:
    inputs = {name: _literal(value) for name, value in node.inputs.items()}
    for link in view.links_to.get(node.id, ()):
        source = view.follow(link)
        if source is REMOVED:
            inputs.pop(link.input, None)
        elif isinstance(source, tuple):
            origin = view.nodes[source[0]]
            value = (
                origin.inputs.get("value") if is_inline(origin) else [origin.id, view.slot(origin, source[1])]
            )
            inputs[link.input] = value
    known = view.info.get(node.type)
    title = text(node.record.get("title")) or (known.title if known else node.type)
    kind = OTHER_NAMES.get(node.type, node.type)
    return {"inputs": inputs, "class_type": kind, "_meta": {"title": title}}


def _literal(value: object) -> object:
    """A list would look like a link, so it is wrapped."""
    return {"__value__": value} if isinstance(value, list) else value
