"""Nodes that make and change noise levels: where a sampler stops on its way from noise to picture."""

from typing import Annotated, Literal

from graph import Curve, CurveRange, Range, node
from nodes.errors import reported
from nodes.sampling import SchedulerName
from nodes.types import Model, Sigmas

SCHEDULERS = "sampling/custom_sampling/schedulers"
SIGMAS = "sampling/custom_sampling/sigmas"
Steps = Annotated[int, Range(1, 10000)]
Highest = Annotated[float, Range(0, 5000, 0.01), "the level to begin at; of SD1 and SD2: 14.6146"]
Lowest = Annotated[float, Range(0, 5000, 0.01), "the last level above none; of SD1 and SD2: 0.0292"]
Denoise = Annotated[float, Range(0, 1, 0.01), "below 1 goes only the last part of the way"]
FALLING, EVEN = Curve.line(1, 0), Curve.line(0, 1)
Level = Annotated[float, Range(0, 20000, 0.01)]
Half = Annotated[float, Range(0, 50, 0.01), "lower: more steps at this end"]


@node(id="BasicScheduler", title="BasicScheduler", category=SCHEDULERS, search=("steps", "sigmas"))
def basic_scheduler(
    model: Model, scheduler: SchedulerName = "simple", steps: Steps = 20, denoise: Denoise = 1.0
) -> Sigmas:
    """The levels of a scheduler for a model."""
    from diffusion.sampling.schedules import denoising_levels

    return tuple(denoising_levels(model.schedule, scheduler, steps, denoise=denoise))


@node(id="KarrasScheduler", title="KarrasScheduler", category=SCHEDULERS, search=("rho",))
def karras_scheduler(
    steps: Steps = 20,
    sigma_max: Highest = 14.614642,
    sigma_min: Lowest = 0.0291675,
    rho: Annotated[float, Range(0, 100, 0.01), "higher: more steps where noise is low"] = 7.0,
) -> Sigmas:
    """Levels by Karras: even in sigma to the power 1/rho."""
    from diffusion.sampling.schedules import karras_between

    with reported():
        return tuple(karras_between(sigma_max, sigma_min, steps, rho=rho))


@node(id="ExponentialScheduler", title="ExponentialScheduler", category=SCHEDULERS, search=("logarithm",))
def exponential_scheduler(
    steps: Steps = 20, sigma_max: Highest = 14.614642, sigma_min: Lowest = 0.0291675
) -> Sigmas:
    """Levels even in the logarithm."""
    from diffusion.sampling.schedules import polyexponential_between

    with reported():
        return tuple(polyexponential_between(sigma_max, sigma_min, steps))


@node(id="PolyexponentialScheduler", title="PolyexponentialScheduler", category=SCHEDULERS)
def polyexponential_scheduler(
    steps: Steps = 20,
    sigma_max: Highest = 14.614642,
    sigma_min: Lowest = 0.0291675,
    rho: Annotated[float, Range(0, 100, 0.01), "higher: more steps where noise is low"] = 1.0,
) -> Sigmas:
    """Levels in a ramp to the power rho in the logarithm."""
    from diffusion.sampling.schedules import polyexponential_between

    with reported():
        return tuple(polyexponential_between(sigma_max, sigma_min, steps, rho=rho))


@node(id="LaplaceScheduler", title="LaplaceScheduler", category=SCHEDULERS)
def laplace_scheduler(
    steps: Steps = 20,
    sigma_max: Highest = 14.614642,
    sigma_min: Lowest = 0.0291675,
    mu: Annotated[float, Range(-10, 10, 0.1), "where most steps are, in the logarithm"] = 0.0,
    beta: Annotated[float, Range(0, 10, 0.1), "how far they spread from there"] = 0.5,
) -> Sigmas:
    """Levels dense around one of them; the last is the lowest and not none, so a little noise stays."""
    from diffusion.sampling.schedules import laplace_between

    with reported():
        return tuple(laplace_between(sigma_max, sigma_min, steps, mu=mu, beta=beta))


@node(id="VPScheduler", title="VPScheduler", category=SCHEDULERS, search=("variance preserving",))
def vp_scheduler(
    steps: Steps = 20,
    beta_d: Annotated[float, Range(0, 5000, 0.01), "how fast noise grows faster"] = 19.9,
    beta_min: Annotated[float, Range(0, 5000, 0.01), "how fast noise grows at first"] = 0.1,
    eps_s: Annotated[float, Range(0, 1, 0.0001), "the time of the last level above none"] = 0.001,
) -> Sigmas:
    """Levels even in the time of the continuous variance-preserving equation."""
    from diffusion.sampling.schedules import variance_preserving

    with reported():
        return tuple(variance_preserving(steps, beta_d=beta_d, beta_min=beta_min, last=eps_s))


@node(id="BetaSamplingScheduler", title="BetaSamplingScheduler", category=SCHEDULERS)
def beta_sampling_scheduler(model: Model, steps: Steps = 20, alpha: Half = 0.6, beta: Half = 0.6) -> Sigmas:
    """Levels that a beta distribution spreads over the model's: below 1, denser at both ends."""
    from diffusion.sampling import schedules

    with reported():
        return tuple(schedules.beta(model.schedule, steps, alpha=alpha, beta=beta))


@node(id="SDTurboScheduler", title="SDTurboScheduler", category=SCHEDULERS, search=("distilled",))
def sd_turbo_scheduler(
    model: Model, steps: Annotated[int, Range(1, 10)] = 1, denoise: Denoise = 1.0
) -> Sigmas:
    """The levels that SD Turbo was distilled at."""
    from diffusion.sampling.schedules import turbo

    return tuple(turbo(model.schedule, steps, denoise=denoise))


