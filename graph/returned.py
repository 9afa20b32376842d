"""A node that returns a graph: planned when it has returned it, and run as the only turn of a zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Never

from graph.artifacts import Artifact
from graph.body import Given, body_of, given_to
from graph.building import AddedNode, Graph, Wire
from graph.checked import Body
from graph.context import NodeError
from graph.flatten import flatten
from graph.nodetype import NodeType
from graph.planning import Planning, Setting
from graph.records import IN, OUT, Link, Node
from graph.sockets import ANY, Input, Output
from graph.widgets import FileWidget, Refused
from graph.workflow import Workflow
from graph.zones import Turn, Zone

if TYPE_CHECKING:
    from graph.step import Step

LITERAL = (str, int, float, bool)


def holds_wires(outputs: Sequence[object]) -> bool:
    """Whether what a node returned leads into a graph."""
    for value in outputs:
        if type(value) is Wire:
            return True
        if isinstance(value, list | tuple) and any(type(each) is Wire for each in value):
            return True
    return False


class Returned(Zone):
    """The graph that one call of a node returned."""

    def __init__(
        self,
        step: Step,
        outputs: tuple[object, ...],
        artifacts: tuple[Artifact, ...],
        arguments: Mapping[str, Any],
        setting: Setting,
    ) -> None:
        """Raises NodeError for a graph that cannot run."""
        assert step.node_type is not None  # it has been called
        built = _Built(step, step.node_type, outputs, arguments, setting)
        super().__init__(step, built.body())
        self.artifacts = artifacts
        self._inputs, self._given_outputs = built.given, outputs
        self._names = [output.name for output in step.node_type.outputs]

    @property
    def total(self) -> int:
        return 1

    def next(self) -> Turn | None:
        if self.is_over or self._waits:
            return None
        self._waits = True
        return Turn(None, self._inputs)

    def take(self, turn: Turn, made: Mapping[str, Given]) -> None:
        self.done = 1
        pairs = zip(self._names, self._given_outputs, strict=True)
        self.outputs = tuple(made[name].value if holds_wires([value]) else value for name, value in pairs)


class _Built:
    """A graph as what is inside a zone: values that no document holds come in from outside."""

    def __init__(
        self,
        step: Step,
        declared: NodeType,
        outputs: tuple[object, ...],
        arguments: Mapping[str, Any],
        setting: Setting,
    ) -> None:
        self.given: dict[str, Given] = {}
        self._step, self._declared, self._setting = step, declared, setting
        self._known = {id(each.value): each for each in given_to(step, arguments).values()}
        self._links: list[Link] = []
        self._outputs = {output.name: value for output, value in zip(declared.outputs, outputs, strict=True)}
        self._graph = self._one_graph()

    def _one_graph(self) -> Graph:
        wires = [each for value in self._outputs.values() for each in _items(value) if isinstance(each, Wire)]
        graph = wires[0].node.graph
        if any(wire.node.graph is not graph for wire in wires):
            self._refuse("it returns wires of several graphs; build one")
        return graph

    def body(self) -> Body:
        """The graph planned."""
        nodes = [self._node(each) for each in self._graph.nodes.values()]
        for name, value in self._outputs.items():
            if holds_wires([value]):
                for each in _items(value):
                    self._lead(each, OUT, name)
        ends = self._ends()
        documents = [Node(end, end, {}, "active", {}) for end in (IN, OUT)]
        setting = self._setting._replace(types={**self._setting.types, **ends}, cache=None)
        flat = flatten(Workflow((*documents, *nodes), tuple(self._links), {}, setting.subgraphs))
        planning = Planning(flat.workflow, setting)
        drafts = planning.drafts()
        for problem in (*flat.problems, *planning.problems):
            if problem.severity == "error":
                self._refuse(f"the node {problem.node} that it puts in: {problem.message}", problem.code)
        return body_of("returned", (), drafts, ends)

    def _node(self, added: AddedNode) -> Node:
        declared = self._setting.types.get(added.type)
        literals: dict[str, object] = {}
        for name, value in added.inputs.items():
            given = declared.inputs_by_name.get(name, declared.more) if declared is not None else None
            if self._is_literal(given, value):
                literals[name] = value
            elif value is not None:
                whole = given is not None and given.list and not isinstance(value, Wire)
                for each in value if whole and holds_wires([value]) else [value]:  # type: ignore[attr-defined]
                    self._lead(each, added.id, name)
        return Node(added.id, added.type, literals, "active", {})

    def _is_literal(self, given: Input | None, value: object) -> bool:
        if given is None or given.widget is None:
            return isinstance(value, LITERAL) and given is None  # the plan tells that there is no such input
        if not isinstance(value, LITERAL):
            return False
        try:
            given.widget.canonical(value, self._setting.folders)
        except Refused:
            return isinstance(given.widget, FileWidget)  # a file is never linked: the plan says what is wrong
        return True

    def _lead(self, value: object, target: str, name: str) -> None:
        if not isinstance(value, Wire):
            self._links.append(Link(IN, self._give(value), target, name))
        elif value.node.graph is not self._graph:
            self._refuse("it leads a wire of another graph into this one")
        else:
            self._links.append(Link(value.node.id, value.output, target, name))

    def _give(self, value: object) -> str:
        """Take in a value: known as an input of the node where it is one, else by its place."""
        name = f"value {len(self.given) + 1}"
        if isinstance(value, LITERAL):
            self.given[name] = Given(value, f"={value!r}")
        else:
            known = self._known.get(id(value))
            self.given[name] = known or Given(value, f"{self._step.key}.{name!r}")
        return name

    def _ends(self) -> dict[str, NodeType]:
        coming = tuple(
            Output(name, (ANY,), isinstance(each.value, list | tuple)) for name, each in self.given.items()
        )
        going = tuple(
            Input(output.name, output.types, False, list=output.list)
            for output in self._declared.outputs
            if holds_wires([self._outputs[output.name]])
        )
        return {
            IN: NodeType(IN, _no_run, (), coming, packed=True),
            OUT: NodeType(OUT, _no_run, going, (), sink=True),
        }

    def _refuse(self, fault: str, code: str = "expansion_failed") -> Never:
        raise NodeError(fault, code=code, remedy="Repair the node's code.")


def _items(value: object) -> Sequence[object]:
    """A list's items; a Wire, which is a tuple, is one value."""
    return value if isinstance(value, list | tuple) and not isinstance(value, Wire) else [value]


def _no_run(**_: object) -> Never:
    raise AssertionError("an end of a graph has no function")
