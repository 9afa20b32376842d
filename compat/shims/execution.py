"""ComfyUI's `execution`: its executor is not ours, so packs find nothing here but what is told as missing."""

from compat.nodes.importing import lacking
from compat.nodes.values import ExecutionBlocker as ExecutionBlocker

__getattr__ = lacking(__name__)
