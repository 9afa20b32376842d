"""Sampling put together: values and settings in, the steps of a sampler out, the last of them as a latent."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.control import shared_with_negative
from diffusion.errors import NotFinite, Unsuitable
from diffusion.sampling.beside import Beside, check_beside
from diffusion.sampling.denoiser import Denoiser
from diffusion.sampling.guidance import Guided, Guider
from diffusion.sampling.inside import InsideMask, opening
from diffusion.sampling.noise import NoiseChoice, Profile, chosen_noise
from diffusion.sampling.samplers import BROWNIAN, DROP_SECOND_LAST, RISING, SAMPLERS, SidedDenoise, Step
from diffusion.sampling.schedules import NoiseSchedule, denoising_levels
from diffusion.sampling.sigmas import checked
from diffusion.values import Conditioning, Latent, Model
from diffusion.watching import Check, unstopped


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How to sample. `denoise` below 1 goes only the last part of the way, from a given picture.

    Steps `start` to `end` of the schedule are done; `leftover_noise` stops at the level of `end` instead of
    going on to none in its step.
    """

    seed: int
    steps: int
    cfg: float
    sampler: str
    scheduler: str
    denoise: float = 1.0
    start: int = 0
    end: int | None = None
    add_noise: bool = True
    leftover_noise: bool = False
    noise: Profile = "native"


@dataclass(frozen=True)
class SamplerChoice:
    """A sampler by name, with options of its own; its noise is multiplied by `noise_scale`."""

    name: str
    options: tuple[tuple[str, float], ...] = ()
    noise_scale: float = 1.0

    @classmethod
    def of(cls, name: str, *, noise_scale: float = 1.0, **options: float) -> Self:
        """The sampler with these options."""
        return cls(name, tuple(options.items()), noise_scale)


def sample(
    model: Model,
    positive: Conditioning,
    negative: Conditioning,
    latent: Latent,
    settings: Settings,
    *,
    check: Check = unstopped,
) -> Iterator[Step]:
    """The steps of a sampler; none where the settings leave nothing to do. `check` may stop it within one."""
    return sample_custom(
        model,
        Guider((positive, negative), (settings.cfg,)),
        latent,
        visited_levels(model.schedule, settings),
        sampler=SamplerChoice(settings.sampler),
        noise=NoiseChoice(settings.seed, start=settings.add_noise, profile=settings.noise),
        check=check,
    )


def sample_custom(
    model: Model,
    guider: Guider,
    latent: Latent,
    sigmas: Sequence[float],
    *,
    sampler: SamplerChoice,
    noise: NoiseChoice,
    check: Check = unstopped,
) -> Iterator[Step]:
    """The steps of a sampler over noise levels of one's own choice."""
    check_fit(model, guider.sides, latent)
    guider = replace(guider, sides=shared_with_negative(guider.sides))
    sigmas = checked(sigmas, may_rise=sampler.name in RISING, sampler=sampler.name)
    if len(sigmas) < 2:
        return
    denoiser = Denoiser(model, check)
    given = latent.samples.to(denoiser.device, torch.float32)
    path = sigmas if sampler.name in BROWNIAN else ()
    source = chosen_noise(noise, given, latent.batch_index, path=path)
    start = source.start() if noise.start else torch.zeros_like(given)
    mask = None if latent.noise_mask is None else latent_mask(latent.noise_mask, given)
    denoise: SidedDenoise = Guided(
        denoiser,
        guider,
        like=given,
        schedule=model.schedule,
        sigmas=sigmas,
        steerings=model.steerings,
        channels=Beside(model, latent, given, mask, noise.seed, noise.profile),
    )
    if mask is not None:
        opened = opening(model.steerings, model.schedule, sigmas)
        denoise = InsideMask(denoise, given, start, mask, opened)
    plain = noise.profile == "a1111"
    x = given + start * (sigmas[0] if plain else start_scale(sigmas[0], model.schedule))

    def between(sigma: float, sigma_next: float) -> Tensor:
        return source.between(sigma, sigma_next) * sampler.noise_scale

    yield from SAMPLERS[sampler.name](denoise, x, sigmas, noise=between, **dict(sampler.options))


def visited_levels(schedule: NoiseSchedule, settings: Settings) -> list[float]:
    """The noise levels that the settings ask for, highest first."""
    levels = denoising_levels(
        schedule,
        settings.scheduler,
        settings.steps,
        denoise=settings.denoise,
        drop_second_last=settings.sampler in DROP_SECOND_LAST,
    )
    if settings.end is not None and settings.end < len(levels) - 1:
        levels = levels[: settings.end + 1]
        if not settings.leftover_noise:
            levels[-1] = 0.0
    return levels[settings.start :]


def start_scale(sigma: float, schedule: NoiseSchedule) -> float:
    """How strong the start's noise is: at the highest level it stands for the picture's variance, too."""
    highest = sigma > schedule.sigma_max or math.isclose(sigma, schedule.sigma_max, rel_tol=1e-5)
    return math.sqrt(1 + sigma**2) if highest else sigma


def latent_mask(mask: Tensor, like: Tensor) -> Tensor:
    """A mask [n, H, W] at the latent's size, one for every picture: [B, 1, h, w]."""
    resized = F.interpolate(mask.to(like)[:, None], size=like.shape[-2:], mode="bilinear")
    return resized.repeat(math.ceil(len(like) / len(resized)), 1, 1, 1)[: len(like)]


def check_fit(model: Model, sides: Sequence[Conditioning], latent: Latent) -> None:
    """Refuse conditioning and latents that were made for other models."""
    config = model.network.config
    for name, side in named(sides):
        for cond in side:
            if cond.tensor.shape[-1] != config.context_dim:
                raise Unsuitable(
                    f"the prompt was encoded in {cond.tensor.shape[-1]} numbers a token, "
                    f"the model ({model.family}) expects {config.context_dim}",
                    input=name,
                    remedy="Encode the prompt with the CLIP of the same checkpoint as the model.",
                )
            for control in cond.control:
                control.check_fit(config)
            check_beside(model, cond, latent, input=name)
    if latent.samples.shape[1] != model.latent_channels:
        raise Unsuitable(
            f"the latent has {latent.samples.shape[1]} channels, the model expects {model.latent_channels}",
            input="latent_image",
            remedy="Make the latent with the VAE of the same checkpoint as the model.",
        )


def named(sides: Sequence[Conditioning]) -> Iterator[tuple[str, Conditioning]]:
    """Each side under the name of the input that it came by; the last of several is the negative."""
    yield "positive", sides[0]
    yield from (("middle", side) for side in sides[1:-1])
    if len(sides) > 1:
        yield "negative", sides[-1]


def finish(latent: Latent, last: Step | None) -> Latent:
    """What sampling made of `latent`, on the host; NotFinite if that is no picture. No step: no change."""
    if last is None:
        return latent
    samples = last.x.float().cpu()
    if not samples.isfinite().all():
        raise NotFinite(
            "sampling ended in numbers that are no picture (NaN or infinity)",
            remedy="Lower cfg, or try another sampler, scheduler or checkpoint; "
            "the file may be damaged, or the model overflow 16 bits.",
        )
    return latent.with_samples(samples)
