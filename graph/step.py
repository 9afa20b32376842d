"""Steps: what a plan says of one node, and what a run calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from graph.axes import Instance
from graph.checked import Checked, StepLink
from graph.entry import Kept
from graph.nodetype import NodeType

State = Literal["cached", "will_run", "blocked"]


class Step(NamedTuple):
    """One call of a node type: its arguments, where the others come from, and the key of its result.

    A frozen dataclass takes 1 us more to make.
    """

    id: str
    type: str
    node_type: NodeType | None
    literals: Mapping[str, object]
    links: Sequence[StepLink]
    key: str
    uses: int
    state: State
    reason: str
    made_of: Checked | None = None
    """What enters the key, part by part; None where it is blocked."""
    instance: Instance | None = None
    """Of a sweep: which node this is, and where."""
    stage: int = 0
    """A step waits for all steps of earlier stages."""
    kept: Kept | None = None
    """Where the result lies, of one that is known."""
    mapped: bool = False
    """Whether it is called for every item of lists, so that its outputs are lists."""

    @property
    def node(self) -> str:
        """The id of the node in the document."""
        return self.instance.node if self.instance is not None else self.id

    def to_json(self, now: float) -> dict[str, object]:
        instance = self.instance.to_json() if self.instance is not None else {}
        known = {"kept": self.kept.to_json(now), "key": self.key} if self.kept is not None else {}
        said = {"id": self.id, "type": self.type, "state": self.state, "reason": self.reason}
        mapped = {"mapped": True} if self.mapped else {}
        return {**said, **mapped, **known, **instance}
