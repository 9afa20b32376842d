"""Samplers for the stochastic equation: every step adds noise of its own and removes more.

Signature and symbols are those of `diffusion.sampling.steps`; s and t here are -log sigma.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import exp, expm1, log, sqrt

import numpy as np
from torch import Tensor

from diffusion.sampling.steps import Denoise, Noise, Step, between, combined, levels, log_step

POINTS = 200
"""Places at which ER-SDE's integrals are summed."""
STOCHASTIC_BELOW, STOCHASTIC_ABOVE = 5.09240759066568, 0.5711888666489997
"""SA-Solver adds noise from 20 % to 80 % of the way: these levels of the schedule of SD1 and SD2."""


def er_noise(sigma: float) -> float:
    """The noise scale that ER-SDE's authors recommend."""
    return sigma * (exp(sigma**0.3) + 10)


def sample_er_sde(
    denoise: Denoise,
    x: Tensor,
    sigmas: Sequence[float],
    *,
    noise: Noise,
    order: int = 3,
    power: float | None = None,
) -> Iterator[Step]:
    """Extended reverse-time equation, up to third order from estimates before (arXiv 2309.06169).

    The noise scale is sigma^power where one is given: 1 adds no noise, 2 is the reverse-time equation.
    """
    scale = er_noise if power is None else partial(pow, exp=power)
    before, slope_before = None, None
    for index, total, sigma, sigma_next in levels(sigmas):
        denoised, slope = denoise(x, sigma), None
        if sigma_next == 0:
            x = denoised
        else:
            r = scale(sigma_next) / scale(sigma)
            x = r * x + (1 - r) * denoised
            second, third = er_weights(sigma, sigma_next, scale)
            if before is not None and order >= 2:
                slope = (denoised - before) / (sigma - sigmas[index - 1])
                x = x + second * slope
            if slope_before is not None and order >= 3:
                bend = (slope - slope_before) * 2 / (sigma - sigmas[index - 2])
                x = x + third * bend
            up = sqrt(max(sigma_next**2 - (sigma * r) ** 2, 0.0))
            if up > 0:
                x = x + noise(sigma, sigma_next) * up
        before, slope_before = denoised, slope
        yield Step(index, total, x, denoised, sigma)


def er_weights(sigma: float, sigma_next: float, scale: Callable[[float], float]) -> tuple[float, float]:
    """How much the estimate's first and second slope over sigma count."""
    dt, width = sigma_next - sigma, (sigma - sigma_next) / POINTS
    places = [sigma_next + k * width for k in range(POINTS)]
    flat = sum(1 / scale(place) for place in places) * width
    tilted = sum((place - sigma) / scale(place) for place in places) * width
    return dt + flat * scale(sigma_next), dt**2 / 2 + tilted * scale(sigma_next)


class Path:
    """Noise along one step from `sigma`, drawn piece by piece, as it has decayed at a later level."""

    def __init__(self, noise: Noise, sigma: float, eta: float) -> None:
        self._noise, self._eta, self._reached = noise, eta, sigma
        self._so_far: Tensor | None = None

    def to(self, x: Tensor, sigma: float) -> Tensor:
        """x with the noise of the way to `sigma` added."""
        if self._eta == 0:
            return x
        h = log_step(self._reached, sigma)
        piece = self._noise(self._reached, sigma) * sqrt(-expm1(-2 * h * self._eta))
        self._so_far = piece if self._so_far is None else exp(-h * self._eta) * self._so_far + piece
        self._reached = sigma
        return x + sigma * self._so_far


def sample_seeds_2(
    denoise: Denoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise, eta: float = 1.0, r: float = 0.5
) -> Iterator[Step]:
    """Stochastic exponential solver in two stages without derivatives (SEEDS-2, arXiv 2305.14267)."""
    for index, total, sigma, sigma_next in levels(sigmas):
        denoised = denoise(x, sigma)
        if sigma_next == 0:
            x = denoised
        else:
            h, sigma_mid, path = (
                log_step(sigma, sigma_next),
                between(sigma, sigma_next, r),
                Path(noise, sigma, eta),
            )
            h_eta = h * (1 + eta)
            x_mid = exp(-r * h_eta) * x - expm1(-r * h_eta) * denoised
            denoised_mid = denoise(path.to(x_mid, sigma_mid), sigma_mid)
            mixed = (1 - 1 / (2 * r)) * denoised + 1 / (2 * r) * denoised_mid
            x = path.to(exp(-h_eta) * x - expm1(-h_eta) * mixed, sigma_next)
        yield Step(index, total, x, denoised, sigma)


def sample_seeds_3(
    denoise: Denoise,
    x: Tensor,
    sigmas: Sequence[float],
    *,
    noise: Noise,
    eta: float = 1.0,
    r_1: float = 1 / 3,
    r_2: float = 2 / 3,
) -> Iterator[Step]:
    """SEEDS-3: the same in three stages."""
    for index, total, sigma, sigma_next in levels(sigmas):
        denoised = denoise(x, sigma)
        if sigma_next == 0:
            x = denoised
        else:
            h_eta, path = log_step(sigma, sigma_next) * (1 + eta), Path(noise, sigma, eta)
            sigma_1, sigma_2 = between(sigma, sigma_next, r_1), between(sigma, sigma_next, r_2)
            x_1 = path.to(exponential(x, denoised, r_1 * h_eta), sigma_1)
            change = (denoise(x_1, sigma_1) - denoised) / r_1
            x_2 = path.to(exponential(x, denoised, r_2 * h_eta, r_2 * change), sigma_2)
            change = (denoise(x_2, sigma_2) - denoised) / r_2
            x = path.to(exponential(x, denoised, h_eta, change), sigma_next)
        yield Step(index, total, x, denoised, sigma)


