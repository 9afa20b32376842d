"""Loads files of weights as values: checkpoints, VAEs, upscalers, preview decoders.

Networks are built without memory (on the meta device) and given the file's tensors, which stay mapped where
neither device nor dtype changes: opening a published checkpoint for a CPU reads almost nothing.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import torch
from torch import Tensor, nn

from diffusion.checkpoint import detect, keymaps
from diffusion.checkpoint.detect import Architecture
from diffusion.checkpoint.diffusers_names import diffusers_vae
from diffusion.checkpoint.errors import MismatchedWeights, NonFiniteWeights
from diffusion.checkpoint.files import open_weights
from diffusion.memory import compute_dtype, default_device, wide_dtype
from diffusion.models.clip import ClipText
from diffusion.models.taesd import TaesdDecoder
from diffusion.models.tokenizer import Tokenizer
from diffusion.models.unet import UNet
from diffusion.models.upscaler import Upscaler, build_upscaler
from diffusion.models.vae import Autoencoder
from diffusion.sampling.schedules import NoiseSchedule
from diffusion.values import Model, TextEncoder, Vae

Network = TypeVar("Network", bound=nn.Module)
UNetWeights = Literal["last", "averaged"]

SHOWN = 4  # names per kind of mistake in a message
CHECKED = 4096  # leading elements of every tensor that are looked at for infinities: 16 kB, not 4 GB
LATENT_SCALE = {8: 0.18215, 4: 0.08333}  # by the autoencoder's factor; 4 is the x4 upscaler's


@dataclass(frozen=True)
class Checkpoint:
    """The three values of a checkpoint, what it was found to be, and names that belong to nothing known."""

    model: Model
    clip: TextEncoder
    vae: Vae
    architecture: Architecture
    unexpected: tuple[str, ...]


def load_checkpoint(
    path: Path | str,
    *,
    device: torch.device | None = None,
    dtype: torch.dtype | None = None,
    unet_weights: UNetWeights = "last",
) -> Checkpoint:
    """A Stable Diffusion 1 or 2 checkpoint; `dtype` is that of all three networks where it is given."""
    weights = open_weights(path)
    tensors = keymaps.with_running_averages(weights) if unet_weights == "averaged" else weights
    found = detect.detect(tensors)
    device = default_device() if device is None else device
    narrow, wide = dtype or compute_dtype(device), dtype or wide_dtype(device)
    unet_tensors = keymaps.apply(keymaps.UNET, tensors)
    unet = build(lambda: UNet(found.unet), unet_tensors, "UNet", device=device, dtype=narrow)
    text_tensors = keymaps.apply(found.text_recipe, tensors)
    clip = build(lambda: ClipText(found.text), text_tensors, "text encoder", device=device, dtype=narrow)
    vae_tensors = keymaps.apply(keymaps.VAE, tensors)
    vae = build(lambda: Autoencoder(found.vae), vae_tensors, "VAE", device=device, dtype=wide)
    return Checkpoint(
        model=Model(
            unet,
            prediction=detect.detect_prediction(unet_tensors, found.family, weights.metadata),
            schedule=schedule_of(found),
            family=found.family,
            latent_channels=found.vae.embed_dim,
        ),
        clip=TextEncoder(clip, tokenizer_of(found), family=found.family),
        vae=vae_value(vae),
        architecture=found,
        unexpected=detect.unexpected_names(tensors, found),
    )


def schedule_of(architecture: Architecture) -> NoiseSchedule:
    """The noise levels that a family was trained on."""
    return NoiseSchedule.scaled_linear(*((0.0001, 0.02) if architecture.family == "x4" else ()))


def tokenizer_of(architecture: Architecture) -> Tokenizer:
    """OpenCLIP was trained with 0 after the end of a text, CLIP with the end repeated."""
    return Tokenizer(pad=0 if architecture.text_recipe is keymaps.OPENCLIP_TEXT else Tokenizer.end)


def vae_value(network: Autoencoder) -> Vae:
    """An autoencoder with the scale that its UNet expects of latents."""
    factor = network.config.factor
    return Vae(network, scale=LATENT_SCALE.get(factor, LATENT_SCALE[8]), factor=factor)


def load_vae(
    path: Path | str, *, device: torch.device | None = None, dtype: torch.dtype | None = None
) -> Vae:
    """The autoencoder in a checkpoint, in a bare file of the original layout, or in one of diffusers."""
    tensors = open_weights(path)
    levels = detect.count(tensors, r"encoder\.down_blocks\.(\d+)\.")
    if any(keymaps.known(keymaps.VAE, name) for name in tensors):
        recipe = keymaps.VAE
    else:
        recipe = diffusers_vae(levels) if levels else keymaps.BARE_VAE
    renamed = keymaps.apply(recipe, tensors)
    if not renamed:
        raise detect.no_checkpoint("VAE", tensors)
    config = detect.detect_vae(renamed)
    device = default_device() if device is None else device
    dtype = dtype or wide_dtype(device)
    return vae_value(build(lambda: Autoencoder(config), renamed, "VAE", device=device, dtype=dtype))


def load_upscaler(
    path: Path | str, *, device: torch.device | None = None, dtype: torch.dtype | None = None
) -> Upscaler:
    """An ESRGAN or Real-ESRGAN network in any of their layouts."""
    tensors = open_weights(path)
    if "model.0.weight" in tensors:
        recipe = keymaps.numbered_rrdb(tensors)
    else:
        recipe = keymaps.EARLY_RRDB if "trunk_conv.weight" in tensors else keymaps.UPSCALER
    renamed = keymaps.apply(recipe, tensors)
    if not renamed:
        raise detect.no_checkpoint("upscaler", tensors)
    config = detect.detect_upscaler(renamed)
    device = default_device() if device is None else device
    dtype = dtype or compute_dtype(device)
    return build(lambda: build_upscaler(config), renamed, "upscaler", device=device, dtype=dtype)


def load_preview_decoder(
    path: Path | str, *, device: torch.device | None = None, dtype: torch.dtype | None = None
) -> TaesdDecoder:
    """The decoder half of TAESD."""
    tensors = open_weights(path)
    config = detect.detect_taesd(tensors)
    device = default_device() if device is None else device
    dtype = dtype or compute_dtype(device)
    return build(lambda: TaesdDecoder(config), tensors, "TAESD decoder", device=device, dtype=dtype)


def build(
    make: Callable[[], Network],
    tensors: Mapping[str, Tensor],
    subject: str,
    *,
    device: torch.device,
    dtype: torch.dtype,
) -> Network:
    """The network that `make` describes with the given weights, checked, frozen and in evaluation mode."""
    with torch.device("meta"):
        network = make()
    tensors = dict(tensors)
    check_names(network, tensors, subject)
    check_finite(tensors, subject)
    network.load_state_dict({name: tensor.to(device, dtype) for name, tensor in tensors.items()}, assign=True)
    return network.eval().requires_grad_(False)


def check_names(network: nn.Module, tensors: dict[str, Tensor], subject: str) -> None:
    """All names and shapes of the network, no others; names every kind of difference."""
    wanted = network.state_dict()
    missing = [name for name in wanted if name not in tensors]
    surplus = [name for name in tensors if name not in wanted]
    reshaped = [
        f"{name} {[*tensors[name].shape]} instead of {[*tensor.shape]}"
        for name, tensor in wanted.items()
        if name in tensors and tensors[name].shape != tensor.shape
    ]
    kinds: dict[str, list[Any]] = {"missing": missing, "unexpected": surplus, "of another shape": reshaped}
    given = "; ".join(f"{len(names)} {kind} ({shorten(names)})" for kind, names in kinds.items() if names)
    if given:
        remedy = "The file is incomplete or was made for a variant that is not supported."
        expected = f"the {len(wanted)} tensors of this network"
        raise MismatchedWeights(subject, given=given, expected=expected, remedy=remedy)


def check_finite(tensors: dict[str, Tensor], subject: str) -> None:
    """No infinity or not-a-number among the leading elements of any tensor: enough to see a broken merge."""
    # A sum is finite only if every summand is, and is many times faster than asking for each.
    sums = {
        name: float(tensor.flatten()[:CHECKED].sum(dtype=torch.float32)) for name, tensor in tensors.items()
    }
    bad = [name for name, total in sums.items() if not math.isfinite(total)]
    if bad:
        raise NonFiniteWeights(
            subject,
            given=f"{len(bad)} tensors with infinities or not-a-numbers ({shorten(bad)})",
            expected="finite weights",
            remedy="The file was damaged by a merge or conversion: get another copy.",
        )


def shorten(names: list[str]) -> str:
    """The first few of a list of names."""
    return ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
