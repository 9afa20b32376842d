"""Nodes that read whole models from files and folders."""

from pathlib import Path
from typing import Annotated, Literal

from graph import Context, File, node
from nodes.errors import reported
from nodes.types import Clip, Model, UpscaleModel, Vae

CheckpointFile = Annotated[Path, File("checkpoints"), "a Stable Diffusion 1 or 2 file"]
ConfigName = Literal[
    "anything_v3.yaml",
    "v1-inference.yaml",
    "v1-inference_clip_skip_2.yaml",
    "v1-inference_clip_skip_2_fp16.yaml",
    "v1-inference_fp16.yaml",
    "v1-inpainting-inference.yaml",
    "v2-inference-v.yaml",
    "v2-inference-v_fp32.yaml",
    "v2-inference.yaml",
    "v2-inference_fp32.yaml",
    "v2-inpainting-inference.yaml",
]
Weights = Annotated[
    Literal["last", "averaged"], "those of the last training step, or the running averages of a whole file"
]
Precision = Annotated[
    Literal["auto", "fp32", "bf16", "fp16"],
    "what the networks compute in; the VAE, which fp16 overflows, keeps more",
]


@node(
    id="CheckpointLoaderSimple",
    title="Load Checkpoint",
    category="loaders",
    lane="io",
    search=("model", "stable diffusion", "safetensors", "ckpt"),
)
def checkpoint_loader_simple(context: Context, ckpt_name: CheckpointFile) -> tuple[Model, Clip, Vae]:
    """Load a checkpoint: the denoising model, its text encoder and its VAE."""
    from dataclasses import replace

    from diffusion.checkpoint.load import load_checkpoint

    with reported("ckpt_name"):
        loaded = load_checkpoint(ckpt_name, check=context.check_cancelled)
    return replace(loaded.model, name=ckpt_name.stem), loaded.clip, loaded.vae


@node(
    id="CheckpointLoader",
    title="Load Checkpoint With Config (DEPRECATED)",
    category="advanced/loaders",
    lane="io",
    search=("model", "yaml"),
)
def checkpoint_loader(
    context: Context, *, config_name: ConfigName = "anything_v3.yaml", ckpt_name: CheckpointFile
) -> tuple[Model, Clip, Vae]:
    """Load a checkpoint as a configuration asks; the file's own shapes tell whether it fits."""
    from dataclasses import replace

    from diffusion.checkpoint.configs import as_configured
    from diffusion.checkpoint.load import load_checkpoint

    with reported("ckpt_name"):
        loaded = load_checkpoint(ckpt_name, check=context.check_cancelled)
        loaded = as_configured(loaded, config_name)
    return replace(loaded.model, name=ckpt_name.stem), loaded.clip, loaded.vae


@node(
    id="CheckpointLoaderWeights",
    title="Load Checkpoint (Choose Weights)",
    category="advanced/loaders",
    lane="io",
    search=("ema", "averaged", "precision", "fp16", "bf16", "fp32"),
)
def checkpoint_loader_weights(
    context: Context, ckpt_name: CheckpointFile, weights: Weights = "last", dtype: Precision = "auto"
) -> tuple[Model, Clip, Vae]:
    """Load a checkpoint with a choice of its two sets of weights and of the precision."""
    from dataclasses import replace

    import torch

    from diffusion.checkpoint.load import load_checkpoint

    chosen = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}.get(dtype)
    with reported("ckpt_name"):
        loaded = load_checkpoint(ckpt_name, unet_weights=weights, dtype=chosen, check=context.check_cancelled)
    return replace(loaded.model, name=ckpt_name.stem), loaded.clip, loaded.vae


def folder_state(model_path: Path) -> tuple[tuple[str, int, int], ...]:
    """Names, sizes and times of the files in the folder of a path: another state is another model."""
    folder = model_path.parent
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    states = ((path, path.stat()) for path in files)
    return tuple((str(path.relative_to(folder)), at.st_size, at.st_mtime_ns) for path, at in states)


@node(
    id="DiffusersLoader",
    title="DiffusersLoader",
    category="advanced/loaders/deprecated",
    lane="io",
    fingerprint=folder_state,
    search=("hugging face", "folder"),
)
def diffusers_loader(
    context: Context,
    model_path: Annotated[
        Path, File("diffusers", extensions=("model_index.json",)), "a folder as diffusers writes it"
    ],
) -> tuple[Model, Clip, Vae]:
    """Load a folder in diffusers' layout: the denoising model, its text encoder and its VAE."""
    from dataclasses import replace

    from diffusion.checkpoint.diffusers_folder import load_folder

    with reported("model_path"):
        loaded = load_folder(model_path.parent, check=context.check_cancelled)
    return replace(loaded.model, name=model_path.parent.name), loaded.clip, loaded.vae


@node(id="VAELoader", title="Load VAE", category="loaders", lane="io", search=("autoencoder",))
def vae_loader(context: Context, vae_name: Annotated[Path, File("vae"), "an autoencoder's file"]) -> Vae:
    """Load a VAE from its own file."""
    from diffusion.checkpoint.load import load_vae

    with reported("vae_name"):
        return load_vae(vae_name, check=context.check_cancelled)


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
