"""Nodes that put further nodes in their own place: what stands there runs as a workflow within the step.

The document gets the new nodes, and a plan of their own is run on the same cache: what they are linked to
outside is found there by its key. Values that no document can hold come from nodes that give just them.
"""

from __future__ import annotations

import threading
import uuid
from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from compat.instances import without_instances
from compat.nodes.here import Host
from compat.nodes.values import ExecutionBlocker, from_pack
from graph.artifacts import Artifact, Blocked
from graph.context import Context, NodeError
from graph.events import (
    Event,
    RunFinished,
    StepCached,
    StepFinished,
    StepPreview,
    StepProgress,
    StepWarned,
)
from graph.execute import Executor
from graph.nodetype import NodeType
from graph.plan import Plan, plan
from graph.registry import Registry
from graph.sockets import ANY, Conversions, Input, Output
from graph.widgets import FileWidget, Refused, Widget
from graph.workflow import read_document

GIVES, TAKES = "gives a value: ", "takes a value: "
"""What the types of the nodes begin with that stand for values, into an expansion and out of it."""
WRONG = "expansion_failed"


def is_link(value: Any) -> bool:
    """Whether a value of a graph is a link: a node's id and an output's number."""
    if not isinstance(value, list | tuple) or len(value) != 2 or not isinstance(value[0], str):
        return False
    return isinstance(value[1], int | float) and not isinstance(value[1], bool)


