"""The graphs in a file of ComfyUI's interface: the one that is seen first, its sub-graphs, its group nodes.

Older files have group nodes: copies of nodes that show whatever is not linked among themselves. They are read
as sub-graphs, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from compat.flat import INPUTS, OUTPUTS, FlatGraph, FlatNode, Source, flat_node, read_level
from compat.loose import Record, index, items, name, record, records, text
from compat.marks import MARK
from compat.object_info import InputInfo, NodeInfo, ObjectInfo, unique
from compat.widget_values import named_values
from graph.records import INSTANCE

GROUP = ("workflow>", "workflow/")
OUTSIDE = "-1"
"""The id that stands for a sub-graph's own inputs where it says which widgets it shows."""


@dataclass(slots=True)
class Level:
    """One graph. A sub-graph has an id and a signature: names and types, in ComfyUI's words."""

    graph: FlatGraph
    raw: Record
    id: str = ""
    title: str = ""
    inputs: list[tuple[str, str]] = field(default_factory=list)
    outputs: list[tuple[str, str]] = field(default_factory=list)
    shown: list[tuple[int, str, str]] = field(default_factory=list)
    """Widgets that it shows: the input's number, and the node and the input inside."""

    @property
    def info(self) -> NodeInfo:
        """What is known of its instances; their values are read off the instance's own sockets."""
        return NodeInfo(self.title, tuple(InputInfo(*each) for each in self.inputs), tuple(self.outputs))

    @property
    def widgets(self) -> list[str]:
        """The inputs that lead to widgets inside."""
        found = set()
        for (target, slot), source in self.graph.into.items():
            inputs = self.graph.nodes[target].inputs if target in self.graph.nodes else []
            if source.node == INPUTS and slot < len(inputs) and record(inputs[slot].get("widget")):
                found.add(source.slot)
        return [name for place, (name, _) in enumerate(self.inputs) if place in found]

    def show(self, node: str, given: str, kind: str) -> str:
        """Take an input inside into the signature."""
        taken = {each for each, _ in self.inputs}
        own = given
        while own in taken:
            own = f"{self.graph.nodes[node].type} {own}" if own == given else f"{own}_2"
        self.shown.append((len(self.inputs), node, given))
        self.inputs.append((own, kind))
        return own


def read_levels(raw: Record, info: ObjectInfo) -> tuple[Level, list[Level]]:
    """The root, and all sub-graphs; nodes that are instances have the types of our document."""
    root = Level(FlatGraph(), raw)
    read_level(root.graph, raw)
    inner: dict[str, Level] = {}
    for definition in records(record(raw.get("definitions")).get("subgraphs")):
        own = text(definition.get("id"))
        if own and own not in inner:
            inner[own] = _subgraph(definition, {each.id for each in inner.values()})
    groups = record(record(raw.get("extra")).get("groupNodes"))
    levels = [root, *inner.values()]
    made = _Groups(groups, info, {each.id for each in levels})
    for level in levels:  # what group nodes make holds no further ones
        for node in list(level.graph.nodes.values()):
            if node.type in inner:
                level.graph.nodes[node.id] = _instance(node, inner[node.type])
            elif (definition := record(groups.get(_group_name(node.type)))) and definition:
                level.graph.nodes[node.id] = made.instance(level.graph, node, definition)
    for level in levels:
        _show_chosen(level, {each.id: each for each in inner.values()}, info)
    return root, [*inner.values(), *made.levels]


def _group_name(kind: str) -> str:
    return kind[len(GROUP[0]) :] if kind.startswith(GROUP) else ""


def _subgraph(definition: Record, taken: set[str]) -> Level:
    level = Level(FlatGraph(), definition)
    read_level(level.graph, definition, inner=True)
    mark = record(record(definition.get("extra")).get(MARK))
    own = (text(mark.get("id")) or text(definition["id"])).replace("/", "_")
    while own in taken:
        own += "_2"
    level.id, level.title = own, text(definition.get("name")) or own
    level.inputs, level.outputs = _signature(definition, "inputs"), _signature(definition, "outputs")
    return level


def _signature(definition: Record, side: str) -> list[tuple[str, str]]:
    sockets = records(definition.get(side))
    names = unique([text(each.get("name")) or f"{side[:-1]}_{place}" for place, each in enumerate(sockets)])
    return [(own, text(each.get("type")) or "*") for own, each in zip(names, sockets, strict=True)]


