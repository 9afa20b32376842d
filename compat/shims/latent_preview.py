"""ComfyUI's previews while sampling: the progress of a pack's own loop, with pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compat.nodes.here import STEP
from compat.nodes.importing import lacking
from compat.shims.comfy.utils import ProgressBar

__getattr__ = lacking(__name__)

MAX_PREVIEW_RESOLUTION = 512


def prepare_callback(
    model: Any, steps: int, x0_output_dict: dict[str, Any] | None = None
) -> Callable[[int, Any, Any, int], None]:
    """Called after each step with its number, the picture so far, the noisy one, and the number of steps."""
    from diffusion.preview import linear_colours, preview_jpeg

    bar = ProgressBar(steps)

    def callback(step: int, x0: Any, x: Any, total_steps: int) -> None:
        if x0_output_dict is not None:
            x0_output_dict["x0"] = x0
        bar.update_absolute(step + 1, total_steps)
        here = STEP.get()
        if here is not None and x0 is not None:
            here.preview(preview_jpeg(linear_colours, x0))

    return callback
