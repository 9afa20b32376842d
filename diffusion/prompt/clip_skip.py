"""Reads a text encoder at a layer that is counted as ComfyUI and A1111 count it: from the last of the whole.

SD2 reads the last but one of OpenCLIP's 24 layers. Files in diffusers' layout leave out the last, so that
theirs is the 23rd, and still -2: the same number reads the same layer of both layouts.
"""

from diffusion.checkpoint.detect import PENULTIMATE_LAYERS
from diffusion.errors import Unsuitable
from diffusion.values import TextEncoder


def read_at(clip: TextEncoder, layer: int) -> TextEncoder:
    """The encoder read at a layer, -1 being the last of the whole network."""
    left_out = clip.family == "sd2" and clip.network.config.layers == PENULTIMATE_LAYERS
    if not left_out:
        return clip.with_layer(layer)
    if layer == -1:
        raise Unsuitable(
            f"the last of the {PENULTIMATE_LAYERS + 1} layers is not in this text encoder's file, "
            "since Stable Diffusion 2 never reads it",
            input="stop_at_clip_layer",
            remedy="Give -2, which is what Stable Diffusion 2 reads, or use the original checkpoint.",
        )
    return clip.with_layer(layer + 1)
