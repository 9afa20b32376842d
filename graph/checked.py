"""A node on its way from the document to a step: what checking, facts and planning know of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from graph.nodetype import NodeType
from graph.sockets import Conversion


class StepLink(NamedTuple):
    """Where one input of a step comes from; a plain one passes its value as it is."""

    input: str
    source: str
    output: str
    position: int
    plain: bool = True
    conversion: Conversion | None = None
    spread: bool = False
    """Whether a list arrives, whose items join those of the other links."""
    lazy: bool = False
    """Whether it is followed only when the node asks."""
    each: bool = False
    """Whether a list arrives, of whose items every call gets one."""


@dataclass(slots=True)
class Checked:
    """A node on its way to being a step. Without a key it is blocked, and `reason` says why."""

    id: str
    type: str
    node_type: NodeType | None = None
    arguments: dict[str, object] = field(default_factory=dict)
    values: Sequence[str] = ()
    """The canonical texts of the literals, which enter the key: "steps=20;"."""
    files: dict[str, str] | None = None
    """By input, the names of files: their texts are digests."""
    opened: Sequence[Path] = ()
    """The files that its code will open by itself."""
    links: list[StepLink] = field(default_factory=list)
    errors: int = 0
    above: Sequence[str] = ()
    """For each link what it brings to the key, which holds the key of its source."""
    salt: str = ""
    """What an impure node's result depends on beside its inputs."""
    key: str = ""
    prefix: str = ""
    """The node type and its code, which begin the key."""
    mapped: bool = False
    """Whether it is called for every item of lists, so that its outputs are lists."""
    reason: str = ""
    uses: int = 0
    body: Body | None = None
    """What is inside a zone."""


@dataclass(frozen=True, slots=True)
class Body:
    """The nodes inside, in an order that can run; the last one is `@out`."""

    drafts: tuple[Checked, ...]
    ends: Mapping[str, NodeType]
    sinks: tuple[int, ...]
    """Their places among the steps of a turn."""
    key: str
    """Of everything inside; what comes in is not part of it."""
