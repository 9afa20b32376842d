"""Plans: what a run of some targets will do, step by step, or every reason why it cannot."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from graph.cache import Cache
from graph.events import StepState
from graph.expand import expand
from graph.flatten import flatten
from graph.folders import Folders
from graph.infer import Outputs, shared
from graph.instances import types_of
from graph.mending import mend
from graph.planning import Planning, Setting, usable
from graph.problems import Problem
from graph.registry import Registry
from graph.step import State, Step
from graph.wanted import recorded
from graph.workflow import Workflow

__all__ = ["Plan", "State", "Step", "plan", "usable"]


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in an order that can run, restricted to what the targets need, and all Problems."""

    steps: tuple[Step, ...] = ()
    targets: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    facts: Mapping[str, Outputs] = field(default_factory=dict)
    """By node and output, what is known of the values before anything runs."""
    setting: Setting | None = None
    """What it was planned with; nodes that return graphs have these planned with it, too."""

    @property
    def ok(self) -> bool:
        """Whether every target can be made."""
        return not any(problem.severity == "error" for problem in self.problems)

    def states(self) -> tuple[StepState, ...]:
        return tuple(
            (step.id, step.state) if step.instance is None else (step.id, step.state, step.instance.to_json())
            for step in self.steps
        )

    def to_json(self) -> dict[str, object]:
        problems = [problem.to_json() for problem in self.problems]
        now = time.time()
        steps = [step.to_json(now) for step in self.steps]
        return {"problems": problems, "steps": steps, "facts": self.facts}


def plan(
    workflow: Workflow,
    registry: Registry,
    *,
    targets: Sequence[str] | None = None,
    folders: Folders | None = None,
    cache: Cache | None = None,
    numerics: Callable[[], str] | None = None,
    explain: bool = True,
) -> Plan:
    """Plan a run of the targets, or of all sinks. Never raises: what is wrong is in `problems`.

    `numerics` says how networks compute here: what the `gpu` lane makes with other bits has another key.
    Without `explain`, a plan that is to be run and not read leaves out why each step misses the cache.
    """
    try:
        if cache is not None:
            cache.refresh()
        known = registry.now  # packs may be read again meanwhile
        types = types_of(workflow, known)
        setting = Setting(
            known, types, workflow.subgraphs, folders, cache, numerics, explain, recorded(workflow.document)
        )
        flat = flatten(workflow)
        made = _planned(flat.workflow, setting, flat.targets(targets, types))
        problems = (*flat.problems, *map(flat.restored, made.problems))
        mended = mend(problems, workflow, flat.workflow, types, known.conversions)
        facts = {**made.facts, **flat.facts(made.facts)}
        return replace(made, problems=tuple(mended), facts=facts, setting=setting)
    except Exception as error:  # a bug of ours must not take the service down
        message = f"planning failed: {type(error).__name__}: {error}"
        details = "".join(traceback.format_exception(error))
        remedy = "This is an error in Tessera: please report it with the workflow."
        return Plan(problems=(Problem("internal_error", message, remedy=remedy, details=details),))


def _planned(workflow: Workflow, setting: Setting, targets: Sequence[str] | None) -> Plan:
    """The plan of a flat document, with what is swept in it."""
    expansion = expand(workflow, setting.types, targets)
    if expansion is None:
        return _plan_of(Planning(workflow, setting), targets)
    made = _plan_of(Planning(expansion.workflow, setting, expansion), expansion.targets)
    facts = shared(made.facts, expansion.node_of)
    return replace(made, problems=expansion.restored(made.problems), facts=facts)


def _plan_of(planning: Planning, targets: Sequence[str] | None) -> Plan:
    steps, wanted = planning.steps(targets)
    return Plan(steps, tuple(wanted), tuple(planning.problems), planning.facts)
