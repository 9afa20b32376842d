"""Prompts as clients sent them, found again in the runs they became, and the history of those that ended."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

from compat.export import write_api_prompt
from compat.instances import prompt_id, without_instances
from compat.loose import record, text
from compat.object_info import known_nodes
from compat.recipe import sent
from graph.nodetype import NodeType
from graph.workflow import read_document
from service.protocol import dump
from service.queue import Ticket

LONGEST_HISTORY = 10_000
Record = dict[str, Any]


class Written(Mapping[str, Any]):
    """A workflow of ours as a prompt, written when somebody looks: for most runs, nobody does."""

    def __init__(self, document: Mapping[str, Any], types: Mapping[str, NodeType]) -> None:
        self.document, self.types = document, types

    @cached_property
    def _prompt(self) -> Mapping[str, Any]:
        return write_api_prompt(self.document, known_nodes(self.types))

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """The types of the nodes, which are known without it."""
        if not self.document.get("subgraphs"):
            return {node["id"]: node["type"] for node in self.document["nodes"]}
        workflow, _ = read_document(self.document)
        return {node.id: node.type for node in without_instances(workflow).nodes} if workflow else {}

    def __getitem__(self, node: str) -> Any:
        return self._prompt[node]

    def __iter__(self) -> Iterator[str]:
        return iter(self._prompt)

    def __len__(self) -> int:
        return len(self._prompt)


@dataclass(frozen=True)
class Item:
    """One prompt: sent by a client, or what a run of our own editor would be as one."""

    number: float
    prompt_id: str
    prompt: Mapping[str, Any]
    extra: Mapping[str, Any]
    outputs: tuple[str, ...]
    client: str | None = None

    def to_json(self) -> list[object]:
        return [whole(self.number), self.prompt_id, dict(self.prompt), self.extra, list(self.outputs)]

    def named(self, step: str) -> str:
        """What a step's node is called in the prompt."""
        return prompt_id(step) if isinstance(self.prompt, Written) else step

    def kind(self, node: str) -> str:
        if isinstance(self.prompt, Written):
            return self.prompt.kinds.get(node, "")
        return text(record(self.prompt.get(node)).get("class_type"))


def whole(number: float) -> float:
    """A whole number without a point."""
    return int(number) if float(number).is_integer() else number


class Items:
    """The prompts of runs that wait or work."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Mapping[str, Any], Item]] = {}

    def of(self, ticket: Ticket, types: Mapping[str, NodeType]) -> Item:
        """The prompt of a run, at the place where it waits now."""
        document, item = self._known.get(ticket.id, (None, None))
        if item is None or document is not ticket.document:
            item = item_of(ticket, types)
        item = item if item.number == ticket.place else replace(item, number=ticket.place or 0.0)
        self._known[ticket.id] = ticket.document, item
        return item

    def forget(self, run: str) -> None:
        self._known.pop(run, None)


def item_of(ticket: Ticket, types: Mapping[str, NodeType]) -> Item:
    said, number = sent(ticket.document), ticket.place or 0.0
    outputs = tuple(_sinks(ticket.document, types) if ticket.targets is None else ticket.targets)
    if said is None:
        outputs = tuple(map(prompt_id, outputs))
        return Item(number, ticket.id, Written(ticket.document, types), {}, outputs)
    extra = said["extra_data"]
    return Item(
        number, said["prompt_id"], said["prompt"], extra, outputs, text(extra.get("client_id")) or None
    )


def _sinks(document: Mapping[str, Any], types: Mapping[str, NodeType]) -> list[str]:
    nodes = document["nodes"]
    if document.get("subgraphs") and (workflow := read_document(document)[0]) is not None:
        nodes = [{"mode": node.mode, **node.record} for node in without_instances(workflow).nodes]
    return [
        node["id"]
        for node in nodes
        if node["type"] in types and types[node["type"]].sink and node.get("mode", "active") == "active"
    ]


class History:
    """What became of prompts, oldest first, as JSON texts: objects would take ten times the memory."""

    def __init__(self) -> None:
        self._entries: dict[str, Callable[[], str]] = {}

    @property
    def names(self) -> list[str]:
        return list(self._entries)

    def add(self, item: Item, became: Record) -> None:
        """Put a prompt in; one sent again under its old id comes last."""
        self._entries.pop(item.prompt_id, None)
        if isinstance(item.prompt, Written):
            document, types = dump(item.prompt.document), item.prompt.types
            entry = partial(_entry, replace(item, prompt={}), document, types, dump(became))
        else:
            entry = partial(str, dump({"prompt": item.to_json(), **became}))
        self._entries[item.prompt_id] = entry
        while len(self._entries) > LONGEST_HISTORY:
            del self._entries[next(iter(self._entries))]

    def remove(self, names: Iterable[str]) -> None:
        for name in names:
            self._entries.pop(name, None)

    def to_json(self, names: Iterable[str]) -> str:
        """An object of those that are there."""
        found = (f"{dump(name)}:{self._entries[name]()}" for name in names if name in self._entries)
        return "{" + ",".join(found) + "}"


def _entry(item: Item, document: str, types: Mapping[str, NodeType], became: str) -> str:
    """The entry of a workflow of ours."""
    prompt = write_api_prompt(json.loads(document), known_nodes(types))
    return f'{{"prompt":{dump(replace(item, prompt=prompt).to_json())},{became[1:]}'
