"""Samplers that look ahead by whole steps and average the slopes they find.

Signature and symbols are those of `diffusion.sampling.steps`.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from torch import Tensor

from diffusion.sampling.schedules import karras_between
from diffusion.sampling.steps import Denoise, Noise, Step, combined, levels


def slope(denoise: Denoise, x: Tensor, sigma: float) -> Tensor:
    """dx/dsigma at x."""
    return (x - denoise(x, sigma)) / sigma


def sample_heunpp2(denoise: Denoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise) -> Iterator[Step]:
    """Heun++: up to two steps ahead, the slopes weighted by the levels that they are from."""
    for index, total, sigma, sigma_next in levels(sigmas):
        denoised = denoise(x, sigma)
        ahead = [level for level in sigmas[index + 1 : index + 3] if level > sigmas[-1]]
        slopes, x_ahead = [(x - denoised) / sigma], x
        for before, level in zip([sigma, *ahead], ahead, strict=False):
            x_ahead = x_ahead + slopes[-1] * (level - before)
            slopes.append(slope(denoise, x_ahead, level))
        weights = [level / (len(slopes) * sigmas[0]) for level in ahead]
        x = x + combined([1 - sum(weights), *weights], slopes) * (sigma_next - sigma)
        yield Step(index, total, x, denoised, sigma)


def sample_restart(denoise: Denoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise) -> Iterator[Step]:
    """Heun that at low noise goes back up and comes down again (Restart, arXiv 2306.14878)."""
    pairs, reached = restart_pairs(sigmas), sigmas[0]
    for index, (sigma, sigma_next) in enumerate(pairs):
        if sigma > reached:
            x = x + noise(sigma, reached) * math.sqrt(sigma**2 - reached**2)
        denoised = denoise(x, sigma)
        d, dt = (x - denoised) / sigma, sigma_next - sigma
        if sigma_next > 0:
            d = (d + slope(denoise, x + d * dt, sigma_next)) / 2
        x, reached = x + d * dt, sigma_next
        yield Step(index, len(pairs), x, denoised, sigma)


def restart_pairs(sigmas: Sequence[float]) -> list[tuple[float, float]]:
    """The steps as (from, to): from 20 steps on, some go to repeating the way from 2 to 0.1."""
    steps = len(sigmas) - 1
    if steps < 20 or sigmas[-1] > 0:
        return list(pairwise(sigmas))
    length, repeats = (9, 1) if steps < 36 else (steps // 4, 2)
    main = karras_between(sigmas[0], sigmas[-2], steps - length * repeats)
    low = min(main, key=lambda sigma: abs(sigma - 0.1))
    high = min(main, key=lambda sigma: abs(sigma - 2.0))
    pairs = list(pairwise(main))
    if high <= low:
        return pairs
    again = karras_between(high, low, length + 1)[:-1]
    place = main.index(low)
    return pairs[:place] + list(pairwise(again)) * repeats + pairs[place:]
