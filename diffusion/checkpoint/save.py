"""Writes networks and latents as safetensors, under the names that other programs read."""

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from diffusion.checkpoint.errors import MislabelledFile, UnknownArchitecture
from diffusion.checkpoint.files import open_weights
from diffusion.checkpoint.layouts import checkpoint_tensors, model_texts, text_tensors, unet_tensors
from diffusion.checkpoint.load import LATENT_SCALE
from diffusion.outputs import write_numbered
from diffusion.values import Latent, Model, TextEncoder, Vae

LATENT, UNSCALED = "latent_tensor", "latent_format_version_0"
"""ComfyUI's names in files of latents; without the second, an empty tensor, the latent is a scaled one."""
CHANNELS = 4


def save_checkpoint(
    model: Model, clip: TextEncoder, vae: Vae, folder: Path, stem: str, texts: Mapping[str, str]
) -> str:
    """Write a whole checkpoint in the original layout; returns the file's name."""
    tensors = checkpoint_tensors(model, clip, vae)
    return save_tensors(tensors, folder, stem, {**texts, **model_texts(model)})


def save_model(model: Model, folder: Path, stem: str, texts: Mapping[str, str]) -> str:
    """Write a UNet under its names in a checkpoint; returns the file's name."""
    return save_tensors(unet_tensors(model), folder, stem, {**texts, **model_texts(model)})


def save_text_encoder(clip: TextEncoder, folder: Path, stem: str, texts: Mapping[str, str]) -> str:
    """Write a text encoder in its original layout; returns the file's name."""
    return save_tensors(text_tensors(clip), folder, stem, texts)


def save_vae(vae: Vae, folder: Path, stem: str, texts: Mapping[str, str]) -> str:
    """Write an autoencoder in the original layout; returns the file's name."""
    return save_tensors(vae.network.state_dict(), folder, stem, texts)


def save_latent(latent: Latent, folder: Path, stem: str, texts: Mapping[str, str]) -> str:
    """Write the samples of a latent as ComfyUI does, unscaled; returns the file's name."""
    tensors = {LATENT: latent.samples / LATENT_SCALE[8], UNSCALED: torch.empty(0)}
    return save_tensors(tensors, folder, stem, texts, suffix=".latent")


def load_latent(path: Path) -> Latent:
    """Read what `save_latent` or ComfyUI wrote."""
    tensors = open_weights(path)
    if LATENT not in tensors or tensors[LATENT].ndim != 4:
        raise MislabelledFile(
            path.name,
            given="safetensors without a latent",
            expected=f"a tensor {LATENT} with four axes",
            remedy="Choose a file that Save Latent wrote.",
        )
    if tensors[LATENT].shape[1] != CHANNELS:
        raise UnknownArchitecture(
            path.name,
            given=f"a latent of {tensors[LATENT].shape[1]} channels",
            expected=f"{CHANNELS} channels, as Stable Diffusion 1 and 2 have",
            remedy="Make it anew with a VAE of Stable Diffusion 1 or 2; those of other models are of no use.",
        )
    scale = LATENT_SCALE[8] if UNSCALED in tensors else 1.0
    return Latent(tensors[LATENT].float() * scale)


def save_tensors(
    tensors: Mapping[str, Tensor],
    folder: Path,
    stem: str,
    texts: Mapping[str, str],
    *,
    suffix: str = ".safetensors",
) -> str:
    """Write named tensors and texts as the next free number of a name."""
    held = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    return write_numbered(folder, stem, suffix, lambda path: save_file(held, path, dict(texts)))
