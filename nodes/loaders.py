"""Nodes that read models from files."""

from pathlib import Path
from typing import Annotated

from graph import File, node
from nodes.errors import reported
from nodes.types import Clip, Model, UpscaleModel, Vae


@node(
    id="CheckpointLoaderSimple",
    title="Load Checkpoint",
    category="loaders",
    lane="io",
    search=("model", "stable diffusion", "safetensors", "ckpt"),
)
def checkpoint_loader_simple(
    ckpt_name: Annotated[Path, File("checkpoints"), "a Stable Diffusion 1 or 2 file"],
) -> tuple[Model, Clip, Vae]:
    """Load a checkpoint: the denoising model, its text encoder and its VAE."""
    from dataclasses import replace

    from diffusion.checkpoint.load import load_checkpoint

    with reported("ckpt_name"):
        loaded = load_checkpoint(ckpt_name)
    return replace(loaded.model, name=ckpt_name.stem), loaded.clip, loaded.vae


@node(id="VAELoader", title="Load VAE", category="loaders", lane="io", search=("autoencoder",))
def vae_loader(vae_name: Annotated[Path, File("vae"), "an autoencoder's file"]) -> Vae:
    """Load a VAE from its own file."""
    from diffusion.checkpoint.load import load_vae

    with reported("vae_name"):
        return load_vae(vae_name)


@node(
    id="UpscaleModelLoader",
    title="Load Upscale Model",
    category="loaders",
    lane="io",
    search=("esrgan", "upscaler"),
)
def upscale_model_loader(
    model_name: Annotated[Path, File("upscale_models"), "an ESRGAN or Real-ESRGAN file"],
) -> UpscaleModel:
    """Load a network that enlarges pictures."""
    from diffusion.checkpoint.load import load_upscaler

    with reported("model_name"):
        return load_upscaler(model_name)
