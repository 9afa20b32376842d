"""Finds one network in tensors of any known layout: its configuration, and its weights under our names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from torch import Tensor

from diffusion.checkpoint import detect, keymaps
from diffusion.checkpoint.build import shorten
from diffusion.checkpoint.diffusers_names import diffusers_unet, diffusers_vae
from diffusion.checkpoint.errors import MismatchedWeights
from diffusion.checkpoint.keymaps import Recipe, apply, known
from diffusion.checkpoint.kinds import FOREIGN, describe, kinds_in, no_checkpoint, unsupported
from diffusion.models.clip import ClipTextConfig
from diffusion.models.unet import UNetConfig
from diffusion.models.vae import VaeConfig

Tensors = Mapping[str, Tensor]


@dataclass(frozen=True)
class UNetPart:
    """A UNet that was found."""

    config: UNetConfig
    tensors: Tensors


@dataclass(frozen=True)
class VaePart:
    """An autoencoder that was found."""

    config: VaeConfig
    tensors: Tensors


@dataclass(frozen=True)
class TextPart:
    """A text encoder that was found; `openclip` is whether its names are those of OpenCLIP."""

    config: ClipTextConfig
    tensors: Tensors
    openclip: bool


def find_unet(tensors: Tensors) -> UNetPart:
    """The UNet in a checkpoint, or alone under the original names or those of diffusers."""
    if kinds_in(tensors, FOREIGN):
        raise unsupported(describe(tensors))
    if describe(tensors).startswith("a ControlNet"):
        raise no_checkpoint("UNet", tensors)
    if any(known(keymaps.UNET, name) for name in tensors):
        renamed = apply(keymaps.UNET, tensors)
    elif any(name.startswith("down_blocks.") for name in tensors):
        recipe = diffusers_unet(diffusers_outline(tensors))
        check_all_known(recipe, tensors)
        renamed = apply(recipe, tensors)
    else:
        renamed = apply(keymaps.BARE_UNET, tensors)
    if not renamed:
        raise no_checkpoint("UNet", tensors)
    config = detect.detect_unet(renamed)
    detect.role_of(config.in_channels, config.out_channels)  # refuses what is for nothing known
    return UNetPart(config, renamed)


def diffusers_outline(names: Iterable[str]) -> UNetConfig:
    """As much of a UNet's configuration as diffusers' names alone tell: enough to rename them."""
    names = list(names)
    levels = detect.count(names, r"down_blocks\.(\d+)\.")
    attends = [f"down_blocks.{level}.attentions." for level in range(levels)]
    return UNetConfig(
        multipliers=(1,) * levels,
        res_blocks=detect.count(names, r"down_blocks\.0\.resnets\.(\d+)\."),
        attention_levels=tuple(any(name.startswith(start) for name in names) for start in attends),
    )


def check_all_known(recipe: Recipe, tensors: Tensors) -> None:
    """A UNet with parts that ours lacks would draw something else without them."""
    strange = [name for name in tensors if not known(recipe, name)]
    if strange:
        raise MismatchedWeights(
            "UNet",
            given=f"{len(strange)} unexpected tensors ({shorten(strange)})",
            expected="only those of Stable Diffusion 1 or 2",
            remedy="The file was made for a variant that is not supported: choose another.",
        )


def find_vae(tensors: Tensors) -> VaePart:
    """The autoencoder in a checkpoint, or alone under the original names or those of diffusers."""
    levels = detect.count(tensors, r"encoder\.down_blocks\.(\d+)\.")
    in_checkpoint = any(known(keymaps.VAE, name) for name in tensors)
    bare = diffusers_vae(levels) if levels else keymaps.BARE_VAE
    renamed = apply(keymaps.VAE if in_checkpoint else bare, tensors)
    if "decoder.conv_in.weight" not in renamed:  # other networks have an encoder, too
        raise no_checkpoint("VAE", tensors)
    return VaePart(detect.detect_vae(renamed), renamed)


def find_text(tensors: Tensors) -> TextPart:
    """The text encoder in a checkpoint, or alone under the names of SD1, diffusers or OpenCLIP."""
    recipes = (keymaps.CLIP_TEXT, keymaps.OPENCLIP_TEXT, keymaps.BARE_TEXT, keymaps.openclip_text(""))
    found = (recipe for recipe in recipes if any(known(recipe, name) for name in tensors))
    recipe = next(found, None)
    if recipe is None:
        raise no_checkpoint("text encoder", tensors)
    renamed = apply(recipe, tensors)
    openclip = recipe in (recipes[1], recipes[3])
    return TextPart(detect.detect_text(renamed, openclip=openclip), renamed, openclip)
