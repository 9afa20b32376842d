"""Trains the UNet to predict noise in stored latents of composed pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from diffusion.models.clip import ClipText
from diffusion.models.unet import NO_RESIDUALS, Residuals, UNet
from diffusion.models.vae import Autoencoder
from diffusion.sampling.schedules import NoiseSchedule
from training.autoencoder import SCALE, to_unit_range
from training.captions import Scene, random_caption
from training.compose import Composer
from training.loop import Chance

_CHUNK = 32  # pictures encoded at a time
_UNSAID = 0.1  # captions left out, for classifier-free guidance
_GAMMA = 5.0  # min-SNR weighting, arXiv 2303.09556
_TIMESTEP_POWER = 0.7  # below 1: more of the noisy steps, where object and background are decided


@dataclass(frozen=True)
class Pool:
    """Pictures composed and encoded in advance: scaled latents [N, 4, 16, 16] and what each shows."""

    latents: Tensor
    scenes: tuple[Scene, ...]


@torch.inference_mode()
def encode_pool(vae: Autoencoder, pictures: np.ndarray, scenes: tuple[Scene, ...]) -> Pool:
    """Encode composed pictures, uint8 [N, 128, 128, 3]."""
    device = vae.quant_conv.weight.device
    parts = (pictures[at : at + _CHUNK] for at in range(0, len(pictures), _CHUNK))
    latents = [SCALE * vae.encode(to_unit_range(part).to(device)).mean for part in parts]
    return Pool(torch.cat(latents), scenes)


@torch.no_grad()
def contexts_of(
    clip: ClipText, rows_of: Callable[[str], list[int]], captions: list[str], device: torch.device
) -> Tensor:
    """Encode captions to [B, 77, width]."""
    return clip(torch.tensor([rows_of(caption) for caption in captions], device=device))


def random_timesteps(count: int, chance: Chance) -> np.ndarray:
    """Choose training steps 0..999, spread over the whole range within a batch."""
    places = (np.arange(count) + chance.numpy.random(count)) / count
    return np.minimum((1000 * places**_TIMESTEP_POWER).astype(int), 999)


Guides = Callable[[Tensor], Residuals]
"""What guides the UNet for some latents of a pool."""
Contexts = Callable[[list[Scene], Chance], Tensor]
"""What a batch of scenes is told to the UNet as: [B, 77, width]."""


def random_captions(composer: Composer, scenes: list[Scene], chance: Chance) -> list[str]:
    """Say each scene in one of its ways, or not at all."""
    captions = []
    for scene in scenes:
        said = random_caption(composer.concepts[scene.concept], scene, chance.numpy)
        captions.append("" if chance.numpy.random() < _UNSAID else said)
    return captions


def captioned(
    clip: ClipText, rows_of: Callable[[str], list[int]], composer: Composer, device: torch.device
) -> Contexts:
    """Contexts of random captions."""
    return lambda scenes, chance: contexts_of(
        clip, rows_of, random_captions(composer, scenes, chance), device
    )


def unguided(rows: Tensor) -> Residuals:
    """Nothing beside the captions."""
    return NO_RESIDUALS


def noise_loss(
    unet: UNet, contexts: Contexts, pool: Pool, batch: int, guides: Guides = unguided
) -> Callable[[Chance], Tensor]:
    """Return the loss of one step: squared error of the noise, weighted by min(SNR, 5) / SNR."""
    device = pool.latents.device
    kept = torch.tensor(NoiseSchedule.scaled_linear().alphas_cumprod, dtype=torch.float32, device=device)
    snr = kept / (1 - kept)
    weights = snr.clamp(max=_GAMMA) / snr

    def loss(chance: Chance) -> Tensor:
        chosen = chance.numpy.integers(0, len(pool.scenes), batch)
        context = contexts([pool.scenes[index] for index in chosen], chance)
        rows = torch.from_numpy(chosen).to(device)
        latents = pool.latents[rows]
        timesteps = torch.from_numpy(random_timesteps(batch, chance)).to(device)
        signal = kept[timesteps][:, None, None, None]
        noise = chance.normal_like(latents)
        noisy = signal.sqrt() * latents + (1 - signal).sqrt() * noise
        noisy = noisy.contiguous(memory_format=torch.channels_last)
        predicted = unet(noisy, timesteps, context, control=guides(rows))
        return ((predicted - noise).square().mean(dim=(1, 2, 3)) * weights[timesteps]).mean()

    return loss
