"""Loads files of weights as values: checkpoints, UNets, VAEs, text encoders, upscalers, preview decoders.

Tensors stay mapped from the file where the dtype does not change: opening a published checkpoint takes 0.4 s
and reads almost nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

import torch

from diffusion.checkpoint import detect, keymaps
from diffusion.checkpoint.build import build
from diffusion.checkpoint.detect import Architecture, Family
from diffusion.checkpoint.digest import sampled_digest
from diffusion.checkpoint.errors import CheckpointError, UnknownArchitecture
from diffusion.checkpoint.files import Weights, open_weights
from diffusion.checkpoint.keymaps import known
from diffusion.checkpoint.kinds import is_tiny, no_checkpoint
from diffusion.checkpoint.parts import Tensors, find_text, find_unet, find_vae
from diffusion.checkpoint.tiny_vae import load_tiny
from diffusion.memory import compute_dtype, default_device, wide_dtype
from diffusion.models.clip import ClipText
from diffusion.models.taesd import TaesdDecoder
from diffusion.models.tokenizer import Tokenizer
from diffusion.models.unet import UNet
from diffusion.models.upscaler import Upscaler, build_upscaler
from diffusion.models.vae import Autoencoder
from diffusion.sampling.schedules import NoiseSchedule
from diffusion.values import Model, TextEncoder, Vae
from diffusion.watching import Check, unstopped

UNetWeights = Literal["last", "averaged"]

LATENT_SCALE = {8: 0.18215, 4: 0.08333}  # by the autoencoder's factor; 4 is the x4 upscaler's


@dataclass(frozen=True)
class Checkpoint:
    """The three values of a checkpoint, what it was found to be, and names that belong to nothing known."""

    model: Model
    clip: TextEncoder
    vae: Vae
    architecture: Architecture
    unexpected: tuple[str, ...]


@contextmanager
def opened(path: Path | str) -> Iterator[Weights]:
    """The weights of a file; what is found wrong with them is said of that file."""
    weights = open_weights(path)
    with named(Path(path).name):
        yield weights


@contextmanager
def named(name: str) -> Iterator[None]:
    """Say of what is found wrong where it was found."""
    try:
        yield
    except CheckpointError as error:
        details = {"given": error.given, "expected": error.expected, "remedy": error.remedy}
        raise type(error)(f"{name}: {error.subject}", **details) from error


def load_checkpoint(
    path: Path | str,
    *,
    device: torch.device | None = None,
    dtype: torch.dtype | None = None,
    unet_weights: UNetWeights = "last",
    check: Check = unstopped,
) -> Checkpoint:
    """A Stable Diffusion 1 or 2 checkpoint; `dtype` is that of all three networks where it is given.

    Here and below, `check` is called before every tensor and may raise to stop.
    """
    device = default_device() if device is None else device
    built = partial(build, device=device, check=check)
    narrow, wide = dtype or compute_dtype(device), vae_dtype(dtype, device)
    with opened(path) as weights:
        tensors = averaged(weights) if unet_weights == "averaged" else weights
        found = detect.detect(tensors)
        unet_tensors = keymaps.apply(keymaps.UNET, tensors)
        unet = built(partial(UNet, found.unet), unet_tensors, "UNet", dtype=narrow)
        text_tensors = keymaps.apply(found.text_recipe, tensors)
        clip = built(partial(ClipText, found.text), text_tensors, "text encoder", dtype=narrow)
        vae_tensors = keymaps.apply(keymaps.VAE, tensors)
        vae = built(partial(Autoencoder, found.vae), vae_tensors, "VAE", dtype=wide)
        text = text_value(clip, openclip=found.text_recipe is keymaps.OPENCLIP_TEXT)
        return Checkpoint(
            model=replace(model_value(unet, unet_tensors, weights), latent_channels=found.vae.embed_dim),
            clip=replace(text, digest=sampled_digest(weights.path)),
            vae=replace(vae_value(vae), digest=sampled_digest(weights.path)),
            architecture=found,
            unexpected=detect.unexpected_names(tensors, found),
        )


def averaged(weights: Weights) -> Tensors:
    """The checkpoint with its running averages as the UNet's weights; an error where it has none."""
    tensors = keymaps.with_running_averages(weights)
    if not any(known(keymaps.AVERAGES, name) for name in weights):
        raise UnknownArchitecture(
            "UNet",
            given="a checkpoint with one set of weights",
            expected="running averages beside the last weights, as in files that were not pruned",
            remedy="Choose the weights: last.",
        )
    return tensors


def vae_dtype(dtype: torch.dtype | None, device: torch.device) -> torch.dtype:
    """What an autoencoder computes in: never float16, which it overflows."""
    return wide_dtype(device) if dtype in (None, torch.float16) else dtype


