"""Loads what guides a model beside the text: ControlNets and T2I-adapters, in every layout of their files."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from diffusion.adapters.weight_patch import WeightPatch, merged
from diffusion.checkpoint import detect
from diffusion.checkpoint.build import build
from diffusion.checkpoint.diffusers_names import diffusers_unet, renamed
from diffusion.checkpoint.digest import sampled_digest
from diffusion.checkpoint.errors import UnknownArchitecture
from diffusion.checkpoint.keymaps import Recipe, Rule, apply, known
from diffusion.checkpoint.kinds import no_checkpoint
from diffusion.checkpoint.load import opened
from diffusion.control import ControlModel
from diffusion.memory import compute_dtype, default_device
from diffusion.models.controlnet import ControlNet, ControlNetConfig
from diffusion.models.t2i_adapter import UNSHUFFLE, AdapterConfig, build_adapter
from diffusion.models.unet import UNetConfig
from diffusion.values import Model
from diffusion.watching import Check, unstopped

Tensors = Mapping[str, Tensor]

PARTS = r"((?:time_embed|input_blocks|zero_convs|input_hint_block|middle_block|middle_block_out)\..*)"
PREFIXED = (Rule(r"control_model\." + PARTS, r"\1"),)
BARE = (Rule(PARTS, r"\1"),)
DIFFUSERS = (Rule(r"controlnet_(?:down_blocks|mid_block|cond_embedding)\..*", ""),)
# What only a ControlNet has: a bare UNet has the other parts, too.
OWN_PARTS = re.compile(r"(?:control_model\.)?(?:zero_convs|input_hint_block|middle_block_out)\..*")
DIFFERENCE = "difference"
"""An empty tensor that marks files whose weights are to be added to those of the UNet."""

ADAPTER = (Rule(r"((?:conv_in|body\.\d+)\..*)", r"\1"),)
DIFFUSERS_LIGHT = (
    Rule(r"adapter\.body\.(\d+)\.resnets\.(.*)", r"body.\1.body.\2"),
    Rule(r"adapter\.(body\.\d+\.(?:in|out)_conv\..*)", r"\1"),
)
ADAPTER_PARTS = re.compile(r"(?:adapter\.)?body\.\d+\.(?:block1|(?:body|resnets)\.\d+\.block1)\.weight")
SHUFFLE = re.compile(r"(?:.*_)?shuffle(?:_fp16)?")


def load_control(
    path: Path | str,
    *,
    base: Model | None = None,
    device: torch.device | None = None,
    dtype: torch.dtype | None = None,
    check: Check = unstopped,
) -> ControlModel:
    """A ControlNet or a T2I-adapter; `base` is the model that files of differences are added to.

    `check` is called before every tensor and may raise to stop.
    """
    path = Path(path)
    device = default_device() if device is None else device
    dtype = dtype or compute_dtype(device)
    with opened(path) as tensors:
        network: nn.Module
        if any(ADAPTER_PARTS.fullmatch(name) for name in tensors):
            adapter, renamed_tensors = read_adapter(tensors)
            make, subject = (lambda: build_adapter(adapter)), "T2I-adapter"
        else:
            controlnet, renamed_tensors = read_controlnet(tensors, base)
            make, subject = (lambda: ControlNet(controlnet)), "ControlNet"
        network = build(make, renamed_tensors, subject, device=device, dtype=dtype, check=check)
    shuffle = any(SHUFFLE.fullmatch(name) for name in (path.stem, path.parent.name))
    pooled = shuffle and subject == "ControlNet"
    return ControlModel(network, name=path.name, digest=sampled_digest(path), pooled=pooled)


# --- ControlNets


def read_controlnet(tensors: Tensors, base: Model | None) -> tuple[ControlNetConfig, dict[str, Tensor]]:
    """The configuration and the tensors under our names, differences added to the UNet's weights."""
    recipe = controlnet_recipe(tensors)
    found = apply(recipe, tensors)
    if DIFFERENCE in tensors:
        found = added_to(base, found)
    return detect_controlnet(found), found


def controlnet_recipe(names: Iterable[str]) -> Recipe:
    """Where this file keeps the parts of a ControlNet; UnknownArchitecture if it is none."""
    names = list(names)
    if "lora_controlnet" in names:
        raise UnknownArchitecture(
            "ControlNet",
            given="a Control-LoRA, which were made for SDXL",
            expected="a ControlNet for Stable Diffusion 1 or 2",
            remedy="Choose a ControlNet of the family of your checkpoint.",
        )
    if any(known(PREFIXED, name) for name in names):
        return PREFIXED
    if any(known(DIFFUSERS, name) for name in names):
        return diffusers_controlnet(names)
    if any(OWN_PARTS.fullmatch(name) for name in names):
        return BARE
    raise no_checkpoint("ControlNet or T2I-adapter", names)


def diffusers_controlnet(names: Iterable[str]) -> Recipe:
    """ControlNetModel: a UNet's descending half under diffusers' names, and parts of its own."""
    names = list(names)
    levels = detect.count(names, r"down_blocks\.(\d+)\.")
    blocks = detect.count(names, r"down_blocks\.0\.resnets\.(\d+)\.")
    # The names depend on these two numbers alone.
    trunk = UNetConfig(multipliers=(1,) * levels, attention_levels=(True,) * levels, res_blocks=blocks)
    inner = detect.count(names, r"controlnet_cond_embedding\.blocks\.(\d+)\.")
    hint = {"conv_in": 0, **{f"blocks.{index}": 2 * index + 2 for index in range(inner)}}
    hint["conv_out"] = 2 * inner + 2
    return (
        *diffusers_unet(trunk),
        Rule(r"controlnet_down_blocks\.(\d+)\.(.*)", r"zero_convs.\1.0.\2"),
        renamed("controlnet_mid_block", "middle_block_out.0"),
        *(
            renamed(f"controlnet_cond_embedding.{theirs}", f"input_hint_block.{ours}")
            for theirs, ours in hint.items()
        ),
    )


