"""Noise levels as values: cut, turned, refined and refused; and schedulers that are nodes of their own."""

import math

import numpy as np
import pytest

from diffusion.errors import Unsuitable
from diffusion.sampling import schedules
from diffusion.sampling.beta import beta_quantiles
from diffusion.sampling.schedules import NoiseSchedule
from diffusion.sampling.sigmas import (
    along_curve,
    bent,
    checked,
    extended,
    flipped,
    last_part,
    level_at,
    split_at,
    split_for,
    with_first,
)
from graph.curves import Curve
from tests.diffusion.golden import DATA

GOLDEN = np.load(DATA / "golden/schedules.npz")
SCHEDULE = NoiseSchedule.scaled_linear()
LEVELS = (8.0, 4.0, 2.0, 1.0, 0.0)


@pytest.mark.parametrize(
    ("step", "parts"),
    [
        (0, ((8.0,), LEVELS)),
        (2, ((8.0, 4.0, 2.0), (2.0, 1.0, 0.0))),
        (4, (LEVELS, (0.0,))),
        (9, (LEVELS, ())),
    ],
)
def test_two_parts_share_the_level_between_them(step, parts):
    assert split_at(LEVELS, step) == parts


@pytest.mark.parametrize(("denoise", "step"), [(0.0, 4), (0.25, 3), (0.5, 2), (0.6, 2), (1.0, 0)])
def test_second_part_is_as_much_of_the_way_as_asked(denoise, step):
    assert split_for(LEVELS, denoise) == split_at(LEVELS, step)


def test_levels_turn_and_never_begin_at_none():
    assert flipped(LEVELS) == (0.0001, 1.0, 2.0, 4.0, 8.0)
    assert flipped((4.0, 2.0)) == (2.0, 4.0)
    assert with_first(LEVELS, 9.0) == (9.0, 4.0, 2.0, 1.0, 0.0)


@pytest.mark.parametrize(
    "change", [flipped, lambda s: with_first(s, 3.0), lambda s: extended(s, 2, start=-1, end=0)]
)
def test_no_levels_stay_none(change):
    assert change(()) == ()


def test_steps_are_cut_between_two_levels_only():
    assert extended(LEVELS, 2, start=4.0, end=2.0) == (8.0, 4.0, 3.0, 2.0, 1.5, 1.0, 0.0)
    assert extended((4.0, 0.0), 4, start=-1, end=0.0) == (4.0, 3.0, 2.0, 1.0, 0.0)


def test_spacings_lean_to_one_side():
    cosine = extended((1.0, 0.0), 2, start=-1, end=0.0, spacing="cosine")
    sine = extended((1.0, 0.0), 2, start=-1, end=0.0, spacing="sine")
    np.testing.assert_allclose(cosine, (1.0, 1 - math.sqrt(0.5), 0.0))
    np.testing.assert_allclose(sine, (1.0, math.sqrt(0.5), 0.0))


def test_parts_of_the_way_are_levels():
    assert (level_at(SCHEDULE, 0.0, exact=False), level_at(SCHEDULE, 1.0, exact=False)) == (999999999.9, 0.0)
    assert level_at(SCHEDULE, 0.0, exact=True) == SCHEDULE.sigma_max
    assert level_at(SCHEDULE, 1.0, exact=True) == SCHEDULE.sigma_min
    assert level_at(SCHEDULE, 0.5, exact=False) == SCHEDULE.sigma(499.5)


def test_levels_that_repeat_are_visited_once():
    assert checked((5.0, 5.0, 2.0, 2.0, 0.0, 0.0), may_rise=False, sampler="lcm") == (5.0, 2.0, 0.0)
    assert checked((), may_rise=False, sampler="lcm") == ()


@pytest.mark.parametrize("bad", [math.nan, math.inf, -1.0])
def test_what_is_no_level_is_refused(bad):
    with pytest.raises(Unsuitable, match=r"level 1 is .*expected a number of 0 or more") as refused:
        checked((5.0, bad, 0.0), may_rise=True, sampler="euler")
    assert refused.value.input == "sigmas"


def test_none_before_the_end_is_refused():
    with pytest.raises(Unsuitable, match="level 1 of 3 is 0"):
        checked((5.0, 0.0, 2.0), may_rise=True, sampler="euler")


def test_rising_levels_are_refused_where_a_sampler_only_falls():
    assert checked((1.0, 2.0), may_rise=True, sampler="euler") == (1.0, 2.0)
    with pytest.raises(Unsuitable, match="rise from 1 to 2; with dpmpp_sde they can only fall") as refused:
        checked((1.0, 2.0, 0.0), may_rise=False, sampler="dpmpp_sde")
    assert "FlipSigmas" in refused.value.remedy


def test_levels_too_high_for_numbers_are_refused():
    assert max(schedules.variance_preserving(5, beta_d=339, beta_min=0.1)) < 1e37
    with pytest.raises(Unsuitable, match="too high for numbers") as raised:
        schedules.variance_preserving(5, beta_min=5000)
    assert raised.value.input == "beta_d"


@pytest.mark.parametrize("steps", [10, 20, 50])
def test_variance_preserving_levels_are_those_of_k_diffusion(steps):
    """Which takes one from float32 numbers near one: 5e-6."""
    np.testing.assert_allclose(
        schedules.variance_preserving(steps), GOLDEN[f"kdiff_vp_{steps}"], rtol=1e-5, atol=5e-6
    )


