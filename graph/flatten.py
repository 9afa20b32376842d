"""Flattening: a document whose plain instances of sub-graphs have given way to the nodes inside them.

Planning, sweeps and the cache then know no sub-graphs. Zones stay: they are steps of their own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from graph.infer import Outputs
from graph.naming import Names
from graph.nodetype import NodeType
from graph.problems import Problem, Severity, words
from graph.records import IN, INSTANCE, OUT, Link, Node, Subgraph
from graph.sweep import is_sweep, read_sweeps
from graph.wiring import Source
from graph.workflow import Workflow

MOST_NODES = 200_000
DEEPEST = 64


@dataclass(slots=True)
class Scope:
    """One graph of the document where it stands: the root, or the body of an instance."""

    prefix: str
    nodes: Mapping[str, Node]
    into: Mapping[tuple[str, str], Sequence[Link]]
    links: Sequence[Link]
    parent: Scope | None = None
    instance: Node | None = None
    subgraph: Subgraph | None = None
    inputs: frozenset[str] = frozenset()
    outputs: frozenset[str] = frozenset()
    inside: dict[str, Scope] = field(default_factory=dict)
    """By the ids of this graph's active plain instances, their bodies."""

    @property
    def path(self) -> str:
        """The id of the instance whose body this is, as steps are called."""
        return self.prefix[:-1]

    @property
    def title(self) -> str:
        return words(self.subgraph.title if self.subgraph is not None else "")


@dataclass(frozen=True, slots=True)
class _Literal:
    """A value that an instance gives to what is inside it."""

    instance: str
    name: str
    value: object


Ends = tuple[list[Source], _Literal | None]
NOWHERE: Ends = ([], None)


@dataclass(slots=True)
class Flat:
    """The flat document, and how what is in it stands in the one that was given."""

    workflow: Workflow
    problems: tuple[Problem, ...] = ()
    outputs: dict[str, dict[str, list[Source]]] = field(default_factory=dict)
    """By instance and output, what gives it."""
    given_by: dict[Source, Source] = field(default_factory=dict)
    """By node and input, the instance and input whose literal counts there."""

    def targets(self, targets: Sequence[str] | None, types: Mapping[str, NodeType]) -> Sequence[str] | None:
        """What is to run, by `node` or `node.output`: of instances what they give, of one in a zone, it."""
        if not isinstance(targets, list | tuple):
            return targets
        nodes = {node.id: node for node in self.workflow.nodes}
        found: list[str] = []
        for target in targets:
            if not isinstance(target, str) or target in nodes:
                found.append(target)
                continue
            instance, _, output = target.rpartition(".")
            if target in self.outputs:
                found += [node for sources in self.outputs[target].values() for node, _ in sources]
                found += self._sinks(f"{target}/", types)
            elif output in self.outputs.get(instance, ()):
                found += [node for node, _ in self.outputs[instance][output]]
            else:
                declared = types.get(nodes[instance].type) if instance in nodes else None
                is_socket = declared is not None and output in declared.positions
                found.append(instance if is_socket else _within(target, nodes))
        return found

    def _sinks(self, prefix: str, types: Mapping[str, NodeType]) -> Iterator[str]:
        for node in self.workflow.nodes:
            node_type = types.get(node.type) if node.id.startswith(prefix) else None
            if node_type is not None and node_type.sink and node.mode == "active":
                yield node.id

    def facts(self, known: Mapping[str, Outputs]) -> dict[str, Outputs]:
        """What is known of what instances give, from what is known of the nodes inside."""
        found: dict[str, Outputs] = {}
        for instance, outputs in self.outputs.items():
            ends = {name: sources[0] for name, sources in outputs.items() if sources}
            said = {name: known.get(node, {}).get(output, {}) for name, (node, output) in ends.items()}
            if said := {name: facts for name, facts in said.items() if facts}:
                found[instance] = said
        return found

    def restored(self, problem: Problem) -> Problem:
        """A Problem of a literal that an instance gives is the instance's."""
        if problem.node is None or problem.input is None:
            return problem
        own = self.given_by.get((problem.node, problem.input))
        if own is None:
            return problem
        renamed = Names(lambda node: own[0] if node == problem.node else node, {problem.input: own[1]})
        return renamed.problem(problem)


def _within(target: str, nodes: Collection[str]) -> str:
    """The node that stands in the document: of one in a zone, the zone."""
    around = target
    while around and around not in nodes:
        around = around.rpartition("/")[0]
    return around or target


def flatten(workflow: Workflow) -> Flat:
    """The document without plain instances. What is wrong with how they stand there is in `problems`."""
    if not workflow.subgraphs:
        return Flat(workflow)
    return _Flattening(workflow).flat()


