"""ComfyUI's package `comfy_execution`: blockers, and the graph as nodes see it."""

from compat.nodes.importing import lacking

__getattr__ = lacking(__name__)
