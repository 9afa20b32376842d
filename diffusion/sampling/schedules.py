"""How noisy is noisy: the training schedule of a model, and the noise levels that a sampler visits.

Levels are sigmas of the variance-exploding form, x = image + sigma * noise (arXiv 2206.00364). They are host
numbers from here to the sampler, so that no step ever waits for the device.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np


@dataclass(frozen=True)
class NoiseSchedule:
    """The noise levels that a network was trained on; step t has `alphas_cumprod[t]` of the signal left."""

    alphas_cumprod: tuple[float, ...]

    @classmethod
    def scaled_linear(cls, start: float = 0.00085, end: float = 0.012, *, steps: int = 1000) -> Self:
        """Betas linear in their square roots; the defaults are those of SD1 and SD2."""
        betas = np.linspace(start**0.5, end**0.5, steps) ** 2
        return cls(tuple(np.cumprod(1.0 - betas).tolist()))

    @cached_property
    def sigmas(self) -> np.ndarray:
        """Noise level of every training step, ascending, float64, read-only."""
        kept = np.array(self.alphas_cumprod)
        sigmas = np.sqrt((1.0 - kept) / kept)
        sigmas.flags.writeable = False
        return sigmas

    @cached_property
    def log_sigmas(self) -> np.ndarray:
        """Logarithms of `sigmas`."""
        return np.log(self.sigmas)

    @property
    def steps(self) -> int:
        """Number of training steps."""
        return len(self.alphas_cumprod)

    @property
    def sigma_min(self) -> float:
        """The lowest level above none."""
        return float(self.sigmas[0])

    @property
    def sigma_max(self) -> float:
        """The level at which nothing of the image is left."""
        return float(self.sigmas[-1])

    def sigma(self, timestep: float) -> float:
        """Level at a possibly fractional step, linear in the logarithm."""
        return float(np.exp(np.interp(timestep, np.arange(self.steps), self.log_sigmas)))

    def timestep(self, sigma: float) -> int:
        """The training step nearest to a level in the logarithm: what the network is told."""
        return int(np.abs(self.log_sigmas - np.log(sigma)).argmin())

    def fractional_timestep(self, sigma: float) -> float:
        """The step at a level, linear in the logarithm (k-diffusion's rule without quantisation)."""
        return float(np.interp(np.log(sigma), self.log_sigmas, np.arange(self.steps)))
