"""Samplers, schedulers and noise against k-diffusion, ComfyUI, diffusers and torchsde."""

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
import torch

from benchmarks.coverage.row import Measured, Run, relative
from diffusion.sampling import schedules
from diffusion.sampling.dpm_solver import sample_dpm_adaptive, sample_dpm_fast
from diffusion.sampling.heun import sample_restart
from diffusion.sampling.k_diffusion import sample_euler_ancestral
from diffusion.sampling.multistep import sample_plms, sample_uni_pc
from diffusion.sampling.samplers import SAMPLERS
from diffusion.sampling.schedules import SCHEDULERS, NoiseSchedule
from diffusion.sampling.steps import Sampler
from tests.diffusion.sampling.test_samplers import GOLDEN, KEPT, LOOSER, META, ROWS, AnalyticModel, run
from tests.diffusion.sampling.test_schedules import GOLDEN as LEVELS
from tests.diffusion.sampling.test_schedules import SCHEDULE, STEPS

BOTH = "k-diffusion and ComfyUI (golden)"
COMFY, KDIFF, DIFFUSERS = "ComfyUI (golden)", "k-diffusion (golden)", "diffusers (golden)"
WAYS = ("karras10", "normal10")


def samplers(_: Run) -> Iterator[Measured]:
    """Every sampler on the analytic model, in float64, with the references' own noise."""
    yield of_rows("samplers in float64", [row for row in ROWS if row[0] not in LOOSER], BOTH, 1e-13)
    yield of_rows("deis and er_sde", [row for row in ROWS if row[0] in LOOSER], COMFY, 2e-7)
    yield counted()
    uni_pc = [
        (
            f"uni_pc_{variant}_{levels}_comfy",
            sample_uni_pc,
            levels_of(levels),
            {"variant": variant, "lowest": 2**-10},
        )
        for variant in ("bh1", "bh2")
        for levels in WAYS
    ]
    yield of_runs("UniPC", uni_pc, COMFY, 3e-5)
    yield of_runs("DPM-Solver, fast", fast(), KDIFF, 6e-6)
    adaptive = ("dpm_adaptive", sample_dpm_adaptive, levels_of("karras10"), {})
    yield of_runs("DPM-Solver, adaptive", [adaptive], KDIFF, 2e-6)
    restart = [
        (f"restart_karras{steps}", sample_restart, schedules.karras(SCHEDULE, steps), {})
        for steps in (20, 40)
    ]
    yield of_runs("Restart", restart, "A1111's web UI (golden)", 1e-6)
    yield variance_preserving()
    yield guided_by_the_negative()


def levels_of(name: str) -> list[float]:
    return GOLDEN[f"sigmas_{name}"].tolist()


def distance(ours: torch.Tensor, key: str) -> float:
    return float(np.abs(ours.numpy() - GOLDEN[key]).max())


def of_rows(what: str, rows: list[tuple[str, str, str]], reference: str, tolerance: float) -> Measured:
    """Samplers by name, each where the goldens have it."""
    errors = []
    for name, levels, suffix in rows:
        steps, _ = run(SAMPLERS[name], levels_of(levels))
        errors.append(distance(steps[-1].x, f"{name}_{levels}{suffix}"))
    return Measured(f"{what}: {len({name for name, *_ in rows})}", reference, max(errors), tolerance)


def counted() -> Measured:
    """How many samplers ask the model or draw noise more or less often than the reference."""
    wrong = 0
    for name, levels, suffix in ROWS:
        key = f"{name}_{levels}{suffix}"
        stored = META.get(key) or META.get(f"{key}_kdiff")
        if stored:
            _, model = run(SAMPLERS[name], levels_of(levels))
            # The reference of res_multistep draws noise and multiplies it by none.
            noises = 0 if name == "res_multistep" else stored["noises"]
            wrong += (model.calls, model.noises) != (stored["calls"], noises)
    return Measured("samplers that ask the model more or less often", BOTH, wrong, 0)


def of_runs(
    what: str, runs: Iterable[tuple[str, Sampler, list[float], dict]], reference: str, tolerance: float
) -> Measured:
    """Samplers with options of their own, by the names of their results."""
    errors = [
        distance(run(sampler, levels, **options)[0][-1].x, key) for key, sampler, levels, options in runs
    ]
    return Measured(what, reference, max(errors), tolerance)


def fast() -> Iterator[tuple[str, Sampler, list[float], dict]]:
    high, low = SCHEDULE.sigma_max, SCHEDULE.sigma_min
    for calls in (5, 10, 20):
        yield f"dpm_fast_n{calls}", sample_dpm_fast, [high, *[low] * (calls - 1), 0.0], {}
    yield "dpm_fast_eta1_n10", sample_dpm_fast, levels_of("karras10"), {"eta": 1.0}


