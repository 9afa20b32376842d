"""Tells what a file of weights seems to be from the names in it, for messages that help."""

import re
from collections.abc import Iterable

from diffusion.checkpoint.errors import UnknownArchitecture

# Families that cannot be used: named alone, whatever else their files hold.
FOREIGN = {
    r"model\.diffusion_model\.joint_blocks\..*|(?:model\.diffusion_model\.)?double_blocks\..*": "SD3 or Flux",
    r"conditioner\.embedders\..*|(?:.*\.)?label_emb\.0\.0\..*|add_embedding\..*": "SDXL",
    r"(?:encoder\.block\.\d+|.*\.DenseReluDense)\..*|shared\.weight": "a T5 text encoder",
}
KINDS = {
    r"lora_(?:unet|te).*|.*\.lora_[AB]\..*|.*lora[._](?:down|up)\..*|.*\.(?:hada|lokr)_w.*": "a LoRA",
    r"(?:pretrained\.(?:model|layer\d|act_postprocess\d)|scratch)\..*": "a depth model",
    r"(?:net|module)(?:Vgg|Score|Combine)\w+\..*|block\d\.(?:convs|projection)\..*": "a HED edge detector",
    r"vision_model\..*|(?:concept|special_care)_embeds.*|visual_projection\..*": "a safety checker",
    r"control_model\..*|input_hint_block\..*|controlnet_cond_embedding\..*": "a ControlNet",
    r"adapter\..*|body\.\d+\.(?:block[12]|in_conv|out_conv|skep|body\.\d+)\..*": "a T2I-adapter",
    r"conv_first\..*|body\.\d+\..*|model\.\d+\..*": "an upscaler",
    r"(?:first_stage_model\.)?(?:encoder|decoder)\.(?:mid|mid_block)\..*": "a VAE",
    r"down_blocks\..*|time_embedding\..*": "a diffusers UNet",
    r"model\.diffusion_model\..*|input_blocks\..*": "a UNet",
    r".*text_model\..*|(?:.*\.)?transformer\.resblocks\..*|encoder\.layers\..*": "a text encoder",
    r"emb_params|\*|clip_[lg]": "a textual inversion",
}


TINY = ("taesd_decoder.1.weight", "decoder.layers.0.weight")
"""First weights of TAESD's decoder in files that hold both halves: ComfyUI's, and diffusers'."""
HALF = re.compile(r"\d+\.(?:conv\.\d\.)?(?:weight|bias)")


def is_tiny(names: Iterable[str]) -> bool:
    """Whether a file holds TAESD, whole or one half of it."""
    names = list(names)
    return any(name in names for name in TINY) or (
        "3.conv.0.weight" in names and all(map(HALF.fullmatch, names))
    )


def describe(names: Iterable[str]) -> str:
    """What a file seems to be, for messages."""
    names = list(names)
    foreign = kinds_in(names, FOREIGN)
    found = foreign[:1] or kinds_in(names, KINDS)
    return " with ".join(found) or f"{len(names)} unknown tensors ({', '.join(names[:3])}, …)"


def kinds_in(names: Iterable[str], kinds: dict[str, str]) -> list[str]:
    """The kinds of which a file holds tensors, in the table's order; each name tells the first that fits."""
    patterns = {kind: re.compile(pattern) for pattern, kind in kinds.items()}
    found = {
        next((kind for kind, pattern in patterns.items() if pattern.fullmatch(name)), None) for name in names
    }
    return [kind for kind in patterns if kind in found]


def no_checkpoint(part: str, names: Iterable[str]) -> UnknownArchitecture:
    """The error for a file in which a part is not found."""
    return UnknownArchitecture(
        part,
        given=describe(names),
        expected=f"a file with the tensors of a {part}",
        remedy="Choose another file, or load this one with the loader for its kind.",
    )


def unsupported(given: str) -> UnknownArchitecture:
    """The error for a network that is of no supported family."""
    remedy = "Only Stable Diffusion 1 and 2 models can be used."
    return UnknownArchitecture("checkpoint", given=given, expected="Stable Diffusion 1 or 2", remedy=remedy)
