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


def test_adaptive_steps_suit_the_whole_batch_and_equal_pictures_stay_what_they_are():
    """As docs/decisions/001 says; measured: 0.003 to 0.010 between pictures of a batch of 8 and alone."""
    levels = tuple(karras(SCHEDULE, 6))

    def sampled(start):
        *_, last = SAMPLERS["dpm_adaptive"](PerNumber(), start, levels, noise=lambda *_: torch.zeros(()))
        return last.x

    start = chosen_noise(NoiseChoice(40), torch.zeros(8, 4, 8, 8)).start() * levels[0]
    alone, among = sampled(start[:1]), sampled(start)
    torch.testing.assert_close(sampled(start[:1].repeat(3, 1, 1, 1)), alone.repeat(3, 1, 1, 1))
    assert not torch.equal(among[:1], alone)
    torch.testing.assert_close(among[:1], alone, rtol=0, atol=0.05)


@pytest.mark.parametrize("name", ["dpmpp_sde", "dpmpp_2m_sde", "dpmpp_3m_sde"])
def test_more_steps_of_one_path_stay_near_the_picture(name):
    """Fresh noise in every step gives another picture; measured: 0.3 to 0.45 of its distance."""

    def distance(path):
        pairs = [
            (picture(name, s, steps=20, path=path), picture(name, s, steps=40, path=path)) for s in range(8)
        ]
        return sum(float((a - b).square().mean().sqrt()) for a, b in pairs) / len(pairs)

    assert distance(path=True) < 0.6 * distance(path=False)
