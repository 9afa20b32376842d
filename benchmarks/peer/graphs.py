"""Graphs of nodes that do nothing, as ComfyUI's prompts and as our documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Record = dict[str, Any]


@dataclass(frozen=True)
class Graph:
    """A shape of so many nodes; `prompt` makes it around a value, so that none of it is known before."""

    name: str
    count: int
    prompt: Callable[[int], Record]


def chain(count: int) -> Graph:
    """Each node takes the one before it, twice; the last one is an output."""

    def prompt(value: int) -> Record:
        nodes = {"0": _node("TrivialNumber", value=value)}
        for place in range(1, count - 1):
            above = [str(place - 1), 0]
            nodes[str(place)] = _node("TrivialAdd", a=above, b=above, plus=place)
        nodes[str(count - 1)] = _node("TrivialShow", value=[str(count - 2), 0], plus=0)
        return nodes

    return Graph(f"chain of {count}", count, prompt)


def fan(count: int) -> Graph:
    """One node, and all others are outputs that take it."""

    def prompt(value: int) -> Record:
        nodes = {"0": _node("TrivialNumber", value=value)}
        for place in range(1, count):
            nodes[str(place)] = _node("TrivialShow", value=["0", 0], plus=place)
        return nodes

    return Graph(f"fan of {count}", count, prompt)


def document_of(prompt: Record) -> Record:
    """A prompt as a workflow of ours, with our own kind of nodes."""
    nodes, links = [], []
    for name, node in prompt.items():
        inputs = node["inputs"]
        literals = {given: value for given, value in inputs.items() if not isinstance(value, list)}
        kind = node["class_type"].replace("Trivial", "Plain")
        nodes.append({"id": name, "type": kind, "inputs": literals})
        for given, value in inputs.items():
            if isinstance(value, list):
                links.append({"from": [value[0], "INT"], "to": [name, given]})
    return {"format": "tessera.workflow", "version": 1, "nodes": nodes, "links": links}


def _node(kind: str, **inputs: object) -> Record:
    return {"class_type": kind, "inputs": inputs}
