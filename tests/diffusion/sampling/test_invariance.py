"""What a seed means: the same picture in any batch, and nearly the same in any number of steps.

The model here works on each number alone. A network's matrix products and convolutions take other ways
through their sums for other batches, so that pictures differ in their last bits (test_run, test_templates).
"""

import pytest
import torch

from diffusion.sampling.noise import NoiseChoice, chosen_noise
from diffusion.sampling.samplers import BROWNIAN, SAMPLERS
from diffusion.sampling.schedules import NoiseSchedule, karras

SCHEDULE = NoiseSchedule.scaled_linear()


class PerNumber:
    """Sees a picture of its own in every number."""

    def __call__(self, x, sigma):
        return torch.tanh(2 * x / (1 + sigma**2) ** 0.5 + 0.2)

    def sides(self, x, sigma):
        return self(x, sigma), torch.tanh(x / (1 + sigma**2) ** 0.5)


def picture(name, seed, *, batch=1, steps=6, profile="native", path=True):
    levels = tuple(karras(SCHEDULE, steps))
    like = torch.zeros(batch, 4, 8, 8)
    path = levels if path and name in BROWNIAN else ()
    source = chosen_noise(NoiseChoice(seed, profile=profile), like, path=path)
    *_, last = SAMPLERS[name](PerNumber(), source.start() * levels[0], levels, noise=source.between)
    return last.x


# dpm_adaptive takes steps that suit the whole batch.
@pytest.mark.parametrize("name", sorted(set(SAMPLERS) - {"dpm_adaptive"}))
@pytest.mark.parametrize("profile", ["native", "a1111"])
def test_picture_of_eight_is_that_of_its_own_seed_to_the_bit(name, profile):
    eight = picture(name, 40, batch=8, profile=profile)
    for k in (0, 5, 7):
        assert torch.equal(eight[k : k + 1], picture(name, 40 + k, profile=profile))


@pytest.mark.parametrize("name", ["dpmpp_sde", "dpmpp_2m_sde", "dpmpp_3m_sde"])
def test_more_steps_of_one_path_stay_near_the_picture(name):
    """Fresh noise in every step gives another picture; measured: 0.3 to 0.45 of its distance."""

    def distance(path):
        pairs = [
            (picture(name, s, steps=20, path=path), picture(name, s, steps=40, path=path)) for s in range(8)
        ]
        return sum(float((a - b).square().mean().sqrt()) for a, b in pairs) / len(pairs)

    assert distance(path=True) < 0.6 * distance(path=False)
