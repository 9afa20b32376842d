"""Distils a preview decoder in TAESD's layout from the autoencoder's latents."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.models.taesd import TaesdDecoder
from diffusion.models.vae import Autoencoder
from training.autoencoder import SCALE, edge_loss
from training.diffusion_model import Pool
from training.loop import Chance

_CROP = 8  # latent pixels a side: a quarter of the work of whole pictures
_BLUR = 0.1  # noise in latents, as between the steps of a sampler


def preview_loss(
    decoder: TaesdDecoder, vae: Autoencoder, pool: Pool, batch: int
) -> Callable[[Chance], Tensor]:
    """Return the loss of one step: match what the autoencoder makes of crops of slightly noisy latents."""

    def loss(chance: Chance) -> Tensor:
        chosen = torch.from_numpy(chance.numpy.integers(0, len(pool.latents), batch))
        top, left = chance.numpy.integers(0, pool.latents.shape[-1] - _CROP + 1, 2).tolist()
        latents = pool.latents[chosen.to(pool.latents.device)][..., top : top + _CROP, left : left + _CROP]
        with torch.no_grad():
            target = vae.decode(latents / SCALE).clamp(-1, 1) / 2 + 0.5
        image = decoder(latents + _BLUR * chance.normal_like(latents))
        return F.l1_loss(image, target) + F.mse_loss(image, target) + 0.5 * edge_loss(image, target)

    return loss


@torch.inference_mode()
def preview_psnr(decoder: TaesdDecoder, vae: Autoencoder, pool: Pool) -> float:
    """Mean signal-to-noise ratio in dB against the autoencoder, on 64 whole latents."""
    latents = pool.latents[:64]
    target = vae.decode(latents / SCALE).clamp(-1, 1) / 2 + 0.5
    error = (decoder(latents).clamp(0, 1) - target).square().mean(dim=(1, 2, 3))
    return float((-10 * error.clamp(min=1e-10).log10()).mean())