def _instance(node: FlatNode, level: Level) -> FlatNode:
    """A node that stands for a sub-graph, with the values of the widgets that it shows.

    Older interfaces list these among the node's inputs; newer ones list only what is linked.
    """
    listed = [text(given.get("name")) for given in node.inputs if record(given.get("widget"))]
    values = items(node.raw.get("widgets_values"))
    names = next((each for each in (level.widgets, listed) if len(each) == len(values)), None)
    given = record(node.raw.get("widgets_values_named"))
    if values and names is not None:
        given = dict(zip(names, values, strict=True))
    own = {each for each, _ in level.inputs}
    said = {each: value for each, value in given.items() if each in own and value is not None}
    return replace(node, type=INSTANCE + level.id, overrides=said)


def _show_chosen(level: Level, inner: dict[str, Level], info: ObjectInfo) -> None:
    """Take into a signature what its instances show without a socket of their own; the values lie inside."""
    for node in level.graph.nodes.values():
        target = inner.get(node.type.removeprefix(INSTANCE))
        for chosen in items(record(node.raw.get("properties")).get("proxyWidgets")):
            own, given = (name(chosen[0]), text(chosen[1])) if _is_pair(chosen) else ("", "")
            if target is None or own == OUTSIDE or own not in target.graph.nodes or not given:
                continue
            inside = target.graph.nodes[own]
            slot, known = inside.slot_of(given), info.get(inside.type)
            declared = known.input(given) if known else None
            kind = (
                declared.type
                if declared
                else text(inside.inputs[slot].get("type"))
                if slot is not None
                else ""
            )
            linked = slot is not None and (own, slot) in target.graph.into
            if not linked and (own, given) not in {(node, each) for _, node, each in target.shown}:
                target.show(own, given, kind or "*")


def _is_pair(value: object) -> bool:
    return isinstance(value, list) and len(value) >= 2


class _Groups:
    """Group nodes as instances; those that show the same sockets are of one sub-graph."""

    def __init__(self, groups: Record, info: ObjectInfo, taken: set[str]) -> None:
        self._groups, self._info, self._taken = groups, info, taken
        self._known: dict[tuple[str, ...], Level] = {}

    @property
    def levels(self) -> list[Level]:
        return list(self._known.values())

    def instance(self, graph: FlatGraph, node: FlatNode, definition: Record) -> FlatNode:
        sockets = [text(each.get("name")) for each in (*node.inputs, *node.outputs)]
        key = (node.type, str(len(node.inputs)), *sockets)
        if key not in self._known:
            self._known[key] = self._level(node, definition)
        level, given = self._known[key], {}
        names = {(own, each): level.inputs[place][0] for place, own, each in level.shown}
        for own, values in self._values(graph, node, definition):
            given |= {names[own, each]: value for each, value in values.items() if (own, each) in names}
        return replace(node, type=INSTANCE + level.id, overrides=given)

    def _level(self, node: FlatNode, definition: Record) -> Level:
        title = _group_name(node.type)
        own = title.replace("/", "_")
        while own in self._taken:
            own += "_2"
        self._taken.add(own)
        level = Level(FlatGraph(), definition, own, title)
        level.inputs, level.outputs = _signature(node.raw, "inputs"), _signature(node.raw, "outputs")
        added = [level.graph.add(each) for each in _nodes(definition)]
        links = [link for link in items(definition.get("links")) if isinstance(link, list) and len(link) >= 4]
        _join_group(level.graph, node, added, links)
        for each in added:
            known = self._info.get(each.type)
            for given in named_values(each.raw, known):
                slot, declared = each.slot_of(given), known.input(given) if known else None
                if slot is None or (each.id, slot) not in level.graph.into:
                    level.show(each.id, given, declared.type if declared else "*")
        return level

    def _values(self, graph: FlatGraph, node: FlatNode, definition: Record) -> Iterator[tuple[str, Record]]:
        """By node inside, the values that an instance has for it: all stand in one row."""
        values, at = items(node.raw.get("widgets_values")), 0
        for each in _nodes(definition):
            count = len(items(each.raw.get("widgets_values")))
            raw = {**each.raw, "widgets_values": values[at : at + count]}
            at += count
            yield each.id, named_values(raw, self._info.get(each.type))
        if at != len(values):
            graph.warn("values_do_not_fit", f"{len(values)} values for the {at} of a group node", node.id)


def _nodes(definition: Record) -> list[FlatNode]:
    """The nodes of a group, called by their places."""
    made = (flat_node({**each, "id": at}) for at, each in enumerate(records(definition.get("nodes"))))
    return [each for each in made if each is not None]


def _join_group(graph: FlatGraph, node: FlatNode, added: list[FlatNode], links: list[list[object]]) -> None:
    by_place = {each.id: each for each in added}
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
            graph.into[OUTPUTS, slot] = Source(found[0], found[1])


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
                graph.into[each.id, slot] = Source(INPUTS, fitting[0][0])
