"""Draws prompts with an exported checkpoint and lays the pictures out on one sheet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from diffusion.checkpoint.load import Checkpoint
from diffusion.sampling.run import Settings, sample
from diffusion.values import Cond, Latent


def conditioning_of(checkpoint: Checkpoint, prompts: list[str]) -> tuple[Cond, ...]:
    """Encode one prompt per picture of a batch."""
    clip = checkpoint.clip
    tokens = [clip.tokenizer.window(clip.tokenizer.encode(prompt)) for prompt in prompts]
    with torch.inference_mode():
        return (Cond(clip.network(torch.tensor(tokens))),)


def draw(checkpoint: Checkpoint, prompts: list[str], settings: Settings) -> np.ndarray:
    """Draw one picture per prompt; returns uint8 [N, 128, 128, 3]."""
    latent = Latent(torch.zeros(len(prompts), 4, 16, 16))
    positive = conditioning_of(checkpoint, prompts)
    negative = conditioning_of(checkpoint, [""] * len(prompts))
    *_, last = sample(checkpoint.model, positive, negative, latent, settings)
    return (checkpoint.vae.decode(last.x) * 255).round().byte().numpy()


def lay_out(pictures: np.ndarray, columns: int) -> Image.Image:
    """Put pictures [N, H, W, 3] into rows."""
    rows = -(-len(pictures) // columns)
    height, width = pictures.shape[1:3]
    sheet = np.full((rows * height, columns * width, 3), 255, np.uint8)
    for index, picture in enumerate(pictures):
        top, left = index // columns * height, index % columns * width
        sheet[top : top + height, left : left + width] = picture
    return Image.fromarray(sheet)


def write_sheet(path: Path, pictures: np.ndarray, columns: int) -> None:
    """Write a contact sheet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lay_out(pictures, columns).save(path, optimize=True)
