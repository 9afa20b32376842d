"""Where on its way a sampler is, by the level that it asks at."""

import pytest

from diffusion.sampling.progress import Progress


def test_steps_lie_evenly_from_0_to_1():
    progress = Progress((8.0, 4.0, 2.0, 1.0, 0.5, 0.0))
    assert [progress(sigma) for sigma in (8, 4, 2, 1, 0.5)] == [0, 0.25, 0.5, 0.75, 1]


def test_between_two_levels_the_logarithm_counts_and_ends_hold():
    progress = Progress((8.0, 4.0, 2.0, 1.0, 0.5, 0.0))
    assert progress(8**0.5) == pytest.approx(0.375)
    assert (progress(100.0), progress(0.1), progress(0.0)) == (0, 1, 1)


def test_a_way_up_counts_as_one_down_and_short_ways_are_at_their_beginning():
    assert [Progress((0.5, 1.0, 2.0))(sigma) for sigma in (0.5, 1.0)] == [0, 1]
    assert [Progress(sigmas)(3.0) for sigmas in ((), (3.0,), (3.0, 0.0))] == [0, 0, 0]
    assert Progress((4.0, 2.0, 4.0, 1.0, 0.0))(4.0) == 0  # the first of two steps at one level
