"""The loaders of ComfyUI's `comfy.sd`: they give handles of our models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from compat.nodes.handles import Handle, handle
from compat.nodes.here import STEP
from compat.nodes.importing import MissingPart, lacking

__getattr__ = lacking(__name__)


def load_checkpoint_guess_config(
    ckpt_path: str,
    output_vae: bool = True,
    output_clip: bool = True,
    output_clipvision: bool = False,
    embedding_directory: Any = None,
    output_model: bool = True,
    **_: Any,
) -> tuple[Handle | None, Handle | None, Handle | None, None]:
    """Model, text encoder and VAE of a checkpoint, those that are asked for."""
    from dataclasses import replace

    from diffusion.checkpoint.load import load_checkpoint

    path = Path(ckpt_path)
    loaded = load_checkpoint(path)
    model = replace(loaded.model, name=path.stem)
    asked = ((model, output_model), (loaded.clip, output_clip), (loaded.vae, output_vae))
    found = [handle(value) if wanted else None for value, wanted in asked]
    return found[0], found[1], found[2], None


def load_diffusion_model(unet_path: str, model_options: Any = None) -> Handle:
    """The denoising network of a file."""
    from diffusion.checkpoint.load import load_unet

    return handle(load_unet(Path(unet_path)))


load_unet = load_diffusion_model


def load_clip(ckpt_paths: list[str], embedding_directory: Any = None, **_: Any) -> Handle:
    """The text encoder of a file; those of several files are none of Stable Diffusion 1 or 2."""
    from diffusion.checkpoint.load import load_text_encoder

    if len(ckpt_paths) != 1:
        raise MissingPart(f"comfy.sd.load_clip with {len(ckpt_paths)} files")
    return handle(load_text_encoder(Path(ckpt_paths[0])))


def VAE(sd: Any = None, **_: Any) -> Handle:
    """The autoencoder of a file that `comfy.utils.load_torch_file` has read."""
    from diffusion.checkpoint.load import load_vae

    return handle(load_vae(_file(sd, "comfy.sd.VAE")))


def load_lora_for_models(
    model: Handle, clip: Handle | None, lora: Any, strength_model: float, strength_clip: float
) -> tuple[Handle, Handle | None]:
    """Model and text encoder with a LoRA that `comfy.utils.load_torch_file` has read."""
    from diffusion.adapters.lora import patch_model, patch_text, read_lora, unmatched
    from nodes.adapters import tell_unmatched

    read = read_lora(_file(lora, "comfy.sd.load_lora_for_models"))
    strange = unmatched(read, model.value, None if clip is None else clip.value)
    step = STEP.get()
    if step is not None:
        tell_unmatched(step, read.name, strange)
    changed = handle(patch_model(model.value, read, strength_model))
    return changed, None if clip is None else handle(patch_text(clip.value, read, strength_clip))


def _file(tensors: Any, what: str) -> Path:
    path = getattr(tensors, "path", None)
    if path is None:
        raise MissingPart(f"{what} of tensors that are not those of a file")
    return Path(path)
