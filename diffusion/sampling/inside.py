"""Sampling inside a mask: elsewhere the given picture stays, with as much noise as the level has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

from torch import Tensor

from diffusion.sampling.schedules import NoiseSchedule
from diffusion.sampling.steering import Steering
from diffusion.sampling.steps import SidedDenoise


@dataclass(frozen=True, eq=False)
class InsideMask:
    """Denoises where the mask [B, 1, h, w] is 1; elsewhere shows and answers the given latent.

    `opened` makes of the mask the one of a noise level.
    """

    denoise: SidedDenoise
    latent: Tensor
    noise: Tensor
    mask: Tensor
    opened: Callable[[Tensor, float], Tensor] = lambda mask, sigma: mask

    def __call__(self, x: Tensor, sigma: float) -> Tensor:
        mask = self.opened(self.mask, sigma)
        return self._inside(self.denoise(self._shown(x, sigma, mask), sigma), mask)

    def sides(self, x: Tensor, sigma: float) -> tuple[Tensor, Tensor]:
        mask = self.opened(self.mask, sigma)
        denoised, away = self.denoise.sides(self._shown(x, sigma, mask), sigma)
        return self._inside(denoised, mask), self._inside(away, mask)

    def _shown(self, x: Tensor, sigma: float, mask: Tensor) -> Tensor:
        return x * mask + (self.latent + self.noise * sigma) * (1 - mask)

    def _inside(self, denoised: Tensor, mask: Tensor) -> Tensor:
        return denoised * mask + self.latent * (1 - mask)


def opening(
    steerings: Sequence[Steering], schedule: NoiseSchedule, sigmas: Sequence[float]
) -> Callable[[Tensor, float], Tensor]:
    """What steerings make of a mask on the way over `sigmas`, which is measured in training steps."""
    first = schedule.timestep(sigmas[0])
    last = schedule.timestep(max(sigmas[-1], schedule.sigma_min))

    def opened(mask: Tensor, sigma: float) -> Tensor:
        here = schedule.timestep(max(sigma, schedule.sigma_min))
        left = min(max((here - last) / (first - last), 0.0), 1.0) if first != last else 0.0
        return reduce(lambda seen, steering: steering.opened(seen, left), steerings, mask)

    return opened


@dataclass(frozen=True)
class DifferentialMask(Steering):
    """Opens a grey mask bit by bit: a place of value m changes in the last m of the way (arXiv 2306.00950).

    At each level the mask is cut into all or nothing; below 1, `strength` of that is mixed with the mask as
    it is. What is 0 never changes.
    """

    strength: float = 1.0

    def opened(self, mask: Tensor, left: float) -> Tensor:
        cut = ((mask >= left) & (mask > 0)).to(mask.dtype)
        return cut * self.strength + mask * (1 - self.strength)