@dataclass
class Expansion:
    """One expansion of one node."""

    host: Host
    context: Context
    graph: Mapping[str, Any]
    given: dict[str, NodeType] = field(default_factory=dict)
    taken: dict[int, Any] = field(default_factory=dict)
    artifacts: list[Artifact] = field(default_factory=list)
    nodes: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)

    def values(self, results: Sequence[Any], outputs: Sequence[Output]) -> tuple[Any, ...]:
        """The values of outputs, links among them followed into the graph; Blocked where nothing came."""
        for own, node in self.graph.items():
            self._add(own, node)
        wanted = [place for place, each in enumerate(results[: len(outputs)]) if is_link(each)]
        for place in wanted:
            self._take(place, results[place])
        self._run([own for own in self.graph if self._type_of(own).sink])
        return tuple(
            self._result(place, outputs[place]) if place in wanted else self._plain(each, outputs[place])
            for place, each in enumerate(results[: len(outputs)])
        )

    def _result(self, place: int, output: Output) -> Any:
        """What a link into the graph brought: one value, or all of them for a list."""
        found = self.taken.get(place, Blocked())
        if isinstance(found, Blocked) or output.list:
            return found
        if len(found) != 1:
            told = f"it gives a list of {len(found)} where {output.name} is one value"
            raise NodeError(told, code=WRONG)
        return found[0]

    def _plain(self, value: Any, output: Output) -> Any:
        if output.list and not isinstance(value, ExecutionBlocker):
            return [from_pack(each, output.type_name, self.context.warn) for each in value]
        return from_pack(value, output.type_name, self.context.warn)

    # The document

    def _type_of(self, own: str) -> NodeType:
        """The type of a node of the graph, or of one outside of it."""
        node = self.graph.get(own)
        kind = node.get("class_type") if node is not None else self._outside().get(own)
        found = self._types().get(str(kind))
        if found is None:
            raise NodeError(f"it puts in a node {own} of the type {kind!r}, which is not there", code=WRONG)
        return found

    @cached_property
    def outer(self) -> Mapping[str, Any]:
        """The document, with the nodes of instances in their places: links of the graph lead to them, too."""
        document: Any = self.context.document
        workflow = read_document(document)[0] if document.get("subgraphs") else None
        return document if workflow is None else without_instances(workflow).document

    def _outside(self) -> dict[str, str]:
        return {each["id"]: each["type"] for each in self.outer.get("nodes", ())}

    def _types(self) -> Mapping[str, NodeType]:
        return ChainMap(self.given, self.host.given, dict(self.host.registry.types))

    def _add(self, own: str, node: Mapping[str, Any]) -> None:
        """Put a node of the graph into the document."""
        declared, literals = self._type_of(own), {}
        for name, value in dict(node.get("inputs") or {}).items():
            given = declared.inputs_by_name.get(name, declared.more)
            if given is None or value is None:
                continue
            if is_link(value):
                self._link(value[0], int(value[1]), own, name)
            elif given.widget is not None and self._holds(given.widget, value):
                literals[name] = value
            else:
                self._give(value, given, own, name)
        self.nodes.append({"id": own, "type": declared.id, "inputs": literals, "mode": "active"})

    def _holds(self, widget: Widget, value: Any) -> bool:
        """Whether a widget takes a value; what it refuses goes as a link would bring it."""
        if not _is_literal(value):
            return False
        try:
            widget.canonical(value, self.host.folders)
        except Refused:
            return isinstance(widget, FileWidget)  # a file is never linked: the plan says what is wrong
        return True

    def _link(self, source: str, place: int, target: str, name: str) -> None:
        outputs = self._type_of(source).outputs
        if not 0 <= place < len(outputs):
            raise NodeError(f"it links to output {place} of node {source}, which has none", code=WRONG)
        self.links.append({"from": [source, outputs[place].name], "to": [target, name]})

    def _give(self, value: Any, given: Input, target: str, name: str) -> None:
        """A node that gives a value which no document can hold."""
        kind = f"{GIVES}{uuid.uuid4().hex}"
        made = from_pack(value, given.type_name, self.context.warn)
        output = Output("value", (ANY,), given.list and isinstance(made, list | tuple))
        self.given[kind] = NodeType(kind, lambda: made, (), (output,), code=kind)
        self.nodes.append({"id": kind, "type": kind, "inputs": {}, "mode": "active"})
        self.links.append({"from": [kind, "value"], "to": [target, name]})

    def _take(self, place: int, link: Sequence[Any]) -> None:
        """A node that takes a result out, in a list: what is behind it may be mapped."""
        kind = f"{TAKES}{uuid.uuid4().hex}"

        def take(value: Any) -> None:
            self.taken[place] = value

        given = Input("value", (ANY,), list=True)
        self.given[kind] = NodeType(kind, take, (given,), (), sink=True, pure=False, code=kind)
        self.nodes.append({"id": kind, "type": kind, "inputs": {}, "mode": "active"})
        self._link(link[0], int(link[1]), kind, "value")

    # The run

    def _run(self, sinks: Sequence[str]) -> None:
        document = self._document()
        executor = self.host.executor
        if executor is None:
            raise NodeError("nodes cannot be put in here: the program has no executor", code=WRONG)
        targets = [*(kind for kind in self.given if kind.startswith(TAKES)), *sinks]
        if not targets:
            return
        self.host.given.update(self.given)
        try:
            self._finish(self._run_apart(executor, self._planned(document, targets, executor), document))
        finally:
            for kind in self.given:
                del self.host.given[kind]

    def _document(self) -> dict[str, Any]:
        """The new nodes, and those of the document that they need: a loop must not grow with every turn."""
        outer = self.outer
        links = [*outer.get("links", ()), *self.links]
        sources: dict[str, list[str]] = {}
        for link in links:
            sources.setdefault(link["to"][0], []).append(link["from"][0])
        needed = {each["id"] for each in self.nodes}
        waiting = list(needed)
        for current in waiting:  # grows while it is walked
            fresh = [source for source in sources.get(current, ()) if source not in needed]
            needed.update(fresh)
            waiting += fresh
        nodes = [each for each in outer.get("nodes", ()) if each["id"] in needed]
        kept = [link for link in links if link["to"][0] in needed]
        return {**outer, "nodes": [*nodes, *self.nodes], "links": kept}

    def _planned(self, document: Mapping[str, Any], targets: Sequence[str], executor: Executor) -> Plan:
        workflow, problems = read_document(document)
        assert workflow is not None, problems  # made from one that could be read
        registry: Any = _Types(self.host.registry, self.host.given)
        made = plan(workflow, registry, targets=targets, folders=self.host.folders, cache=executor.cache)
        for problem in made.problems:
            if problem.severity == "error":
                raise NodeError(f"in the nodes that it puts in: {problem.message}", code=problem.code)
        return made

    def _run_apart(self, executor: Executor, planned: Plan, document: Mapping[str, Any]) -> RunFinished:
        """Run in a thread of its own, since expansions expand in turn, as deep as a loop is long."""
        found: list[RunFinished] = []
        inner = Executor(
            executor.cache,
            executor.folders,
            services=executor.services,
            fingerprint=executor.fingerprint,
            meter=executor.meter,
        )

        def work() -> None:
            run_id = f"{self.context.run_id}.{uuid.uuid4().hex[:8]}"
            cancel: Any = _Cancel(self.context)
            found.append(inner.run(planned, run_id=run_id, emit=self._hear, cancel=cancel, document=document))

        thread = threading.Thread(target=work, name="expansion", daemon=True)
        thread.start()
        thread.join()
        inner.close()
        return found[0]

    def _hear(self, event: Event) -> None:
        """Pass on what the inner nodes tell, as if it were of the node that they stand for."""
        if isinstance(event, StepProgress):
            self.context.progress(event.done, event.total)
        elif isinstance(event, StepPreview):
            self.context.preview(event.data, event.mime)
        elif isinstance(event, StepWarned):
            self.context.warn(event.problem.message, code=event.problem.code, remedy=event.problem.remedy)
        elif isinstance(event, StepFinished | StepCached) and event.step in self.graph:
            self.artifacts += event.artifacts

    def _finish(self, finished: RunFinished) -> None:
        self.context.check_cancelled()
        for problem in finished.problems:
            told = f"in the node {problem.node} that it puts in: {problem.message}"
            error = NodeError(told, code=problem.code, remedy=problem.remedy)
            error.add_note(problem.details.rstrip())  # what happened there stands at the end
            raise error


class _Types:
    """A registry with the types that stand for values."""

    def __init__(self, registry: Registry, given: Mapping[str, NodeType]) -> None:
        self.types = ChainMap(dict(given), dict(registry.types))
        self.conversions: Conversions = registry.conversions
        self.infers = registry.infers
        self.sockets = registry.now.sockets
        self.now = self


class _Cancel:
    """The outer run's cancelling, seen from an inner run; that the inner one gives up ends it alone."""

    def __init__(self, context: Context) -> None:
        self._context, self._own = context, False

    def is_set(self) -> bool:
        return self._own or self._context.cancelled

    def set(self) -> None:
        self._own = True


def _is_literal(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(each, str) for each in value)
    return isinstance(value, str | int | float)


def values_given(prompt: dict[str, Any], host: Host) -> dict[str, Any]:
    """A prompt with the values themselves in the place of links to the nodes that give them."""
    made = {}
    for own, node in prompt.items():
        if own not in host.given:
            inputs = {name: _value(value, host) for name, value in node.get("inputs", {}).items()}
            made[own] = {**node, "inputs": inputs}
    return made


def _value(value: Any, host: Host) -> Any:
    from compat.nodes.values import to_pack

    given = host.given.get(value[0]) if is_link(value) else None
    return value if given is None else to_pack(given.run())
