"""The samplers on an analytic model against the numbers of k-diffusion, ComfyUI and diffusers (facts: 10)."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from diffusion.sampling.dpm_solver import sample_dpm_adaptive, sample_dpm_fast
from diffusion.sampling.heun import restart_pairs, sample_restart
from diffusion.sampling.k_diffusion import sample_euler, sample_euler_ancestral
from diffusion.sampling.multistep import sample_plms, sample_uni_pc
from diffusion.sampling.samplers import SAMPLERS, SIDED
from diffusion.sampling.schedules import NoiseSchedule, karras
from diffusion.sampling.stochastic import STOCHASTIC_ABOVE, STOCHASTIC_BELOW

GOLDEN = np.load(Path(__file__).parents[2] / "data/golden/samplers.npz", allow_pickle=False)
META = json.loads(bytes(GOLDEN["meta_json"]))
KEPT = np.load(Path(__file__).parents[2] / "data/golden/schedules.npz", allow_pickle=False)["alphas_cumprod"]
OTHER_NAMES = {"ddim", "dpmpp_sde_gpu", "dpmpp_2m_sde_gpu", "dpmpp_2m_sde_heun_gpu", "dpmpp_3m_sde_gpu"}
# With references of other settings, or tested by what they must be equal to.
OWN_TESTS = SIDED | {"uni_pc", "uni_pc_bh2", "dpm_fast", "dpm_adaptive", "restart", "plms", "sa_solver_pece"}
ROWS = [
    (name, levels, suffix)
    for name in SAMPLERS
    for levels in ("karras10", "normal10")
    for suffix in ("", "_comfy")
    # k-diffusion extrapolates in the last step to none, where ComfyUI and this program take the estimate.
    if f"{name}_{levels}{suffix}" in GOLDEN.files and (name, suffix) != ("lms", "") and name not in OWN_TESTS
]


class AnalyticModel:
    """D(x, sigma) = tanh(x / sqrt(1 + sigma^2) + 0.25 w), and the stored noises in order; counts both."""

    def __init__(self):
        self.calls = self.noises = 0

    def denoise(self, x, sigma):
        self.calls += 1
        return torch.tanh(x / math.sqrt(1 + sigma**2) + 0.25 * torch.from_numpy(GOLDEN["w"]))

    __call__ = denoise

    def sides(self, x, sigma):
        seen = self.denoise(x, sigma)
        return seen, seen

    def noise(self, sigma, sigma_next):
        assert sigma > sigma_next > 0
        self.noises += 1
        return torch.from_numpy(GOLDEN["noise"][self.noises - 1])


def run(sampler, levels, **options):
    """All steps of a sampler from the stored noise, and the model that it asked."""
    model = AnalyticModel()
    start = torch.from_numpy(GOLDEN["unit_noise"]) * levels[0]
    return list(sampler(model, start, levels, noise=model.noise, **options)), model


OWN_STEPS = {"dpm_fast", "dpm_adaptive"}
# Sums of many terms in another order or precision: the reference adds 32-bit numbers there.
LOOSER = {"deis": 2e-7, "er_sde": 5e-8}


def test_rows_cover_every_sampler():
    assert {name for name, *_ in ROWS} == set(SAMPLERS) - OTHER_NAMES - OWN_TESTS
    assert len(ROWS) == 2 * len(set(SAMPLERS) - OTHER_NAMES - OWN_TESTS)


@pytest.mark.parametrize(("name", "levels", "suffix"), ROWS)
def test_sampler_equals_reference(name, levels, suffix):
    steps, model = run(SAMPLERS[name], GOLDEN[f"sigmas_{levels}"].tolist())
    key = f"{name}_{levels}{suffix}"
    np.testing.assert_allclose(steps[-1].x.numpy(), GOLDEN[key], rtol=0, atol=LOOSER.get(name, 1e-13))
    stored = META.get(key) or META.get(f"{key}_kdiff")
    if stored and name == "res_multistep":
        stored = stored | {"noises": 0}  # the reference draws noise and multiplies it by none
    if stored:
        assert {"calls": model.calls, "noises": model.noises} == stored


@pytest.mark.parametrize("levels", ("karras10", "normal10"))
def test_churned_euler_equals_reference(levels):
    """The reference scales its noise by 1.003, and draws and drops some before the churn begins."""
    model, sigmas = AnalyticModel(), GOLDEN[f"sigmas_{levels}"].tolist()
    model.noises = 1
    *_, last = sample_euler(
        model,
        torch.from_numpy(GOLDEN["unit_noise"]) * sigmas[0],
        sigmas,
        noise=lambda sigma, sigma_next: model.noise(sigma, sigma_next) * 1.003,
        churn=10,
        churn_above=0.1,
        churn_below=10,
    )
    np.testing.assert_allclose(last.x.numpy(), GOLDEN[f"euler_churn10_{levels}"], rtol=0, atol=1e-13)


@pytest.mark.parametrize("variant", ("bh1", "bh2"))
@pytest.mark.parametrize("levels", ("karras10", "normal10"))
def test_uni_pc_equals_reference(levels, variant):
    """The reference is in 32 bits, where its last level of 0.001 comes out as 2^-10."""
    steps, model = run(sample_uni_pc, GOLDEN[f"sigmas_{levels}"].tolist(), variant=variant, lowest=2**-10)
    key = f"uni_pc_{variant}_{levels}_comfy"
    np.testing.assert_allclose(steps[-1].x.numpy(), GOLDEN[key], rtol=0, atol=3e-5)
    assert model.calls == META[key]["calls"] and model.noises == 0


@pytest.mark.parametrize("calls", (5, 10, 20))
def test_dpm_fast_equals_reference(calls):
    """The reference places its steps in 32 bits."""
    schedule = NoiseSchedule.scaled_linear()
    ends = [schedule.sigma_max, *[schedule.sigma_min] * (calls - 1), schedule.sigma_min, 0.0][-calls - 1 :]
    steps, model = run(sample_dpm_fast, [schedule.sigma_max, *ends[1:]])
    np.testing.assert_allclose(steps[-1].x.numpy(), GOLDEN[f"dpm_fast_n{calls}"], rtol=0, atol=6e-6)
    assert model.calls == calls


def test_ancestral_dpm_fast_equals_reference():
    steps, _ = run(sample_dpm_fast, GOLDEN["sigmas_karras10"].tolist(), eta=1.0)
    np.testing.assert_allclose(steps[-1].x.numpy(), GOLDEN["dpm_fast_eta1_n10"], rtol=0, atol=6e-6)


def test_dpm_adaptive_equals_reference():
    steps, model = run(sample_dpm_adaptive, GOLDEN["sigmas_karras10"].tolist())
    np.testing.assert_allclose(steps[-1].x.numpy(), GOLDEN["dpm_adaptive"], rtol=0, atol=2e-6)
    stored = META["dpm_adaptive"]
    assert (model.calls, len(steps)) == (stored["nfe"], stored["steps"])
    assert steps[-1].index + 1 == steps[-1].total


@pytest.mark.parametrize("steps", (20, 40))
def test_restart_equals_reference(steps):
    levels, key = karras(NoiseSchedule.scaled_linear(), steps), f"restart_karras{steps}"
    np.testing.assert_allclose(restart_pairs(levels), GOLDEN[f"{key}_step_pairs"], rtol=0, atol=5e-6)
    done, model = run(sample_restart, levels)
    np.testing.assert_allclose(done[-1].x.numpy(), GOLDEN[key], rtol=0, atol=1e-6)
    assert {"calls": model.calls, "noises": model.noises} == META[key]


def test_few_steps_do_not_restart():
    levels = GOLDEN["sigmas_karras10"].tolist()
    ours, heun = (run(SAMPLERS[name], levels)[0][-1].x for name in ("restart", "heun"))
    assert torch.equal(ours, heun)


def test_plms_equals_reference():
    kept = KEPT[[*GOLDEN["diffusers_ddim_timesteps"], 0]].astype(np.float64)
    levels = np.sqrt((1 - kept) / kept).tolist()
    model = AnalyticModel()
    start = torch.from_numpy(GOLDEN["unit_noise"]) * math.sqrt(1 + levels[0] ** 2)
    *_, last = sample_plms(model.denoise, start, levels, noise=model.noise)
    ours = last.x / math.sqrt(1 + levels[-1] ** 2)
    np.testing.assert_allclose(ours.numpy(), GOLDEN["diffusers_plms_10"], rtol=0, atol=1e-6)


def test_sa_solver_adds_noise_from_20_to_80_percent():
    schedule = NoiseSchedule.scaled_linear()
    wanted = [schedule.sigma(part * 999) for part in (0.8, 0.2)]
    np.testing.assert_allclose((STOCHASTIC_BELOW, STOCHASTIC_ABOVE), wanted, rtol=1e-9)


def test_sa_solver_that_asks_again_stays_near():
    levels = karras(NoiseSchedule.scaled_linear(), 40)
    once, again = (SAMPLERS[name] for name in ("sa_solver", "sa_solver_pece"))
    (first, one), (second, two) = run(once, levels), run(again, levels)
    assert (one.calls, two.calls) == (40, 79)
    assert (first[-1].x - second[-1].x).abs().max() < 0.05


@pytest.mark.parametrize("name", sorted(SIDED - {"dpmpp_2s_ancestral_cfg_pp"}))
def test_cfg_pp_without_guidance_is_the_plain_sampler(name):
    """Where both sides see the same, CFG++ changes nothing; 2S goes by the negative of its second stage."""
    levels = GOLDEN["sigmas_karras10"].tolist()
    ours, plain = run(SAMPLERS[name], levels)[0], run(SAMPLERS[name.removesuffix("_cfg_pp")], levels)[0]
    np.testing.assert_allclose(ours[-1].x.numpy(), plain[-1].x.numpy(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", sorted(set(SAMPLERS) - OWN_STEPS))
def test_every_step_tells_where_it_is(name):
    levels = GOLDEN["sigmas_karras10"].tolist()
    steps, _ = run(SAMPLERS[name], levels)
    assert [(step.index, step.total, step.sigma) for step in steps] == [
        (index, 10, sigma) for index, sigma in enumerate(levels[:-1])
    ]
    assert all(step.x.shape == step.denoised.shape == (1, 4, 4, 4) for step in steps)


@pytest.mark.parametrize("name", SAMPLERS)
def test_what_a_step_told_is_never_changed(name):
    model, start = AnalyticModel(), torch.from_numpy(GOLDEN["unit_noise"]) * 14.0
    told = [start]
    for step in SAMPLERS[name](model, start, GOLDEN["sigmas_karras10"].tolist(), noise=model.noise):
        told += [step.x, step.denoised]
    assert all(tensor._version == 0 for tensor in told)


@pytest.mark.parametrize("name", sorted(set(SAMPLERS) - OWN_STEPS))
def test_stopping_between_levels_leaves_finite_noise(name):
    steps, _ = run(SAMPLERS[name], GOLDEN["sigmas_karras10"].tolist()[2:6])
    assert len(steps) == 3
    assert torch.isfinite(steps[-1].x).all()


@pytest.mark.parametrize("eta", (0, 1))
def test_ancestral_euler_is_ddim(eta):
    """DDIM moves x sqrt(abar), in float32 there; the stored runs end at the lowest level, not at none."""
    kept = KEPT[[*GOLDEN["diffusers_ddim_timesteps"], 0]].astype(np.float64)
    levels = np.sqrt((1 - kept) / kept).tolist()
    model = AnalyticModel()
    start = torch.from_numpy(GOLDEN["unit_noise"]) * math.sqrt(1 + levels[0] ** 2)
    *_, last = sample_euler_ancestral(model.denoise, start, levels, noise=model.noise, eta=eta)
    ours = last.x / math.sqrt(1 + levels[-1] ** 2)
    np.testing.assert_allclose(ours.numpy(), GOLDEN[f"diffusers_ddim_10_eta{eta}"], rtol=0, atol=3e-6)


def test_ddim_is_deterministic_euler():
    assert SAMPLERS["ddim"] is sample_euler
