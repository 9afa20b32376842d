"""The version of the interface that the latest is."""

from compat.nodes.importing import lacking
from compat.shims.comfy_api.latest import (
    IO,
    UI,
    ComfyAPI,
    ComfyAPISync,
    ComfyExtension,
    Input,
    io,
    ui,
)

__getattr__ = lacking(__name__)
__all__ = ["IO", "UI", "ComfyAPI", "ComfyAPISync", "ComfyExtension", "Input", "io", "ui"]
