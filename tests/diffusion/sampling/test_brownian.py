"""A path over noise levels: a Brownian motion, the same wherever and in which order it is asked."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from diffusion.sampling.brownian import BrownianTree
from diffusion.sampling.noise import NoiseChoice, chosen_noise, scramble, seeded
from diffusion.sampling.schedules import NoiseSchedule, karras


def tree(size=64, *, seed=0, digits=5):
    def draw(depth, place):
        return torch.randn(size, generator=seeded(scramble(seed + 2 ** (depth + 1) + place)))

    return BrownianTree(draw, 0.0, 16.0, digits=digits)


def native(levels, size=8):
    return chosen_noise(NoiseChoice(3), torch.zeros(1, 4, size, size), path=levels)


def test_intervals_are_independent_unit_noise_and_overlaps_share_their_path():
    """The way to a midpoint is part of the way beyond: their correlation is sqrt(part / whole)."""
    path = tree(200_000)
    noise = torch.stack(
        [path.between(4, 3), path.between(4, 1), path.between(1, 0.5), path.between(0.1, 0.03)]
    )
    expected = torch.eye(4)
    expected[0, 1] = expected[1, 0] = (1 / 3) ** 0.5
    torch.testing.assert_close(torch.corrcoef(noise), expected, rtol=0, atol=0.01)
    assert noise.std(dim=1).sub(1).abs().max() < 0.01 and noise.mean(dim=1).abs().max() < 0.01


@settings(deadline=None, max_examples=20)
@given(st.lists(st.floats(0.01, 15), min_size=2, max_size=8, unique=True))
def test_order_of_questions_does_not_matter(levels):
    forwards, backwards = tree(), tree()
    first = {level: forwards.at(level) for level in levels}
    for level in reversed(levels):
        assert torch.equal(backwards.at(level), first[level])


def test_noise_of_an_interval_is_the_same_in_ten_and_twenty_steps():
    schedule = NoiseSchedule.scaled_linear()
    ten, twenty = karras(schedule, 10), karras(schedule, 20)
    apart = native(ten), native(twenty)
    assert torch.equal(*(source.between(9.0, 2.0) for source in apart))
    whole = apart[0].between(ten[0], ten[-2]) * (ten[0] - ten[-2]) ** 0.5
    pieces = [apart[1].between(a, b) * (a - b) ** 0.5 for a, b in pairwise(twenty[:-1])]
    torch.testing.assert_close(torch.stack(pieces).sum(0), whole, rtol=0, atol=2e-5)


def test_part_of_the_way_has_the_noise_of_the_whole():
    levels = karras(NoiseSchedule.scaled_linear(), 20)
    whole, part = native(levels), native(levels[12:])
    assert torch.equal(whole.between(levels[13], levels[14]), part.between(levels[13], levels[14]))


@pytest.mark.parametrize("levels", [(5.0, 0.0), (14.6, 14.5, 0.0), (4518.0, 10.0, 0.0), (1e-5, 0.0)])
def test_any_levels_have_a_path(levels):
    noise = native(levels).between(levels[0], levels[1])
    assert noise.isfinite().all()
