"""Problems: everything that can be wrong with a workflow, a node or a run, as data."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]
Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Fix:
    """A patch of the document that an editor button or the command line can apply."""

    label: str
    patch: tuple[Mapping[str, object], ...]

    def to_json(self) -> dict[str, object]:
        return {"label": self.label, "patch": [dict(operation) for operation in self.patch]}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where, what was given, what is expected, and the remedy."""

    code: str
    message: str
    node: str | None = None
    input: str | None = None
    given: Scalar = None
    expected: str = ""
    remedy: str = ""
    fixes: tuple[Fix, ...] = ()
    severity: Severity = "error"
    details: str = ""

    def to_json(self) -> dict[str, object]:
        record: dict[str, object] = {
            "code": self.code,
            "severity": self.severity,
            "node": self.node,
            "input": self.input,
            "message": self.message,
            "given": self.given,
            "expected": self.expected,
            "remedy": self.remedy,
            "fixes": [fix.to_json() for fix in self.fixes],
        }
        return {**record, "details": self.details} if self.details else record


def set_input(node: str, name: str, value: Scalar) -> Mapping[str, object]:
    return {"op": "set_input", "node": node, "input": name, "value": value}


def remove_value(node: str, name: str) -> Mapping[str, object]:
    return {"op": "remove_value", "node": node, "input": name}


def remove_link(node: str, name: str) -> Mapping[str, object]:
    return {"op": "remove_link", "to": [node, name]}


def add_link(source: tuple[str, str], node: str, name: str) -> Mapping[str, object]:
    """Lead an output into an input, in place of what led there."""
    return {"op": "add_link", "from": list(source), "to": [node, name]}


def add_node(node: str, type_id: str, before: str, **inputs: Scalar) -> Mapping[str, object]:
    """Put a new node to the left of another."""
    return {"op": "add_node", "node": node, "type": type_id, "inputs": inputs, "before": before}


def set_mode(node: str, mode: str) -> Mapping[str, object]:
    return {"op": "set_mode", "node": node, "mode": mode}


def set_type(node: str, type_id: str) -> Mapping[str, object]:
    return {"op": "set_type", "node": node, "type": type_id}


def scalar(value: object) -> Scalar:
    """The value itself where it is a JSON scalar of sane size, else words for it."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value if len(value) <= 200 else value[:200] + "…"
    if isinstance(value, int):
        return value if value.bit_length() <= 64 else f"a whole number of {value.bit_length()} bits"
    if isinstance(value, float):
        return value if value - value == 0 else repr(value)
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return f"an object of {len(value)} fields"
    return f"a {type(value).__name__}"


def words(value: object) -> str:
    """The value as a message shows it: short, and safe for any object."""
    short = scalar(value)
    return repr(short) if isinstance(value, str) else str(short)


class Nearest:
    """Finds the nearest known names, once each; a budget bounds the work for a document of strangers."""

    def __init__(self, budget: int = 50) -> None:
        self._budget = budget
        self._known: dict[tuple[str, str], tuple[str, ...]] = {}

    def __call__(self, name: str, names: Collection[str], *, of: str) -> tuple[str, ...]:
        """`of` says whose names they are."""
        key = (name[:100], of)
        if key not in self._known and self._budget:
            self._budget -= 1
            self._known[key] = nearest(name, names)
        return self._known.get(key, ())


def nearest(name: str, names: Collection[str]) -> tuple[str, ...]:
    """Up to three names like this one, whatever their case."""
    by_folded = {candidate.casefold(): candidate for candidate in names}
    found = difflib.get_close_matches(name[:100].casefold(), by_folded, n=3, cutoff=0.6)
    return tuple(by_folded[folded] for folded in found)
