"""Trains the autoencoder: pictures of the small world, with some of everything else of the set."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.models.vae import Autoencoder
from training.compose import Composer, paste
from training.loop import Chance

SCALE = 0.18215  # what every Stable Diffusion program multiplies latents by


def to_unit_range(pictures: np.ndarray) -> Tensor:
    """Turn uint8 [B, H, W, 3] into float [B, 3, H, W] in -1..1."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div_(127.5).sub_(1).contiguous()


def stray_picture(drawings: list[np.ndarray], random: np.random.Generator) -> np.ndarray:
    """Show any drawing of the set on any colour, so that the autoencoder knows more than the small world."""
    rgba = drawings[int(random.integers(len(drawings)))]
    background = tuple(random.integers(0, 256, 3).tolist())
    room = 128 - rgba.shape[0]
    top, left = random.integers(0, room + 1, 2).tolist()
    return paste(rgba, background, top, left)


def cropped(picture: np.ndarray, size: int, random: np.random.Generator) -> np.ndarray:
    """Cut a random square of `size` out of a picture."""
    top, left = random.integers(0, picture.shape[0] - size + 1, 2).tolist()
    return picture[top : top + size, left : left + size]


def vae_batch(
    composer: Composer,
    strays: list[np.ndarray],
    random: np.random.Generator,
    *,
    batch: int,
    stray_share: float = 0.0,
    size: int = 128,
) -> Tensor:
    """Compose a training batch [B, 3, size, size] in -1..1."""
    pictures = []
    for _ in range(batch):
        if strays and random.random() < stray_share:
            pictures.append(stray_picture(strays, random))
        else:
            pictures.append(composer.picture(composer.random_scene(random), random))
    return to_unit_range(np.stack([cropped(picture, size, random) for picture in pictures]))


def pooled_batch(pool: Tensor, random: np.random.Generator, *, batch: int, size: int = 128) -> Tensor:
    """Take a batch [B, 3, size, size] in -1..1 from pictures composed before, uint8 [N, 3, 128, 128]."""
    chosen = torch.from_numpy(random.integers(0, len(pool), batch)).to(pool.device)
    top, left = random.integers(0, pool.shape[-1] - size + 1, 2).tolist()
    return pool[chosen, :, top : top + size, left : left + size].float().div_(127.5).sub_(1)


def edge_loss(image: Tensor, target: Tensor) -> Tensor:
    """Mean absolute error of neighbour differences along both axes: what blur gets wrong."""
    error = image - target
    return error.diff(dim=-1).abs().mean() + error.diff(dim=-2).abs().mean()


def reconstruction_loss(image: Tensor, target: Tensor) -> Tensor:
    """L1 for flat areas, squared error for large mistakes, and edges."""
    return F.l1_loss(image, target) + F.mse_loss(image, target) + 0.5 * edge_loss(image, target)


def vae_loss(
    vae: Autoencoder, batch_of: Callable[[np.random.Generator], Tensor], kl_weight: float
) -> Callable[[Chance], Tensor]:
    """Return the loss of one step: reconstruction through a sampled latent, and a little KL."""

    def loss(chance: Chance) -> Tensor:
        target = batch_of(chance.numpy).to(next(vae.parameters()).device)
        mean, logvar = vae.encode(target)
        image = vae.decode(mean + torch.exp(0.5 * logvar) * chance.normal_like(mean))
        kl = 0.5 * (mean.square() + logvar.exp() - 1 - logvar).mean()
        return reconstruction_loss(image, target) + kl_weight * kl

    return loss


@torch.no_grad()
def psnr(vae: Autoencoder, pictures: Tensor) -> float:
    """Mean peak signal-to-noise ratio in dB of reconstructions, range 0..1."""
    dtype = next(vae.parameters()).dtype
    parts = [vae.decode(vae.encode(part.to(dtype)).mean).float() for part in pictures.split(16)]
    restored = torch.cat(parts).clamp(-1, 1)
    error = ((restored - pictures) / 2).square().mean(dim=(1, 2, 3))
    return float((-10 * error.clamp(min=1e-10).log10()).mean())


@torch.no_grad()
def fold_scale(vae: Autoencoder, pictures: Tensor) -> None:
    """Change the 1x1 convolutions so that SCALE * mean has zero mean and unit variance in each channel.

    The round trip stays what it was: post_quant_conv undoes what quant_conv is given.
    """
    means = torch.cat([vae.encode(part).mean for part in pictures.split(16)])
    centre = means.mean(dim=(0, 2, 3))
    factor = 1 / (SCALE * means.std(dim=(0, 2, 3)))
    channels = len(centre)
    vae.quant_conv.weight[:channels] *= factor[:, None, None, None]
    vae.quant_conv.bias[:channels] = (vae.quant_conv.bias[:channels] - centre) * factor
    vae.quant_conv.bias[channels:] += 2 * factor.log()
    vae.post_quant_conv.bias += vae.post_quant_conv.weight[..., 0, 0] @ centre
    vae.post_quant_conv.weight /= factor[None, :, None, None]
