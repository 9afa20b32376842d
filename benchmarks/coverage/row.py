"""A row of the coverage table: what it holds, what its checks measured, and whether that is enough."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True)
class Run:
    """One run of the benchmark: whether it is to be quick, and a folder for files that it makes."""

    quick: bool
    folder: Path

    def path(self, name: str) -> Path:
        """A path in the folder whose parents exist."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


@dataclass(frozen=True)
class Measured:
    """How far a result is from a reference's, and how far it may be; 0 means not at all."""

    what: str
    reference: str
    error: float
    tolerance: float

    @property
    def passes(self) -> bool:
        return self.error <= self.tolerance  # not for NaN

    @property
    def part(self) -> float:
        """The error as a part of what is tolerated."""
        if math.isnan(self.error):
            return math.inf
        if not self.tolerance:
            return math.inf if self.error else 0.0
        return self.error / self.tolerance


@dataclass(frozen=True)
class Layout:
    """A format of files, and what went wrong when one was loaded."""

    what: str
    problem: str = ""


Measure = Callable[[Run], Iterable[Measured]]
FileCheck = Callable[[Run], Iterable[Layout]]


@dataclass(frozen=True)
class Row:
    """A system, the nodes that make it, a workflow that uses them, and the checks that prove it.

    `deviations` says in sentences what differs from the original or is not covered.
    """

    name: str
    system: str
    nodes: tuple[str, ...]
    workflows: tuple[str, ...]
    measures: tuple[Measure, ...]
    files: tuple[FileCheck, ...] = ()
    deviations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """What a row's checks found; `failures` are checks that did not come to an end.

    `without_workflow` are nodes that no workflow which ships uses; tests alone run them.
    """

    name: str
    system: str
    nodes: tuple[str, ...]
    missing_nodes: tuple[str, ...]
    workflows: tuple[str, ...]
    workflow_problems: tuple[str, ...]
    without_workflow: tuple[str, ...]
    measured: tuple[Measured, ...]
    layouts: tuple[Layout, ...]
    deviations: tuple[str, ...]
    failures: tuple[str, ...] = ()

    @property
    def worst(self) -> Measured:
        """The measurement that comes nearest to its tolerance, or is farthest beyond it."""
        nothing = Measured("nothing", "none", math.nan, 0.0)
        return max(self.measured, key=lambda each: (each.part, each.error), default=nothing)

    @property
    def passes(self) -> bool:
        problems = (*self.failures, *self.workflow_problems, *self.missing_nodes)
        read = all(not layout.problem for layout in self.layouts)
        return bool(self.measured) and not problems and read and all(each.passes for each in self.measured)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Result:
        fields: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list | tuple) else value for name, value in record.items()
        }
        fields["measured"] = tuple(Measured(**each) for each in record["measured"])
        fields["layouts"] = tuple(Layout(**each) for each in record["layouts"])
        return cls(**fields)


def apart(ours: Tensor, theirs: Tensor) -> float:
    """The largest difference of two tensors of one shape; infinite where the shapes differ."""
    if ours.shape != theirs.shape:
        return math.inf
    return float((ours.double() - theirs.double()).abs().max())


def farthest(pairs: Iterable[tuple[Tensor, Tensor]]) -> float:
    """The largest difference of all pairs; NaN where there is none, or where one is."""
    found = [apart(ours, theirs) for ours, theirs in pairs]
    return float("nan") if not found or any(map(math.isnan, found)) else max(found)


def relative(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The largest difference of two lists of numbers, as a part of the second's."""
    mine, other = (torch.as_tensor(each, dtype=torch.float64) for each in (ours, theirs))
    if mine.shape != other.shape:
        return math.inf
    return float(((mine - other).abs() / other.abs().clamp(min=1e-12)).where(mine != other, 0).max())


def loads(what: str, load: Callable[[], bool]) -> Layout:
    """Whether files of a layout give back what was put into them."""
    try:
        right = load()
    except Exception as error:  # whatever a loader raises is what the page is to say
        return Layout(what, f"{type(error).__name__}: {error}")
    return Layout(what, "" if right else "gives other tensors than it holds")
