"""Charts of noise levels: their curves lie where the numbers are."""

import numpy as np
import pytest
import torch

from diffusion.errors import Unsuitable
from diffusion.plots import CHARTS, COLOURS, axis, nice_step, plot_schedules, points, whole_marks
from diffusion.sampling.schedules import NoiseSchedule, karras, normal

SCHEDULE = NoiseSchedule.scaled_linear()
KARRAS, NORMAL = tuple(karras(SCHEDULE, 20)), tuple(normal(SCHEDULE, 30))


def places(image, colour):
    """Rows and columns of the pixels of a colour."""
    near = (image[0] * 255 - torch.tensor(colour)).abs().max(dim=-1).values < 6
    return near.nonzero().numpy()


def test_curves_measure_the_levels():
    sigma, alpha, log_snr = (dict(points(chart, (2.0, 0.5, 0.0))) for chart in CHARTS)
    assert sigma == {0: pytest.approx(np.log10(2)), 1: pytest.approx(np.log10(0.5))}
    assert alpha == {0: pytest.approx(0.2), 1: pytest.approx(0.8), 2: 1.0}
    assert log_snr == {0: pytest.approx(-2 * np.log(2)), 1: pytest.approx(2 * np.log(2))}


def test_each_schedule_has_its_colour_and_falls_to_the_right():
    image = plot_schedules([("sigmas", KARRAS), ("compare", NORMAL)], 1152, 416)
    assert image.shape == (1, 416, 1152, 3) and image.dtype == torch.float32
    assert float(image.min()) >= 0 and float(image.max()) <= 1
    for colour in COLOURS:
        found = places(image, colour)
        first = found[(found[:, 0] > 80) & (found[:, 1] < 380)]  # the curve of sigma, below the legend
        rows = [first[first[:, 1] == column, 0].mean() for column in np.unique(first[:, 1])]
        assert len(rows) > 60 and (np.diff(rows) > -3).all() and rows[-1] - rows[0] > 100


def test_one_schedule_is_drawn_in_one_colour():
    image = plot_schedules([("sigmas", KARRAS), ("compare", None)], 480, 240)
    assert len(places(image, COLOURS[0])) and not len(places(image, COLOURS[1]))


@pytest.mark.parametrize("sigmas", [(5.0,), (5.0, 5.0, 0.0), (1e-6, 0.0), tuple(normal(SCHEDULE, 1000))])
def test_any_levels_can_be_drawn(sigmas):
    assert plot_schedules([("sigmas", sigmas)], 480, 240).isfinite().all()


@pytest.mark.parametrize(
    ("sigmas", "message"),
    [((), "no levels to draw"), ((0.0,), "no level above 0"), ((float("nan"), 0.0), "level 0 is nan")],
)
def test_nothing_to_draw_is_refused(sigmas, message):
    with pytest.raises(Unsuitable, match=message):
        plot_schedules([("sigmas", sigmas)], 480, 240)


def test_axes_have_round_numbers_that_hold_the_curve():
    sigma, alpha, log_snr = CHARTS
    assert axis(np.log10(0.03), np.log10(14), sigma) == (
        -2, 2, [(-2, "0.01"), (-1, "0.1"), (0, "1"), (1, "10"), (2, "100")],
    )  # fmt: skip
    assert [label for _, label in axis(0, 1, alpha)[2]] == ["0", "0.25", "0.5", "0.75", "1"]
    assert [label for _, label in axis(-5.4, 7.1, log_snr)[2]] == ["-10", "-5", "0", "5", "10"]
    assert (nice_step(0.3), nice_step(0.0), whole_marks(3)) == (0.5, 1.0, [0, 1, 2, 3])