class _Flattening:
    def __init__(self, workflow: Workflow) -> None:
        self._workflow = workflow
        self._problems: list[Problem] = []
        self._root = _scope("", _with_axes(workflow.nodes), workflow.links)
        self._count = 0
        self._made = Flat(workflow)
        self._literals: dict[str, dict[str, object]] = {}
        self._ends: dict[tuple[str, str, str], Ends] = {}
        self._followed: set[tuple[str, str, str]] = set()

    def flat(self) -> Flat:
        scopes = list(self._open())
        links = [made for scope in scopes for made in self._links(scope)]
        nodes = [node for scope in scopes for node in self._nodes(scope)]
        for scope in scopes:
            if scope.subgraph is not None and scope.parent is not None and scope.instance is not None:
                self._made.outputs[scope.path] = {
                    output.name: self._sources(scope.parent, scope.instance.id, output.name)[0]
                    for output in scope.subgraph.outputs
                }
        self._made.workflow = replace(self._workflow, nodes=tuple(nodes), links=tuple(links))
        self._made.problems = tuple(self._problems)
        return self._made

    def _open(self) -> Iterator[Scope]:
        """The root and the bodies of all active plain instances, each before what is inside it."""
        waiting: list[tuple[Scope, tuple[str, ...]]] = [(self._root, ())]
        while waiting:
            scope, chain = waiting.pop()
            yield scope
            opened: list[tuple[Scope, tuple[str, ...]]] = []
            for node in scope.nodes.values():
                subgraph = self._plain(node)
                if subgraph is None or not self._may_open(scope, node, subgraph, chain):
                    continue
                path = f"{scope.prefix}{node.id}/"
                body = _scope(path, subgraph.nodes, subgraph.links, scope, node, subgraph)
                scope.inside[node.id] = body
                opened.append((body, (*chain, subgraph.id)))
            self._check(scope)
            waiting += reversed(opened)

    def _plain(self, node: Node) -> Subgraph | None:
        if node.mode != "active" or not node.type.startswith(INSTANCE):
            return None
        subgraph = self._workflow.subgraphs.get(node.type[len(INSTANCE) :])
        return None if subgraph is None or subgraph.is_zone else subgraph

    def _may_open(self, scope: Scope, node: Node, subgraph: Subgraph, chain: Sequence[str]) -> bool:
        self._count += len(subgraph.nodes)
        path = f"{scope.prefix}{node.id}"
        if subgraph.id in chain:
            way = " -> ".join([*chain[chain.index(subgraph.id) :], subgraph.id])
            message = f"the sub-graph {words(subgraph.title)} holds an instance of itself: {way}"
            self._refuse("recursive_subgraph", message, path, "Remove the instance inside.")
        elif len(chain) >= DEEPEST or self._count > MOST_NODES:
            message = f"sub-graphs stand in one another deeper than {DEEPEST}"
            if self._count > MOST_NODES:
                message = f"sub-graphs make more than {MOST_NODES:,} nodes"
            self._refuse("too_many_subgraphs", message, path, "Use fewer instances.")
        else:
            return True
        return False

    def _check(self, scope: Scope) -> None:
        """Links and values by names that the signatures of instances do not have."""
        for link in scope.links:
            body = scope.inside.get(link.target)
            if body is not None and link.input not in body.inputs:
                message = (
                    f"{body.title}: the link leads into an input {words(link.input)} that it does not have"
                )
                self._refuse("dangling_link", message, body.path, "Remove the link.", link.input)
            body = scope.inside.get(link.source)
            if body is not None and link.output not in body.outputs:
                message = (
                    f"{body.title}: a link comes from an output {words(link.output)} that it does not have"
                )
                target = f"{scope.prefix}{link.target}"
                self._refuse("dangling_link", message, target, "Remove the link.", link.input)
        for body in scope.inside.values():
            for name in body.instance.inputs if body.instance is not None else ():
                if name not in body.inputs:
                    message = f"{body.title} has no input {words(name)}; its value is not used"
                    self._refuse(
                        "unknown_input", message, body.path, "Remove the value.", str(name), "warning"
                    )

    def _refuse(
        self,
        code: str,
        message: str,
        node: str,
        remedy: str,
        name: str | None = None,
        severity: Severity = "error",
    ) -> None:
        self._problems.append(Problem(code, message, node, name, remedy=remedy, severity=severity))

    # What stays

    def _nodes(self, scope: Scope) -> Iterator[Node]:
        for node in scope.nodes.values():
            if node.id in scope.inside:
                continue
            name = scope.prefix + node.id
            literals = self._literals.get(name)
            if literals is not None:
                yield replace(node, id=name, inputs={**node.inputs, **literals})
            else:
                yield replace(node, id=name) if scope.prefix else node

    def _links(self, scope: Scope) -> Iterator[Link]:
        """The links into the nodes of one graph that stay, from nodes that stay."""
        for link in scope.links:
            if link.target in scope.inside or (link.target == OUT and scope.instance is not None):
                continue
            sources, literal = self._sources(scope, link.source, link.output)
            target = scope.prefix + link.target
            for source, output in sources:
                yield Link(source, output, target, link.input)
            if literal is not None:
                self._give(literal, target, link.input)

    def _give(self, literal: _Literal, target: str, name: str) -> None:
        value = literal.value
        if is_sweep(value):  # its inputs go together, however many they are
            value = {"axis": f"{literal.instance}.{literal.name}", **value}  # type: ignore[dict-item]
        self._literals.setdefault(target, {})[name] = value
        self._made.given_by[target, name] = literal.instance, literal.name

    def _sources(self, scope: Scope, source: str, output: str) -> Ends:
        """The outputs of nodes that stay behind one end of a link, in order; else the literal given there.

        Each end is followed once, however many links and instances lead over it.
        """
        asked = (scope.prefix, source, output)
        waiting = [(scope, source, output)]
        while asked not in self._ends:
            scope, source, output = waiting[-1]
            end = (scope.prefix, source, output)
            further = self._further(scope, source, output)
            if further is None:
                self._ends[end] = [(scope.prefix + source, output)], None
            elif end not in self._followed:
                self._followed.add(end)
                waiting += [each for each in further if (each[0].prefix, *each[1:]) not in self._followed]
                continue
            elif end not in self._ends:
                self._ends[end] = self._joined(scope, source, output, further)
            waiting.pop()
        return self._ends[asked]

    def _further(self, scope: Scope, source: str, output: str) -> list[tuple[Scope, str, str]] | None:
        """The ends behind this one, through the wall of an instance; None where a node stays."""
        if source == IN and scope.parent is not None and scope.instance is not None:
            links = scope.parent.into.get((scope.instance.id, output), ())
            return [(scope.parent, link.source, link.output) for link in links]
        body = scope.inside.get(source)
        if body is None:
            return None
        return [(body, link.source, link.output) for link in body.into.get((OUT, output), ())]

    def _joined(
        self, scope: Scope, source: str, output: str, further: Sequence[tuple[Scope, str, str]]
    ) -> Ends:
        """What is behind all of these ends. Of several literals, that of the outermost instance counts."""
        behind = [self._ends.get((each[0].prefix, *each[1:]), NOWHERE) for each in further]
        sources = [each for found, _ in behind for each in found]
        literals = [literal for _, literal in behind if literal is not None]
        is_end = source == IN and scope.instance is not None  # outside, a node may be called so
        if is_end and (own := self._literal(scope, output)) is not None:
            literals.append(own)
        return sources, literals[0] if literals and not sources else None

    def _literal(self, scope: Scope, name: str) -> _Literal | None:
        """What an instance gives to the insides of one of its inputs."""
        assert scope.instance is not None and scope.subgraph is not None  # it is the body of one
        value = scope.instance.inputs.get(name)
        if value is None:
            defaults = (given.default for given in scope.subgraph.inputs if given.name == name)
            value = next(defaults, None)
        return None if value is None else _Literal(scope.path, name, value)


def _with_axes(nodes: Sequence[Node]) -> Sequence[Node]:
    """Nodes whose sweeps name their axes, as they are called in the document before it is flat."""
    named = read_sweeps((node.id, node.inputs) for node in nodes)
    axes: dict[str, dict[str, object]] = {}
    for (node, name), sweep in named.items():
        axes.setdefault(node, {})[name] = {"sweep": sweep.values, "axis": sweep.axis}
    return [
        replace(node, inputs={**node.inputs, **axes[node.id]}) if node.id in axes else node for node in nodes
    ]


def _scope(
    prefix: str,
    nodes: Sequence[Node],
    links: Sequence[Link],
    parent: Scope | None = None,
    instance: Node | None = None,
    subgraph: Subgraph | None = None,
) -> Scope:
    into: dict[tuple[str, str], list[Link]] = {}
    for link in links:
        into.setdefault((link.target, link.input), []).append(link)
    made = Scope(prefix, {node.id: node for node in nodes}, into, links, parent, instance, subgraph)
    if subgraph is not None:
        made.inputs = frozenset(each.name for each in subgraph.inputs)
        made.outputs = frozenset(each.name for each in subgraph.outputs)
    return made
