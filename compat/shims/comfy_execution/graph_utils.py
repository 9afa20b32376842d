"""What packs build graphs with. Nodes that use it are refused until nodes can expand here."""

from __future__ import annotations

from typing import Any

from compat.nodes.importing import lacking
from compat.nodes.values import ExecutionBlocker as ExecutionBlocker

__getattr__ = lacking(__name__)


def is_link(value: Any) -> bool:
    """Whether a value of a prompt is a link: a node's id and an output's number."""
    if not isinstance(value, list) or len(value) != 2:
        return False
    return isinstance(value[0], str) and isinstance(value[1], int | float)


class GraphBuilder:
    """Here so that a pack loads whose other nodes can run."""

    def __init__(self, prefix: str | None = None) -> None:
        raise NotImplementedError("nodes cannot put further nodes in their own place yet")
