"""Fixes that the document itself offers: an output that fits, a node switched off, the default of a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from graph.nodetype import NodeType
from graph.problems import (
    Fix,
    Problem,
    add_link,
    nearest,
    remove_link,
    remove_value,
    scalar,
    set_input,
    set_mode,
    words,
)
from graph.sockets import ANY, Conversions, Input, feeds
from graph.wiring import Source, Wiring
from graph.workflow import Link, Node, Workflow

OFFERED = 3
MENDED = 50  # Problems; who has more mends these first
LONGEST = 40  # of a default that a button says


def mend(
    problems: Iterable[Problem],
    workflow: Workflow,
    flat: Workflow,
    types: Mapping[str, NodeType],
    conversions: Conversions,
) -> Iterator[Problem]:
    """The Problems, those that a change of the document would mend with the fixes for it.

    `flat` is the document with its instances opened: there stand the nodes inside.
    """
    offers: dict[bool, Offer] = {}
    left = MENDED
    for problem in problems:
        if not left or (problem.code not in MENDS and problem.code != "no_targets"):
            yield problem
            continue
        left -= 1
        inside = _way(problem.node or "") != ""
        if inside not in offers:
            offers[inside] = Offer(flat if inside else workflow, types, conversions)
        yield _mended(problem, offers[inside])


class Offer:
    """What a document holds that can be connected or switched on."""

    def __init__(self, workflow: Workflow, types: Mapping[str, NodeType], conversions: Conversions) -> None:
        self.wiring = Wiring(workflow, types)
        self.types, self._conversions = types, conversions
        self._from: dict[str, list[Link]] = {}
        for link in workflow.links:
            self._from.setdefault(link.source, []).append(link)

    def sinks_off(self) -> Iterator[str]:
        """Nodes that would be run if they were not muted or bypassed."""
        for node in self.wiring.nodes.values():
            node_type = self.types.get(node.type)
            if node.mode != "active" and node_type is not None and node_type.sink and not _way(node.id):
                yield node.id

    def is_off(self, name: str) -> bool:
        node = self.wiring.nodes.get(name)
        return node is not None and node.mode != "active"

    def sources(self, node: Node, given: Input) -> list[Source]:
        """The outputs that an input can be connected to: those that nothing uses yet, then the most used."""
        if ANY in given.types or _way(node.id):  # inside an instance, the signature may lead there
            return []
        below = self._below(node.id)
        found = []
        for other in self.wiring.nodes.values():
            declared = self.types.get(other.type)
            if declared is None or other.mode != "active" or other.id in below:
                continue
            for output in declared.outputs:
                if ANY not in output.types and feeds(output, given, self._conversions) is True:
                    uses = sum(link.output == output.name for link in self._from.get(other.id, ()))
                    found.append((uses > 0, -uses, (other.id, output.name)))
        return [source for *_, source in sorted(found, key=lambda each: each[:2])]

    def _below(self, name: str) -> set[str]:
        """The node and all that depends on it: connected to these, it would need itself."""
        seen, waiting = {name}, [name]
        for current in waiting:  # grows while it is walked
            further = {link.target for link in self._from.get(current, ())} - seen
            seen |= further
            waiting += further
        return seen


@dataclass(frozen=True, slots=True)
class Case:
    """A Problem of an input with what stands around it."""

    problem: Problem
    node: Node
    node_type: NodeType
    offer: Offer

    @property
    def name(self) -> str:
        return self.problem.input or ""

    @property
    def given(self) -> Input | None:
        return self.node_type.inputs_by_name.get(self.name)

    @property
    def links(self) -> list[Link]:
        return self.offer.wiring.into(self.node.id).get(self.name, [])

    def leading(self, label: str, source: str, output: str) -> Fix:
        patch = add_link((source, output), self.node.id, self.name)
        return Fix(f"{label} {output} of {words(source)}", (patch,))

    def connections(self) -> tuple[Fix, ...]:
        sources = self.offer.sources(self.node, self.given) if self.given else []
        return tuple(self.leading("Connect", *source) for source in sources[:OFFERED])


def _mended(problem: Problem, offer: Offer) -> Problem:
    if problem.code == "no_targets":
        return replace(problem, fixes=_activations(offer.sinks_off()))
    node = offer.wiring.nodes.get(problem.node or "")
    node_type = offer.types.get(node.type) if node else None
    if node is None or node_type is None:
        return problem
    return MENDS[problem.code](Case(problem, node, node_type, offer))


def _way(name: str) -> str:
    """Through which instances a node is reached; a link leads to nodes beside it only."""
    return name.rpartition("/")[0]


def _activations(names: Iterable[str]) -> tuple[Fix, ...]:
    fixes = (Fix(f"Activate {words(each)}", (set_mode(each, "active"),)) for each in names)
    return tuple(fix for fix, _ in zip(fixes, range(OFFERED), strict=False))


def _connect(case: Case) -> Problem:
    """What fits goes in, rather than that the link is removed that does not."""
    return replace(case.problem, fixes=(*case.connections(), *case.problem.fixes))


def _detach(case: Case) -> Problem:
    gone = Fix("Remove the link", (remove_link(case.node.id, case.name),))
    return replace(case.problem, fixes=(*case.connections(), gone))


def _give(case: Case) -> Problem:
    """What was switched off is switched on again; else what fits is connected."""
    off = [link.source for link in case.links if case.offer.is_off(link.source)]
    beside = [each for each in off if _way(each) == _way(case.node.id)]
    if not beside:
        return _connect(case)
    remedy = f"Activate {words(beside[0])}, or connect another output."
    return replace(case.problem, remedy=remedy, fixes=(*_activations(beside), *case.connections()))


def _choose(case: Case) -> Problem:
    sources = dict.fromkeys((link.source, link.output) for link in case.links)
    fixes = tuple(case.leading("Keep", *source) for source in list(sources)[:OFFERED])
    return replace(case.problem, fixes=fixes)


def _reset(case: Case) -> Problem:
    default = case.given.default if case.given else None
    if case.problem.fixes or default is None or default != scalar(default) or len(str(default)) > LONGEST:
        return case.problem
    label = f"Set to {default}" if default != "" else "Make it empty"
    patch = set_input(case.node.id, case.name, scalar(default))
    return replace(case.problem, fixes=(Fix(label, (patch,)),))


def _forget(case: Case) -> Problem:
    """A value that no input takes may be meant for one of a like name that has none."""
    inputs, node = case.node.inputs, case.node.id
    if case.name not in inputs:
        return case.problem
    value, gone = inputs[case.name], remove_value(node, case.name)
    free = [each for each in case.node_type.inputs_by_name if each not in inputs]
    like = nearest(case.name, free) if value == scalar(value) else ()
    moved = (Fix(f"Use it as {each}", (set_input(node, each, scalar(value)), gone)) for each in like)
    return replace(case.problem, fixes=(*moved, Fix("Remove the value", (gone,))))


MENDS: Mapping[str, Callable[[Case], Problem]] = {
    "missing_input": _give,
    "type_mismatch": _connect,
    "dangling_link": _detach,
    "too_many_links": _choose,
    "wrong_value_type": _reset,
    "path_refused": _reset,
    "malformed_sweep": _reset,
    "unknown_input": _forget,
}
