"""Sampling inside a mask: what stays, and how a grey mask opens on the way."""

import pytest
import torch

from diffusion.sampling.inside import DifferentialMask, InsideMask, opening
from diffusion.sampling.run import Settings, sample
from diffusion.sampling.schedules import NoiseSchedule, karras
from diffusion.sampling.steering import RescaleCfg
from diffusion.values import Latent
from tests.diffusion.sampling.tiny import random_cond, random_latent, tiny_model

SIGMA = 3.0
SCHEDULE = NoiseSchedule.scaled_linear()
GREYS = torch.tensor([0.0, 0.25, 0.5, 0.75, 1.0]).reshape(1, 1, 1, 5)


class Nine:
    """A denoiser that answers 9, and 8 for the negative side, and keeps what it was shown."""

    def __call__(self, x, sigma):
        self.shown = x
        return x * 0 + 9

    def sides(self, x, sigma):
        return self(x, sigma), x * 0 + 8


def test_outside_the_mask_the_given_picture_stays():
    latent, noise, x = (random_latent(seed, 1, 4, 8, 8) for seed in range(3))
    mask = torch.zeros(1, 1, 8, 8)
    mask[..., :4] = 1
    nine = Nine()
    inside = InsideMask(nine, latent, noise, mask)
    seen = inside(x, SIGMA)
    assert torch.equal(nine.shown[..., :4], x[..., :4])
    assert torch.equal(nine.shown[..., 4:], (latent + noise * SIGMA)[..., 4:])
    assert (seen[..., :4] == 9).all() and torch.equal(seen[..., 4:], latent[..., 4:])
    both, away = inside.sides(x, SIGMA)
    assert torch.equal(both, seen)
    assert (away[..., :4] == 8).all() and torch.equal(away[..., 4:], latent[..., 4:])


@pytest.mark.parametrize(
    ("timestep", "open_places"),
    [(999, 1), (749, 2), (751, 1), (500, 2), (499, 3), (249, 4), (100, 4), (0, 4)],
)
def test_grey_place_opens_for_its_own_part_of_the_way(timestep, open_places):
    """The rule of arXiv 2306.00950 in training steps; what is 0 stays closed to the end."""
    opened = opening([DifferentialMask()], SCHEDULE, [SCHEDULE.sigma_max, 1.0, 0.0])
    expected = torch.tensor([0.0] * (5 - open_places) + [1.0] * open_places)
    assert torch.equal(opened(GREYS, SCHEDULE.sigma(timestep)).flatten(), expected)


def test_part_of_the_way_is_measured_between_the_levels_that_are_visited():
    first, last = SCHEDULE.sigma(600), SCHEDULE.sigma(200)
    opened = opening([DifferentialMask()], SCHEDULE, [first, last])
    assert opened(GREYS, SCHEDULE.sigma(401)).flatten().tolist() == [0, 0, 0, 1, 1]
    assert opened(GREYS, SCHEDULE.sigma(399)).flatten().tolist() == [0, 0, 1, 1, 1]
    assert opened(GREYS, SCHEDULE.sigma(900)).flatten().tolist() == [0, 0, 0, 0, 1]


def test_strength_mixes_the_cut_mask_with_the_mask_as_it_is():
    levels = [SCHEDULE.sigma_max, 0.0]
    half = opening([DifferentialMask(0.5)], SCHEDULE, levels)(GREYS, SCHEDULE.sigma(600))
    torch.testing.assert_close(half.flatten(), torch.tensor([0, 0.125, 0.25, 0.875, 1.0]))
    none = opening([DifferentialMask(0.0)], SCHEDULE, levels)(GREYS, SCHEDULE.sigma(600))
    assert torch.equal(none, GREYS)


def test_other_steerings_leave_the_mask_as_it_is():
    opened = opening([RescaleCfg(0.5)], SCHEDULE, [SCHEDULE.sigma_max, 0.0])
    assert opened(GREYS, 1.0) is GREYS


def test_way_of_one_level_opens_all_that_is_selected():
    low = SCHEDULE.sigma_min
    assert opening([DifferentialMask()], SCHEDULE, [low, 0.0])(GREYS, low).flatten().tolist() == [
        0,
        1,
        1,
        1,
        1,
    ]


def test_sampling_changes_more_where_the_mask_is_lighter():
    """On a tiny network: nothing at 0, little at 0.3, as ever at 1; the model itself is another value."""
    plain = tiny_model()
    model = plain.with_steering(DifferentialMask())
    mask = torch.zeros(1, 1, 12)
    mask[..., 4:8], mask[..., 8:] = 0.3, 1.0
    given = Latent(random_latent(9, 1, 4, 8, 12), noise_mask=mask.expand(1, 8, 12))
    settings = Settings(seed=3, steps=10, cfg=1.0, sampler="euler", scheduler="karras")
    cond = (random_cond(1),)
    *_, last = sample(model, cond, cond, given, settings)
    change = (last.x - given.samples).abs().mean(dim=(0, 1, 2))
    assert torch.equal(last.x[..., :4], given.samples[..., :4])
    assert 0 < change[4:8].mean() < change[8:].mean() * 0.7
    assert plain.steerings == () and len(karras(plain.schedule, 10)) == 11
