"""The samplers: each is its paper's algorithm in order, as a generator over steps.

`denoise(x, sigma)` estimates the picture in x; `noise(sigma, sigma_next)` draws unit noise for that interval.
Symbols: sigma the level now, sigma_next the one after, d the slope dx/dsigma (arXiv 2206.00364),
t = -log sigma and h a step in t (arXiv 2206.00927). Nothing here waits for the device or changes a tensor in
place.
"""

import math
from collections.abc import Iterator, Sequence
from math import exp, expm1

from torch import Tensor

from diffusion.sampling.steps import (
    Denoise,
    Noise,
    Step,
    ancestral_split,
    between,
    combined,
    lagrange_integral,
    levels,
    log_step,
)


def sample_euler(
    denoise: Denoise,
    x: Tensor,
    sigmas: Sequence[float],
    *,
    noise: Noise,
    churn: float = 0.0,
    churn_above: float = 0.0,
    churn_below: float = math.inf,
) -> Iterator[Step]:
    """First order (arXiv 2206.00364, algorithm 2 without correction); without churn also DDIM with eta 0.

    `churn` is how much noise is added and removed again over all steps, between the two levels.
    """
    for index, total, sigma, sigma_next in levels(sigmas):
        gamma = min(churn / total, math.sqrt(2) - 1) if churn_above <= sigma <= churn_below else 0.0
        sigma_hat = sigma * (1 + gamma)
        if gamma > 0:
            x = x + noise(sigma_hat, sigma) * math.sqrt(sigma_hat**2 - sigma**2)
        denoised = denoise(x, sigma_hat)
        d = (x - denoised) / sigma_hat
        x = x + d * (sigma_next - sigma_hat)
        yield Step(index, total, x, denoised, sigma)


def sample_euler_ancestral(
    denoise: Denoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise, eta: float = 1.0
) -> Iterator[Step]:
    """Euler to below the next level, then noise up to it; DDIM (arXiv 2010.02502) with this eta."""
    for index, total, sigma, sigma_next in levels(sigmas):
        denoised = denoise(x, sigma)
        down, up = ancestral_split(sigma, sigma_next, eta)
        d = (x - denoised) / sigma
        x = x + d * (down - sigma)
        if up > 0:
            x = x + noise(sigma, sigma_next) * up
        yield Step(index, total, x, denoised, sigma)


def sample_heun(denoise: Denoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise) -> Iterator[Step]:
    """Second order: Euler, then again with the mean of both slopes (arXiv 2206.00364, algorithm 1)."""
    for index, total, sigma, sigma_next in levels(sigmas):
        denoised = denoise(x, sigma)
        d = (x - denoised) / sigma
        dt = sigma_next - sigma
        x_next = x + d * dt
        if sigma_next > 0:
            d_next = (x_next - denoise(x_next, sigma_next)) / sigma_next
            x_next = x + (d + d_next) / 2 * dt
        x = x_next
        yield Step(index, total, x, denoised, sigma)


def sample_dpm_2(denoise: Denoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise) -> Iterator[Step]:
    """Second order by the midpoint in log sigma (after DPM-Solver-2, arXiv 2206.00927)."""
    yield from sample_dpm_2_ancestral(denoise, x, sigmas, noise=noise, eta=0.0)


def sample_dpm_2_ancestral(
    denoise: Denoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise, eta: float = 1.0
) -> Iterator[Step]:
    """DPM2 to below the next level, then noise up to it."""
    for index, total, sigma, sigma_next in levels(sigmas):
        denoised = denoise(x, sigma)
        down, up = ancestral_split(sigma, sigma_next, eta)
        d = (x - denoised) / sigma
        if down > 0:
            sigma_mid = between(sigma, down)
            x_mid = x + d * (sigma_mid - sigma)
            d = (x_mid - denoise(x_mid, sigma_mid)) / sigma_mid
        x = x + d * (down - sigma)
        if up > 0:
            x = x + noise(sigma, sigma_next) * up
        yield Step(index, total, x, denoised, sigma)


def sample_lms(
    denoise: Denoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise, order: int = 4
) -> Iterator[Step]:
    """Linear multistep: Adams-Bashforth in sigma over the last slopes; the last step takes the estimate."""
    slopes: list[Tensor] = []
    for index, total, sigma, sigma_next in levels(sigmas):
        denoised = denoise(x, sigma)
        slopes = [(x - denoised) / sigma, *slopes][:order]
        if sigma_next == 0:
            x = denoised
        else:
            nodes = [sigmas[index - k] for k in range(len(slopes))]
            weights = [lagrange_integral(nodes, j, sigma, sigma_next) for j in range(len(nodes))]
            x = x + combined(weights, slopes)
        yield Step(index, total, x, denoised, sigma)


def sample_dpmpp_2s_ancestral(
    denoise: Denoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise, eta: float = 1.0
) -> Iterator[Step]:
    """DPM-Solver++(2S) to below the next level, then noise up to it (arXiv 2211.01095)."""
    for index, total, sigma, sigma_next in levels(sigmas):
        denoised = denoise(x, sigma)
        down, up = ancestral_split(sigma, sigma_next, eta)
        if down == 0:
            x = denoised
        else:
            h = log_step(sigma, down)
            sigma_mid = between(sigma, down)
            x_mid = sigma_mid / sigma * x - expm1(-h / 2) * denoised
            x = down / sigma * x - expm1(-h) * denoise(x_mid, sigma_mid)
        if up > 0:
            x = x + noise(sigma, sigma_next) * up
        yield Step(index, total, x, denoised, sigma)


