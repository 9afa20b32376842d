"""How files of LoRAs name what they change: recipes from their keys to network, module and part.

Modules are compared with underscores for dots, as kohya writes them, so that one table serves every spelling.
"""

from torch import nn

from diffusion.checkpoint.diffusers_names import (
    RES_BLOCK,
    UNET_ENDS,
    input_modules,
    middle_modules,
    output_modules,
)
from diffusion.checkpoint.keymaps import Recipe, Rule
from diffusion.models.unet import UNetConfig

LYCORIS = r"lora_(?:up|down|mid)\.weight|alpha|dora_scale|(?:hada|lokr)_\w+|diff(?:_b)?"
NORMS = {"w_norm": "diff", "b_norm": "diff_b"}
"""What LyCORIS calls the differences to weight and bias of a norm."""
PREFIXES = {
    r"lora_unet_": "unet",
    r"lora_te1?_": "text_encoder",
    r"diffusion_model\.": "unet",  # ComfyUI's own, as the next
    r"text_encoders\.clip_[lh]\.(?:transformer\.)?": "text_encoder",
}
"""Starts of keys and the network that they are for."""
NETWORK = r"(unet|text_encoder)\."
TEXT = r"text_encoder\.(.+)\."


def paired(pattern: str, target: str, up: str, down: str) -> Recipe:
    """The rules of both halves of a low-rank product."""
    return (
        Rule(pattern + up, f"{target} lora_up.weight"),
        Rule(pattern + down, f"{target} lora_down.weight"),
    )


# A key becomes "network module part".
LORA: Recipe = (
    *(Rule(rf"{start}(.+?)\.({LYCORIS})", rf"{network} \1 \2") for start, network in PREFIXES.items()),
    *(
        Rule(rf"{start}(.+?)\.{name}", rf"{network} \1 {part}")
        for start, network in PREFIXES.items()
        for name, part in NORMS.items()
    ),
    *paired(r"diffusion_model\.(.+)\.lora_", r"unet \1", r"B\.weight", r"A\.weight"),
    Rule(rf"{NETWORK}(.+)\.(alpha|dora_scale|diff)", r"\1 \2 \3"),
    Rule(rf"{NETWORK}(.+)\.lora_magnitude_vector(?:\.default)?(?:\.weight)?", r"\1 \2 dora_scale"),
    *paired(NETWORK + r"(.+)\.lora_", r"\1 \2", r"B(?:\.default)?\.weight", r"A(?:\.default)?\.weight"),
    *paired(NETWORK + r"(.+)\.lora(?:_linear_layer)?\.", r"\1 \2", r"up\.weight", r"down\.weight"),
    *paired(NETWORK + r"(.+)\.processor\.(to_[qkv])_lora\.", r"\1 \2_\3", r"up\.weight", r"down\.weight"),
    *paired(NETWORK + r"(.+)\.processor\.to_out_lora\.", r"\1 \2_to_out_0", r"up\.weight", r"down\.weight"),
    *paired(TEXT + r"to_([qkv])_lora\.", r"text_encoder \1_\2_proj", r"up\.weight", r"down\.weight"),
    *paired(TEXT + r"to_out_lora\.", r"text_encoder \1_out_proj", r"up\.weight", r"down\.weight"),
)


def unet_modules(network: nn.Module, config: UNetConfig) -> dict[str, str]:
    """Every spelling of a module of the UNet, the original one and diffusers', and its name in ours."""
    pairs = [*input_modules(config), *middle_modules(), *output_modules(config)]
    theirs = {ours: name for name, ours in UNET_ENDS.items()}
    for name, ours in pairs:
        theirs[ours] = name
        theirs |= {f"{ours}.{part}": f"{name}.{other}" for other, part in RES_BLOCK.items()}
    spelled = {}
    for module in with_weight(network):
        spelled[flat(module)] = module
        known = next((prefix for prefix in prefixes(module) if prefix in theirs), None)
        if known is not None:
            spelled[flat(theirs[known] + module.removeprefix(known))] = module
    return spelled


def text_modules(network: nn.Module) -> dict[str, str]:
    """Every module of a text encoder, whose names are those of the files."""
    return {flat(module): module for module in with_weight(network)}


def with_weight(network: nn.Module) -> list[str]:
    """The modules that have a weight."""
    return [name.removesuffix(".weight") for name in network.state_dict() if name.endswith(".weight")]


def prefixes(module: str) -> list[str]:
    """The module and what holds it, the innermost first."""
    parts = module.split(".")
    return [".".join(parts[:length]) for length in range(len(parts), 0, -1)]


def flat(module: str) -> str:
    """A name in one piece."""
    return module.replace(".", "_")
