"""Instances: the node types that a document's own sub-graphs are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Never

from graph.nodetype import NodeType
from graph.records import IN, INSTANCE, OF_KIND, OUT, Node, Signed, Subgraph
from graph.sockets import ANY, BOOLEAN, INT, Input, Output, SocketType
from graph.widgets import NumberWidget, ToggleWidget

if TYPE_CHECKING:
    from graph.collected import Known
    from graph.workflow import Workflow

MOST_TURNS = 100_000
OWN_INPUTS: Mapping[str, Input] = {
    "times": Input(
        "times", (INT,), False, 2, NumberWidget("int", 0, MOST_TURNS, 1), help="How many turns are made."
    ),
    "limit": Input(
        "limit",
        (INT,),
        False,
        100,
        NumberWidget("int", 1, MOST_TURNS, 1),
        help="So many turns at most: more are an error.",
    ),
    "condition": Input(
        "condition", (BOOLEAN,), False, True, ToggleWidget(), help="Whether what is inside runs."
    ),
}
INSIDE: Mapping[str, Output] = {name: Output(name, (INT,)) for name in ("index", "count")}
AGAIN = Input("again", (BOOLEAN,), False, help="Whether another turn follows.")


def instance_types(
    subgraphs: Mapping[str, Subgraph], types: Mapping[str, NodeType], sockets: Mapping[str, SocketType]
) -> dict[str, NodeType]:
    """The node type of each sub-graph's instances, by its id in the document."""
    return _Types(subgraphs, types, sockets).all()


def types_of(workflow: Workflow, known: Known) -> Mapping[str, NodeType]:
    """All node types that a document may use, its own sub-graphs among them."""
    if not workflow.subgraphs:
        return known.types
    return {**known.types, **instance_types(workflow.subgraphs, known.types, known.sockets)}


def end_types(
    subgraph: Subgraph, declared: NodeType, sockets: Mapping[str, SocketType]
) -> dict[str, NodeType]:
    """The node types of a sub-graph's own ends: `@in` gives what comes in, `@out` takes what goes out."""
    _, inside, ending = OF_KIND[subgraph.kind]
    given = [
        Output(each.name, declared.inputs_by_name[each.name].types, each.list) for each in subgraph.inputs
    ]
    given += [INSIDE[name] for name in inside]
    taken = [
        Input(each.name, _socket_types(each.type, sockets), False, list=each.list)
        for each in subgraph.outputs
    ]
    taken += [AGAIN] if ending else []
    return {
        IN: NodeType(IN, _no_run, (), tuple(given), packed=True),
        OUT: NodeType(OUT, _no_run, tuple(taken), (), sink=True),
    }


class _Types:
    def __init__(
        self,
        subgraphs: Mapping[str, Subgraph],
        types: Mapping[str, NodeType],
        sockets: Mapping[str, SocketType],
    ) -> None:
        self._subgraphs, self._types, self._sockets = subgraphs, types, sockets
        self._nodes = {own: {node.id: node for node in each.nodes} for own, each in subgraphs.items()}
        self._inside: dict[tuple[str, str], Input | None] = {}
        self._sinks: dict[str, bool] = {}

    def all(self) -> dict[str, NodeType]:
        return {INSTANCE + own: self._type(own, each) for own, each in self._subgraphs.items()}

    def _type(self, own: str, subgraph: Subgraph) -> NodeType:
        record = subgraph.record
        control = [OWN_INPUTS[name] for name in OF_KIND[subgraph.kind][0]]
        inputs = (*control, *(self._input(subgraph, each) for each in subgraph.inputs))
        outputs = tuple(self._output(subgraph, each) for each in subgraph.outputs)
        has_sink = self._has_sink(own)
        return NodeType(
            INSTANCE + own,
            _no_run,
            inputs,
            outputs,
            title=subgraph.title,
            category=str(record.get("category") or ""),
            help=str(record.get("description") or ""),
            sink=has_sink,
            pure=not has_sink,
            packed=True,
            subgraph=subgraph,
        )

    def _input(self, subgraph: Subgraph, signed: Signed) -> Input:
        """An input as the first one inside that it leads to, with the signature's own type and default."""
        inner = self._leads_to(subgraph.id, signed.name)
        types = _socket_types(signed.type, self._sockets)
        whole = signed.list or signed.each
        given = inner or Input(signed.name, types, required=False)
        default = given.default if signed.default is None else signed.default
        return replace(
            given,
            name=signed.name,
            types=types,
            required=given.required and default is None,
            default=default,
            widget=None if whole else given.widget,
            lazy=subgraph.kind == "if",
            list=whole,
        )

    def _output(self, subgraph: Subgraph, signed: Signed) -> Output:
        several = subgraph.kind == "map" or signed.list
        if signed.collect and subgraph.kind in ("repeat", "while") and signed.name not in subgraph.state:
            several = True
        return Output(signed.name, _socket_types(signed.type, self._sockets), several)

    def _leads_to(self, own: str, name: str) -> Input | None:
        """The first input inside that an input of a sub-graph leads to, and the literal that stands there."""
        if (own, name) in self._inside:
            return self._inside[own, name]
        self._inside[own, name] = None  # so that sub-graphs that hold themselves end here
        for link in self._subgraphs[own].links:
            node = self._nodes[own].get(link.target)
            if link.source != IN or link.output != name or node is None:
                continue
            found = self._input_of(node, link.input)
            if found is not None:
                literal = node.inputs.get(link.input)
                found = found if literal is None else replace(found, default=literal)
                self._inside[own, name] = found
                return found
        return None

    def _input_of(self, node: Node, name: str) -> Input | None:
        declared = self._types.get(node.type)
        if declared is not None:
            return declared.inputs_by_name.get(name)
        subgraph = self._subgraphs.get(node.type.removeprefix(INSTANCE))
        if subgraph is None or not node.type.startswith(INSTANCE):
            return None
        if name in OF_KIND[subgraph.kind][0]:
            return OWN_INPUTS[name]
        signed = next((each for each in subgraph.inputs if each.name == name), None)
        return self._input(subgraph, signed) if signed is not None else None

    def _has_sink(self, own: str) -> bool:
        """Whether running an instance saves or shows something."""
        if own not in self._sinks:
            self._sinks[own] = False  # so that sub-graphs that hold themselves end here
            self._sinks[own] = any(self._is_sink(node) for node in self._subgraphs[own].nodes)
        return self._sinks[own]

    def _is_sink(self, node: Node) -> bool:
        inner = node.type.removeprefix(INSTANCE)
        if node.mode != "active":
            return False
        if node.type.startswith(INSTANCE) and inner in self._subgraphs:
            return self._has_sink(inner)
        declared = self._types.get(node.type)
        return declared is not None and declared.sink


def _socket_types(name: str, sockets: Mapping[str, SocketType]) -> tuple[SocketType, ...]:
    """The types that a signature names; one that no node has is a type of its own."""
    return tuple(sockets.get(each) or SocketType(each) for each in name.split("|")) or (ANY,)


def _no_run(**_: object) -> Never:
    raise AssertionError("a sub-graph has no function of its own")