def exponential(x: Tensor, denoised: Tensor, h: float, change: Tensor | None = None) -> Tensor:
    """Go h with an estimate that stays, or that changes by `change` on the way."""
    x = exp(-h) * x - expm1(-h) * denoised
    return x if change is None else x + (expm1(-h) / h + 1) * change


def sample_sa_solver(
    denoise: Denoise,
    x: Tensor,
    sigmas: Sequence[float],
    *,
    noise: Noise,
    eta: float = 1.0,
    noisy_below: float = STOCHASTIC_BELOW,
    noisy_above: float = STOCHASTIC_ABOVE,
    predictor_order: int = 3,
    corrector_order: int = 4,
    again: bool = False,
    simple: bool = False,
) -> Iterator[Step]:
    """Stochastic Adams: predict, ask, correct (arXiv 2309.05019), with noise between two levels only.

    `again` asks a second time after correcting (PECE); `simple` takes the authors' weights for two estimates.
    """
    memory = StochasticAdams(max(predictor_order, corrector_order, 1), simple=simple)
    ahead, tau, added = x, 0.0, 0.0
    for index, total, sigma, sigma_next in levels(sigmas):
        denoised = denoise(ahead, sigma)
        memory.add(sigma, denoised)
        remaining = total - index if sigmas[-1] == 0 else math.inf
        order = int(min(corrector_order, len(memory), remaining))
        if index == 0 or order == 0 or (sigma_next == 0 and not again):
            x = ahead
        else:
            x = memory.step(x, sigmas[index - 1], sigma, order, tau) + added
            if again:
                denoised = denoise(x, sigma)
                memory.replace_newest(denoised)
        if sigma_next == 0:
            x = denoised
        else:
            tau, added = eta if noisy_above <= sigma_next <= noisy_below else 0.0, 0.0
            order = int(min(predictor_order, len(memory), max(remaining - 1, 1)))
            ahead = memory.step(x, sigma, sigma_next, order, tau)
            if tau > 0:
                added = noise(sigma, sigma_next) * adams_spread(sigma, sigma_next, tau)
                ahead = ahead + added
        yield Step(index, total, x if sigma_next == 0 else ahead, denoised, sigma)


def sample_sa_solver_pece(
    denoise: Denoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise
) -> Iterator[Step]:
    """SA-Solver that asks again after correcting: two calls a step."""
    yield from sample_sa_solver(denoise, x, sigmas, noise=noise, again=True)


class StochasticAdams:
    """The last estimates with their levels, newest first, and steps integrated over them."""

    def __init__(self, longest: int, *, simple: bool = False) -> None:
        self._longest, self._simple = longest, simple
        self._known: list[tuple[float, Tensor]] = []

    def __len__(self) -> int:
        return len(self._known)

    def add(self, sigma: float, denoised: Tensor) -> None:
        self._known = [(sigma, denoised), *self._known][: self._longest]

    def replace_newest(self, denoised: Tensor) -> None:
        self._known[0] = (self._known[0][0], denoised)

    def step(self, x: Tensor, sigma: float, sigma_next: float, order: int, tau: float) -> Tensor:
        """From x at `sigma` to `sigma_next` with the polynomial through the last `order` estimates."""
        nodes = [-log(level) for level, _ in self._known[:order]]
        exact = simple_weights if self._simple and len(nodes) == 2 else adams_weights
        weights = exact(nodes, -log(sigma), -log(sigma_next), 1 + tau**2)
        decay = exp(-(1 + tau**2) * log_step(sigma, sigma_next))
        return decay * x + combined(weights, [denoised for _, denoised in self._known[:order]])


def adams_spread(sigma: float, sigma_next: float, tau: float) -> float:
    """How strong the noise of a step is at its end."""
    return sigma_next * sqrt(-expm1(-2 * tau**2 * log_step(sigma, sigma_next)))


def simple_weights(nodes: Sequence[float], s: float, t: float, rate: float) -> list[float]:
    """The weights of two estimates that agree with the exact ones to second order (appendix D)."""
    h, (newest, before) = t - s, nodes
    first = rate * h / 2 if newest == t else -expm1(-rate * h) - rate * h**2 / 2 / (before - newest)
    return [first, -expm1(-rate * h) - first]


def adams_weights(nodes: Sequence[float], s: float, t: float, rate: float) -> list[float]:
    """Integral over l from s to t of rate e^(-rate (t - l)) times each polynomial that is 1 at one node."""
    h, moments = t - s, []
    for power in range(len(nodes)):  # by parts, with the origin moved to t
        ends = (0.0 if power else 1.0) - (-h) ** power * exp(-rate * h)
        moments.append(ends - (power / rate * moments[-1] if power else 0.0))
    powers = np.vander([node - t for node in nodes], increasing=True).T
    return np.linalg.solve(powers, moments).tolist()
