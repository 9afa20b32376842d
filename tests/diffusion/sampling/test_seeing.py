"""Pictures turning to noise, and the steps kept on the way back."""

import pytest
import torch

from diffusion.errors import Unsuitable
from diffusion.sampling.capture import Capture, finish_both
from diffusion.sampling.forward import diffused, with_noise
from diffusion.sampling.noise import NoiseChoice
from diffusion.sampling.parametrisation import read_as
from diffusion.sampling.schedules import NoiseSchedule
from diffusion.sampling.steps import Step
from diffusion.values import Latent
from tests.diffusion.sampling.tiny import random_latent, tiny_model

SCHEDULE = NoiseSchedule.scaled_linear()
LATENT = Latent(random_latent(1, 2, 4, 8, 8))


def noise_of(seed):
    return random_latent(seed, 4, 8, 8)


@pytest.mark.parametrize(("levels", "strength"), [((9.0, 3.0, 2.0), 7.0), ((9.0,), 9.0), ((), 0.0)])
def test_noise_is_as_strong_as_the_levels_reach(levels, strength):
    noisy = with_noise(LATENT, NoiseChoice(5), levels).samples
    expected = LATENT.samples + strength * torch.stack([noise_of(5), noise_of(6)])
    assert torch.equal(noisy, expected)


def test_no_noise_and_no_level_are_what_they_say():
    assert with_noise(LATENT, NoiseChoice(5, start=False), (9.0, 0.0)) is LATENT
    with pytest.raises(Unsuitable, match="level 0 is nan"):
        with_noise(LATENT, NoiseChoice(5), (float("nan"), 0.0))


@pytest.mark.parametrize("timestep", [0, 600, 999])
def test_picture_turns_to_noise_by_the_formula(timestep):
    abar = SCHEDULE.alphas_cumprod[timestep]
    ours = diffused(LATENT, SCHEDULE, timestep, seed=5, frames=1).samples
    expected = LATENT.samples * abar**0.5 + torch.stack([noise_of(5), noise_of(6)]) * (1 - abar) ** 0.5
    torch.testing.assert_close(ours, expected, rtol=0, atol=1e-6)


def test_frames_lead_from_each_picture_to_its_noise():
    frames = diffused(LATENT, SCHEDULE, 999, seed=5, frames=4).samples
    assert frames.shape == (8, 4, 8, 8)
    assert torch.equal(frames[::4], LATENT.samples)
    assert torch.equal(frames[3::4], diffused(LATENT, SCHEDULE, 999, seed=5, frames=1).samples)
    assert torch.equal(frames[2::4], diffused(LATENT, SCHEDULE, 666, seed=5, frames=1).samples)


def test_timestep_that_the_model_does_not_know_is_refused():
    with pytest.raises(Unsuitable, match="timestep is 999, the model knows 0 to 49") as refused:
        diffused(LATENT, SCHEDULE.distilled(), 999, seed=0, frames=1)
    assert refused.value.input == "timestep"


def steps(count):
    """Steps whose x is their index + 1 and whose estimate is 10 times that, from levels count..1."""
    for index in range(count):
        x = torch.full((2, 4, 2, 2), index + 1.0)
        yield Step(index, count, x, x * 10, float(count - index))


@pytest.mark.parametrize(
    ("every", "kept"), [(1, [0, 1, 2, 3, 4]), (2, [0, 2, 4]), (3, [0, 3, 4]), (9, [0, 4])]
)
def test_every_nth_step_and_the_last_are_kept(every, kept):
    capture = Capture(every, end=0.0)
    assert len(list(capture.through(steps(5)))) == 5
    believed, noisy = capture.believed(LATENT).samples, capture.noisy(LATENT).samples
    assert believed[:, 0, 0, 0].tolist() == [10.0 * (index + 1) for index in kept] * 2
    expected = [(index + 1) / ((4 - index) ** 2 + 1) ** 0.5 for index in kept] * 2
    torch.testing.assert_close(noisy[:, 0, 0, 0], torch.tensor(expected))


def test_no_steps_leave_the_latent():
    capture = Capture(1)
    assert list(capture.through(iter(()))) == [] and capture.believed(LATENT) is LATENT
    assert finish_both(LATENT, None) == (LATENT, LATENT)


def test_both_results_are_what_came_out_and_what_was_believed():
    *_, last = steps(3)
    made, believed = finish_both(LATENT, last)
    assert (made.samples == 3).all() and (believed.samples == 30).all()


def test_model_is_read_as_another_prediction_on_its_schedule():
    model = tiny_model()
    lcm = read_as(model, "lcm", ends_in_noise=False)
    assert (lcm.prediction, lcm.schedule) == ("lcm", SCHEDULE.distilled())
    assert lcm.network is model.network
    zero = read_as(lcm, "v", ends_in_noise=True)
    assert (zero.prediction, zero.schedule) == ("v", SCHEDULE.ending_in_noise())
    assert read_as(zero, "eps", ends_in_noise=False).schedule == SCHEDULE
