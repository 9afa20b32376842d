"""How noisy is noisy: the training schedule of a model, and the noise levels that a sampler visits.

Levels are sigmas of the variance-exploding form, x = image + sigma * noise (arXiv 2206.00364). They are host
numbers from here to the sampler, so that no step ever waits for the device.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

import numpy as np

from diffusion.errors import Unsuitable
from diffusion.sampling.beta import beta_quantiles


@dataclass(frozen=True)
class NoiseSchedule:
    """The noise levels that a network was trained on; step t has `alphas_cumprod[t]` of the signal left.

    A distilled network knows every `stride`-th step of the original numbering only.
    """

    alphas_cumprod: tuple[float, ...] = field(repr=False)
    stride: int = 1

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

    def interval(self, start: float, end: float) -> tuple[float, float]:
        """The levels from which down to which something acts, given as parts of the way to the picture."""
        first = math.inf if start <= 0 else self.sigma((1 - start) * (self.steps - 1))
        return first, 0.0 if end >= 1 else self.sigma((1 - end) * (self.steps - 1))

    def timestep(self, sigma: float) -> int:
        """The training step nearest to a level in the logarithm: what the network is told."""
        nearest = int(np.abs(self.log_sigmas - np.log(sigma)).argmin())
        return nearest * self.stride + self.stride - 1

    def distilled(self, steps: int = 50) -> Self:
        """The schedule of a consistency model that was taught `steps` of these steps."""
        stride = self.steps // steps
        return type(self)(self.alphas_cumprod[stride - 1 :: stride], stride)

    def ending_in_noise(self) -> Self:
        """Rescaled so that nothing is left of the picture at the last step (arXiv 2305.08891).

        The last step keeps a trace, as in ComfyUI, so that its level is a number.
        """
        roots = np.sqrt(self.alphas_cumprod)
        kept = ((roots - roots[-1]) * roots[0] / (roots[0] - roots[-1])) ** 2
        return type(self)((*kept[:-1].tolist(), 4.8973451890853435e-08), self.stride)

    def fractional_timestep(self, sigma: float) -> float:
        """The step at a level, linear in the logarithm (k-diffusion's rule without quantisation)."""
        return float(np.interp(np.log(sigma), self.log_sigmas, np.arange(self.steps)))


Scheduler = Callable[[NoiseSchedule, int], list[float]]

# Optimal levels at ten steps: Align Your Steps (arXiv 2404.14507).
ALIGN_YOUR_STEPS: dict[str, tuple[float, ...]] = {
    "SD1": (
        *(14.6146412293, 6.4745760956, 3.8636745985, 2.6946151520, 1.8841921177, 1.3943805092),
        *(0.9642583904, 0.6523686016, 0.3977456272, 0.1515232662, 0.0291671582),
    ),
    "SDXL": (
        *(14.6146412293, 6.3184485287, 3.7681790315, 2.1811480769, 1.3405244945, 0.8620721141),
        *(0.5550693289, 0.3798540708, 0.2332364134, 0.1114188177, 0.0291671582),
    ),
    "SVD": (700.0, 54.5, 15.886, 7.977, 4.248, 1.789, 0.981, 0.403, 0.173, 0.034, 0.002),
}


def ramp(start: float, end: float, steps: int) -> np.ndarray:
    """`steps` numbers evenly from `start` to `end`, both included."""
    return np.linspace(start, end, steps)


def to_zero(sigmas: Iterable[float]) -> list[float]:
    """The levels as host floats, followed by none."""
    return [*map(float, sigmas), 0.0]


def check_span(high: float, low: float) -> None:
    """Refuse ends between which there is no way down."""
    if not 0 < low <= high:
        raise Unsuitable(
            f"the levels go from {high} to {low}, expected from a higher one to one above 0",
            input="sigma_min",
            remedy="Give sigma_max the higher level, and sigma_min one above 0: SD1 and SD2 have "
            "14.6146 and 0.0292.",
        )


def check_power(rho: float) -> None:
    """Refuse a power that no ramp can have."""
    if rho <= 0:
        raise Unsuitable(
            f"rho is {rho}, expected above 0", input="rho", remedy="Give rho 7, or 1 for even steps."
        )


def karras(schedule: NoiseSchedule, steps: int, *, rho: float = 7.0) -> list[float]:
    """Even in sigma^(1/rho): small steps where the noise is low (arXiv 2206.00364, equation 5)."""
    return karras_between(schedule.sigma_max, schedule.sigma_min, steps, rho=rho)


def karras_between(high: float, low: float, steps: int, *, rho: float = 7.0) -> list[float]:
    """The levels of `karras` between two of them."""
    check_span(high, low)
    check_power(rho)
    return to_zero(ramp(high ** (1 / rho), low ** (1 / rho), steps) ** rho)


def polyexponential(schedule: NoiseSchedule, steps: int, *, rho: float = 1.0) -> list[float]:
    """A ramp to the power rho in log sigma."""
    return polyexponential_between(schedule.sigma_max, schedule.sigma_min, steps, rho=rho)


def polyexponential_between(high: float, low: float, steps: int, *, rho: float = 1.0) -> list[float]:
    """The levels of `polyexponential` between two of them."""
    check_span(high, low)
    check_power(rho)
    return to_zero(np.exp(ramp(1.0, 0.0, steps) ** rho * (np.log(high) - np.log(low)) + np.log(low)))


def exponential(schedule: NoiseSchedule, steps: int) -> list[float]:
    """Even in log sigma."""
    return polyexponential(schedule, steps)


def normal(schedule: NoiseSchedule, steps: int) -> list[float]:
    """Even in training steps, both ends included."""
    return to_zero(schedule.sigma(t) for t in ramp(schedule.steps - 1, 0, steps))


def sgm_uniform(schedule: NoiseSchedule, steps: int) -> list[float]:
    """Even in training steps, leaving out the last level before none."""
    return to_zero(schedule.sigma(t) for t in ramp(schedule.steps - 1, 0, steps + 1)[:-1])


def simple(schedule: NoiseSchedule, steps: int) -> list[float]:
    """Every (1000 / steps)-th level of the table, from the highest."""
    places = dict.fromkeys(int(i * schedule.steps / steps) for i in range(steps))
    return to_zero(schedule.sigmas[-1 - place] for place in places)


def ddim_uniform(schedule: NoiseSchedule, steps: int) -> list[float]:
    """The table from its second level in whole strides: more levels than asked where steps do not divide."""
    return to_zero(schedule.sigmas[1 :: max(schedule.steps // steps, 1)][::-1])


def beta(schedule: NoiseSchedule, steps: int, *, alpha: float = 0.6, beta: float = 0.6) -> list[float]:
    """Quantiles of a beta distribution, with the defaults denser at both ends (arXiv 2407.12173)."""
    for name, given in (("alpha", alpha), ("beta", beta)):
        if given <= 0:
            remedy = f"Give {name} a value above 0, such as 0.6."
            raise Unsuitable(f"{name} is {given}, expected above 0", input=name, remedy=remedy)
    quantiles = beta_quantiles(1 - np.arange(steps) / steps, alpha, beta)
    timesteps = np.rint(np.round(quantiles * (schedule.steps - 1), 6)).astype(int)
    return to_zero(schedule.sigmas[t] for t in dict.fromkeys(timesteps))


def linear_quadratic(schedule: NoiseSchedule, steps: int, *, threshold: float = 0.025) -> list[float]:
    """Linear over the first half until `threshold` is done, then a parabola that continues its slope."""
    half = steps // 2
    if half == 0:
        return [schedule.sigma_max, 0.0]
    rest, slope = steps - half, threshold / half
    curve = (1 - threshold - slope * rest) / rest**2
    done = [slope * i + curve * max(i - half, 0) ** 2 for i in range(steps)]
    return to_zero((1 - d) * schedule.sigma_max for d in done)


def kl_optimal(schedule: NoiseSchedule, steps: int) -> list[float]:
    """Even in the arc tangent of sigma (Align Your Steps, theorem 3.1)."""
    return to_zero(np.tan(ramp(np.arctan(schedule.sigma_max), np.arctan(schedule.sigma_min), steps)))


def ays(schedule: NoiseSchedule, steps: int) -> list[float]:
    """Levels optimised for SD1."""
    return align_your_steps("SD1", steps)


def align_your_steps(model_type: str, steps: int) -> list[float]:
    """Levels optimised for a kind of model, interpolated in log sigma for other numbers than ten."""
    optimal = ALIGN_YOUR_STEPS[model_type]
    places = np.linspace(0, 1, len(optimal))
    return to_zero(np.exp(np.interp(ramp(0, 1, steps + 1), places, np.log(optimal)))[:-1])


def laplace_between(
    high: float, low: float, steps: int, *, mu: float = 0.0, beta: float = 0.5
) -> list[float]:
    """Quantiles of a Laplace distribution of log sigma (arXiv 2407.03297); ends above none."""
    check_span(high, low)
    x = ramp(0, 1, steps)
    logarithms = mu - beta * np.sign(0.5 - x) * np.log(1 - 2 * np.abs(0.5 - x) + 1e-5)
    return np.clip(np.exp(logarithms), low, high).tolist()


LARGEST_EXPONENT = 170
"""Of e, for the square of a level: levels up to 8e36 are float32 numbers."""


def variance_preserving(
    steps: int, *, beta_d: float = 19.9, beta_min: float = 0.1, last: float = 0.001
) -> list[float]:
    """Even in the time of the continuous variance-preserving equation (arXiv 2011.13456)."""
    if beta_d / 2 + beta_min > LARGEST_EXPONENT:
        raise Unsuitable(
            f"beta_d {beta_d:g} and beta_min {beta_min:g} lead to levels too high for numbers",
            input="beta_d",
            remedy=f"Keep beta_d / 2 + beta_min below {LARGEST_EXPONENT}; 19.9 and 0.1 are usual.",
        )
    t = ramp(1, last, steps)
    return to_zero(np.sqrt(np.expm1(beta_d * t**2 / 2 + beta_min * t)))


def turbo(schedule: NoiseSchedule, steps: int, *, denoise: float = 1.0) -> list[float]:
    """The levels that SD Turbo was distilled at: every tenth part of the way (arXiv 2311.17042)."""
    first = 10 - int(10 * denoise)
    timesteps = [schedule.steps * tenth // 10 - 1 for tenth in range(10, 0, -1)]
    return to_zero(schedule.sigma(t) for t in timesteps[first : first + steps])


SCHEDULERS: dict[str, Scheduler] = {
    "simple": simple,
    "sgm_uniform": sgm_uniform,
    "karras": karras,
    "exponential": exponential,
    "ddim_uniform": ddim_uniform,
    "beta": beta,
    "normal": normal,
    "linear_quadratic": linear_quadratic,
    "kl_optimal": kl_optimal,
    "ays": ays,
}


def denoising_levels(
    schedule: NoiseSchedule,
    scheduler: str,
    steps: int,
    *,
    denoise: float = 1.0,
    drop_second_last: bool = False,
) -> list[float]:
    """The levels to visit for `steps` steps over the last `denoise` part of the way; none for no denoising.

    `drop_second_last` serves samplers that look between two levels and lose precision near none.
    """
    if denoise <= 0.0:
        return []
    total = steps if denoise > 0.9999 else int(steps / denoise)
    sigmas = SCHEDULERS[scheduler](schedule, total + drop_second_last)
    if drop_second_last:
        del sigmas[-2]
    return sigmas if total == steps else sigmas[-(steps + 1) :]
