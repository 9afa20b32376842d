"""From picture to noise: what training shows a network, and what sampling turns around."""

from collections.abc import Sequence

import torch

from diffusion.errors import Unsuitable
from diffusion.sampling.noise import NoiseChoice, chosen_noise
from diffusion.sampling.schedules import NoiseSchedule
from diffusion.sampling.sigmas import check_numbers
from diffusion.values import Latent


def with_noise(latent: Latent, noise: NoiseChoice, sigmas: Sequence[float]) -> Latent:
    """x = picture + sigma * noise, sigma being how far the levels reach: from the first to the last."""
    check_numbers(sigmas)
    if not sigmas or not noise.start:
        return latent
    sigma = abs(sigmas[0] - sigmas[-1]) if len(sigmas) > 1 else sigmas[0]
    drawn = chosen_noise(noise, latent.samples, latent.batch_index).start()
    return latent.with_samples(latent.samples + sigma * drawn)


def diffused(latent: Latent, schedule: NoiseSchedule, timestep: int, *, seed: int, frames: int) -> Latent:
    """x_t = sqrt(abar_t) picture + sqrt(1 - abar_t) noise at `frames` steps evenly up to `timestep`.

    A picture's frames follow each other, all with its one noise; the first of several is the picture.
    """
    last = schedule.steps - 1
    if not 0 <= timestep <= last:
        raise Unsuitable(
            f"timestep is {timestep}, the model knows 0 to {last}",
            input="timestep",
            remedy=f"Give {last} for noise alone.",
        )
    noise = chosen_noise(NoiseChoice(seed), latent.samples, latent.batch_index).start()
    places = [timestep * frame / (frames - 1) for frame in range(1, frames)] if frames > 1 else [timestep]
    kept = [1.0] * (frames > 1) + [kept_at(schedule, place) for place in places]
    shown = [latent.samples * abar**0.5 + noise * (1 - abar) ** 0.5 for abar in kept]
    return Latent(torch.stack(shown, dim=1).flatten(0, 1))


def kept_at(schedule: NoiseSchedule, timestep: float) -> float:
    """abar, how much of the picture's variance is left at a possibly fractional step."""
    return 1 / (1 + schedule.sigma(timestep) ** 2)
