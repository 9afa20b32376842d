"""The story of one prompt: what its nodes are at, and what ComfyUI's messages say of it."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from typing import Any

from compat.nodes.shown import ui_of
from compat.server.items import Item
from graph.artifacts import Artifact
from graph.events import (
    Event,
    RunFinished,
    StepCached,
    StepFailed,
    StepFinished,
    StepPreview,
    StepProgress,
    StepSkipped,
    StepStarted,
)
from graph.problems import Problem

MOST_TOLD = 64
"""Nodes up to which every state names all that have begun; beyond, only those that changed or run."""
PREVIEW, PREVIEW_WITH_METADATA = 1, 4
FORMATS = {"image/jpeg": 1, "image/png": 2}
STREAMS = ("SaveImageWebsocket",)
ANIMATED = ("SaveAnimatedWEBP", "SaveAnimatedPNG")
Record = dict[str, Any]
OfStep = StepCached | StepStarted | StepProgress | StepPreview | StepFinished | StepFailed | StepSkipped


@dataclass
class Story:
    item: Item
    messages: list[list[object]] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    """Nodes that need no work and were not told yet: known at the start, or skipped before they began."""
    shown: list[StepCached | StepSkipped] = field(default_factory=list)
    """Of output nodes, what ended so."""
    announced: bool = False
    """Whether what was known at the start has been told."""
    at: str | None = None
    bar: Record | None = None
    """The newest progress that is not told yet."""
    nodes: dict[str, Record] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    state_due: float = 0.0
    outputs: Record = field(default_factory=dict)
    failure: tuple[str, Problem] | None = None
    _status: Record = field(default_factory=dict)

    def stamped(self, **data: object) -> Record:
        return {**data, "prompt_id": self.item.prompt_id, "timestamp": int(time.time() * 1000)}

    def knows(self, event: Event) -> bool:
        """Whether an event is of the prompt's own nodes, or of none: literals may be nodes of ours."""
        return not isinstance(event, OfStep) or bool(self.item.kind(self._node(event)))

    # What happens

    def cached(self, event: StepCached) -> None:
        node = self._node(event)
        if not self.announced:
            self.known.append(node)
            if node in self.item.outputs:
                self.shown.append(event)
        if node in self.item.outputs or self.announced:
            self._put(node, "finished", 1, 1)

    def started(self, event: StepStarted) -> None:
        self.at = self._node(event)
        self._put(self.at, "running", 0, 1)

    def progress(self, event: StepProgress) -> None:
        node, total = self._node(event), event.total or max(event.done, 1)
        self._put(node, "running", event.done, total)
        self.bar = {"value": event.done, "max": total, "prompt_id": self.item.prompt_id, "node": node}

    def finished(self, event: StepFinished) -> None:
        node = self._node(event)
        total = self.nodes.get(node, {}).get("max", 1)
        self._put(node, "finished", total, total)
        self.at = None if self.at == node else self.at

    def failed(self, event: StepFailed) -> None:
        node = self._node(event)
        self._put(node, "error", 0, 1)
        self.failure = self.failure or (node, event.problem)

    def skipped(self, event: StepSkipped) -> None:
        """Nothing more comes of the step; other steps of its node, of a sweep, are told for themselves."""
        node = self._node(event)
        if node not in self.nodes:
            self.known.append(node)
        if node in self.item.outputs and event.instance is None:
            self.shown.append(event)
        self._put(node, "finished", 1, 1)
        self.at = None if self.at == node else self.at

    def show(self, event: StepCached | StepFinished | StepSkipped) -> Record | None:
        """What an output node made; None for what shows nothing."""
        node = self._node(event)
        made = () if isinstance(event, StepSkipped) else event.artifacts
        output = interface_output(self.item.kind(node), made) if made else {}
        if output and event.instance is not None:  # one of several steps of the node
            self.outputs[node] = joined(self.outputs.get(node, {}), output)
        elif output:
            self.outputs[node] = output
        elif node not in self.item.outputs or isinstance(event, StepFinished):
            return None
        prompt_id = self.item.prompt_id
        return {"node": node, "display_node": node, "output": output or None, "prompt_id": prompt_id}

    # What is said

    def state(self) -> Record:
        """The nodes that have begun; of very many, those that changed or run."""
        told: dict[str, Record] = self.nodes
        if len(told) > MOST_TOLD:
            running = self.changed | ({self.at} if self.at else set())
            told = {node: told[node] for node in told if node in running}
        self.changed = set()
        return {"prompt_id": self.item.prompt_id, "nodes": dict(told)}

    def end(self, event: RunFinished) -> tuple[str, Record]:
        """How the prompt ended: the message's type and data."""
        executed = [node for node, state in self.nodes.items() if state["state"] == "finished"]
        success = event.status == "succeeded"
        self._status = {"status_str": "success" if success else "error", "completed": success}
        if success:
            return "execution_success", self.stamped()
        node, problem = self.failure or (self.at or "", None)
        if event.status == "cancelled":
            told = {"node_id": node, "node_type": self.item.kind(node), "executed": executed}
            return "execution_interrupted", self.stamped(**told)
        if problem is None:
            problem = next(iter(event.problems), Problem("internal_error", "the run failed"))
            node = node or problem.node or ""
        return "execution_error", self.stamped(
            node_id=node,
            node_type=self.item.kind(node),
            executed=executed,
            exception_message=" ".join(part for part in (problem.message, problem.remedy) if part),
            exception_type=exception_type(problem),
            traceback=problem.details.splitlines(keepends=True),
            current_inputs=self._inputs(node),
            current_outputs=executed,
        )

    def record(self) -> Record:
        """The entry of the history."""
        meta = {
            node: {"node_id": node, "display_node": node, "parent_node": None, "real_node_id": node}
            for node in self.outputs
        }
        status = {**self._status, "messages": self.messages}
        return {"outputs": self.outputs, "status": status, "meta": meta}

    def _inputs(self, node: str) -> Record:
        entry = self.item.prompt.get(node)
        inputs = entry.get("inputs", {}) if isinstance(entry, dict) else {}
        return {name: [value] for name, value in inputs.items() if not isinstance(value, list)}

    def _node(self, event: OfStep) -> str:
        return node_of(event, self.item)

    def _put(self, node: str, state: str, value: int, total: int) -> None:
        self.changed.add(node)
        self.nodes[node] = {
            "value": value,
            "max": total,
            "state": state,
            "node_id": node,
            "prompt_id": self.item.prompt_id,
            "display_node_id": node,
            "parent_node_id": None,
            "real_node_id": node,
        }