@node(id="AlignYourStepsScheduler", category=SCHEDULERS, search=("ays",))
def align_your_steps_scheduler(
    model_type: Annotated[
        Literal["SD1", "SDXL", "SVD"], "whose levels; SD2 has none of its own: SD1"
    ] = "SD1",
    steps: Annotated[int, Range(1, 10000), "the levels were optimised for 10"] = 10,
    denoise: Denoise = 1.0,
) -> Sigmas:
    """Levels that were optimised for a kind of model."""
    from diffusion.sampling.schedules import align_your_steps
    from diffusion.sampling.sigmas import last_part

    return last_part(align_your_steps(model_type, steps), steps, denoise)


@node(
    id="CurveScheduler",
    title="Curve Scheduler",
    category=SCHEDULERS,
    search=("draw", "custom sigmas", "graph", "schedule", "ramp"),
)
def curve_scheduler(
    curve: Annotated[Curve, CurveRange(), "1 is the highest level, 0 the lowest"] = FALLING,
    steps: Steps = 20,
    sigma_max: Highest = 14.614642,
    sigma_min: Lowest = 0.0291675,
    spacing: Annotated[Literal["logarithm", "level"], "what the curve is even in"] = "logarithm",
) -> Sigmas:
    """Levels along a curve that is drawn, from the first step to the last."""
    from diffusion.sampling.sigmas import along_curve

    with reported():
        return along_curve(curve, steps, highest=sigma_max, lowest=sigma_min, spacing=spacing)


@node(
    id="BendSigmas",
    title="Bend Sigmas",
    category=SIGMAS,
    search=("curve", "warp", "remap", "denser steps"),
)
def bend_sigmas(
    sigmas: Sigmas,
    curve: Annotated[
        Curve, CurveRange(), "how far along the levels each step is; flat where steps are close"
    ] = EVEN,
) -> Sigmas:
    """Go the way of levels at another pace: as many steps, closer where the curve is flat."""
    from diffusion.sampling.sigmas import bent

    return bent(sigmas, curve)


@node(
    id="SplitSigmas",
    title="SplitSigmas",
    category=SIGMAS,
    outputs=("high_sigmas", "low_sigmas"),
    search=("cut", "refine"),
)
def split_sigmas(
    sigmas: Sigmas, step: Annotated[int, Range(0, 10000), "how many steps the first part has"] = 0
) -> tuple[Sigmas, Sigmas]:
    """Cut levels in two, so that two samplers can share one way."""
    from diffusion.sampling.sigmas import split_at

    return split_at(sigmas, step)


@node(
    id="SplitSigmasDenoise",
    title="SplitSigmasDenoise",
    category=SIGMAS,
    outputs=("high_sigmas", "low_sigmas"),
    search=("cut", "refine"),
)
def split_sigmas_denoise(
    sigmas: Sigmas, denoise: Annotated[float, Range(0, 1, 0.01), "how much the second part has"] = 1.0
) -> tuple[Sigmas, Sigmas]:
    """Cut levels in two, the second being the last part of the steps."""
    from diffusion.sampling.sigmas import split_for

    return split_for(sigmas, denoise)


@node(id="FlipSigmas", title="FlipSigmas", category=SIGMAS, search=("reverse", "invert", "unsample"))
def flip_sigmas(sigmas: Sigmas) -> Sigmas:
    """Turn levels around: sampling goes from the picture to the noise that leads to it."""
    from diffusion.sampling.sigmas import flipped

    return flipped(sigmas)


@node(id="SetFirstSigma", title="SetFirstSigma", category=SIGMAS, search=("start",))
def set_first_sigma(sigmas: Sigmas, sigma: Annotated[float, Range(0, 20000, 0.001)] = 136.0) -> Sigmas:
    """Begin at another level."""
    from diffusion.sampling.sigmas import with_first

    return with_first(sigmas, sigma)


@node(
    id="ExtendIntermediateSigmas", title="ExtendIntermediateSigmas", category=SIGMAS, search=("more steps",)
)
def extend_intermediate_sigmas(
    sigmas: Sigmas,
    steps: Annotated[int, Range(1, 100), "how many to make of one"] = 2,
    start_at_sigma: Annotated[
        float, Range(-1, 20000, 0.01), "from this level down; -1 from the first"
    ] = -1.0,
    end_at_sigma: Level = 12.0,
    spacing: Annotated[Literal["linear", "cosine", "sine"], "cosine: closer at the end"] = "linear",
) -> Sigmas:
    """Cut the steps between two levels into smaller ones."""
    from diffusion.sampling.sigmas import extended

    return extended(sigmas, steps, start=start_at_sigma, end=end_at_sigma, spacing=spacing)


@node(
    id="SamplingPercentToSigma",
    title="SamplingPercentToSigma",
    category=SIGMAS,
    outputs=("sigma_value",),
    search=("level", "part"),
)
def sampling_percent_to_sigma(
    model: Model,
    sampling_percent: Annotated[float, Range(0, 1, 0.0001), "as a part of the way: 0 noise, 1 picture"] = 0.0,
    return_actual_sigma: Annotated[bool, "at the ends, the model's own levels instead of beyond any"] = False,
) -> float:
    """The level after a part of the way from noise to picture."""
    from diffusion.sampling.sigmas import level_at

    return level_at(model.schedule, sampling_percent, exact=return_actual_sigma)
