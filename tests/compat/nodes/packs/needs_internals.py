"""A pack that reaches into ComfyUI's models: it is refused with all that it lacks, and with nothing else."""

import comfy.model_patcher
import comfy.utils
from comfy.ldm.modules.attention import CrossAttention, optimized_attention

try:
    from comfy.ldm.flux.math import rope
except ImportError:
    rope = None


class Deep:
    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"model": ("MODEL",)}}

    RETURN_TYPES = ("MODEL",)
    FUNCTION = "patch"

    def patch(self, model):
        bar = comfy.utils.ProgressBar(1)
        return (comfy.model_patcher.ModelPatcher(CrossAttention, optimized_attention, rope, bar),)


NODE_CLASS_MAPPINGS = {"Deep": Deep}
