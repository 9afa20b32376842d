"""Samplers that remember: one call of the model a step, and higher order from the calls before.

Signature and symbols are those of `diffusion.sampling.steps`.
"""

from collections.abc import Iterator, Sequence
from math import expm1, log

import numpy as np
from torch import Tensor

from diffusion.sampling.steps import Denoise, Noise, Step, ancestral_split, combined, levels, log_step

# Adams-Bashforth for equal steps, by order: weights of the slopes, newest first.
ADAMS_BASHFORTH = (
    (1.0,),
    (3 / 2, -1 / 2),
    (23 / 12, -16 / 12, 5 / 12),
    (55 / 24, -59 / 24, 37 / 24, -9 / 24),
)


def sample_ipndm(denoise: Denoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise) -> Iterator[Step]:
    """Improved pseudo numerical: Adams-Bashforth as if all steps were equal (arXiv 2204.13902)."""
    slopes: list[Tensor] = []
    for index, total, sigma, sigma_next in levels(sigmas):
        denoised = denoise(x, sigma)
        slopes = [(x - denoised) / sigma, *slopes][:4]
        if sigma_next == 0:
            x = denoised
        else:
            x = x + (sigma_next - sigma) * combined(ADAMS_BASHFORTH[len(slopes) - 1], slopes)
        yield Step(index, total, x, denoised, sigma)


def sample_ipndm_v(denoise: Denoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise) -> Iterator[Step]:
    """Improved pseudo numerical, weighted by the lengths of the steps."""
    slopes: list[Tensor] = []
    for index, total, sigma, sigma_next in levels(sigmas):
        denoised = denoise(x, sigma)
        slopes = [(x - denoised) / sigma, *slopes][:4]
        if sigma_next == 0:
            x = denoised
        else:
            lengths = [sigmas[k + 1] - sigmas[k] for k in range(index, index - len(slopes), -1)]
            x = x + lengths[0] * combined(variable_weights(lengths), slopes)
        yield Step(index, total, x, denoised, sigma)


def variable_weights(lengths: Sequence[float]) -> list[float]:
    """Weights of the slopes over the last steps of these lengths, newest first.

    Not the exact integrals of Adams and Bashforth from the third order on: these are the weights of the
    published sampler, which its pictures depend on.
    """
    h, *before = lengths
    weights = np.zeros(len(lengths))
    weights[0] = 1.0
    if before:
        h_1 = before[0]
        weights[:2] += np.array([1, -1]) * h / h_1 / 2
    if len(before) > 1:
        h_2 = before[1]
        share = h / (3 * (h + h_1))
        third = (1 - share * h * (h + h_1) / (h_1 * (h_1 + h_2))) / 2
        weights[:3] += third * np.array([1, -(1 + h_1 / h_2), h_1 / h_2])
    if len(before) > 2:
        h_3 = before[2]
        r = h_1 * (h_1 + h_2) / (h_2 * (h_2 + h_3))
        fourth = (1 - share) / 2 + (1 - h / (2 * (h + h_1))) * h / (6 * (h + h_1 + h_2))
        fourth *= h * (h + h_1) * (h + h_1 + h_2) / (h_1 * (h_1 + h_2) * (h_1 + h_2 + h_3))
        weights += fourth * np.array(
            [1, -(1 + h_1 / h_2 + r), h_1 / h_2 + r * (1 + h_2 / h_3), -r * h_1 / h_2]
        )
    return weights.tolist()


def sample_deis(
    denoise: Denoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise, order: int = 3
) -> Iterator[Step]:
    """Exponential integrator with slopes extrapolated in the time of a VP process (arXiv 2204.13902)."""
    slopes: list[Tensor] = []
    for index, total, sigma, sigma_next in levels(sigmas):
        denoised = denoise(x, sigma)
        slopes = [(x - denoised) / sigma, *slopes][:order]
        if len(slopes) == 1 or sigma_next == 0:
            x = x + (sigma_next - sigma) * slopes[0]
        else:
            nodes = [sigmas[index - k] for k in range(len(slopes))]
            x = x + combined(deis_weights(nodes, sigma_next), slopes)
        yield Step(index, total, x, denoised, sigma)


