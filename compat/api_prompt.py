"""Import of ComfyUI's API prompts: nodes by id, inputs by name, links as [node, output number]."""

from __future__ import annotations

from typing import Any

from compat.curves import our_curve
from compat.front_end import INLINE, primitive_type
from compat.loose import Record, index, items, name, record, text
from compat.object_info import NodeInfo, ObjectInfo, unique
from compat.placing import WIDTH, arranged, height
from compat.ui_graph import Imported
from graph.problems import Problem
from graph.workflow import FORMAT, VERSION


def is_api_prompt(value: object) -> bool:
    """Whether every entry, and there is one, is a node with a class and inputs."""
    if not isinstance(value, dict) or not value:
        return False
    nodes = [node for node in value.values() if isinstance(node, dict) and "class_type" in node]
    return bool(nodes) and 2 * len(nodes) >= len(value)


def read_api_prompt(raw: Record, info: ObjectInfo, title: str = "") -> Imported:
    """The document of a prompt. Never raises."""
    problems: list[Problem] = []
    prompt: dict[str, Record] = {}
    for own, node in raw.items():
        if own and isinstance(node, dict) and text(node.get("class_type")):
            prompt[own] = node
        else:
            problems.append(_warning("malformed_record", f"entry {own[:100]!r} is no node and is left out"))
    nodes, links = [], []
    for own, node in prompt.items():
        values, into = _inputs(own, node, prompt, info, problems)
        primitives, further = _primitives(own, node, values, info)
        nodes += [_node(own, node, values), *primitives]
        links += [*into, *further]
    _place(nodes, links, info)
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "title": title,
        "nodes": nodes,
        "links": links,
        "frames": [],
        "notes": [],
        "parameters": [],
    }
    return Imported(document, tuple(problems))


def _warning(code: str, message: str, node: str | None = None) -> Problem:
    return Problem(code, message, node=node, severity="warning")


def _node(own: str, node: Record, values: Record) -> Record:
    made: Record = {"id": own, "type": node["class_type"]}
    title = text(record(node.get("_meta")).get("title"))
    if title:
        made["title"] = title
    kept = {name: value for name, value in node.items() if name not in ("class_type", "inputs")}
    return {**made, "inputs": values, "collapsed": False, "mode": "active", "comfy": kept}


def _inputs(
    own: str, node: Record, prompt: dict[str, Record], info: ObjectInfo, problems: list[Problem]
) -> tuple[Record, list[Record]]:
    """A node's literals and links; values that its type does not know, like buttons, are left out."""
    values: Record = {}
    links = []
    known = info.get(node["class_type"])
    for given, value in record(node.get("inputs")).items():
        source = link_source(value)
        if source is not None and source[0] in prompt:
            output = output_name(prompt[source[0]], source[1], info)
            links.append({"from": [source[0], output], "to": [own, given]})
        elif source is not None:
            message = f"{given[:100]} is linked to node {source[0][:100]}, which is missing"
            problems.append(Problem("dangling_link", message, own, given, severity="warning"))
        elif known is None or known.input(given) or "." in given:
            plain = value["__value__"] if _is_wrapped(value) else value
            there = known.input(given) if known else None
            values[given] = our_curve(plain) if there and there.type == "CURVE" else plain
    return values, links


def _primitives(
    own: str, node: Record, values: Record, info: ObjectInfo
) -> tuple[list[Record], list[Record]]:
    """Literals for inputs that have no field here, taken out: a node of ours gives each."""
    known, nodes, links = info.get(node["class_type"]), [], []
    for given in [given for given in values if known is not None and _is_socket(known, given)]:
        kind = primitive_type(values[given], [])
        if kind:
            giver, inputs = f"{own}:{given}", {"value": values.pop(given)}
            made = {"id": giver, "type": kind, "title": given, "inputs": inputs}
            nodes.append({**made, "mode": "active", "comfy": {"type": INLINE}})
            links.append({"from": [giver, info[kind].outputs[0][0]], "to": [own, given]})
    return nodes, links


def _is_socket(known: NodeInfo, name: str) -> bool:
    given = known.input(name)
    return given is not None and not given.widget


def link_source(value: object) -> tuple[str, int] | None:
    """Node and output of a link; None for a literal."""
    if not isinstance(value, list) or len(value) != 2 or isinstance(value[1], str | bool):
        return None
    own, slot = name(items(value)[0]), index(value[1])
    return (own, slot) if own and slot is not None else None


def _is_wrapped(value: object) -> bool:
    return isinstance(value, dict) and set(value) == {"__value__"}


def output_name(node: Record, slot: int, info: ObjectInfo) -> str:
    known: NodeInfo | None = info.get(node["class_type"])
    names = unique([each for each, _ in known.outputs]) if known else []
    return names[slot] if slot < len(names) else f"output_{slot}"


def _place(nodes: list[Record], links: list[Record], info: ObjectInfo) -> None:
    """Give every node a place and a size, from left to right."""
    feeds: dict[str, list[str]] = {}
    for link in links:
        feeds.setdefault(link["to"][0], []).append(link["from"][0])
    heights = {node["id"]: _height(node, info.get(node["type"]), feeds) for node in nodes}
    places = arranged([node["id"] for node in nodes], feeds, heights)
    for node in nodes:
        node["position"], node["size"] = places[node["id"]], [WIDTH, heights[node["id"]]]


def _height(node: Record, known: NodeInfo | None, feeds: dict[str, list[str]]) -> float:
    values = node["inputs"].values()
    texts = sum(isinstance(value, str) and len(value) > 40 for value in values)
    rows = max(len(feeds.get(node["id"], ())), len(known.outputs) if known else 1)
    shows = node["type"] in ("SaveImage", "PreviewImage", "LoadImage")
    return height(rows, len(values), texts) + (220.0 if shows else 0.0)
