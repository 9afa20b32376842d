"""What a node may ask of the graph that it stands in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compat.nodes.importing import lacking
from compat.nodes.values import ExecutionBlocker as ExecutionBlocker
from compat.shims.comfy_execution.graph_utils import is_link as is_link

__getattr__ = lacking(__name__)


class NodeNotFoundError(Exception):
    """There is no node of an id."""


class DynamicPrompt:
    """The prompt by the ids of its nodes; nothing expands here, so it is the one that was given."""

    def __init__(self, original_prompt: Mapping[str, Any]) -> None:
        self.original_prompt = original_prompt

    def get_node(self, node_id: str) -> Any:
        if node_id not in self.original_prompt:
            raise NodeNotFoundError(f"there is no node {node_id}")
        return self.original_prompt[node_id]

    def has_node(self, node_id: str) -> bool:
        return node_id in self.original_prompt

    def get_real_node_id(self, node_id: str) -> str:
        return node_id

    def get_display_node_id(self, node_id: str) -> str:
        return node_id

    def all_node_ids(self) -> set[str]:
        return set(self.original_prompt)

    def get_original_prompt(self) -> Mapping[str, Any]:
        return self.original_prompt