def node_of(event: OfStep, item: Item) -> str:
    """The node in the prompt, also where a literal sweeps and makes several steps of it."""
    return item.named(event.step if event.instance is None else event.instance.node)


def interface_output(kind: str, artifacts: tuple[Artifact, ...]) -> Record:
    """What a node of ComfyUI would hand to its interface."""
    output: Record = ui_of(artifacts)
    if kind == "SaveLatent" and "files" in output:
        output["latents"] = output.pop("files")
    if kind in ANIMATED and "images" in output:
        output["animated"] = [True]
    return output


def joined(first: Record, second: Record) -> Record:
    return {name: [*first.get(name, ()), *second.get(name, ())] for name in {**first, **second}}


def exception_type(problem: Problem) -> str:
    """The type that a traceback ends with, else what we call the Problem."""
    found = re.search(r"^([A-Za-z_][\w.]*)(?::|$)", problem.details.strip().rpartition("\n")[2])
    return found[1] if found else problem.code


def preview_frame(item: Item, preview: StepPreview, rich: bool) -> bytes:
    """A binary message; clients that said they can take it get the node's name with the picture."""
    if not rich:
        return _number(PREVIEW) + _number(FORMATS.get(preview.mime, 1)) + preview.data
    node = node_of(preview, item)
    told = {
        "node_id": node,
        "prompt_id": item.prompt_id,
        "display_node_id": node,
        "parent_node_id": None,
        "real_node_id": node,
        "image_type": preview.mime,
    }
    header = json.dumps(told).encode()
    return _number(PREVIEW_WITH_METADATA) + _number(len(header)) + header + preview.data


def _number(value: int) -> bytes:
    return value.to_bytes(4, "big")
