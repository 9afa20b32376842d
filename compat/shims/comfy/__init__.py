"""ComfyUI's package `comfy`: what of it does not need its own models."""

from compat.nodes.importing import lacking

__getattr__ = lacking(__name__)