def variance_preserving() -> Measured:
    """DDIM with and without noise, and PLMS, which diffusers computes on x sqrt(abar) in float32."""
    kept = KEPT[[*GOLDEN["diffusers_ddim_timesteps"], 0]].astype(np.float64)
    levels = np.sqrt((1 - kept) / kept).tolist()
    ways = [("diffusers_plms_10", sample_plms, {})]
    ways += [(f"diffusers_ddim_10_eta{eta}", sample_euler_ancestral, {"eta": eta}) for eta in (0, 1)]
    errors = []
    for key, sampler, options in ways:
        model = AnalyticModel()
        start = torch.from_numpy(GOLDEN["unit_noise"]) * math.sqrt(1 + levels[0] ** 2)
        *_, last = sampler(model.denoise, start, levels, noise=model.noise, **options)
        errors.append(distance(last.x / math.sqrt(1 + levels[-1] ** 2), key))
    return Measured("DDIM with eta 0 and 1, PLMS", DIFFUSERS, max(errors), 3e-6)


def guided_by_the_negative() -> Measured:
    """Euler CFG++: from the guided picture on along the negative side's noise, where the sides differ."""

    class Sided(AnalyticModel):
        def sides(self, x: torch.Tensor, sigma: float) -> tuple[torch.Tensor, torch.Tensor]:
            return self.denoise(x, sigma), self.denoise(x - 0.5, sigma)

    errors = []
    for way in WAYS:
        model, levels = Sided(), levels_of(way)
        x = start = torch.from_numpy(GOLDEN["unit_noise"]) * levels[0]
        *_, last = SAMPLERS["euler_cfg_pp"](model, start, levels, noise=model.noise)
        for sigma, sigma_next in pairwise(levels):
            guided, negative = model.sides(x, sigma)
            x = guided + sigma_next * (x - negative) / sigma
        errors.append(float((last.x - x).abs().max()))
    return Measured("Euler CFG++", "definition (arXiv 2406.08070)", max(errors), 1e-13)


def schedulers(_: Run) -> Iterator[Measured]:
    """Every scheduler at 10, 20 and 50 steps; errors are parts of the level."""
    named = [name for name in SCHEDULERS if name != "ays"]
    pairs = [(SCHEDULERS[name](SCHEDULE, n), LEVELS[f"comfy_{name}_{n}"]) for name in named for n in STEPS]
    pairs += [(schedules.ays(SCHEDULE, n), LEVELS[f"comfy_ays_sd1_{n}"]) for n in (10, 20)]
    yield Measured(f"schedulers: {len(SCHEDULERS)}", COMFY, worst(pairs), 1e-6)
    theirs = {
        "karras": schedules.karras,
        "exponential": schedules.exponential,
        "polyexponential_rho1": schedules.polyexponential,
        "uniform": schedules.normal,
    }
    pairs = [(ours(SCHEDULE, n), LEVELS[f"kdiff_{name}_{n}"]) for name, ours in theirs.items() for n in STEPS]
    yield Measured("schedulers: 4", KDIFF, worst(pairs), 2e-5)
    yield Measured(
        "table of 1000 levels", "LDM (golden)", worst([(SCHEDULE.sigmas, LEVELS["sigmas_1000"])]), 1e-6
    )


def zero_terminal(_: Run) -> Iterator[Measured]:
    """The table that ends in noise alone, as ModelSamplingDiscrete's zsnr makes it."""
    zero = SCHEDULE.ending_in_noise()
    yield Measured("zero SNR table", COMFY, worst([(zero.sigmas, LEVELS["zsnr_sigmas_comfy"])]), 2e-5)
    abar = np.abs(np.asarray(zero.alphas_cumprod) - LEVELS["zsnr_alphas_cumprod_diffusers"]).max()
    yield Measured("zero SNR table", DIFFUSERS, float(abar), 1e-6)


def x4_table(_: Run) -> Iterator[Measured]:
    """The x4 upscaler's own noise levels."""
    x4 = NoiseSchedule.scaled_linear(0.0001, 0.02)
    yield Measured(
        "noise schedule", "LDM (golden)", worst([(x4.alphas_cumprod, LEVELS["x4_alphas_cumprod"])]), 1e-5
    )


def worst(pairs: Iterable[tuple[object, np.ndarray]]) -> float:
    """The largest relative difference of lists of levels."""
    return max(relative(list(ours), theirs.tolist()) for ours, theirs in pairs)
