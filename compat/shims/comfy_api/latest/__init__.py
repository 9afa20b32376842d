"""What packs import to declare nodes by a schema."""

from __future__ import annotations

from typing import Any

from compat.nodes.here import STEP, host
from compat.nodes.importing import lacking
from compat.shims.comfy.utils import send_preview
from compat.shims.comfy_api.latest import _io as io
from compat.shims.comfy_api.latest import _ui as ui

__getattr__ = lacking(__name__)

IO, UI = io, ui


class Input:
    """Types of what nodes are given, for annotations."""

    Image = Mask = Latent = Audio = Video = Any


class ComfyExtension:
    """A pack: its `get_node_list` names the classes of its nodes."""

    async def on_load(self) -> None:
        """Called before its nodes are asked for."""

    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        raise NotImplementedError("a pack's extension says its nodes")


LARGEST_PREVIEW = 512  # px


def _progress(value: float, max_value: float, preview_image: Any, ignore_size_limit: bool) -> None:
    step = STEP.get()
    if step is None:
        return
    step.check_cancelled()
    if value != int(value) or max_value != int(max_value):
        value, max_value = round(100 * value / max_value), 100  # as packs that tell a part of 1
    step.progress(int(value), int(max_value))
    if preview_image is not None:
        picture = preview_image if hasattr(preview_image, "thumbnail") else _picture(preview_image)
        send_preview(("JPEG", picture, None if ignore_size_limit else LARGEST_PREVIEW))


def _picture(pixels: Any) -> Any:
    """The first of a batch, or a picture alone."""
    from diffusion.images import to_pil

    return to_pil(pixels.reshape(-1, *pixels.shape[-3:])[0])


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
        async def set_progress(
            value: float,
            max_value: float,
            node_id: str | None = None,
            preview_image: Any = None,
            ignore_size_limit: bool = False,
        ) -> None:
            _progress(value, max_value, preview_image, ignore_size_limit)


class ComfyAPISync:
    """The same for nodes that do not wait."""

    class node_replacement:
        @staticmethod
        def register(node_replace: io.NodeReplace) -> None:
            _replace(node_replace)

    class execution:
        @staticmethod
        def set_progress(
            value: float,
            max_value: float,
            node_id: str | None = None,
            preview_image: Any = None,
            ignore_size_limit: bool = False,
        ) -> None:
            _progress(value, max_value, preview_image, ignore_size_limit)
