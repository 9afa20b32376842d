"""ComfyUI's small helpers for nodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from compat.nodes.importing import lacking

__getattr__ = lacking(__name__)


def conditioning_set_values(
    conditioning: list[list[Any]], values: Mapping[str, Any] | None = None, append: bool = False
) -> list[list[Any]]:
    """The same entries with these values; `append` adds to lists that are there."""
    made = []
    for tensor, before in conditioning:
        entry = dict(before)
        for name, value in (values or {}).items():
            entry[name] = [*entry[name], *value] if append and isinstance(entry.get(name), list) else value
        made.append([tensor, entry])
    return made


def pillow(function: Callable[..., Any], argument: Any) -> Any:
    """Call Pillow; a picture that ends too early is read as far as it goes."""
    from PIL import ImageFile, UnidentifiedImageError

    before = ImageFile.LOAD_TRUNCATED_IMAGES
    try:
        return function(argument)
    except (OSError, UnidentifiedImageError, ValueError):
        ImageFile.LOAD_TRUNCATED_IMAGES = True
        return function(argument)
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def image_alpha_fix(destination: Any, source: Any) -> tuple[Any, Any]:
    """Two pictures with as many channels: alpha is added to, or taken from, the source."""
    import torch

    if destination.shape[-1] < source.shape[-1]:
        source = source[..., : destination.shape[-1]]
    elif destination.shape[-1] > source.shape[-1]:
        destination = destination.clone()
        source = torch.nn.functional.pad(source, (0, 1), value=1.0)
    return destination, source


def string_to_torch_dtype(name: str) -> Any:
    import torch

    return {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}.get(name)
