"""Nodes of any type, and of two."""

from comfy.comfy_types import IO
from comfy.comfy_types.node_typing import ComfyNodeABC
from comfy.utils import ProgressBar
from comfy_api.v0_0_2 import ComfyAPI, ComfyAPISync, Input

from .variants import variants

api, api_sync = ComfyAPI(), ComfyAPISync()


@variants
class TrialAny:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": ("*",)}, "optional": {"number": ("INT,FLOAT",)}}

    RETURN_TYPES = ("*", "INT,FLOAT")
    FUNCTION = "run"
    CATEGORY = "trial"

    def run(self, value, number=0):
        return value, number


class TrialTold(ComfyNodeABC):
    """Tells parts of one, waiting."""

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {"value": (IO.ANY, {}), "id": (IO.STRING, {"default": ""})},
            "hidden": {"own": "UNIQUE_ID"},
        }

    RETURN_TYPES = (IO.ANY,)
    FUNCTION = "run"
    CATEGORY = "trial"

    async def run(self, value: Input.Image, id, own):
        bar = ProgressBar(2, node_id=own)
        bar.update_absolute(1)
        await api.execution.set_progress(value=0.5, max_value=1.0)
        api_sync.execution.set_progress(value=1.0, max_value=1.0)
        return (value,)


NODE_CLASS_MAPPINGS = {"TrialAny": TrialAny, "TrialTold": TrialTold}
NODE_DISPLAY_NAME_MAPPINGS = {"TrialAny": "Any"}
