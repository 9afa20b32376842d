"""Loads files of weights as values: checkpoints, VAEs, text encoders, upscalers, preview decoders.

Tensors stay mapped from the file where neither device nor dtype changes: opening a published checkpoint for a
CPU takes 0.4 s and reads almost nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch

from diffusion.checkpoint import detect, keymaps
from diffusion.checkpoint.build import build
from diffusion.checkpoint.detect import Architecture
from diffusion.checkpoint.diffusers_names import diffusers_vae
from diffusion.checkpoint.errors import CheckpointError
from diffusion.checkpoint.files import Weights, open_weights
from diffusion.memory import compute_dtype, default_device, wide_dtype
from diffusion.models.clip import ClipText
from diffusion.models.taesd import TaesdDecoder
from diffusion.models.tokenizer import Tokenizer
from diffusion.models.unet import UNet
from diffusion.models.upscaler import Upscaler, build_upscaler
from diffusion.models.vae import Autoencoder
from diffusion.sampling.schedules import NoiseSchedule
from diffusion.values import Model, TextEncoder, Vae

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
    try:
        yield weights
    except CheckpointError as error:
        subject = f"{Path(path).name}: {error.subject}"
        details = {"given": error.given, "expected": error.expected, "remedy": error.remedy}
        raise type(error)(subject, **details) from error


def load_checkpoint(
    path: Path | str,
    *,
    device: torch.device | None = None,
    dtype: torch.dtype | None = None,
    unet_weights: UNetWeights = "last",
) -> Checkpoint:
    """A Stable Diffusion 1 or 2 checkpoint; `dtype` is that of all three networks where it is given."""
    device = default_device() if device is None else device
    narrow, wide = dtype or compute_dtype(device), dtype or wide_dtype(device)
    with opened(path) as weights:
        tensors = keymaps.with_running_averages(weights) if unet_weights == "averaged" else weights
        found = detect.detect(tensors)
        unet_tensors = keymaps.apply(keymaps.UNET, tensors)
        unet = build(lambda: UNet(found.unet), unet_tensors, "UNet", device=device, dtype=narrow)
        text_tensors = keymaps.apply(found.text_recipe, tensors)
        clip = build(lambda: ClipText(found.text), text_tensors, "text encoder", device=device, dtype=narrow)
        vae_tensors = keymaps.apply(keymaps.VAE, tensors)
        vae = build(lambda: Autoencoder(found.vae), vae_tensors, "VAE", device=device, dtype=wide)
    prediction = detect.detect_prediction(unet_tensors, found.family, weights.metadata)
    return Checkpoint(
        model=Model(
            unet,
            prediction=prediction,
            schedule=schedule_of(found),
            family=found.family,
            latent_channels=found.vae.embed_dim,
        ),
        clip=text_value(clip, openclip=found.text_recipe is keymaps.OPENCLIP_TEXT),
        vae=vae_value(vae),
        architecture=found,
        unexpected=detect.unexpected_names(tensors, found),
    )


def schedule_of(architecture: Architecture) -> NoiseSchedule:
    """The noise levels that a family was trained on."""
    return NoiseSchedule.scaled_linear(*((0.0001, 0.02) if architecture.family == "x4" else ()))


def text_value(network: ClipText, *, openclip: bool) -> TextEncoder:
    """A text encoder with its tokenizer: OpenCLIP knows texts padded with 0, CLIP with their end."""
    tokenizer = Tokenizer(pad=0 if openclip else Tokenizer.end)
    return TextEncoder(network, tokenizer, family="sd2" if openclip else "sd1")


def vae_value(network: Autoencoder) -> Vae:
    """An autoencoder with the scale that its UNet expects of latents."""
    factor = network.config.factor
    return Vae(network, scale=LATENT_SCALE.get(factor, LATENT_SCALE[8]), factor=factor)


def load_vae(
    path: Path | str, *, device: torch.device | None = None, dtype: torch.dtype | None = None
) -> Vae:
    """The autoencoder in a checkpoint, in a bare file of the original layout, or in one of diffusers."""
    device = default_device() if device is None else device
    with opened(path) as tensors:
        levels = detect.count(tensors, r"encoder\.down_blocks\.(\d+)\.")
        in_checkpoint = any(keymaps.known(keymaps.VAE, name) for name in tensors)
        bare = diffusers_vae(levels) if levels else keymaps.BARE_VAE
        renamed = keymaps.apply(keymaps.VAE if in_checkpoint else bare, tensors)
        if not renamed:
            raise detect.no_checkpoint("VAE", tensors)
        config = detect.detect_vae(renamed)
        dtype = dtype or wide_dtype(device)
        return vae_value(build(lambda: Autoencoder(config), renamed, "VAE", device=device, dtype=dtype))


def load_text_encoder(
    path: Path | str, *, device: torch.device | None = None, dtype: torch.dtype | None = None
) -> TextEncoder:
    """The text encoder in a checkpoint, or alone under the names of SD1, diffusers or OpenCLIP."""
    device = default_device() if device is None else device
    with opened(path) as tensors:
        recipes = (keymaps.CLIP_TEXT, keymaps.OPENCLIP_TEXT, keymaps.BARE_TEXT, keymaps.openclip_text(""))
        found = (recipe for recipe in recipes if any(keymaps.known(recipe, name) for name in tensors))
        recipe = next(found, None)
        if recipe is None:
            raise detect.no_checkpoint("text encoder", tensors)
        renamed = keymaps.apply(recipe, tensors)
        openclip = recipe in (recipes[1], recipes[3])
        config = detect.detect_text(renamed, openclip=openclip)
        dtype = dtype or compute_dtype(device)
        network = build(lambda: ClipText(config), renamed, "text encoder", device=device, dtype=dtype)
        return text_value(network, openclip=openclip or config.activation == "gelu")


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
            raise detect.no_checkpoint("upscaler", tensors)
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
