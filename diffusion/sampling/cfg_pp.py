"""Samplers for CFG++: noise is judged by what the negative side saw (arXiv 2406.08070).

The guided estimate says where to go, the negative one's slope how to get there, so that low guidance is
enough. `denoise.sides` tells both.
"""

from collections.abc import Iterator, Sequence
from math import exp, expm1

from torch import Tensor

from diffusion.sampling.multistep import res_weights
from diffusion.sampling.steps import (
    Noise,
    SidedDenoise,
    Step,
    ancestral_split,
    between,
    combined,
    levels,
    log_step,
)


def sample_euler_cfg_pp(
    denoise: SidedDenoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise, alternative: bool = False
) -> Iterator[Step]:
    """Euler by CFG++; the `alternative` is a plain Euler step whose slope has the negative side added."""
    if not alternative:
        yield from sample_euler_ancestral_cfg_pp(denoise, x, sigmas, noise=noise, eta=0.0)
        return
    for index, total, sigma, sigma_next in levels(sigmas):
        denoised, away = denoise.sides(x, sigma)
        d = (x - 2 * denoised + away) / sigma
        x = x + d * (sigma_next - sigma)
        yield Step(index, total, x, denoised, sigma)


def sample_euler_ancestral_cfg_pp(
    denoise: SidedDenoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise, eta: float = 1.0
) -> Iterator[Step]:
    """Euler by CFG++ to below the next level, then noise up to it."""
    for index, total, sigma, sigma_next in levels(sigmas):
        denoised, away = denoise.sides(x, sigma)
        down, up = ancestral_split(sigma, sigma_next, eta)
        x = denoised + (x - away) / sigma * down
        if up > 0:
            x = x + noise(sigma, sigma_next) * up
        yield Step(index, total, x, denoised, sigma)


def sample_dpmpp_2s_ancestral_cfg_pp(
    denoise: SidedDenoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise, eta: float = 1.0
) -> Iterator[Step]:
    """DPM-Solver++(2S) ancestral by CFG++; each stage counts the negative side that it saw itself."""
    for index, total, sigma, sigma_next in levels(sigmas):
        denoised, away = denoise.sides(x, sigma)
        down, up = ancestral_split(sigma, sigma_next, eta)
        if down == 0:
            x = denoised
        else:
            h, sigma_mid = log_step(sigma, down), between(sigma, down)
            x_mid = sigma_mid / sigma * (x + denoised - away) - expm1(-h / 2) * denoised
            denoised_mid, away = denoise.sides(x_mid, sigma_mid)
            x = down / sigma * (x + denoised - away) - expm1(-h) * denoised_mid
        if up > 0:
            x = x + noise(sigma, sigma_next) * up
        yield Step(index, total, x, denoised, sigma)


def sample_dpmpp_2m_cfg_pp(
    denoise: SidedDenoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise
) -> Iterator[Step]:
    """DPM-Solver++(2M) by CFG++."""
    before, h_before = None, 0.0
    for index, total, sigma, sigma_next in levels(sigmas):
        denoised, away = denoise.sides(x, sigma)
        if sigma_next == 0:
            x = denoised
        else:
            h = log_step(sigma, sigma_next)
            x = denoised + exp(-h) * (x - away)
            if before is not None:
                x = x - expm1(-h) * h / (2 * h_before) * (denoised - before)
            before, h_before = away, h
        yield Step(index, total, x, denoised, sigma)


def sample_res_multistep_cfg_pp(
    denoise: SidedDenoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise
) -> Iterator[Step]:
    """The refined exponential solver by CFG++."""
    yield from sample_res_multistep_ancestral_cfg_pp(denoise, x, sigmas, noise=noise, eta=0.0)


def sample_res_multistep_ancestral_cfg_pp(
    denoise: SidedDenoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise, eta: float = 1.0
) -> Iterator[Step]:
    """The refined exponential solver by CFG++ to below the next level, then noise up to it."""
    before, down_before = None, 0.0
    for index, total, sigma, sigma_next in levels(sigmas):
        denoised, away = denoise.sides(x, sigma)
        down, up = ancestral_split(sigma, sigma_next, eta)
        if before is None or down == 0:
            x = denoised + (x - away) / sigma * down
        else:
            weights = res_weights(sigmas[index - 1], sigma, down, down_before)
            x = down / sigma * (x + denoised - away) + combined(weights, (away, before))
        if up > 0:
            x = x + noise(sigma, sigma_next) * up
        before, down_before = away, down
        yield Step(index, total, x, denoised, sigma)


def sample_gradient_estimation_cfg_pp(
    denoise: SidedDenoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise, gamma: float = 2.0
) -> Iterator[Step]:
    """Gradient estimation by CFG++."""
    d_before = None
    for index, total, sigma, sigma_next in levels(sigmas):
        denoised, away = denoise.sides(x, sigma)
        d = (x - away) / sigma
        change = 0 if d_before is None else (gamma - 1) * (d - d_before)
        x = denoised if sigma_next == 0 else denoised + d * sigma_next + change * (sigma_next - sigma)
        d_before = d
        yield Step(index, total, x, denoised, sigma)
