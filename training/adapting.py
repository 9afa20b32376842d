"""The sub-commands that train adapters of the finished model, and the files that they write."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn

from diffusion.checkpoint.load import Checkpoint, load_checkpoint
from training import adapters
from training.commands import BUILD, seeded, token_rows
from training.compose import Composer
from training.dataset import compose_pool, load_composer
from training.diffusion_model import Contexts, Pool, captioned, encode_pool, noise_loss
from training.loop import Plan, Training
from training.presets import CPU
from training.styles import old_film, on_background, stickers

STICKER = Path("models/loras/tessera-sticker.safetensors")
OLD_FILM = Path("models/hypernetworks/tessera-old-film.pt")
MINT = Path("models/embeddings/mint.safetensors")
MINT_RGB = (178, 236, 214)
POOL, BATCH = 1536, 16
CPU_DEVICE = torch.device("cpu")
PLAN = Plan(lr=1e-3, steps=300, muon=False, warmup_steps=20, ema_decay=0.98, seed=6, save_seconds=30)
WORDS = {
    "modelspec.title": "Sticker",
    "modelspec.architecture": "stable-diffusion-v1/lora",
    "modelspec.description": "Everything as a sticker with a white border; for Tessera Emoji",
    "modelspec.license": "MIT; trained on drawings of Fluent Emoji by Microsoft (MIT)",
}


class Model(NamedTuple):
    """The finished model in 32 bits, fixed, and what made its pictures."""

    loaded: Checkpoint
    composer: Composer

    def pool(self, composer: Composer) -> Pool:
        """Latents of other pictures than it has learnt."""
        pool = encode_pool(self.loaded.vae.network, *compose_pool(composer, POOL, PLAN.seed))
        return dataclasses.replace(
            pool, latents=pool.latents.clone()
        )  # no longer of inference: gradients flow

    def captions(self, composer: Composer) -> Contexts:
        """What its captions say to the UNet."""
        return captioned(self.loaded.clip.network, token_rows(), composer, CPU_DEVICE)


def load_model(checkpoint: Path) -> Model:
    """Load the model that adapters are trained for."""
    loaded = load_checkpoint(checkpoint, device=CPU_DEVICE, dtype=torch.float32)
    for network in (loaded.model.network, loaded.clip.network, loaded.vae.network):
        network.requires_grad_(False)
    return Model(loaded, load_composer(CPU))


def train(
    parts: nn.Module, model: Model, contexts: Contexts, pool: Pool, name: str, *, resume: bool
) -> nn.Module:
    """Train the parts that were put beside the UNet or before it; gives their averages."""
    training = Training(parts, PLAN, BUILD / f"{name}-state.pt")
    if resume:
        training.resume()
    training.run(noise_loss(model.loaded.model.network, contexts, pool, BATCH))
    return training.average.module


def train_lora(checkpoint: Path, path: Path, *, resume: bool) -> None:
    """Train a LoRA that draws stickers."""
    model = load_model(checkpoint)
    composer = stickers(model.composer)
    seeded(PLAN.seed)
    parts = adapters.add_low_ranks(model.loaded.model.network)
    adapters.write_lora(
        train(parts, model, model.captions(composer), model.pool(composer), "lora", resume=resume),
        path,
        WORDS,
    )


def train_hypernetwork(checkpoint: Path, path: Path, *, resume: bool) -> None:
    """Train a hypernetwork that takes the colours out."""
    model = load_model(checkpoint)
    composer = old_film(model.composer)
    seeded(PLAN.seed)
    unet = model.loaded.model.network
    parts = adapters.add_hypernetwork(unet, {unet.config.context_dim, *adapters.attention_widths(unet)})
    contexts, pool = model.captions(composer), model.pool(composer)
    adapters.write_hypernetwork(train(parts, model, contexts, pool, "hypernetwork", resume=resume), path)


def train_word(checkpoint: Path, path: Path, *, resume: bool) -> None:
    """Train a word for a background that the model has no word for."""
    model = load_model(checkpoint)
    composer = on_background(model.composer, path.stem, MINT_RGB)
    clip, rows_of = model.loaded.clip.network, token_rows()
    word = adapters.Word(clip.embed_tokens(torch.tensor(rows_of("teal")[1])))
    contexts = word.contexts(clip, rows_of, composer)
    adapters.write_word(train(word, model, contexts, model.pool(composer), "word", resume=resume), path)


ADAPTERS: dict[str, tuple[Callable[..., None], Path]] = {
    "lora": (train_lora, STICKER),
    "hypernetwork": (train_hypernetwork, OLD_FILM),
    "word": (train_word, MINT),
}
