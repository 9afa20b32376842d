"""Brightness, smoothing and slopes against hand-made pictures."""

import pytest
import torch

from diffusion.preprocess.gradients import grey, luma, slopes, smooth


def test_luma_weighs_colours_and_leaves_grey() -> None:
    colours = torch.tensor([[[[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]]]])
    torch.testing.assert_close(luma(colours), torch.tensor([[[0.299, 0.587, 0.114, 1.0]]]))
    plane = torch.rand(2, 3, 4)
    assert torch.equal(luma(plane[..., None]), plane)
    torch.testing.assert_close(luma(grey(plane)), plane)
    with_alpha = torch.cat([grey(plane), torch.zeros(2, 3, 4, 1)], dim=-1)
    torch.testing.assert_close(luma(with_alpha), plane)


def test_smoothing_is_gaussian() -> None:
    point = torch.zeros(1, 21, 21)
    point[0, 10, 10] = 1
    smoothed = smooth(point, 2.0)
    places = torch.arange(-6.0, 7)
    weights = torch.exp(-(places**2) / 8)
    weights /= weights.sum()
    expected = torch.zeros(1, 21, 21)
    expected[0, 4:17, 4:17] = weights[:, None] * weights
    torch.testing.assert_close(smoothed, expected, atol=1e-7, rtol=0)


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (2, 3), (7, 1), (9, 11)])
def test_smoothing_keeps_size_and_flat_pictures(size: tuple[int, int]) -> None:
    torch.testing.assert_close(smooth(torch.full((2, *size), 0.3), 3.0), torch.full((2, *size), 0.3))


def test_smoothing_mirrors_without_repeating_the_border() -> None:
    row = torch.tensor([[[1.0, 2, 3]]])
    assert smooth(row, 1e-9 + 1e3, radius=1).flatten().tolist() == pytest.approx([5 / 3, 2, 7 / 3], abs=1e-4)


@pytest.mark.parametrize("turned", [False, True])
def test_slopes_are_eight_times_the_rise(turned: bool) -> None:
    ramp = torch.arange(5.0).expand(1, 4, 5)
    right, down = slopes(ramp.mT.contiguous() if turned else ramp)
    steep, flat = (down.mT, right.mT) if turned else (right, down)
    assert torch.equal(steep, torch.tensor([4.0, 8, 8, 8, 4]).expand(1, 4, 5))
    assert torch.equal(flat, torch.zeros(1, 4, 5))