@pytest.mark.parametrize("steps", [10, 20])
def test_aligned_steps_are_those_of_comfyui(steps):
    ours = last_part(schedules.align_your_steps("SD1", steps), steps, 1.0)
    np.testing.assert_allclose(ours, GOLDEN[f"comfy_ays_sd1_{steps}"], rtol=1e-6)


def test_part_of_the_aligned_way_has_fewer_steps():
    whole = schedules.align_your_steps("SDXL", 10)
    assert last_part(whole, 10, 0.5) == tuple(whole[5:])
    assert last_part(whole, 10, 0.01) == (0.0,) and last_part(whole, 10, 0.0) == ()


def test_laplace_levels_are_dense_around_their_middle_and_end_above_none():
    levels = np.array(schedules.laplace_between(14.6, 0.03, 101, mu=0.5, beta=0.5))
    assert levels[0] == 14.6 and levels[-1] == 0.03 and (np.diff(levels) <= 0).all()
    assert levels[50] == pytest.approx(math.exp(0.5), rel=1e-4)
    assert levels[25] / levels[50] == pytest.approx(math.sqrt(2), rel=1e-3)


def test_turbo_levels_are_every_tenth_of_the_way():
    assert schedules.turbo(SCHEDULE, 1) == [SCHEDULE.sigma(999), 0.0]
    assert schedules.turbo(SCHEDULE, 2, denoise=0.5) == [SCHEDULE.sigma(499), SCHEDULE.sigma(399), 0.0]
    assert schedules.turbo(SCHEDULE, 3, denoise=0.0) == [0.0]


@pytest.mark.parametrize(
    ("alpha", "beta", "quantile"),
    [
        (1, 1, lambda p: p),
        (2, 1, np.sqrt),
        (0.5, 0.5, lambda p: np.sin(np.pi * p / 2) ** 2),
        (1, 50, lambda p: 1 - (1 - p) ** (1 / 50)),
        (40, 1, lambda p: p ** (1 / 40)),
        (0.05, 1, lambda p: p**20),
    ],
)
def test_beta_quantiles_are_those_in_closed_form(alpha, beta, quantile):
    p = 1 - np.arange(30) / 30
    np.testing.assert_allclose(beta_quantiles(p, alpha, beta), quantile(p), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: schedules.karras_between(1.0, 2.0, 5), "sigma_min"),
        (lambda: schedules.karras_between(1.0, 0.0, 5), "sigma_min"),
        (lambda: schedules.polyexponential_between(math.nan, 0.1, 5), "sigma_min"),
        (lambda: schedules.karras_between(2.0, 1.0, 5, rho=0), "rho"),
        (lambda: schedules.beta(SCHEDULE, 5, alpha=0), "alpha"),
    ],
)
def test_ends_and_shapes_that_make_no_way_are_refused(make, named):
    with pytest.raises(Unsuitable) as refused:
        make()
    assert refused.value.input == named and refused.value.remedy


@pytest.mark.parametrize("steps", [1, 7, 20])
def test_a_straight_curve_gives_the_levels_that_are_even(steps):
    ends = {"highest": 14.6, "lowest": 0.03}
    even = along_curve(Curve.line(1, 0), steps, spacing="logarithm", **ends)
    np.testing.assert_allclose(even, schedules.polyexponential_between(14.6, 0.03, steps), rtol=1e-12)
    levels = along_curve(Curve.line(1, 0), steps, spacing="level", **ends)
    np.testing.assert_allclose(levels, [*np.linspace(14.6, 0.03, steps), 0], rtol=1e-12)


def test_any_schedule_can_be_drawn():
    karras = schedules.karras_between(14.6, 0.03, 11)
    points = [(i / 10, (sigma - 0.03) / (14.6 - 0.03)) for i, sigma in enumerate(karras[:-1])]
    for interpolation in ("linear", "smooth", "step"):
        drawn = Curve(tuple(points), interpolation)
        made = along_curve(drawn, 11, highest=14.6, lowest=0.03, spacing="level")
        np.testing.assert_allclose(made, karras, rtol=1e-9)


def test_a_falling_curve_gives_falling_levels_and_wrong_ends_are_refused():
    smooth = Curve(((0.0, 1.0), (0.2, 0.9), (0.6, 0.1), (1.0, 0.0)), "smooth")
    levels = along_curve(smooth, 50, highest=14.6, lowest=0.03, spacing="logarithm")
    assert (np.diff(levels) < 0).all() and levels[0] == pytest.approx(14.6) and levels[-1] == 0
    with pytest.raises(Unsuitable) as refused:
        along_curve(smooth, 5, highest=1.0, lowest=2.0, spacing="level")
    assert refused.value.input == "sigma_min"


def test_levels_bent_by_a_straight_curve_are_the_same_to_the_bit():
    levels = tuple(schedules.karras_between(14.6, 0.03, 13))
    assert bent(levels, Curve.line(0, 1)) == levels
    assert (bent((), Curve.line(0, 1)), bent((3.0,), Curve.line(0, 1))) == ((), (3.0,))


def test_bent_levels_stay_on_their_way_and_crowd_where_the_curve_is_flat():
    made = bent((16.0, 4.0, 1.0, 0.0), Curve(((0.0, 0.0), (2 / 3, 1 / 3), (1.0, 1.0))))
    np.testing.assert_allclose(made, (16, 8, 4, 0))
    assert bent((8.0, 2.0, 0.0), Curve.line(0, 0.75)) == pytest.approx((8, 8 * 0.25**0.75, 1))
    assert bent((8.0, 2.0, 0.0), Curve.line(1, 0)) == (0, 2, 8)