def sample_dpmpp_sde(
    denoise: Denoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise, eta: float = 1.0, r: float = 0.5
) -> Iterator[Step]:
    """DPM-Solver++ for the stochastic equation: two ancestral steps, the second from both estimates."""
    for index, total, sigma, sigma_next in levels(sigmas):
        denoised = denoise(x, sigma)
        if sigma_next == 0:
            x = denoised
        else:
            sigma_mid = between(sigma, sigma_next, r)
            down, up = ancestral_split(sigma, sigma_mid, eta)
            x_mid = down / sigma * x + (1 - down / sigma) * denoised
            x_mid = x_mid + noise(sigma, sigma_mid) * up
            weight = 1 / (2 * r)
            mixed = (1 - weight) * denoised + weight * denoise(x_mid, sigma_mid)
            down, up = ancestral_split(sigma, sigma_next, eta)
            x = down / sigma * x + (1 - down / sigma) * mixed
            x = x + noise(sigma, sigma_next) * up
        yield Step(index, total, x, denoised, sigma)


def sample_dpmpp_2m(denoise: Denoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise) -> Iterator[Step]:
    """DPM-Solver++(2M): second order from the previous estimate, one call a step (arXiv 2211.01095)."""
    before, h_before = None, 0.0
    for index, total, sigma, sigma_next in levels(sigmas):
        denoised = denoise(x, sigma)
        if sigma_next == 0:
            x = denoised
        else:
            h = log_step(sigma, sigma_next)
            mixed = denoised
            if before is not None:
                r = h_before / h
                mixed = (1 + 1 / (2 * r)) * denoised - 1 / (2 * r) * before
            x = sigma_next / sigma * x - expm1(-h) * mixed
            before, h_before = denoised, h
        yield Step(index, total, x, denoised, sigma)


def sample_dpmpp_2m_sde(
    denoise: Denoise,
    x: Tensor,
    sigmas: Sequence[float],
    *,
    noise: Noise,
    eta: float = 1.0,
    heun: bool = False,
) -> Iterator[Step]:
    """DPM-Solver++(2M) for the stochastic equation, corrected by the midpoint or by Heun's rule."""
    before, h_before = None, 0.0
    for index, total, sigma, sigma_next in levels(sigmas):
        denoised = denoise(x, sigma)
        if sigma_next == 0:
            x = denoised
        else:
            h = log_step(sigma, sigma_next)
            decay = -expm1(-h * (1 + eta))
            x = sigma_next / sigma * exp(-eta * h) * x + decay * denoised
            if before is not None:
                weight = 1 - decay / (h * (1 + eta)) if heun else decay / 2
                x = x + weight * (h / h_before) * (denoised - before)
            x = x + noise(sigma, sigma_next) * (sigma_next * math.sqrt(-expm1(-2 * eta * h)))
            before, h_before = denoised, h
        yield Step(index, total, x, denoised, sigma)


def sample_dpmpp_2m_sde_heun(
    denoise: Denoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise
) -> Iterator[Step]:
    """DPM-Solver++(2M) SDE with Heun's correction."""
    yield from sample_dpmpp_2m_sde(denoise, x, sigmas, noise=noise, heun=True)


def sample_dpmpp_3m_sde(
    denoise: Denoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise, eta: float = 1.0
) -> Iterator[Step]:
    """DPM-Solver++(3M) for the stochastic equation: third order from the two previous estimates."""
    history: list[tuple[Tensor, float]] = []  # (estimate, its h), newest first
    for index, total, sigma, sigma_next in levels(sigmas):
        denoised = denoise(x, sigma)
        if sigma_next == 0:
            x = denoised
        else:
            h = log_step(sigma, sigma_next)
            h_eta = h * (1 + eta)
            phi_1, phi_2 = -expm1(-h_eta), expm1(-h_eta) / h_eta + 1
            x = exp(-h_eta) * x + phi_1 * denoised
            if len(history) == 1:
                x = x + phi_2 * (denoised - history[0][0]) * (h / history[0][1])
            elif history:
                (d_1, h_1), (d_2, h_2) = history
                r_0, r_1 = h_1 / h, h_2 / h
                slope_0, slope_1 = (denoised - d_1) / r_0, (d_1 - d_2) / r_1
                bend = (slope_0 - slope_1) / (r_0 + r_1)
                x = x + phi_2 * (slope_0 + bend * r_0) - (phi_2 / h_eta - 0.5) * bend
            x = x + noise(sigma, sigma_next) * (sigma_next * math.sqrt(-expm1(-2 * eta * h)))
            history = [(denoised, h), *history][:2]
        yield Step(index, total, x, denoised, sigma)


def sample_lcm(denoise: Denoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise) -> Iterator[Step]:
    """Latent consistency: take the estimate, noise it to the next level (arXiv 2310.04378)."""
    for index, total, sigma, sigma_next in levels(sigmas):
        x = denoised = denoise(x, sigma)
        if sigma_next > 0:
            x = denoised + noise(sigma, sigma_next) * sigma_next
        yield Step(index, total, x, denoised, sigma)