# The VP process between levels 0.002 and 80 over times 0.001 to 1 (arXiv 2206.00364, table 1).
VP_START, VP_LOG_LOW, VP_LOG_HIGH = 1e-3, log(0.002**2 + 1), log(80.0**2 + 1)
VP_BETA_D = 2 * (VP_LOG_LOW / VP_START - VP_LOG_HIGH) / (VP_START - 1)
VP_BETA_MIN = VP_LOG_HIGH - 0.5 * VP_BETA_D
QUADRATURE = 10000


def vp_time(sigma: float) -> float:
    """When the VP process has this noise level."""
    return ((VP_BETA_MIN**2 + 2 * VP_BETA_D * log(sigma**2 + 1)) ** 0.5 - VP_BETA_MIN) / VP_BETA_D


def deis_weights(nodes: Sequence[float], sigma_next: float) -> list[float]:
    """Integral over sigma from nodes[0] to `sigma_next` of each polynomial in time that is 1 at one node."""
    times = [vp_time(sigma) for sigma in nodes]
    end = vp_time(sigma_next)
    tau = np.linspace(times[0], end, QUADRATURE)
    grown = np.exp(0.5 * VP_BETA_D * tau**2 + VP_BETA_MIN * tau)  # sigma^2 + 1
    slope = 0.5 * (VP_BETA_D * tau + VP_BETA_MIN) * grown / np.sqrt(grown - 1)  # d sigma / d tau
    weights = []
    for j, node in enumerate(times):
        others = [other for k, other in enumerate(times) if k != j]
        polynomial = np.prod([(tau - other) / (node - other) for other in others], axis=0)
        weights.append(float(np.mean(slope * polynomial) * (end - times[0])))
    return weights


def sample_res_multistep(
    denoise: Denoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise
) -> Iterator[Step]:
    """Refined exponential solver, second order from the previous estimate (arXiv 2308.02157)."""
    yield from sample_res_multistep_ancestral(denoise, x, sigmas, noise=noise, eta=0.0)


def sample_res_multistep_ancestral(
    denoise: Denoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise, eta: float = 1.0
) -> Iterator[Step]:
    """The refined exponential solver to below the next level, then noise up to it."""
    before, down_before = None, 0.0
    for index, total, sigma, sigma_next in levels(sigmas):
        denoised = denoise(x, sigma)
        down, up = ancestral_split(sigma, sigma_next, eta)
        if before is None or down == 0:
            x = x + (x - denoised) / sigma * (down - sigma)
        else:
            weights = res_weights(sigmas[index - 1], sigma, down, down_before)
            x = down / sigma * x + combined(weights, (denoised, before))
        if up > 0:
            x = x + noise(sigma, sigma_next) * up
        before, down_before = denoised, down
        yield Step(index, total, x, denoised, sigma)


def res_weights(sigma_before: float, sigma: float, down: float, down_before: float) -> tuple[float, float]:
    """How much the estimates at `sigma` and `sigma_before` count on the way from `sigma` to `down`."""
    h = log_step(sigma, down)
    c_2 = -log_step(sigma_before, down_before) / h
    phi_1 = -expm1(-h) / h
    phi_2 = (1 - phi_1) / h
    return h * (phi_1 - phi_2 / c_2), h * phi_2 / c_2


def sample_gradient_estimation(
    denoise: Denoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise, gamma: float = 2.0
) -> Iterator[Step]:
    """Euler with the slope's last change continued (arXiv 2306.04848)."""
    d_before = None
    for index, total, sigma, sigma_next in levels(sigmas):
        denoised = denoise(x, sigma)
        d = (x - denoised) / sigma
        change = 0 if d_before is None else (gamma - 1) * (d - d_before)
        x = denoised if sigma_next == 0 else x + (d + change) * (sigma_next - sigma)
        d_before = d
        yield Step(index, total, x, denoised, sigma)


