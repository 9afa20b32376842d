"""Plans: what a run of some targets will do, step by step, or every reason why it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from graph.nodetype import NodeType
from graph.problems import Problem
from graph.sockets import Conversion

State = Literal["cached", "will_run", "blocked"]


class StepLink(NamedTuple):
    """Where one input of a step comes from."""

    input: str
    source: str
    output: str
    position: int
    conversion: Conversion | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a node type: its arguments, where the others come from, and the key of its result."""

    id: str
    type: str
    node_type: NodeType | None
    literals: Mapping[str, object]
    links: tuple[StepLink, ...]
    key: str
    uses: int
    state: State
    reason: str

    def to_json(self) -> dict[str, object]:
        return {"id": self.id, "type": self.type, "state": self.state, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in an order that can run, restricted to what the targets need, and all Problems."""

    steps: tuple[Step, ...] = ()
    targets: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every target can be made."""
        return not any(problem.severity == "error" for problem in self.problems)

    def states(self) -> tuple[tuple[str, str], ...]:
        return tuple((step.id, step.state) for step in self.steps)

    def to_json(self) -> dict[str, object]:
        problems = [problem.to_json() for problem in self.problems]
        return {"problems": problems, "steps": [step.to_json() for step in self.steps]}
