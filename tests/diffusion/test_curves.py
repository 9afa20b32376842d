"""Curves against values worked out by hand, and what monotone means."""

import numpy as np
import pytest
import torch

from diffusion.curves import is_identity, sampled, tangents, toned, value_at, values
from graph.curves import Curve

STRAIGHT = Curve(((0.0, 0.0), (1.0, 1.0)))
FLAT = Curve(((0.2, 3.0),), "smooth")
BEND = ((0.0, 0.0), (0.5, 1.0), (1.0, 1.0))
UNEVEN = ((0.0, 0.0), (0.5, 0.1), (1.0, 1.0))


@pytest.mark.parametrize(
    ("points", "interpolation", "x", "y"),
    [
        (BEND, "linear", 0.25, 0.5),
        (BEND, "linear", 0.75, 1.0),
        (BEND, "step", 0.49, 0.0),
        (BEND, "step", 0.5, 1.0),
        (BEND, "step", 1.0, 1.0),
        # Slopes 2, 0, 0: half of the rise, and an eighth of half a unit times the first slope.
        (BEND, "smooth", 0.25, 0.5 + 0.125 * 0.5 * 2),
        (BEND, "smooth", 0.75, 1.0),
        # Secants 0.2 and 1.8; slopes 0.2, 1, 1.8 leave the circle: the first two times 3 / sqrt(26).
        (UNEVEN, "smooth", 0.25, 0.05 + 0.125 * 0.5 * (0.2 - 1.0) * 3 / 26**0.5),
        (((0.2, 3.0), (0.4, 5.0)), "linear", 0.0, 3.0),
        (((0.2, 3.0), (0.4, 5.0)), "smooth", 0.3, 4.0),
        (((0.2, 3.0), (0.4, 5.0)), "step", 0.1, 3.0),
        (((0.1, 1.0), (0.2, 3.0), (0.4, 5.0)), "smooth", 0.0, 1.0),
        (((0.1, 1.0), (0.2, 3.0), (0.4, 5.0)), "smooth", 0.9, 5.0),
    ],
)
def test_a_curve_has_the_value_that_is_worked_out_by_hand(points, interpolation, x, y):
    assert value_at(Curve(points, interpolation), x) == pytest.approx(y, abs=1e-12)


@pytest.mark.parametrize("interpolation", ["linear", "smooth", "step"])
@pytest.mark.parametrize("seed", range(8))
def test_a_curve_meets_its_points_and_never_leaves_their_values(interpolation, seed):
    random = np.random.default_rng(seed)
    xs, ys = np.sort(random.random(9)), random.normal(size=9)
    curve = Curve(tuple(zip(xs.tolist(), ys.tolist(), strict=True)), interpolation)
    np.testing.assert_allclose(values(curve, xs), ys, atol=1e-12)
    for left, right in zip(range(8), range(1, 9), strict=True):
        between = values(curve, np.linspace(xs[left], xs[right], 50)[:-1])
        assert between.min() >= min(ys[left], ys[right]) - 1e-12
        assert between.max() <= max(ys[left], ys[right]) + 1e-12
        steps = np.diff(between) * np.sign(ys[right] - ys[left])
        assert (steps >= -1e-12).all()


def test_a_smooth_curve_has_no_corners():
    curve, step = Curve(((0.0, 0.0), (0.3, 0.2), (0.7, 0.9), (1.0, 1.0)), "smooth"), 1e-6
    for x in (0.3, 0.7):
        before, at, after = values(curve, [x - step, x, x + step])
        assert (at - before) / step == pytest.approx((after - at) / step, abs=1e-4)


def test_slopes_are_those_of_fritsch_and_carlson():
    xs, ys = np.array(UNEVEN).T
    np.testing.assert_allclose(tangents(xs, ys), [0.2 * 3 / 26**0.5, 3 / 26**0.5, 1.8], atol=1e-12)
    np.testing.assert_array_equal(tangents(np.array([0, 1, 2.0]), np.array([1, 1, 4.0])), [0, 0, 3])


def test_samples_go_from_end_to_end():
    assert sampled(STRAIGHT, 5) == [0, 0.25, 0.5, 0.75, 1]
    assert (sampled(STRAIGHT, 1), sampled(FLAT, 3)) == ([0], [3, 3, 3])
    assert values(STRAIGHT, torch.rand(2, 3)).shape == (2, 3)


def test_only_what_changes_nothing_is_the_identity():
    assert is_identity(STRAIGHT) and is_identity(Curve(((0.0, 0.0), (0.25, 0.25), (1.0, 1.0)), "smooth"))
    for other in (FLAT, Curve(STRAIGHT.points, "step"), Curve(BEND), Curve(((0.0, 0.0), (0.5, 0.5)))):
        assert not is_identity(other)


def test_tones_follow_the_curve_of_their_colour_and_then_that_of_all():
    image = torch.rand(2, 4, 5, 4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(toned(image, STRAIGHT, (STRAIGHT,) * 3), image)
    inverted, half = Curve(((0.0, 1.0), (1.0, 0.0))), Curve(((0.0, 0.0), (1.0, 0.5)))
    made = toned(image, half, (inverted, STRAIGHT, STRAIGHT))
    expected = torch.cat([(1 - image[..., :1]) / 2, image[..., 1:3] / 2, image[..., 3:]], dim=-1)
    torch.testing.assert_close(made, expected)
    grey = image[..., :1]
    torch.testing.assert_close(toned(grey, half, (inverted,) * 3), grey / 2)
