"""The records of a document: nodes, links and sub-graphs, each with the JSON object that it came with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from graph.problems import Fix, Problem, scalar, set_mode, words

MODES = ("active", "muted", "bypassed")
KINDS = ("graph", "map", "repeat", "while", "if")
IN, OUT, INSTANCE = "@in", "@out", "@"
"""The ids by which a sub-graph's links name its own ends, and what the types of its instances begin with."""
OF_KIND: Mapping[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "graph": ((), (), ()),
    "map": ((), ("index", "count"), ()),
    "repeat": (("times",), ("index",), ()),
    "while": (("limit",), ("index",), ("again",)),
    "if": (("condition",), (), ()),
}
"""What each kind has by itself: inputs of the instance, outputs of `@in`, inputs of `@out`."""
Document = Mapping[str, Any]


class Link(NamedTuple):
    source: str
    output: str
    target: str
    input: str


@dataclass(frozen=True, slots=True)
class Node:
    """One node of a document; `record` is its JSON object, with every field it came with."""

    id: str
    type: str
    inputs: Mapping[str, object]
    mode: str
    record: Document


@dataclass(frozen=True, slots=True)
class Signed:
    """One input or output of a sub-graph's signature; `type` names a socket type, or several with bars."""

    name: str
    type: str
    list: bool = False
    default: object = None
    each: bool = False
    """Of an input of a `map`: a list arrives, and every turn gets one item."""
    collect: bool = False
    """Of an output of a `repeat` or `while`: a list of what all turns made."""


@dataclass(frozen=True, slots=True)
class Subgraph:
    """A graph with a signature; a zone where its kind is not `graph`."""

    id: str
    kind: str
    inputs: tuple[Signed, ...]
    outputs: tuple[Signed, ...]
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    record: Document

    @property
    def is_zone(self) -> bool:
        return self.kind != "graph"

    @property
    def title(self) -> str:
        title = self.record.get("title")
        return title if isinstance(title, str) and title else self.id

    @property
    def state(self) -> tuple[str, ...]:
        """What comes out of one turn of a loop and goes into the next, by its name on both sides."""
        inputs = {given.name for given in self.inputs}
        return tuple(output.name for output in self.outputs if output.name in inputs)


Records = list[object] | tuple[object, ...]


def read_nodes(records: Records, problems: list[Problem], where: str = "") -> tuple[Node, ...]:
    """The nodes of one graph; those that are none are left out, with a Problem."""
    nodes = []
    for position, record in enumerate(records):
        if not isinstance(record, dict):
            problems.append(malformed(f"{where}nodes[{position}] is {words(record)}, not an object"))
            continue
        node_id, type_id = record.get("id"), record.get("type")
        inputs, mode = record.get("inputs", {}), record.get("mode", "active")
        if not isinstance(node_id, str) or not node_id:
            problems.append(malformed(f"{where}nodes[{position}].id is {words(node_id)}, not a name"))
        elif not isinstance(type_id, str):
            problems.append(malformed(f"the type of {node_id!r} is {words(type_id)}, not a name", node_id))
        elif not isinstance(inputs, dict):
            problems.append(malformed(f"the inputs of {node_id!r} are {words(inputs)}, no object", node_id))
        elif mode not in MODES:
            nodes.append(Node(node_id, type_id, inputs, "active", record))
            problems.append(_wrong_mode(node_id, mode, where))
        else:
            nodes.append(Node(node_id, type_id, inputs, mode, record))
    return tuple(nodes)


def _wrong_mode(node_id: str, mode: object, where: str) -> Problem:
    """The node takes part as an active one: without it its links would seem to come from nowhere."""
    message = f"the mode of {node_id!r} is {words(mode)}, not one of {', '.join(MODES)}"
    labels = {"active": "Make it active", "muted": "Make it muted", "bypassed": "Make it bypassed"}
    offered = {} if where else labels  # a fix names nodes from the root on
    fixes = tuple(Fix(label, (set_mode(node_id, each),)) for each, label in offered.items())
    return Problem(
        "malformed_record",
        message,
        node=node_id,
        given=scalar(mode),
        expected=f"one of {', '.join(MODES)}",
        remedy="Set it to active.",
        fixes=fixes,
    )