def detect_controlnet(tensors: Tensors) -> ControlNetConfig:
    """The configuration of a ControlNet under our names: that of a UNet without its ascending half."""
    try:
        first = tensors["input_blocks.0.0.weight"]
        # Of the ascending half, a UNet's configuration holds only how many channels come out.
        unet = detect.detect_unet({**tensors, "out.2.weight": first.transpose(0, 1)})
        channels = tensors["input_hint_block.0.weight"].shape[1]
        if channels not in (1, 3):
            raise incomplete("ControlNet", f"a hint of {channels} channels")
        return ControlNetConfig(unet, hint_channels=channels)
    except (KeyError, IndexError) as error:
        raise incomplete("ControlNet", f"no {error}") from error
    except UnknownArchitecture as error:
        raise incomplete("ControlNet", error.given) from error


def incomplete(subject: str, given: str) -> UnknownArchitecture:
    """The error for a file of the right kind whose shape cannot be told."""
    return UnknownArchitecture(
        subject,
        given=given,
        expected=f"a {subject} for Stable Diffusion 1 or 2",
        remedy="The file is incomplete, or was made for another kind of model.",
    )


def added_to(base: Model | None, tensors: Tensors) -> dict[str, Tensor]:
    """Differences plus the weights of the UNet under its LoRAs; parts of their own stay as they are."""
    if base is None:
        raise UnknownArchitecture(
            "ControlNet",
            given="differences to the weights of a checkpoint",
            expected="a ControlNet with weights of its own",
            remedy="Load it with DiffControlNetLoader and the model that you use it with.",
        )
    loras = tuple(patch for patch in base.patches if isinstance(patch, WeightPatch))
    weights = merged(base.network, loras).state_dict()
    for name in weights.keys() & tensors.keys():
        if weights[name].shape != tensors[name].shape:
            given = f"differences of shape {[*tensors[name].shape]} to a weight of {[*weights[name].shape]}"
            raise UnknownArchitecture(
                "ControlNet",
                given=f"{given} ({name})",
                expected="differences to a model of the same family",
                remedy="Choose the model that the ControlNet was made for.",
            )
    return {
        name: tensor.float() + weights[name].to("cpu", torch.float32) if name in weights else tensor
        for name, tensor in tensors.items()
    }


# --- T2I-adapters


def read_adapter(tensors: Tensors) -> tuple[AdapterConfig, dict[str, Tensor]]:
    """The configuration and the tensors under our names."""
    found = apply(adapter_recipe(tensors), tensors)
    try:
        return detect_adapter(found), found
    except (KeyError, IndexError) as error:
        raise incomplete("T2I-adapter", f"no {error}") from error


def adapter_recipe(names: Iterable[str]) -> Recipe:
    """Where this file keeps the parts of an adapter; diffusers counts blocks within levels."""
    names = list(names)
    levels = detect.count(names, r"adapter\.body\.(\d+)\.")
    if not levels:
        return ADAPTER
    if "adapter.conv_in.weight" not in names:
        return DIFFUSERS_LIGHT
    blocks = detect.count(names, r"adapter\.body\.0\.resnets\.(\d+)\.")
    rules = [renamed("adapter.conv_in", "conv_in")]
    for level in range(levels):
        rules.append(renamed(f"adapter.body.{level}.in_conv", f"body.{level * blocks}.in_conv"))
        for block in range(blocks):
            theirs = f"adapter.body.{level}.resnets.{block}"
            rules.append(renamed(theirs, f"body.{level * blocks + block}"))
    return tuple(rules)


def detect_adapter(tensors: Tensors) -> AdapterConfig:
    """The configuration of an adapter under our names; only SD1's fold 8 x 8 pixels."""
    if "conv_in.weight" not in tensors:
        return detect_light(tensors)
    count = detect.count(tensors, r"body\.(\d+)\.")
    widths = [tensors[f"body.{index}.block1.weight"].shape[0] for index in range(count)]
    blocks = 2  # on every level; no name or shape tells, and all published ones have two
    return AdapterConfig(
        hint_channels=hint_channels(tensors["conv_in.weight"]),
        widths=tuple(widths[::blocks]),
        blocks=blocks,
        kernel=tensors["body.0.block2.weight"].shape[2],
        strided=any(name.endswith("down_opt.op.weight") for name in tensors),
    )


def detect_light(tensors: Tensors) -> AdapterConfig:
    """The configuration of a light adapter under our names."""
    levels = detect.count(tensors, r"body\.(\d+)\.")
    return AdapterConfig(
        hint_channels=hint_channels(tensors["body.0.in_conv.weight"]),
        widths=tuple(tensors[f"body.{level}.out_conv.weight"].shape[0] for level in range(levels)),
        blocks=detect.count(tensors, r"body\.0\.body\.(\d+)\."),
        light=True,
    )


def hint_channels(first: Tensor) -> int:
    """Channels of the hint, from the weight that its folded pixels meet; those of SDXL fold 16 x 16."""
    channels, rest = divmod(first.shape[1], UNSHUFFLE**2)
    if rest or channels not in (1, 3):
        raise UnknownArchitecture(
            "T2I-adapter",
            given=f"{first.shape[1]} channels of folded pixels, as in SDXL's",
            expected="64 (lines) or 192 (colours), as in those of Stable Diffusion 1",
            remedy="Choose an adapter for Stable Diffusion 1.",
        )
    return channels
