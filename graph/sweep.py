"""Sweeps: a literal that is several values, as a document writes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graph.axes import Instance
from graph.problems import words


@dataclass(frozen=True, slots=True)
class Sweep:
    """`{"sweep": [4, 6, 8], "axis": "cfg"}` in the place of a literal. No widget takes an object."""

    values: tuple[Any, ...]
    axis: str
    """Sweeps along one axis go together; sweeps along several make all combinations."""


Sweeps = Mapping[tuple[str, str], Sweep]
"""By node id and input name."""


def is_sweep(literal: object) -> bool:
    """Whether a literal means to be a sweep, well written or not."""
    return isinstance(literal, Mapping) and "sweep" in literal


def fault(literal: Mapping[str, object]) -> str:
    """What is wrong with how a sweep is written; nothing where it is well written."""
    values, axis = literal["sweep"], literal.get("axis", "")
    if not isinstance(values, list | tuple):
        return f"sweep is {words(values)}, not a list"
    if not values:
        return "its list of values is empty"
    if not isinstance(axis, str):
        return f"axis is {words(axis)}, not a name"
    unknown = [name for name in literal if name not in ("sweep", "axis")]
    return f"{words(unknown[0])} is no field of a sweep" if unknown else ""


def read_sweeps(inputs_of: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[tuple[str, str], Sweep]:
    """The well written sweeps of a document, each with its axis.

    One that names none goes along an axis of its own, called as its input or, if others want that name,
    as `node.input`.
    """
    found = {
        (node, name): literal
        for node, inputs in inputs_of
        for name, literal in inputs.items()
        if is_sweep(literal) and not fault(literal)
    }
    wanted = Counter(literal.get("axis") or name for (_, name), literal in found.items())
    sweeps = {}
    for (node, name), literal in found.items():
        alone = name if wanted[name] == 1 else f"{node}.{name}"
        sweeps[node, name] = Sweep(tuple(literal["sweep"]), literal.get("axis") or alone)
    return sweeps


def document_at(document: Mapping[str, Any] | None, instance: Instance | None) -> Mapping[str, Any] | None:
    """The document of one coordinate: its axes are no longer swept, so that it makes this result again."""
    if document is None or instance is None or not instance.coordinate:
        return document
    records = [record for record in document.get("nodes", ()) if isinstance(record, Mapping)]
    given = ((str(record.get("id")), record.get("inputs")) for record in records)
    sweeps = read_sweeps((node, inputs) for node, inputs in given if isinstance(inputs, Mapping))
    at = dict(zip((axis for axis, _ in instance.coordinate), instance.positions, strict=True))
    chosen: dict[str, dict[str, object]] = {}
    for (node, name), sweep in sweeps.items():
        if sweep.axis in at:
            chosen.setdefault(node, {})[name] = sweep.values[at[sweep.axis]]
    nodes = [
        {**record, "inputs": {**record["inputs"], **chosen[record["id"]]}}
        if record.get("id") in chosen
        else record
        for record in records
    ]
    return {**document, "nodes": nodes}
