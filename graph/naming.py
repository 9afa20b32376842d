"""Naming: Problems and their fixes by other names, where what was planned stands for something else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from graph.problems import Problem


@dataclass(frozen=True, slots=True)
class Names:
    """By which names something is to be told: `node` maps ids, `inputs` names of the Problem's own node."""

    node: Callable[[str], str]
    inputs: Mapping[str, str] = field(default_factory=dict)

    def problem(self, problem: Problem) -> Problem:
        """The Problem with other names, in its fixes, too."""
        if problem.node is None:
            return problem
        fixes = tuple(
            replace(fix, patch=tuple(self.patch(operation) for operation in fix.patch))
            for fix in problem.fixes
        )
        name = self.inputs.get(problem.input, problem.input) if problem.input is not None else None
        return replace(problem, node=self.node(problem.node), input=name, fixes=fixes)

    def patch(self, operation: Mapping[str, object]) -> dict[str, Any]:
        """One operation of a fix with other names."""
        patch: dict[str, Any] = dict(operation)
        if patch.get("input") in self.inputs:
            patch["input"] = self.inputs[patch["input"]]
        for part in ("node", "before"):
            if part in patch:
                patch[part] = self.node(patch[part])
        for end in ("from", "to"):
            if end in patch:
                patch[end] = [self.node(patch[end][0]), patch[end][1]]
        return patch