def read_links(records: Records, problems: list[Problem], where: str = "") -> tuple[Link, ...]:
    """The links of one graph; those that are none are left out, with a Problem."""
    links = []
    for position, record in enumerate(records):
        try:
            (source, output), (target, given) = record["from"], record["to"]  # type: ignore[index]
            well_formed = type(source) is type(output) is type(target) is type(given) is str
        except (TypeError, KeyError, ValueError, IndexError):
            well_formed = False
        if well_formed:
            links.append(Link(source, output, target, given))
        else:
            message = f'{where}links[{position}] is not {{"from": [node, output], "to": [node, input]}}'
            problems.append(malformed(message))
    return tuple(links)


def read_subgraphs(records: object, problems: list[Problem]) -> dict[str, Subgraph]:
    """The sub-graphs of a document by their ids; those that are none are left out, with a Problem."""
    if not isinstance(records, list | tuple):
        problems.append(malformed(f"subgraphs is {words(records)}, not a list"))
        return {}
    found: dict[str, Subgraph] = {}
    for position, record in enumerate(records):
        made = _read_subgraph(record, f"subgraphs[{position}]", problems)
        if made is not None and made.id in found:
            problems.append(malformed(f"two sub-graphs have the id {words(made.id)}"))
        elif made is not None:
            found[made.id] = made
    return found


def _read_subgraph(record: object, where: str, problems: list[Problem]) -> Subgraph | None:
    fault = _fault(record)
    if fault:
        problems.append(malformed(f"{where}{fault}"))
        return None
    assert isinstance(record, Mapping)  # else there was a fault
    kind, found = record.get("kind", "graph"), len(problems)
    given, _, ending = OF_KIND[kind]
    inputs = _signature(record.get("inputs", ()), f"{where}.inputs", given, problems)
    outputs = _signature(record.get("outputs", ()), f"{where}.outputs", ending, problems)
    nodes = read_nodes(record.get("nodes", ()), problems, f"{where}.")
    links = read_links(record.get("links", ()), problems, f"{where}.")
    if kind == "map" and not any(each.each for each in inputs) and len(problems) == found:
        message = f"{where} is a map, and none of its inputs has each: true"
        problems.append(malformed(message))
    return Subgraph(record["id"], kind, inputs, outputs, nodes, links, record)


def _fault(record: object) -> str:
    """Why a record cannot be a sub-graph; nothing where it can."""
    if not isinstance(record, Mapping):
        return f" is {words(record)}, not an object"
    own, kind = record.get("id"), record.get("kind", "graph")
    if not isinstance(own, str) or not own or "/" in own:
        return f".id is {words(own)}, not a name without a slash"
    if kind not in KINDS:
        return f".kind is {words(kind)}, not one of {', '.join(KINDS)}"
    for name in ("inputs", "outputs", "nodes", "links"):
        if not isinstance(record.get(name, ()), list | tuple):
            return f".{name} is {words(record[name])}, not a list"
    return ""


def _signature(
    records: Records, where: str, taken: tuple[str, ...], problems: list[Problem]
) -> tuple[Signed, ...]:
    found: dict[str, Signed] = {}
    for position, record in enumerate(records):
        match record:
            case {"name": str(name), "type": str(kind), **rest} if name and kind:
                if name in found or name in taken:
                    problems.append(malformed(f"{where}: the name {words(name)} is taken"))
                    continue
                flags = {flag: rest.get(flag) is True for flag in ("list", "each", "collect")}
                found[name] = Signed(name, kind, default=rest.get("default"), **flags)
            case _:
                problems.append(malformed(f'{where}[{position}] is not {{"name": …, "type": …}}'))
    return tuple(found.values())


def malformed(message: str, node: str | None = None) -> Problem:
    return Problem("malformed_record", message, node=node, remedy="Repair the document or remove it.")
