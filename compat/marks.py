"""Marks: what a graph of ComfyUI's interface cannot say of our document, kept where that interface leaves it.

A node's mark is a property of it, the document's is in `extra`. What was changed there wins over a mark.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from compat.loose import Record, items, record, records, text
from compat.object_info import NO_DEFAULT, NodeInfo
from graph.problems import Problem
from graph.sweep import is_sweep

MARK = "tessera"
OTHER_NAMES = {"PrimitiveSeed": "PrimitiveInt"}
"""Node types of ours that ComfyUI has under another name."""
DRAWN = {"type", "pos", "size", "title", "id"}
"""Fields of a node that our own say; all others are kept beside them."""

DOCUMENT_FIELDS = {"format", "version", "nodes", "links", "frames", "notes", "comfy", "subgraphs"}
"""Fields of a document that its graph says."""
SUBGRAPH_FIELDS = {
    *("id", "title", "inputs", "outputs", "nodes", "links", "frames", "notes", "comfy"),
    *("input_position", "output_position"),
}
"""Fields of a sub-graph that its definition says."""
KINDS = {"title": str, "id": str, "parameters": list, "view": dict}


def mark_of(raw: Record) -> Record:
    return record(record(raw.get("properties")).get(MARK))


def first_of(literal: Any) -> object:
    """The value that stands for a sweep where there are none."""
    return next(iter(items(literal["sweep"])), None) if is_sweep(literal) else literal


def restored(made: Record, raw: Record, info: NodeInfo | None) -> Record:
    """A node that was exported once, with what only we can say of it."""
    mark = mark_of(raw)
    if not mark:
        return made
    if OTHER_NAMES.get(text(mark.get("type")), "") == made.get("type"):
        made["type"] = mark["type"]
    if "inputs" in made:
        made["inputs"] = _inputs(made["inputs"], mark, info)
    made |= {name: value for name, value in record(mark.get("fields")).items() if name not in made}
    return kept(made, mark)


def document_fields(mark: Record) -> Record:
    """What a document says beside its nodes, links, frames and notes."""
    fields = {
        name: value for name, value in record(mark.get("fields")).items() if name not in DOCUMENT_FIELDS
    }
    wrong = [name for name, kind in KINDS.items() if name in fields and not isinstance(fields[name], kind)]
    return {name: value for name, value in fields.items() if name not in wrong}


def restored_subgraph(made: Record, mark: Record) -> Record:
    """A sub-graph that was exported once: a socket of its signature that is the same still is ours whole."""
    made |= {name: value for name, value in record(mark.get("fields")).items() if name not in made}
    for side in ("inputs", "outputs"):
        ours = {text(each.get("name")): each for each in records(mark.get(side))}
        made[side] = [ours.get(each["name"], each) for each in made[side]]
    for name in items(mark.get("without")):
        made.pop(text(name), None)
    return kept(made, mark)


def with_zones(subgraphs: list[Record], mark: Record) -> list[Record]:
    """All sub-graphs in their order: zones, which only we have, lie in the mark, others by their ids."""
    by_id = {each["id"]: each for each in subgraphs}
    found = []
    for each in items(mark.get("subgraphs")):
        made = by_id.pop(each, None) if isinstance(each, str) else record(each)
        if made and text(made.get("id")):
            found.append(made)
    return found + list(by_id.values())


def kept(made: Record, mark: Record) -> Record:
    """The record with those of ComfyUI's fields that it had before it was exported, and links as drawn."""
    drawn = {(*each["from"], *each["to"]): each for each in records(mark.get("links")) if is_link(each)}
    if drawn:
        made["links"] = [drawn.get((*each["from"], *each["to"]), each) for each in made["links"]]
    comfy = record(made.pop("comfy", None))
    if "comfy" in mark:
        names = items(mark["comfy"])
        made["comfy"] = {name: value for name, value in comfy.items() if name in names}
        for field in ("properties", "extra"):
            if isinstance(made["comfy"].get(field), dict):
                inner = made["comfy"][field]
                made["comfy"][field] = {name: value for name, value in inner.items() if name != MARK}
    return made


def _inputs(values: Record, mark: Record, info: NodeInfo | None) -> Record:
    values = dict(values)
    for name, written in record(mark.get("written")).items():
        if name in values and values[name] == written:
            del values[name]
    for name in items(mark.get("unset")):
        given = info.input(name) if info and isinstance(name, str) else None
        if given and name in values and values[name] == given.default:
            del values[name]
    for name, literal in record(mark.get("inputs")).items():
        given = info.input(name) if info else None
        instead = first_of(literal) if is_said(first_of(literal)) or given is None else given.default
        if name not in values or values[name] == instead:
            values[name] = literal
    return values


def renamed(document: Record, marks: Iterable[Record], problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Give nodes and notes the ids of their marks, in order, where these are still free."""
    names: dict[str, str] = {}
    taken = set()
    drawn = [*document["nodes"], *document["notes"]]
    for made, mark in zip(drawn, marks, strict=True):
        own = text(mark.get("id")) or made["id"]
        own = own if own not in taken else made["id"]
        while own in taken:
            own = f"{own}_2"
        taken.add(own)
        names[made["id"]] = own
    for made in drawn:
        made["id"] = names[made["id"]]
    for link in document["links"]:
        for end in (link["from"], link["to"]):
            end[0] = names.get(end[0], end[0])
    return tuple(replace(each, node=names.get(each.node or "", each.node)) for each in problems)


def is_link(each: Record) -> bool:
    ends = [each.get("from"), each.get("to")]
    return all(isinstance(end, list) and [type(part) for part in end] == [str, str] for end in ends)


def is_said(value: object) -> bool:
    """Whether a widget of ComfyUI's interface can hold a value."""
    return isinstance(value, str | int | float) and value is not NO_DEFAULT
