"""Events: everything that happens, as one typed union. The service's log gives number and time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from graph.artifacts import Artifact
from graph.problems import Problem

RunStatus = Literal["succeeded", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class RunQueued:
    run: str
    title: str
    client: str
    steps: tuple[tuple[str, str], ...]

    def to_json(self) -> dict[str, object]:
        return {
            "type": "RunQueued",
            "run": self.run,
            "title": self.title,
            "client": self.client,
            "steps": [list(step) for step in self.steps],
        }


@dataclass(frozen=True, slots=True)
class RunStarted:
    run: str

    def to_json(self) -> dict[str, object]:
        return {"type": "RunStarted", "run": self.run}


@dataclass(frozen=True, slots=True)
class StepStarted:
    run: str
    step: str

    def to_json(self) -> dict[str, object]:
        return {"type": "StepStarted", "run": self.run, "step": self.step}


@dataclass(frozen=True, slots=True)
class StepCached:
    run: str
    step: str
    artifacts: tuple[Artifact, ...] = ()

    def to_json(self) -> dict[str, object]:
        artifacts = [artifact.to_json() for artifact in self.artifacts]
        return {"type": "StepCached", "run": self.run, "step": self.step, "artifacts": artifacts}


@dataclass(frozen=True, slots=True)
class StepProgress:
    """`total` is None where nobody knows it: a generator that has yielded `done` times."""

    run: str
    step: str
    done: int
    total: int | None

    def to_json(self) -> dict[str, object]:
        return {
            "type": "StepProgress",
            "run": self.run,
            "step": self.step,
            "done": self.done,
            "total": self.total,
        }


@dataclass(frozen=True, slots=True)
class StepPreview:
    """A picture of the work so far; its bytes travel beside the JSON, not in it."""

    run: str
    step: str
    mime: str
    data: bytes

    def to_json(self) -> dict[str, object]:
        return {"type": "StepPreview", "run": self.run, "step": self.step, "mime": self.mime}


@dataclass(frozen=True, slots=True)
class StepFinished:
    run: str
    step: str
    seconds: float
    artifacts: tuple[Artifact, ...] = ()

    def to_json(self) -> dict[str, object]:
        return {
            "type": "StepFinished",
            "run": self.run,
            "step": self.step,
            "seconds": round(self.seconds, 6),
            "artifacts": [artifact.to_json() for artifact in self.artifacts],
        }


@dataclass(frozen=True, slots=True)
class StepFailed:
    run: str
    step: str
    problem: Problem

    def to_json(self) -> dict[str, object]:
        problem = self.problem.to_json()
        return {"type": "StepFailed", "run": self.run, "step": self.step, "problem": problem}


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


Event = (
    RunQueued
    | RunStarted
    | StepStarted
    | StepCached
    | StepProgress
    | StepPreview
    | StepFinished
    | StepFailed
    | RunFinished
    | CatalogChanged
)
