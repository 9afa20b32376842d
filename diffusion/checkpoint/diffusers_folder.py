"""Loads a folder as diffusers lays it out: weights decide about shapes, `config.json` about the rest."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from diffusion.checkpoint import detect
from diffusion.checkpoint.build import build
from diffusion.checkpoint.digest import sampled_digest
from diffusion.checkpoint.files import Weights
from diffusion.checkpoint.folder import PREDICTIONS, check_pipeline, files_of, open_network, read_json
from diffusion.checkpoint.load import model_value, named, text_value, vae_dtype, vae_value
from diffusion.checkpoint.parts import find_text, find_unet, find_vae
from diffusion.memory import compute_dtype, default_device
from diffusion.models.clip import ClipText, ClipTextConfig
from diffusion.models.unet import UNet, UNetConfig
from diffusion.models.vae import Autoencoder
from diffusion.sampling.schedules import NoiseSchedule
from diffusion.values import Model, TextEncoder, Vae
from diffusion.watching import Check, unstopped

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Loaded:
    """The three values of a folder."""

    model: Model
    clip: TextEncoder
    vae: Vae


def load_folder(
    folder: Path,
    *,
    device: torch.device | None = None,
    dtype: torch.dtype | None = None,
    check: Check = unstopped,
) -> Loaded:
    """The model in a folder that holds `model_index.json` and a subfolder for each network.

    `check` is called before every tensor and may raise to stop.
    """
    device = default_device() if device is None else device
    check_pipeline(folder)
    narrow = dtype or compute_dtype(device)
    model = folder_model(folder, device=device, dtype=narrow, check=check)
    vae = folder_vae(folder, device=device, dtype=vae_dtype(dtype, device), check=check)
    with named(folder.name):
        detect.detect_role(model.network.config, vae.network.config)
    return Loaded(model, folder_text(folder, device=device, dtype=narrow, check=check), vae)


def folder_model(
    folder: Path, *, device: torch.device, dtype: torch.dtype, check: Check = unstopped
) -> Model:
    """The UNet, with the prediction and the schedule of the folder's scheduler."""
    weights = open_network(folder, "unet")
    with named(f"{folder.name}/unet"):
        found = find_unet(weights)
        config = with_heads(found.config, read_json(folder / "unet/config.json"))
        make = partial(UNet, config)
        network = build(make, found.tensors, "UNet", device=device, dtype=dtype, check=check)
        model = replace(model_value(network, found.tensors, weights), digest=digest_of(weights))
    with named(f"{folder.name}/scheduler"):
        return scheduled(model, read_json(folder / "scheduler/scheduler_config.json"))


def with_heads(config: UNetConfig, record: Record) -> UNetConfig:
    """The number of attention heads, which shapes do not tell; diffusers calls it `attention_head_dim`."""
    heads = record.get("num_attention_heads") or record.get("attention_head_dim")
    if isinstance(heads, int):
        return replace(config, heads=heads, head_dim=None)
    if isinstance(heads, list) and len(heads) == len(config.widths):
        sizes = {width // count for width, count in zip(config.widths, heads, strict=True)}
        if len(sizes) == 1:
            return replace(config, head_dim=sizes.pop())
        raise detect.unsupported(f"a UNet with {heads} attention heads at its levels")
    return config


def scheduled(model: Model, record: Record) -> Model:
    """The model as the record of a scheduler says that it was trained; without one, as its weights look."""
    if not record:
        return model
    stated = record.get("prediction_type", "epsilon")
    if stated not in PREDICTIONS:
        raise detect.unsupported(f"the prediction type {stated!r}")
    return replace(model, prediction=PREDICTIONS[stated], schedule=schedule_of(record))


def schedule_of(record: Record) -> NoiseSchedule:
    """The noise levels that a scheduler's record describes."""
    start, end = record.get("beta_start", 0.0001), record.get("beta_end", 0.02)
    steps, shape = record.get("num_train_timesteps", 1000), record.get("beta_schedule", "linear")
    if record.get("trained_betas"):
        schedule = from_betas(np.array(record["trained_betas"], np.float64))
    elif shape == "scaled_linear":
        schedule = NoiseSchedule.scaled_linear(start, end, steps=steps)
    elif shape == "linear":
        schedule = from_betas(np.linspace(start, end, steps))
    else:
        raise detect.unsupported(f"the noise schedule {shape!r}")
    return schedule.ending_in_noise() if record.get("rescale_betas_zero_snr") else schedule


def from_betas(betas: np.ndarray) -> NoiseSchedule:
    """The schedule that adds noise of these variances."""
    return NoiseSchedule(tuple(np.cumprod(1.0 - betas).tolist()))


def folder_text(
    folder: Path, *, device: torch.device, dtype: torch.dtype, check: Check = unstopped
) -> TextEncoder:
    """The text encoder; in these folders it ends with the layer that is read."""
    weights = open_network(folder, "text_encoder")
    with named(f"{folder.name}/text_encoder"):
        found = find_text(weights)
        config = as_stated(found.config, read_json(folder / "text_encoder/config.json"))
        make = partial(ClipText, config)
        network = build(make, found.tensors, "text encoder", device=device, dtype=dtype, check=check)
        value = text_value(network, openclip=config.activation == "gelu")
        return replace(value, digest=digest_of(weights))


def as_stated(config: ClipTextConfig, record: Record) -> ClipTextConfig:
    """What shapes do not tell of a text encoder."""
    activation = record.get("hidden_act", config.activation)
    if activation not in ("gelu", "quick_gelu"):
        raise detect.unsupported(f"a text encoder with the activation {activation!r}")
    heads = record.get("num_attention_heads", config.heads)
    return replace(config, activation=activation, heads=heads, output_layer=-1)


def folder_vae(folder: Path, *, device: torch.device, dtype: torch.dtype, check: Check = unstopped) -> Vae:
    """The autoencoder, with the scale of latents that its record states."""
    weights = open_network(folder, "vae")
    with named(f"{folder.name}/vae"):
        found = find_vae(weights)
        make = partial(Autoencoder, found.config)
        network = build(make, found.tensors, "VAE", device=device, dtype=dtype, check=check)
        value = vae_value(network)
        scale = read_json(folder / "vae/config.json").get("scaling_factor", value.scale)
        return replace(value, scale=float(scale), digest=digest_of(weights))


def digest_of(weights: Weights) -> str:
    """The digest of a network's file, or of all files of an index."""
    digests = [sampled_digest(path) for path in files_of(weights.path)]
    return (
        digests[0]
        if len(digests) == 1
        else hashlib.blake2b(" ".join(digests).encode(), digest_size=16).hexdigest()
    )
