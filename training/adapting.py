"""The sub-commands that train adapters of the finished model, and the files that they write."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from diffusion.checkpoint.load import Checkpoint, load_checkpoint
from diffusion.models.t2i_adapter import AdapterConfig, build_adapter
from training import adapters
from training.captions import Scene
from training.commands import BUILD, seeded, token_rows
from training.compose import Composer
from training.dataset import compose_pool, load_composer
from training.diffusion_model import (
    Contexts,
    Guides,
    Pool,
    captioned,
    encode_pool,
    noise_loss,
    unguided,
)
from training.loop import Plan, Training
from training.presets import CPU
from training.styles import anywhere, old_film, on_background, stickers

STICKER = Path("models/loras/tessera-sticker.safetensors")
OLD_FILM = Path("models/hypernetworks/tessera-old-film.pt")
MINT = Path("models/embeddings/mint.safetensors")
SKETCH = Path("models/controlnet/tessera-sketch-adapter.safetensors")
MINT_RGB = (178, 236, 214)
POOL, BATCH = 1536, 16
CPU_DEVICE = torch.device("cpu")
PLAN = Plan(lr=1e-3, muon=False, warmup_steps=20, ema_decay=0.98, seed=6, save_seconds=30)
STEPS = {"lora": 1200, "hypernetwork": 600, "sketch": 2600, "word": 200}
WORDS = {
    "modelspec.title": "Sticker",
    "modelspec.architecture": "stable-diffusion-v1/lora",
    "modelspec.description": "Everything as a sticker with a white border; for Tessera Emoji",
    "modelspec.license": "MIT; trained on drawings of Fluent Emoji by Microsoft (MIT)",
}


class Lesson(NamedTuple):
    """What is shown to a model that its adapter shall learn."""

    pool: Pool
    contexts: Contexts
    guides: Guides = unguided


class Finished(NamedTuple):
    """The finished model in 32 bits, fixed, and what made its pictures."""

    loaded: Checkpoint
    composer: Composer

    def lesson(self, composer: Composer) -> Lesson:
        """Other pictures than it has learnt, under the captions that it knows."""
        pool = self.encoded(*compose_pool(composer, POOL, PLAN.seed))
        return Lesson(pool, captioned(self.loaded.clip.network, token_rows(), composer, CPU_DEVICE))

    def encoded(self, pictures: np.ndarray, scenes: tuple[Scene, ...]) -> Pool:
        """Latents of pictures, through which gradients may flow."""
        pool = encode_pool(self.loaded.vae.network, pictures, scenes)
        return dataclasses.replace(pool, latents=pool.latents.clone())


def load_finished(checkpoint: Path) -> Finished:
    """Load the model that adapters are trained for."""
    loaded = load_checkpoint(checkpoint, device=CPU_DEVICE, dtype=torch.float32)
    for network in (loaded.model.network, loaded.clip.network, loaded.vae.network):
        network.requires_grad_(False)
    seeded(PLAN.seed)
    return Finished(loaded, load_composer(CPU))


def train(parts: nn.Module, finished: Finished, lesson: Lesson, name: str, *, resume: bool) -> nn.Module:
    """Train what was put beside the UNet or before it; gives its average."""
    training = Training(parts, dataclasses.replace(PLAN, steps=STEPS[name]), BUILD / f"{name}-state.pt")
    if resume:
        training.resume()
    unet = finished.loaded.model.network
    training.run(noise_loss(unet, lesson.contexts, lesson.pool, BATCH, lesson.guides))
    return training.average.module


def train_lora(checkpoint: Path, path: Path, *, resume: bool) -> None:
    """Train a LoRA that draws stickers."""
    finished = load_finished(checkpoint)
    parts = adapters.add_low_ranks(finished.loaded.model.network)
    lesson = finished.lesson(stickers(finished.composer))
    adapters.write_lora(train(parts, finished, lesson, "lora", resume=resume), path, WORDS)


def train_hypernetwork(checkpoint: Path, path: Path, *, resume: bool) -> None:
    """Train a hypernetwork that takes the colours out."""
    finished = load_finished(checkpoint)
    unet = finished.loaded.model.network
    parts = adapters.add_hypernetwork(unet, {unet.config.context_dim, *adapters.attention_widths(unet)})
    lesson = finished.lesson(old_film(finished.composer))
    adapters.write_hypernetwork(train(parts, finished, lesson, "hypernetwork", resume=resume), path)


def train_sketch(checkpoint: Path, path: Path, *, resume: bool) -> None:
    """Train a T2I-adapter by whose lines things stand anywhere and in any size."""
    finished = load_finished(checkpoint)
    composer = anywhere(finished.composer)
    pictures, scenes = compose_pool(composer, POOL, PLAN.seed)
    sketches = adapters.sketches_of(pictures, np.random.default_rng(PLAN.seed))
    clip = finished.loaded.clip.network
    adapter = build_adapter(AdapterConfig(1, finished.loaded.model.network.config.widths))
    lesson = Lesson(
        finished.encoded(pictures, scenes),
        captioned(clip, token_rows(), composer, CPU_DEVICE),
        adapters.guided_by(adapter, sketches),
    )
    adapters.write_adapter(train(adapter, finished, lesson, "sketch", resume=resume), path)


def train_word(checkpoint: Path, path: Path, *, resume: bool) -> None:
    """Train a word for a background that the model has no word for."""
    finished = load_finished(checkpoint)
    composer = on_background(finished.composer, path.stem, MINT_RGB)
    clip, rows_of = finished.loaded.clip.network, token_rows()
    word = adapters.Word(clip.embed_tokens(torch.tensor(rows_of("teal")[1])))
    lesson = finished.lesson(composer)._replace(contexts=word.contexts(clip, rows_of, composer))
    adapters.write_word(train(word, finished, lesson, "word", resume=resume), path)


ADAPTERS: dict[str, tuple[Callable[..., None], Path]] = {
    "lora": (train_lora, STICKER),
    "hypernetwork": (train_hypernetwork, OLD_FILM),
    "sketch": (train_sketch, SKETCH),
    "word": (train_word, MINT),
}
