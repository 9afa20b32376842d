"""Events: everything that happens, as one typed union. The service's log gives number and time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from graph.artifacts import Artifact
from graph.axes import Instance
from graph.problems import Problem

RunStatus = Literal["succeeded", "failed", "cancelled"]
StepState = tuple[str, str] | tuple[str, str, Mapping[str, object]]
"""A step and its state; of a sweep, its node and coordinate, too."""


def _at(record: dict[str, object], instance: Instance | None) -> dict[str, object]:
    """What happened to a step of a sweep names its node and coordinate."""
    return record if instance is None else {**record, **instance.to_json()}


@dataclass(frozen=True, slots=True)
class RunQueued:
    run: str
    title: str
    client: str
    steps: tuple[StepState, ...]
    priority: int = 0
    place: float = 0.0

    def to_json(self) -> dict[str, object]:
        return {
            "type": "RunQueued",
            "run": self.run,
            "title": self.title,
            "client": self.client,
            "steps": [list(step) for step in self.steps],
            "priority": self.priority,
            "place": self.place,
        }


@dataclass(frozen=True, slots=True)
class RunMoved:
    """A waiting run has another place: what waits runs by falling priority, then by rising place."""

    run: str
    priority: int
    place: float

    def to_json(self) -> dict[str, object]:
        return {"type": "RunMoved", "run": self.run, "priority": self.priority, "place": self.place}


@dataclass(frozen=True, slots=True)
class RunEdited:
    """A waiting run will do something else than it was queued for."""

    run: str
    title: str
    steps: tuple[StepState, ...]

    def to_json(self) -> dict[str, object]:
        steps = [list(step) for step in self.steps]
        return {"type": "RunEdited", "run": self.run, "title": self.title, "steps": steps}


@dataclass(frozen=True, slots=True)
class RunInterrupted:
    """The server ended while the run worked; it waits again, in the place that it had."""

    run: str
    reason: Literal["stopped", "killed"]

    def to_json(self) -> dict[str, object]:
        return {"type": "RunInterrupted", "run": self.run, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class RunStarted:
    run: str

    def to_json(self) -> dict[str, object]:
        return {"type": "RunStarted", "run": self.run}


@dataclass(frozen=True, slots=True)
class StepStarted:
    run: str
    step: str
    instance: Instance | None = None

    def to_json(self) -> dict[str, object]:
        return _at({"type": "StepStarted", "run": self.run, "step": self.step}, self.instance)


@dataclass(frozen=True, slots=True)
class StepCached:
    run: str
    step: str
    artifacts: tuple[Artifact, ...] = ()
    instance: Instance | None = None

    def to_json(self) -> dict[str, object]:
        artifacts = [artifact.to_json() for artifact in self.artifacts]
        said: dict[str, object] = {"type": "StepCached", "run": self.run, "step": self.step}
        return _at({**said, "artifacts": artifacts}, self.instance)


@dataclass(frozen=True, slots=True)
class StepProgress:
    """`total` is None where nobody knows it: a generator that has yielded `done` times."""

    run: str
    step: str
    done: int
    total: int | None
    instance: Instance | None = None

    def to_json(self) -> dict[str, object]:
        said: dict[str, object] = {
            "type": "StepProgress",
            "run": self.run,
            "step": self.step,
            "done": self.done,
            "total": self.total,
        }
        return _at(said, self.instance)


@dataclass(frozen=True, slots=True)
class StepPreview:
    """A picture of the work so far; its bytes travel beside the JSON, not in it."""

    run: str
    step: str
    mime: str
    data: bytes
    instance: Instance | None = None

    def to_json(self) -> dict[str, object]:
        said: dict[str, object] = {"type": "StepPreview", "run": self.run, "step": self.step}
        return _at({**said, "mime": self.mime}, self.instance)


@dataclass(frozen=True, slots=True)
class StepFinished:
    run: str
    step: str
    seconds: float
    artifacts: tuple[Artifact, ...] = ()
    instance: Instance | None = None
    bytes: int = 0
    """What its outputs hold."""
    memory: Mapping[str, int] | None = None
    """The most that the program held meanwhile, in bytes by tier: `host`, `device`."""

    def to_json(self) -> dict[str, object]:
        said: dict[str, object] = {
            "type": "StepFinished",
            "run": self.run,
            "step": self.step,
            "seconds": round(self.seconds, 6),
            "artifacts": [artifact.to_json() for artifact in self.artifacts],
            "bytes": self.bytes,
        }
        if self.memory is not None:
            said["memory"] = dict(self.memory)
        return _at(said, self.instance)


@dataclass(frozen=True, slots=True)
class StepFailed:
    run: str
    step: str
    problem: Problem
    instance: Instance | None = None

    def to_json(self) -> dict[str, object]:
        problem = self.problem.to_json()
        said: dict[str, object] = {"type": "StepFailed", "run": self.run, "step": self.step}
        return _at({**said, "problem": problem}, self.instance)


@dataclass(frozen=True, slots=True)
class StepSkipped:
    """A step is not made, since someone said so; `because` names one that it needs, if that was skipped."""

    run: str
    step: str
    because: str | None = None
    instance: Instance | None = None

    def to_json(self) -> dict[str, object]:
        said: dict[str, object] = {"type": "StepSkipped", "run": self.run, "step": self.step}
        return _at({**said, "because": self.because}, self.instance)


@dataclass(frozen=True, slots=True)
class StepWarned:
    """Something that a working step found and that did not stop it: a Problem that is a warning."""

    run: str
    step: str
    problem: Problem
    instance: Instance | None = None

    def to_json(self) -> dict[str, object]:
        problem = self.problem.to_json()
        said: dict[str, object] = {"type": "StepWarned", "run": self.run, "step": self.step}
        return _at({**said, "problem": problem}, self.instance)


@dataclass(frozen=True, slots=True)
class RunFinished:
    run: str
    status: RunStatus
    seconds: float
    problems: tuple[Problem, ...] = ()

    def to_json(self) -> dict[str, object]:
        return {
            "type": "RunFinished",
            "run": self.run,
            "status": self.status,
            "seconds": round(self.seconds, 6),
            "problems": [problem.to_json() for problem in self.problems],
        }


@dataclass(frozen=True, slots=True)
class CatalogChanged:
    def to_json(self) -> dict[str, object]:
        return {"type": "CatalogChanged", "run": None}


@dataclass(frozen=True, slots=True)
class QueueChanged:
    """Whether the queue starts what waits."""

    paused: bool

    def to_json(self) -> dict[str, object]:
        return {"type": "QueueChanged", "run": None, "paused": self.paused}


Event = (
    RunQueued
    | RunMoved
    | RunEdited
    | RunInterrupted
    | RunStarted
    | StepStarted
    | StepCached
    | StepProgress
    | StepPreview
    | StepWarned
    | StepFinished
    | StepFailed
    | StepSkipped
    | RunFinished
    | CatalogChanged
    | QueueChanged
)

FromNode = StepProgress | StepPreview | StepWarned
"""What a working node itself tells, through its Context."""
