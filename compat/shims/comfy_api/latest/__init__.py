"""What packs import to declare nodes by a schema."""

from __future__ import annotations

from typing import Any

from compat.nodes.here import STEP, host
from compat.nodes.importing import lacking
from compat.shims.comfy_api.latest import _io as io
from compat.shims.comfy_api.latest import _ui as ui

__getattr__ = lacking(__name__)

IO, UI = io, ui


class ComfyExtension:
    """A pack: its `get_node_list` names the classes of its nodes."""

    async def on_load(self) -> None:
        """Called before its nodes are asked for."""

    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        raise NotImplementedError("a pack's extension says its nodes")


def _progress(value: float, max_value: float) -> None:
    step = STEP.get()
    if step is not None:
        step.check_cancelled()
        step.progress(int(value), int(max_value))


def _replace(by: io.NodeReplace) -> None:
    host().replacements[by.old_node_id] = by


class ComfyAPI:
    """What a running node may ask, and what a pack may tell the program."""

    class node_replacement:
        @staticmethod
        async def register(node_replace: io.NodeReplace) -> None:
            _replace(node_replace)

    class execution:
        @staticmethod
        async def set_progress(value: float, max_value: float, **_: Any) -> None:
            _progress(value, max_value)


class ComfyAPISync:
    """The same for nodes that do not wait."""

    class node_replacement:
        @staticmethod
        def register(node_replace: io.NodeReplace) -> None:
            _replace(node_replace)

    class execution:
        @staticmethod
        def set_progress(value: float, max_value: float, **_: Any) -> None:
            _progress(value, max_value)
