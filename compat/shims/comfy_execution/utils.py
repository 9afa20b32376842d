"""Which step runs."""

from __future__ import annotations

from typing import NamedTuple

from compat.nodes.here import STEP
from compat.nodes.importing import lacking

__getattr__ = lacking(__name__)


class ExecutionContext(NamedTuple):
    prompt_id: str
    node_id: str
    list_index: int | None


def get_executing_context() -> ExecutionContext | None:
    step = STEP.get()
    return None if step is None else ExecutionContext(step.run_id, step.node_id, None)
