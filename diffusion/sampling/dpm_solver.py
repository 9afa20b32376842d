"""DPM-Solver in single steps of orders 1 to 3 (arXiv 2206.00927), with fixed and with adaptive steps.

Signature and symbols are those of `diffusion.sampling.steps`. They choose their own levels between the
first and the last above none of those given, and end there.
"""

import math
from collections.abc import Iterator, Sequence
from math import exp, expm1, log, sqrt

import torch
from torch import Tensor

from diffusion.errors import NotFinite, Unsuitable
from diffusion.sampling.steps import Denoise, Noise, Step, ancestral_split

SHORTEST = 1e-5
"""A step in log sigma below which adaptive steps lead nowhere: the whole way is 6.2 of it."""
MOST_REJECTED = 40
"""Steps tried in a row: each is shorter than the last, unless no step is ever good enough."""


class SolverStep:
    """One step from x at time t = -log sigma; what it asked once is kept for solutions of other orders."""

    def __init__(self, denoise: Denoise, x: Tensor, t: float) -> None:
        self._denoise, self._x, self._t = denoise, x, t
        self.denoised = denoise(x, exp(-t))
        self._eps = (x - self.denoised) / exp(-t)
        self._changes: dict[tuple[float, float], Tensor] = {}

    def solve(self, order: int, t_next: float, r: float | None = None) -> Tensor:
        """x at `t_next`; the second order looks at `r` of the way."""
        h, sigma_next = t_next - self._t, exp(-t_next)
        x = self._x - sigma_next * expm1(h) * self._eps
        if order == 1:
            return x
        if order == 2:
            r = r or 1 / 2
            return x - sigma_next / (2 * r) * expm1(h) * self._change(r, h)
        return x - sigma_next / (2 / 3) * (expm1(h) / h - 1) * self._change(2 / 3, h)

    def _change(self, r: float, h: float) -> Tensor:
        """How the predicted noise differs at `r` of the way."""
        if (r, h) not in self._changes:
            s = self._t + r * h
            u = self._x - exp(-s) * expm1(r * h) * self._eps
            if r == 2 / 3:
                u = u - exp(-s) * 2 * (expm1(r * h) / (r * h) - 1) * self._change(1 / 3, h)
            self._changes[r, h] = (u - self._denoise(u, exp(-s))) / exp(-s) - self._eps
        return self._changes[r, h]


def times(sigmas: Sequence[float]) -> tuple[float, float]:
    """The first time and the last one, above no noise."""
    lowest = sigmas[-1] if sigmas[-1] > 0 else sigmas[-2]
    return -log(sigmas[0]), -log(lowest)


def only_step(denoise: Denoise, x: Tensor, sigma: float) -> Step:
    """The way from the one level above none: to what is seen there."""
    denoised = denoise(x, sigma)
    return Step(0, 1, denoised, denoised, sigma)


def lower_time(t: float, t_next: float, t_end: float, eta: float) -> tuple[float, float]:
    """Where to go for going to `t_next` with noise: (the time to solve for, the noise to add)."""
    if eta == 0:
        return t_next, 0.0
    down, _ = ancestral_split(exp(-t), exp(-t_next), eta)
    t_down = min(t_end, -log(down)) if down > 0 else t_end
    return t_down, sqrt(max(exp(-2 * t_next) - exp(-2 * t_down), 0.0))


def sample_dpm_fast(
    denoise: Denoise, x: Tensor, sigmas: Sequence[float], *, noise: Noise, eta: float = 0.0
) -> Iterator[Step]:
    """As many calls as there are steps: order 3 in even steps of log sigma, lower orders for what is left."""
    calls, (t_start, t_end) = len(sigmas) - 1, times(sigmas)
    if t_end <= t_start:
        yield only_step(denoise, x, sigmas[0])
        return
    orders = [3] * (calls // 3 - 1) + [2, 1] if calls % 3 == 0 else [3] * (calls // 3) + [calls % 3]
    for index, order in enumerate(orders):
        t = t_start + (t_end - t_start) * index / len(orders)
        t_next = t_start + (t_end - t_start) * (index + 1) / len(orders)
        t_down, up = lower_time(t, t_next, t_end, eta)
        step = SolverStep(denoise, x, t)
        x = step.solve(order, t_down)
        if up > 0:
            x = x + noise(exp(-t), exp(-t_next)) * up
        yield Step(index, len(orders), x, step.denoised, exp(-t))


class StepLength:
    """Chooses how far to go from how far two solutions were apart, as a PID controller."""

    def __init__(self, h: float, p: float, i: float, d: float, *, order: float, safety: float) -> None:
        self.h = h
        self._powers = ((p + i + d) / order, -(p + 2 * d) / order, d / order)
        self._safety = safety
        self._history: list[float] = []

    def accepts(self, error: float) -> bool:
        """Whether a step of this error may stand; sets the length of the next one."""
        inverse = 1 / (error + 1e-8)
        recent = [inverse, *(self._history or [inverse, inverse])]
        factor = math.prod(value**power for value, power in zip(recent, self._powers, strict=True))
        factor = 1 + math.atan(factor - 1)
        self.h *= factor
        accepted = factor >= self._safety
        if accepted:
            self._history = recent[:2]
        elif not self._history:
            self._history = recent[1:]
        return accepted


def sample_dpm_adaptive(
    denoise: Denoise,
    x: Tensor,
    sigmas: Sequence[float],
    *,
    noise: Noise,
    order: int = 3,
    rtol: float = 0.05,
    atol: float = 0.0078,
    h_init: float = 0.05,
    pcoeff: float = 0.0,
    icoeff: float = 1.0,
    dcoeff: float = 0.0,
    accept_safety: float = 0.81,
    eta: float = 0.0,
) -> Iterator[Step]:
    """Steps as long as two orders agree; how many come is a guess until the last. Waits for the device."""
    t, t_end = times(sigmas)
    if t_end <= t:
        yield only_step(denoise, x, sigmas[0])
        return
    length = StepLength(h_init, pcoeff, icoeff, dcoeff, order=1.5 if eta else order, safety=accept_safety)
    lower_before, index, step, rejected = x, 0, None, 0
    while t < t_end - 1e-5:
        if length.h < SHORTEST or rejected > MOST_REJECTED:
            raise Unsuitable(
                "dpm_adaptive finds no step that is good enough",
                input="rtol",
                remedy="Raise rtol, atol or h_init, or lower accept_safety below 1.",
            )
        t_next = min(t_end, t + length.h)
        t_down, up = lower_time(t, t_next, t_end, eta)
        step = step or SolverStep(denoise, x, t)
        lower = step.solve(order - 1, t_down, 1 / 3)
        higher = step.solve(order, t_down)
        allowed = (rtol * torch.maximum(lower.abs(), lower_before.abs())).clamp(min=atol)
        error = float(torch.linalg.norm((lower - higher) / allowed)) / x.numel() ** 0.5
        if math.isnan(error):
            raise NotFinite(
                "the model answered with numbers that are no picture (NaN or infinity)",
                remedy="Lower cfg, or try another checkpoint; give rtol or atol a value above 0.",
            )
        rejected = 0 if length.accepts(error) else rejected + 1
        if rejected:
            continue
        x, lower_before = higher, lower
        if up > 0:
            x = x + noise(exp(-t), exp(-t_next)) * up
        remaining = math.ceil(max(t_end - t_next - 1e-5, 0.0) / length.h)
        yield Step(index, index + 1 + remaining, x, step.denoised, exp(-t))
        t, index, step = t_next, index + 1, None