def schedule_of(family: Family) -> NoiseSchedule:
    """The noise levels that a family was trained on."""
    return NoiseSchedule.scaled_linear(*((0.0001, 0.02) if family == "x4" else ()))


def model_value(network: UNet, tensors: Tensors, weights: Weights) -> Model:
    """A UNet with the prediction and the schedule that its file shows."""
    family = detect.family_of(network.config)
    schedule = schedule_of(family)
    return Model(
        network,
        prediction=detect.detect_prediction(
            tensors, family, weights.metadata, marked=detect.V_MARK in weights
        ),
        schedule=schedule.ending_in_noise() if detect.NOISE_MARK in weights else schedule,
        family=family,
        latent_channels=network.config.out_channels,
        digest=sampled_digest(weights.path),
    )


def text_value(network: ClipText, *, openclip: bool) -> TextEncoder:
    """A text encoder with its tokenizer: OpenCLIP knows texts padded with 0, CLIP with their end."""
    tokenizer = Tokenizer(pad=0 if openclip else Tokenizer.end)
    return TextEncoder(network, tokenizer, family="sd2" if openclip else "sd1")


def vae_value(network: Autoencoder) -> Vae:
    """An autoencoder with the scale that its UNet expects of latents."""
    factor = network.config.factor
    return Vae(network, scale=LATENT_SCALE.get(factor, LATENT_SCALE[8]), factor=factor)


def load_unet(
    path: Path | str,
    *,
    device: torch.device | None = None,
    dtype: torch.dtype | None = None,
    rounded: torch.dtype | None = None,
    check: Check = unstopped,
) -> Model:
    """The UNet in a checkpoint, or alone under the original names or those of diffusers.

    `rounded` is a narrower dtype to which the weights are rounded; they are kept and used in `dtype`.
    """
    device = default_device() if device is None else device
    with opened(path) as weights:
        found = find_unet(weights)
        tensors = found.tensors
        if rounded is not None:
            tensors = {name: tensor.to(rounded).float() for name, tensor in tensors.items()}
        dtype = dtype or compute_dtype(device)
        network = build(partial(UNet, found.config), tensors, "UNet", device=device, dtype=dtype, check=check)
        return model_value(network, found.tensors, weights)


def load_vae(
    path: Path | str,
    *,
    device: torch.device | None = None,
    dtype: torch.dtype | None = None,
    check: Check = unstopped,
) -> Vae:
    """The autoencoder in a checkpoint, bare in the original layout or that of diffusers, or TAESD."""
    device = default_device() if device is None else device
    with opened(path) as weights:
        dtype = dtype or wide_dtype(device)
        if is_tiny(weights):
            return load_tiny(Path(path), weights, device=device, dtype=dtype, check=check)
        found = find_vae(weights)
        make = partial(Autoencoder, found.config)
        network = build(make, found.tensors, "VAE", device=device, dtype=dtype, check=check)
        return replace(vae_value(network), digest=sampled_digest(weights.path))


def load_text_encoder(
    path: Path | str,
    *,
    device: torch.device | None = None,
    dtype: torch.dtype | None = None,
    check: Check = unstopped,
) -> TextEncoder:
    """The text encoder in a checkpoint, or alone under the names of SD1, diffusers or OpenCLIP."""
    device = default_device() if device is None else device
    with opened(path) as weights:
        found = find_text(weights)
        dtype = dtype or compute_dtype(device)
        make = partial(ClipText, found.config)
        network = build(make, found.tensors, "text encoder", device=device, dtype=dtype, check=check)
        openclip = found.openclip or found.config.activation == "gelu"
        return replace(text_value(network, openclip=openclip), digest=sampled_digest(weights.path))


def load_upscaler(
    path: Path | str, *, device: torch.device | None = None, dtype: torch.dtype | None = None
) -> Upscaler:
    """An ESRGAN or Real-ESRGAN network in any of their layouts."""
    device = default_device() if device is None else device
    with opened(path) as tensors:
        recipe = keymaps.EARLY_RRDB if "trunk_conv.weight" in tensors else keymaps.UPSCALER
        if "model.0.weight" in tensors:
            recipe = keymaps.numbered_rrdb(tensors)
        renamed = keymaps.apply(recipe, tensors)
        if not renamed:
            raise no_checkpoint("upscaler", tensors)
        config = detect.detect_upscaler(renamed)
        dtype = dtype or compute_dtype(device)
        return build(lambda: build_upscaler(config), renamed, "upscaler", device=device, dtype=dtype)


def load_preview_decoder(
    path: Path | str, *, device: torch.device | None = None, dtype: torch.dtype | None = None
) -> TaesdDecoder:
    """The decoder half of TAESD."""
    device = default_device() if device is None else device
    with opened(path) as tensors:
        config = detect.detect_taesd(tensors)
        dtype = dtype or compute_dtype(device)
        return build(lambda: TaesdDecoder(config), tensors, "TAESD decoder", device=device, dtype=dtype)
