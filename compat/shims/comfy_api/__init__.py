"""ComfyUI's package `comfy_api`: its newer way to declare nodes, as far as it is fixed at load."""

from compat.nodes.importing import lacking

__getattr__ = lacking(__name__)
