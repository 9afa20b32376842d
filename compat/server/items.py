"""Prompts as clients sent them, found again in the runs they became, and the history of those that ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from compat.export import write_api_prompt
from compat.loose import record, text
from compat.object_info import known_nodes
from compat.recipe import sent
from graph.nodetype import NodeType
from service.protocol import dump
from service.queue import Ticket

LONGEST_HISTORY = 10_000
Record = dict[str, Any]


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
        return [whole(self.number), self.prompt_id, self.prompt, self.extra, list(self.outputs)]

    def kind(self, node: str) -> str:
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
    sinks = [
        node["id"]
        for node in ticket.document["nodes"]
        if node["type"] in types and types[node["type"]].sink and node.get("mode", "active") == "active"
    ]
    outputs = tuple(sinks if ticket.targets is None else ticket.targets)
    if said is None:
        prompt = write_api_prompt(ticket.document, known_nodes(types))
        return Item(number, ticket.id, prompt, {}, outputs)
    extra = said["extra_data"]
    return Item(
        number, said["prompt_id"], said["prompt"], extra, outputs, text(extra.get("client_id")) or None
    )


class History:
    """What became of prompts, oldest first, as JSON texts: objects would take ten times the memory."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    @property
    def names(self) -> list[str]:
        return list(self._texts)

    def add(self, item: Item, became: Record) -> None:
        """Put a prompt in; one sent again under its old id comes last."""
        self._texts.pop(item.prompt_id, None)
        self._texts[item.prompt_id] = dump({"prompt": item.to_json(), **became})
        while len(self._texts) > LONGEST_HISTORY:
            del self._texts[next(iter(self._texts))]

    def remove(self, names: Iterable[str]) -> None:
        for name in names:
            self._texts.pop(name, None)

    def to_json(self, names: Iterable[str]) -> str:
        """An object of those that are there."""
        found = (f"{dump(name)}:{self._texts[name]}" for name in names if name in self._texts)
        return "{" + ",".join(found) + "}"