def sample_plms(denoise: Denoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise) -> Iterator[Step]:
    """Pseudo linear multistep: Adams-Bashforth after a first step by Heun's rule (arXiv 2202.09778)."""
    slopes: list[Tensor] = []
    for index, total, sigma, sigma_next in levels(sigmas):
        denoised = denoise(x, sigma)
        slopes = [(x - denoised) / sigma, *slopes][:4]
        d = combined(ADAMS_BASHFORTH[len(slopes) - 1], slopes)
        if index == 0 and sigma_next > 0:
            x_next = x + (sigma_next - sigma) * d
            d = (d + (x_next - denoise(x_next, sigma_next)) / sigma_next) / 2
        x = x + (sigma_next - sigma) * d
        yield Step(index, total, x, denoised, sigma)


def sample_uni_pc(
    denoise: Denoise,
    x: Tensor,
    sigmas: Sequence[float],
    *,
    noise: Noise,
    order: int = 3,
    variant: str = "bh1",
    lowest: float = 0.001,
) -> Iterator[Step]:
    """Predicts a step and corrects it when the estimate there is known (UniPC, arXiv 2302.04867).

    It works in log sigma, and so ends at `lowest` where the levels end in none.
    """
    sigmas = [*sigmas[:-1], sigmas[-1] or lowest]
    total = len(sigmas) - 1
    order = max(1, min(order, total - 1))
    estimates = [denoise(x, sigmas[0])]
    for index, _, sigma, sigma_next in levels(sigmas):
        denoised, used = estimates[0], min(order, index + 1, total - index)
        update = UniUpdate(sigmas[index - used + 1 : index + 1][::-1], sigma_next, variant)
        base = sigma_next / sigma * x - expm1(-update.h) * denoised
        x = update.predict(base, estimates[:used])
        if index + 1 < total:
            estimates = [denoise(x, sigma_next), *estimates][: order + 1]
            x = update.correct(base, estimates[: used + 1])
        yield Step(index, total, x, denoised, sigma)


class UniUpdate:
    """The weights of one step of UniPC from levels `nodes`, newest first, to `sigma_next`."""

    def __init__(self, nodes: Sequence[float], sigma_next: float, variant: str) -> None:
        self.h = log_step(nodes[0], sigma_next)
        self._places = [-log_step(node, nodes[0]) / self.h for node in nodes[1:]]
        self._scale = -self.h if variant == "bh1" else expm1(-self.h)
        self._moments = self._phi_moments(len(nodes))

    def _phi_moments(self, order: int) -> list[float]:
        """What the weights at powers of the places must add up to."""
        hh, factorial, moments = -self.h, 1, []
        phi = expm1(hh) / hh - 1
        for i in range(1, order + 1):
            moments.append(phi * factorial / self._scale)
            factorial *= i + 1
            phi = phi / hh - 1 / factorial
        return moments

    def _solve(self, places: Sequence[float]) -> list[float]:
        if len(places) == 0:
            return []
        powers = np.vander(places, increasing=True).T
        return np.linalg.solve(powers, self._moments[: len(places)]).tolist()

    def predict(self, base: Tensor, estimates: Sequence[Tensor]) -> Tensor:
        """The step from the estimates known so far, newest first; order 2 takes the simple weight."""
        weights = [0.5] if len(self._places) == 1 else self._solve(self._places)
        return self._step(base, weights, self._places, estimates[0], estimates[1:])

    def correct(self, base: Tensor, estimates: Sequence[Tensor]) -> Tensor:
        """The step again, with the estimate at its end first."""
        places = [*self._places, 1.0]
        weights = self._solve(places) if self._places else [0.5]
        ahead, here, *older = estimates
        return self._step(base, weights, places, here, [*older, ahead])

    def _step(
        self,
        base: Tensor,
        weights: Sequence[float],
        places: Sequence[float],
        here: Tensor,
        others: Sequence[Tensor],
    ) -> Tensor:
        for weight, place, other in zip(weights, places, others, strict=True):
            base = base - self._scale * weight * (other - here) / place
        return base


def sample_uni_pc_bh2(
    denoise: Denoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise
) -> Iterator[Step]:
    """UniPC with B(h) = e^h - 1, for few steps."""
    yield from sample_uni_pc(denoise, x, sigmas, noise=noise, variant="bh2")
