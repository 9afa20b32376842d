"""What a network reads beside the latent: as the conditioning gives it, or filled in where it gives none.

An inpainting model without conditioning of its own reads the latent's noise mask, rounded, and the latent as
it is, as ComfyUI's do: VAEEncodeForInpaint has greyed it inside the mask. Without a mask everything is to be
painted: the mask is 1 and the picture grey, and the model makes pictures from text. An editing model without
a picture reads zeros, which is how it was trained to be guided away from having none. Nothing stands for the
depth of a depth model, or for the small picture of an upscaler.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.errors import Unsuitable
from diffusion.sampling.noise import SEEDS, Profile, noise_source
from diffusion.sampling.schedules import NoiseSchedule

if TYPE_CHECKING:
    from diffusion.values import Cond, Conditioning, Latent, Model

DEPTH, SMALL_PICTURE, PICTURE, MASKED_PICTURE = 1, 3, 4, 5
"""Channels beside the latent, by which what they are is known."""

NAMES = {
    0: "nothing",
    DEPTH: "the picture's depth",
    SMALL_PICTURE: "the small picture",
    PICTURE: "the picture to edit",
    MASKED_PICTURE: "mask and masked picture",
}
REMEDIES = {
    0: "Connect the prompts past it, or choose a checkpoint for inpainting, depth, editing or upscaling.",
    DEPTH: "It is a depth model: give it the picture's depth with DepthToImageConditioning.",
    SMALL_PICTURE: "It is an upscaler: give it the small picture with SD_4XUpscale_Conditioning.",
    PICTURE: "It is for editing: give it the picture with InstructPixToPixConditioning.",
    MASKED_PICTURE: "It is for inpainting: give it the picture and mask with InpaintModelConditioning.",
}
"""What to do about a model that reads so many channels beside the latent."""

GREY_LATENT = (0.8223, -0.6876, 0.6364, 0.1380)
"""What SD1's and SD2's VAE make of a grey picture, scaled: what their inpainting models saw as hidden."""
NOISE_SEED = -10
"""From the seed of sampling to that of the small picture's noise, as in ComfyUI."""


def beside(conditioning: Conditioning, concat: Tensor, *, label: int | None = None) -> Conditioning:
    """Every entry with channels for the network to read beside the latent."""
    return tuple(replace(cond, concat=concat, label=label) for cond in conditioning)


def check_beside(model: Model, cond: Cond, latent: Latent, *, input: str | None = None) -> None:
    """Refuse an entry whose channels are not those that the model reads, or needs and does not get.

    A model that reads none ignores mask and picture where the latent's mask says the same.
    """
    wanted, given = read_by(model), 0 if cond.concat is None else cond.concat.shape[1]
    if wanted == given == SMALL_PICTURE:
        check_size(cond, latent)
    fillable = given == 0 and wanted in (PICTURE, MASKED_PICTURE)
    ignorable = wanted == 0 and given == MASKED_PICTURE and latent.noise_mask is not None
    if given == wanted or fillable or ignorable:
        return
    remedy = REMEDIES.get(wanted, "Choose a checkpoint for text to image.")
    if wanted == 0 and given == MASKED_PICTURE:
        remedy = "Choose an inpainting checkpoint, or let the conditioning set the latent's noise mask."
    raise Unsuitable(
        f"the model reads {wanted} channels beside the latent, {NAMES.get(wanted, 'of a kind unknown')}; "
        f"the conditioning has {given}, {NAMES.get(given, 'of a kind unknown')}",
        input=input,
        remedy=remedy,
    )


def check_size(cond: Cond, latent: Latent) -> None:
    """Refuse a latent that is not of the size of the small picture, pixel for pixel."""
    assert cond.concat is not None
    sizes = [f"{x.shape[-1]} x {x.shape[-2]}" for x in (latent.samples, cond.concat)]
    if sizes[0] != sizes[1]:
        raise Unsuitable(
            f"the latent is {sizes[0]} (width x height), the small picture {sizes[1]}; "
            "an upscaler needs both of one size",
            input="latent_image",
            remedy="Take the latent that SD_4XUpscale_Conditioning gives.",
        )


def read_by(model: Model) -> int:
    """How many channels a model reads beside the latent."""
    return model.network.config.in_channels - model.latent_channels


@dataclass(frozen=True, eq=False)
class Beside:
    """Makes the channels [B, c, h, w] that a model reads beside a latent.

    `samples` [B, C, h, w] are the latent's, where the model is; `mask` [B, 1, h, w] is where they may change.
    The small picture of an upscaler gets noise as strong as its label says, from the seed of sampling.
    """

    model: Model
    latent: Latent
    samples: Tensor
    mask: Tensor | None
    seed: int
    profile: Profile = "native"

    def __call__(self, cond: Cond) -> Tensor | None:
        check_beside(self.model, cond, self.latent)
        wanted = read_by(self.model)
        if wanted == 0:
            return None
        if cond.concat is None:
            return self._masked_latent() if wanted == MASKED_PICTURE else torch.zeros_like(self.samples)
        given = sized(cond.concat.to(self.samples), self.samples)
        if wanted == MASKED_PICTURE:
            given = torch.cat([given[:, :1].round(), given[:, 1:]], dim=1)
        if wanted == SMALL_PICTURE:
            return self._noised(given, cond.label or 0)
        return repeated(given, len(self.samples))

    def _masked_latent(self) -> Tensor:
        if self.mask is not None:
            return torch.cat([self.mask.round(), self.samples], dim=1)
        grey = self.samples.new_tensor(GREY_LATENT)[:, None, None]
        return torch.cat([torch.ones_like(self.samples[:, :1]), grey.expand_as(self.samples)], dim=1)

    def _noised(self, small: Tensor, level: int) -> Tensor:
        """The small pictures at a step of their schedule; 0 leaves them as they are."""
        count, seed = len(self.samples), (self.seed + NOISE_SEED) % SEEDS
        if level == 0:
            return repeated(small, count)
        if self.profile in ("comfy", "diffusers"):
            noise = noise_source(self.profile, seed, small).start()
        else:
            small = repeated(small, count)
            noise = noise_source(self.profile, seed, small, self.latent.batch_index).start()
        kept = NoiseSchedule.scaled_linear(0.0001, 0.02).alphas_cumprod[level]
        return repeated(math.sqrt(kept) * small + math.sqrt(1 - kept) * noise, count)


Channels = Callable[["Cond"], Tensor | None]


def sized(concat: Tensor, like: Tensor) -> Tensor:
    """Channels [n, c, H, W] at the size of latents."""
    if concat.shape[-2:] == like.shape[-2:]:
        return concat
    return F.interpolate(concat, size=like.shape[-2:], mode="bilinear")


def repeated(concat: Tensor, count: int) -> Tensor:
    """The pictures of a batch over and over until there are so many."""
    return concat.repeat(math.ceil(count / len(concat)), 1, 1, 1)[:count]
