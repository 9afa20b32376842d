"""Nodes, documents and runs that the engine's tests share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from graph import Artifact, Context, Range, SocketType, node
from graph.cache import Cache
from graph.disk import Disk
from graph.events import Event, RunFinished, StepCached, StepFailed, StepFinished, StepStarted
from graph.execute import Executor
from graph.folders import Folders
from graph.nodetype import node_type
from graph.plan import Plan, plan
from graph.registry import Registry
from graph.skip import Skips
from graph.workflow import Workflow, read_document
from tests.graph.stored import JsonCodec

IMAGE = SocketType("IMAGE", "#64b5f6")
Image = Annotated[object, IMAGE]
MASK = SocketType("MASK", "#ffffff")
Mask = Annotated[object, MASK]


@node()
def number(value: Annotated[int, Range(-1000, 100_000)] = 0) -> int:
    """A whole number."""
    return value


@node()
def add(a: int, b: int = 0) -> int:
    return a + b


@node()
def total(items: list[int] | None = None, plus: int = 0) -> int:
    return sum(items or ()) + plus


@node(sink=True)
def show(value: int = 0) -> None:
    return None


@node(sink=True)
def save(value: int, context: Context) -> tuple[Artifact, ...]:
    path = context.folder("output") / f"{value}.txt"
    path.write_text(str(value))
    return (Artifact("text", "output", path.name, text=str(value)),)


@node()
def fail(value: int = 0) -> int:
    raise ValueError(f"no {value}")


SAMPLES: tuple[Callable[..., Any], ...] = (number, add, total, show, save, fail)


def registry_of(*functions: Callable[..., Any], folders: Folders | None = None) -> Registry:
    registry = Registry(folders)
    for function in functions or SAMPLES:
        registry.add(node_type(function))
    return registry


def document(
    nodes: Mapping[str, tuple[str, Mapping[str, object]]], *links: str, **modes: str
) -> dict[str, Any]:
    """A document from `{"a": ("Number", {"value": 1})}` and links like `"a.INT > b.a"`."""
    records = [
        {"id": name, "type": kind, "inputs": dict(inputs), "mode": modes.get(name, "active")}
        for name, (kind, inputs) in nodes.items()
    ]
    ends = [[end.rsplit(".", 1) for end in link.split(" > ")] for link in links]
    return {
        "format": "tessera.workflow",
        "version": 1,
        "nodes": records,
        "links": [{"from": source, "to": target} for source, target in ends],
    }


def subgraph(
    name: str,
    inputs: str,
    outputs: str,
    nodes: Mapping[str, tuple[str, Mapping[str, object]]],
    *links: str,
    kind: str = "graph",
    **modes: str,
) -> dict[str, Any]:
    """A sub-graph from signatures like `"a:INT b:INT=4 items:INT+each"`, and nodes and links as above."""
    body = document(nodes, *links, **modes)
    made = {"id": name, "kind": kind, "nodes": body["nodes"], "links": body["links"]}
    return {**made, "inputs": _signature(inputs), "outputs": _signature(outputs)}


def _signature(text: str) -> list[dict[str, object]]:
    signed: list[dict[str, object]] = []
    for word in text.split():
        name, _, rest = word.partition(":")
        rest, _, default = rest.partition("=")
        kind, *flags = rest.split("+")
        signed.append({"name": name, "type": kind, **dict.fromkeys(flags, True)})
        if default:
            signed[-1]["default"] = int(default)
    return signed


def chain(length: int) -> dict[str, Any]:
    """Number -> Add -> … -> Add -> Show."""
    nodes: dict[str, tuple[str, Mapping[str, object]]] = {"n0": ("Number", {"value": 1})}
    links = []
    for place in range(1, length - 1):
        nodes[f"n{place}"] = ("Add", {"b": place})
        links.append(f"n{place - 1}.INT > n{place}.a")
    nodes["show"] = ("Show", {})
    return document(nodes, *links, f"n{length - 2}.INT > show.value")


def read(document: object) -> Workflow:
    workflow, problems = read_document(document)
    assert workflow is not None, problems
    assert not problems, problems
    return workflow


@dataclass
class Ran:
    """What a run did, by the ids of steps."""

    plan: Plan
    finished: RunFinished
    events: list[Event] = field(default_factory=list)

    def of(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def did_run(self) -> set[str]:
        return {event.step for event in self.of(StepFinished)}

    @property
    def was_cached(self) -> set[str]:
        return {event.step for event in self.of(StepCached)}

    @property
    def failed(self) -> set[str]:
        return {event.step for event in self.of(StepFailed)}

    @property
    def started(self) -> set[str]:
        return {event.step for event in self.of(StepStarted)}


class Bench:
    """A registry, a cache, folders and an executor: runs documents."""

    def __init__(
        self,
        root: Path,
        *functions: Callable[..., Any],
        budget: int = 10**8,
        disk: Disk | None = None,
        **options: Any,
    ):
        self.folders = Folders(root)
        self.registry = registry_of(*functions, folders=self.folders)
        self.cache = Cache(budget, disk=disk, codec=JsonCodec())
        self.executor = Executor(self.cache, self.folders, **options)

    def plan(self, document: object, targets: list[str] | None = None) -> Plan:
        return plan(read(document), self.registry, targets=targets, folders=self.folders, cache=self.cache)

    def run(
        self,
        document: object,
        targets: list[str] | None = None,
        *,
        cancel: threading.Event | None = None,
        heard: Callable[[Event], None] = lambda event: None,
        skips: Skips | None = None,
    ) -> Ran:
        planned = self.plan(document, targets)
        events: list[Event] = []

        def emit(event: Event) -> None:
            events.append(event)
            heard(event)

        finished = self.executor.run(
            planned,
            run_id="run",
            emit=emit,
            cancel=cancel,
            document=document if isinstance(document, dict) else None,
            skips=skips,
        )
        return Ran(planned, finished, events)

    def value(self, document: object, target: str, output: int = 0) -> Any:
        """The value that a target's step makes."""
        ran = self.run(document, [target])
        assert ran.finished.status == "succeeded", ran.finished.problems
        planned = self.plan(document, [target])  # anew: a result may be known by the content above it
        key = next(step.key for step in planned.steps if step.id == target)
        entry = self.cache.get(key)
        assert entry is not None
        return entry.outputs[output]
