"""The few of ComfyUI's command line options that packs ask for, as they are without any."""

from types import SimpleNamespace

from compat.nodes.importing import lacking

__getattr__ = lacking(__name__)

args = SimpleNamespace(
    cpu=False,
    disable_metadata=False,
    listen="127.0.0.1",
    port=8188,
    preview_method="auto",
    base_directory=None,
    output_directory=None,
    input_directory=None,
    temp_directory=None,
    verbose="INFO",
)
