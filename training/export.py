"""Joins the trained parts to one file in the layout of Stable Diffusion 1, 16 bits a number."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from training.concepts import BACKGROUNDS, COLOURS, Concept

PREFIXES = {
    "unet": "model.diffusion_model.",
    "vae": "first_stage_model.",
    "text": "cond_stage_model.transformer.",
}


def single_file_tensors(parts: dict[str, dict[str, Tensor]]) -> dict[str, Tensor]:
    """Give every tensor of {part: state dict} its name in a single-file checkpoint, as float16."""
    return {
        PREFIXES[part] + name: tensor.to(torch.float16).contiguous()
        for part, tensors in parts.items()
        for name, tensor in tensors.items()
    }


def metadata_of(concepts: tuple[Concept, ...]) -> dict[str, str]:
    """Say in strings what the model knows, what it is and whose drawings it saw."""
    words = {
        "concepts": [concept.noun for concept in concepts],
        "synonyms": {concept.noun: list(concept.synonyms) for concept in concepts if concept.synonyms},
        "recolourable": [concept.noun for concept in concepts if concept.recolour],
        "colours": list(COLOURS),
        "backgrounds": {name: list(rgb) for name, rgb in BACKGROUNDS.items()},
    }
    return {name: json.dumps(value) for name, value in words.items()} | {
        "modelspec.title": "Tessera Emoji",
        "modelspec.architecture": "stable-diffusion-v1",
        "modelspec.resolution": "128x128",
        "modelspec.prediction_type": "epsilon",
        "modelspec.license": "MIT; trained on drawings of Fluent Emoji by Microsoft (MIT)",
    }


def write_checkpoint(path: Path, parts: dict[str, dict[str, Tensor]], concepts: tuple[Concept, ...]) -> None:
    """Write the checkpoint and, beside it, the same words as JSON for people and tests."""
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = metadata_of(concepts)
    save_file(single_file_tensors(parts), path, metadata)
    words = {name: json.loads(text) for name, text in metadata.items() if not name.startswith("modelspec")}
    path.with_suffix(".json").write_text(json.dumps(words, indent=1) + "\n")
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
