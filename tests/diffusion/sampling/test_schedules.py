"""The schedule and the schedulers against the numbers of ComfyUI and k-diffusion (facts: section 9)."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffusion.sampling import schedules
from diffusion.sampling.schedules import SCHEDULERS, NoiseSchedule, denoising_levels

GOLDEN = np.load(Path(__file__).parents[2] / "data/golden/schedules.npz", allow_pickle=False)
SCHEDULE = NoiseSchedule.scaled_linear()
STEPS = (10, 20, 50)


def assert_levels(levels, expected):
    """Equal within the float32 rounding of the stored numbers."""
    assert len(levels) == len(expected)
    np.testing.assert_allclose(levels, expected, rtol=1e-6, atol=0)


def test_table_is_that_of_the_training_code():
    np.testing.assert_allclose(SCHEDULE.alphas_cumprod, GOLDEN["alphas_cumprod_f64"], rtol=1e-14)
    np.testing.assert_allclose(SCHEDULE.sigmas, GOLDEN["sigmas_1000"], rtol=1e-6)


def test_upscaler_table_is_that_of_the_training_code():
    x4 = NoiseSchedule.scaled_linear(0.0001, 0.02)
    np.testing.assert_allclose(x4.alphas_cumprod, GOLDEN["x4_alphas_cumprod"], rtol=1e-5)


def test_table_that_ends_in_noise_is_comfyuis():
    zero = SCHEDULE.ending_in_noise()
    np.testing.assert_allclose(zero.sigmas, GOLDEN["zsnr_sigmas_comfy"], rtol=2e-5)
    np.testing.assert_allclose(zero.alphas_cumprod, GOLDEN["zsnr_alphas_cumprod_diffusers"], atol=1e-6)


def test_distilled_table_has_every_twentieth_step():
    distilled = SCHEDULE.distilled()
    assert (distilled.steps, distilled.sigma_max) == (50, SCHEDULE.sigma_max)
    assert [distilled.timestep(sigma) for sigma in distilled.sigmas] == list(range(19, 1000, 20))


def test_table_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        SCHEDULE.sigmas[0] = 1.0


def test_levels_and_steps_convert_both_ways():
    levels = [SCHEDULE.sigma(float(t)) for t in GOLDEN["t_query"]]
    np.testing.assert_allclose(levels, GOLDEN["t_to_sigma_log_interp"], rtol=1e-6)
    nearest = [SCHEDULE.timestep(float(sigma)) for sigma in GOLDEN["sigma_query"]]
    assert nearest == GOLDEN["sigma_to_t_nearest"].tolist()
    between = [SCHEDULE.fractional_timestep(float(sigma)) for sigma in GOLDEN["sigma_query"]]
    # The reference divides float32 differences of neighbouring logarithms.
    np.testing.assert_allclose(between, GOLDEN["kdiff_sigma_to_t_interp"], atol=2e-4)


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("name", [name for name in SCHEDULERS if name != "ays"])
def test_scheduler_equals_comfyui(name, steps):
    assert_levels(SCHEDULERS[name](SCHEDULE, steps), GOLDEN[f"comfy_{name}_{steps}"])


@pytest.mark.parametrize("steps", (10, 20))
def test_align_your_steps_equals_comfyui(steps):
    assert_levels(schedules.ays(SCHEDULE, steps), GOLDEN[f"comfy_ays_sd1_{steps}"])


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("karras", schedules.karras),
        ("exponential", schedules.exponential),
        ("polyexponential_rho1", schedules.polyexponential),
        ("uniform", schedules.normal),
    ],
)
def test_scheduler_equals_k_diffusion(name, ours, steps):
    # k-diffusion takes the logarithms of its table in float32.
    np.testing.assert_allclose(ours(SCHEDULE, steps), GOLDEN[f"kdiff_{name}_{steps}"], rtol=2e-5)


@pytest.mark.parametrize("name", SCHEDULERS)
@settings(deadline=None)
@given(steps=st.integers(1, 1200))
def test_levels_fall_to_none(name, steps):
    levels = SCHEDULERS[name](SCHEDULE, steps)
    assert levels[-1] == 0.0
    assert all(high > low for high, low in pairwise(levels))
    assert all(type(level) is float for level in levels)


def test_partial_denoising_keeps_the_end_of_a_longer_schedule():
    assert denoising_levels(SCHEDULE, "karras", 10, denoise=0.5) == schedules.karras(SCHEDULE, 20)[-11:]
    assert denoising_levels(SCHEDULE, "normal", 7, denoise=0.3) == schedules.normal(SCHEDULE, 23)[-8:]


def test_no_denoising_visits_nothing():
    assert denoising_levels(SCHEDULE, "karras", 10, denoise=0.0) == []


def test_second_last_level_is_dropped_from_a_schedule_with_one_more():
    levels = schedules.karras(SCHEDULE, 11)
    assert denoising_levels(SCHEDULE, "karras", 10, drop_second_last=True) == [*levels[:-2], 0.0]
    assert len(denoising_levels(SCHEDULE, "karras", 10, denoise=0.4, drop_second_last=True)) == 11
