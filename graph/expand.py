"""Expansion: a document with sweeps as one without, with a node for each coordinate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from math import prod

from graph.axes import Axes, Axis, Instance
from graph.curves import in_words
from graph.naming import Names
from graph.nodetype import NodeType
from graph.problems import Problem, Scalar, scalar
from graph.sockets import Input
from graph.sweep import Sweep, Sweeps, fault, is_sweep, read_sweeps
from graph.widgets import FileWidget
from graph.wiring import Wiring
from graph.workflow import Link, Node, Workflow

MOST_STEPS = 10_000
LONGEST_NAME = 24
"""Characters of a value in the id of a step."""


@dataclass(slots=True)
class Expansion:
    """A document without sweeps, and how its nodes stand for those of the document that was given."""

    workflow: Workflow
    targets: tuple[str, ...] | None
    order: tuple[str, ...] = ()
    """All nodes, so that walking to each in turn changes the outermost axis, a model file's, least often."""
    instances: dict[str, Instance] = field(default_factory=dict)
    stages: dict[str, int] = field(default_factory=dict)
    """Steps of a later stage wait for those of an earlier one, so that one model is used at a time."""
    axes: dict[str, Axes] = field(default_factory=dict)
    """What the nodes that ask for it gather."""
    problems: tuple[Problem, ...] = ()
    sweeps: Sweeps = field(default_factory=dict)
    badly_written: frozenset[tuple[str, str]] = frozenset()

    def node_of(self, name: str) -> str:
        """The id in the document of the node that a step is."""
        instance = self.instances.get(name)
        return name if instance is None else instance.node

    def restored(self, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        """Problems of instances as those of their nodes, each once; the sweep's own come first."""
        told, seen = list(self.problems), set[str]()
        for problem in problems:
            if (problem.node, problem.input) in self.badly_written:
                continue  # told already, and better
            made = self._of_node(problem)
            if (text := repr(made.to_json())) not in seen:
                seen.add(text)
                told.append(made)
        return tuple(told)

    def _of_node(self, problem: Problem) -> Problem:
        if problem.node not in self.instances:
            return problem
        made = Names(self.node_of).problem(problem)
        patches = (
            tuple(map(self._swept, named.patch, fix.patch))
            for named, fix in zip(made.fixes, problem.fixes, strict=True)
        )
        fixes = tuple(replace(fix, patch=patch) for fix, patch in zip(made.fixes, patches, strict=True))
        return replace(made, fixes=fixes)

    def _swept(self, patch: Mapping[str, object], operation: Mapping[str, object]) -> Mapping[str, object]:
        """A fix of an instance's literal changes this one value of the sweep."""
        instance = self.instances.get(str(operation.get("node")))
        sweep = self.sweeps.get((str(patch.get("node")), str(patch.get("input"))))
        if sweep is None or instance is None or patch["op"] != "set_input":
            return patch
        axes = [axis for axis, _ in instance.coordinate]
        values = list(sweep.values)
        values[instance.positions[axes.index(sweep.axis)]] = patch["value"]
        return {**patch, "value": {"sweep": values, "axis": sweep.axis}}


def expand(
    workflow: Workflow, types: Mapping[str, NodeType], targets: Sequence[str] | None
) -> Expansion | None:
    """The document that a sweep stands for; None where nothing is swept."""
    swept = (is_sweep(literal) for node in workflow.nodes for literal in node.inputs.values())
    return _Expanding(workflow, types, targets).expand() if any(swept) else None


class _Expanding:
    def __init__(
        self, workflow: Workflow, types: Mapping[str, NodeType], targets: Sequence[str] | None
    ) -> None:
        self._workflow, self._types = workflow, types
        self._wiring = Wiring(workflow, types)
        self._problems: list[Problem] = []
        self._bad: set[tuple[str, str]] = set()
        self._links = {node.id: self._drawn(node) for node in workflow.nodes if node.mode == "active"}
        self._targets = self._sinks() if targets is None else list(targets)
        self._needed = self._topological([name for name in self._targets if name in self._links])
        self._sweeps = self._found()
        self._along: dict[str, tuple[int, ...]] = {}
        """By node, the axes it depends on, by their places in `_axes`."""
        self._axes: list[Axis] = self._read_axes()

    def expand(self) -> Expansion:
        self._depend()
        self._limit()
        self._texts = [_distinct([_text(value) for value in axis.values]) for axis in self._axes]
        ranked = self._ranked()
        made = Expansion(self._workflow, None, sweeps=self._sweeps)
        nodes, links, keys = [], self._dead_links(), {}
        for node in self._workflow.nodes:
            if node.mode != "active":
                nodes.append(node)
            elif node.id in self._along:
                for at in self._coordinates(self._along[node.id]):
                    name = self._name(node.id, at)
                    instance = self._instance(node.id, at)
                    made.instances[name] = instance
                    nodes.append(replace(node, id=name, inputs=self._inputs(node, at)))
                    links += self._links_at(node, name, at, made)
                    keys[name] = tuple(at.get(axis, len(self._axes[axis])) for axis in ranked)
                    made.stages[name] = self._stage(ranked, at)
        made.order = tuple(sorted(keys, key=keys.__getitem__))
        made.targets = tuple(self._instances_of(self._targets)) if self._targets else None
        made.workflow = replace(self._workflow, nodes=tuple(nodes), links=tuple(links))
        made.problems, made.badly_written = tuple(self._problems), frozenset(self._bad)
        return made

    # What there is

    def _drawn(self, node: Node) -> list[tuple[Input | None, Link]]:
        """The links into a node from active nodes, past those that are bypassed."""
        node_type = self._types.get(node.type)
        known = node_type.inputs_by_name if node_type else {}
        return [
            (known.get(name), link)
            for name, drawn in self._wiring.into(node.id).items()
            for link in self._wiring.effective(drawn)
        ]

    def _sinks(self) -> list[str]:
        active = (node for node in self._wiring.nodes.values() if node.mode == "active")
        return [node.id for node in active if (known := self._types.get(node.type)) and known.sink]

    def _topological(self, targets: Sequence[str]) -> list[str]:
        """What the targets need, sources first; a cycle, which the plan will tell, is cut anywhere."""
        order: dict[str, None] = {}
        opened: set[str] = set()
        waiting = [(target, False) for target in reversed(targets)]
        while waiting:
            current, is_done = waiting.pop()
            if is_done:
                order[current] = None
            elif current not in opened:
                opened.add(current)
                waiting.append((current, True))
                waiting += [(link.source, False) for _, link in self._links.get(current, ())]
        return list(order)

    def _found(self) -> dict[tuple[str, str], Sweep]:
        """The sweeps that enter a step; of those that are badly written, a Problem."""
        sweeps = read_sweeps((node.id, node.inputs) for node in self._workflow.nodes)
        needed, found = set(self._needed), {}
        for node in self._workflow.nodes:
            node_type = self._types.get(node.type)
            linked = {link.input for _, link in self._links.get(node.id, ())}
            for given in node_type.inputs if node_type and node.id in needed else ():
                literal = node.inputs.get(given.name)
                if not is_sweep(literal) or given.name in linked or given.widget is None:
                    continue
                wrong = fault(literal)  # type: ignore[arg-type]  # it is an object
                if wrong:
                    self._bad.add((node.id, given.name))
                    self._problems.append(_badly_written(node, given.name, wrong))
                else:
                    found[node.id, given.name] = sweeps[node.id, given.name]
        return found

    def _read_axes(self) -> list[Axis]:
        """Axes in the order of the document; those of one name must have as many values."""
        first: dict[str, tuple[str, Sweep]] = {}
        for (node, name), sweep in self._sweeps.items():
            lead, known = first.setdefault(sweep.axis, (f"{node}.{name}", sweep))
            if len(known.values) != len(sweep.values):
                self._problems.append(_axes_differ(node, name, sweep, lead, known))
        lengths = {
            axis: min(len(sweep.values) for sweep in self._sweeps.values() if sweep.axis == axis)
            for axis in first
        }
        return [
            Axis(axis, tuple(scalar(in_words(value)) for value in sweep.values[: lengths[axis]]))
            for axis, (_, sweep) in first.items()
        ]

    # Which node depends on what

    def _depend(self) -> None:
        places = {axis.name: place for place, axis in enumerate(self._axes)}
        own: dict[str, set[int]] = {}
        for (node, _), sweep in self._sweeps.items():
            own.setdefault(node, set()).add(places[sweep.axis])
        for node in self._needed:
            along = own.get(node, set())
            for given, link in self._links.get(node, ()):
                if given is None or not given.list:
                    along = along | set(self._along.get(link.source, ()))
            self._along[node] = tuple(sorted(along))

    def _limit(self) -> None:
        """Too many steps are a Problem; what else is wrong is then found at the first values alone."""
        counts = Counter({node: self._count(along) for node, along in self._along.items()})
        if counts.total() <= MOST_STEPS:
            return
        sizes = " x ".join(f"{len(axis)} {axis.name}" for axis in self._axes)
        self._problems.append(
            Problem(
                "sweep_too_large",
                f"the sweep makes {counts.total():,} steps ({sizes}), more than {MOST_STEPS:,}",
                given=counts.total(),
                expected=f"at most {MOST_STEPS:,} steps",
                remedy="Sweep fewer values, or let axes go together by the same name.",
            )
        )
        self._axes = [Axis(axis.name, axis.values[:1]) for axis in self._axes]

    def _count(self, along: Sequence[int]) -> int:
        return prod(len(self._axes[axis]) for axis in along)

    def _ranked(self) -> list[int]:
        """Outermost first: what names files, such as models, then what most nodes depend on."""
        files = {sweep.axis for (node, name), sweep in self._sweeps.items() if self._is_file(node, name)}
        reach = Counter(axis for along in self._along.values() for axis in along)
        places = range(len(self._axes))
        return sorted(places, key=lambda axis: (self._axes[axis].name not in files, -reach[axis], axis))

    def _is_file(self, node: str, name: str) -> bool:
        node_type = self._types[self._wiring.nodes[node].type]
        return isinstance(node_type.inputs_by_name[name].widget, FileWidget)

    def _stage(self, ranked: Sequence[int], at: Mapping[int, int]) -> int:
        outermost = self._axes[ranked[0]].name if ranked else ""
        by_file = any(
            sweep.axis == outermost and self._is_file(node, name)
            for (node, name), sweep in self._sweeps.items()
        )
        return at.get(ranked[0], 0) if by_file else 0

    # Nodes and links at a coordinate

    def _coordinates(self, along: Sequence[int]) -> Iterator[dict[int, int]]:
        """Every combination of places on these axes, the last axis fastest."""
        for places in product(*(range(len(self._axes[axis])) for axis in along)):
            yield dict(zip(along, places, strict=True))

    def _name(self, node: str, at: Mapping[int, int]) -> str:
        """`sampler[cfg=4,seed=2]`."""
        along = self._along.get(node, ())
        if not along:
            return node
        parts = [f"{self._axes[axis].name}={self._texts[axis][at[axis]]}" for axis in along]
        name = f"{node}[{','.join(parts)}]"
        while name in self._wiring.nodes:
            name += "'"
        return name

    def _instance(self, node: str, at: Mapping[int, int]) -> Instance:
        chosen = [(self._axes[axis], at[axis]) for axis in self._along[node]]
        coordinate = tuple((axis.name, axis.values[place]) for axis, place in chosen)
        return Instance(node, coordinate, tuple(place for _, place in chosen))

    def _inputs(self, node: Node, at: Mapping[int, int]) -> Mapping[str, object]:
        chosen = {}
        for axis, place in at.items():
            for name in node.inputs:
                sweep = self._sweeps.get((node.id, name))
                if sweep is not None and sweep.axis == self._axes[axis].name:
                    chosen[name] = sweep.values[place]
        return {**node.inputs, **chosen} if chosen else node.inputs

    def _links_at(self, node: Node, name: str, at: Mapping[int, int], made: Expansion) -> Iterator[Link]:
        """The links into one instance; a list takes all instances of what is linked to it, in order."""
        gathered: dict[str, list[tuple[Link, tuple[int, ...]]]] = {}
        for given, link in self._links[node.id]:
            along = self._along.get(link.source, ())
            extra = tuple(axis for axis in along if axis not in at)
            if given is not None and given.list:
                gathered.setdefault(given.name, []).append((link, extra))
            for more in self._coordinates(extra):
                yield Link(self._name(link.source, {**at, **more}), link.output, name, link.input)
        node_type = self._types.get(node.type)
        if node_type is not None and node_type.axes is not None and gathered:
            first = next(given.name for given in node_type.inputs if given.name in gathered)
            made.axes[name] = self._gathered(gathered[first])

    def _gathered(self, links: Sequence[tuple[Link, tuple[int, ...]]]) -> Axes:
        """The axes of a list: those of its links, if they agree, behind one for the links themselves."""
        if len({extra for _, extra in links}) > 1:
            return Axes()
        axes = tuple(self._axes[axis] for axis in links[0][1])
        titles = tuple(title_of(self._wiring.nodes[link.source]) for link, _ in links)
        return Axes((Axis("", titles), *axes)) if len(links) > 1 else Axes(axes)

    def _dead_links(self) -> list[Link]:
        """Links that bring nothing, so that the plan can say why: those from muted and bypassed nodes."""
        nodes = self._wiring.nodes
        dead = []
        for link in self._workflow.links:
            source = nodes.get(link.source)
            if source is not None and source.mode != "active" and not self._wiring.effective([link]):
                names = [link.target]
                if link.target in self._along:
                    names = list(self._instances_of([link.target]))
                dead += [link._replace(target=name) for name in names]
        return dead

    def _instances_of(self, targets: Iterable[str]) -> Iterator[str]:
        for target in targets:
            if isinstance(target, str) and target in self._along:
                yield from (self._name(target, at) for at in self._coordinates(self._along[target]))
            else:
                yield target  # unknown or not active: the plan tells


def title_of(node: Node) -> str:
    title = node.record.get("title")
    return title if isinstance(title, str) and title else node.id


def _distinct(texts: Sequence[str]) -> list[str]:
    """Values as the ids of steps have them; with their place where others look the same."""
    counted = Counter(texts)
    return [f"{text}#{place + 1}" if counted[text] > 1 else text for place, text in enumerate(texts)]


def _text(value: Scalar) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "…"


def _badly_written(node: Node, name: str, wrong: str) -> Problem:
    return Problem(
        "malformed_sweep",
        f"{node.type}.{name} is swept, but {wrong}",
        node.id,
        name,
        expected='{"sweep": [value, …], "axis": "name"}',
        remedy="Give at least one value, or a single value instead of the sweep.",
    )


def _axes_differ(node: str, name: str, sweep: Sweep, lead: str, known: Sweep) -> Problem:
    return Problem(
        "axes_differ",
        f"along the axis {sweep.axis!r}, {node}.{name} has {len(sweep.values)} values"
        f" and {lead} has {len(known.values)}",
        node,
        name,
        given=len(sweep.values),
        expected=f"{len(known.values)} values",
        remedy="Give both as many values, or name another axis to make all combinations.",
    )
