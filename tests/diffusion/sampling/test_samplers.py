"""The samplers on an analytic model against the numbers of k-diffusion, ComfyUI and diffusers (facts: 10)."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from diffusion.sampling.samplers import SAMPLERS, sample_euler, sample_euler_ancestral

GOLDEN = np.load(Path(__file__).parents[2] / "data/golden/samplers.npz", allow_pickle=False)
META = json.loads(bytes(GOLDEN["meta_json"]))
KEPT = np.load(Path(__file__).parents[2] / "data/golden/schedules.npz", allow_pickle=False)["alphas_cumprod"]
ROWS = [
    (name, levels, suffix)
    for name in SAMPLERS
    for levels in ("karras10", "normal10")
    for suffix in ("", "_comfy")
    # k-diffusion extrapolates in the last step to none, where ComfyUI and this program take the estimate.
    if f"{name}_{levels}{suffix}" in GOLDEN.files and (name, suffix) != ("lms", "")
]


class AnalyticModel:
    """D(x, sigma) = tanh(x / sqrt(1 + sigma^2) + 0.25 w), and the stored noises in order; counts both."""

    def __init__(self):
        self.calls = self.noises = 0

    def denoise(self, x, sigma):
        self.calls += 1
        return torch.tanh(x / math.sqrt(1 + sigma**2) + 0.25 * torch.from_numpy(GOLDEN["w"]))

    def noise(self, sigma, sigma_next):
        assert sigma > sigma_next > 0
        self.noises += 1
        return torch.from_numpy(GOLDEN["noise"][self.noises - 1])


def run(sampler, levels, **options):
    """All steps of a sampler from the stored noise, and the model that it asked."""
    model = AnalyticModel()
    start = torch.from_numpy(GOLDEN["unit_noise"]) * levels[0]
    return list(sampler(model.denoise, start, levels, noise=model.noise, **options)), model


def test_rows_cover_every_sampler():
    # The rest are other names of the same functions.
    others = {"ddim", "dpmpp_sde_gpu", "dpmpp_2m_sde_gpu", "dpmpp_2m_sde_heun_gpu", "dpmpp_3m_sde_gpu"}
    assert {name for name, *_ in ROWS} == set(SAMPLERS) - others
    assert len(ROWS) == 2 * (len(SAMPLERS) - len(others))


@pytest.mark.parametrize(("name", "levels", "suffix"), ROWS)
def test_sampler_equals_reference(name, levels, suffix):
    steps, model = run(SAMPLERS[name], GOLDEN[f"sigmas_{levels}"].tolist())
    key = f"{name}_{levels}{suffix}"
    np.testing.assert_allclose(steps[-1].x.numpy(), GOLDEN[key], rtol=0, atol=1e-13)
    stored = META.get(key) or META.get(f"{key}_kdiff")
    if stored:
        assert {"calls": model.calls, "noises": model.noises} == stored


@pytest.mark.parametrize("name", SAMPLERS)
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
    for step in SAMPLERS[name](model.denoise, start, GOLDEN["sigmas_karras10"].tolist(), noise=model.noise):
        told += [step.x, step.denoised]
    assert all(tensor._version == 0 for tensor in told)


@pytest.mark.parametrize("name", SAMPLERS)
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
