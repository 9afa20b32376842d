"""Line art of drawings whose lines are known."""

import pytest
import torch

from diffusion.preprocess.lines import line_art


def test_dark_strokes_become_white_lines_and_flat_areas_nothing() -> None:
    paper = torch.full((1, 50, 60, 3), 0.9)
    paper[:, :, 29:31] = 0.1
    lines = line_art(paper, 1.0, 0.01, 40.0)[0]
    assert lines[25, 29:31].min() > 0.9
    assert lines[:, :24].abs().max() == 0 and lines[:, 36:].abs().max() == 0


def test_dark_areas_are_outlined_on_their_inner_side_and_not_filled() -> None:
    paper = torch.ones(1, 60, 60, 1)
    paper[:, 10:50, 10:50] = 0.2
    lines = line_art(paper, 1.0, 0.01, 40.0)[0]
    assert lines[30, 10] > 0.9 and lines[30, 49] > 0.9 and lines[30, 30] == 0 and lines[30, 5] == 0
    assert lines[30, 9] == 0  # the bright side


def test_threshold_leaves_faint_lines_out() -> None:
    paper = torch.ones(1, 20, 40, 1)
    paper[:, :, 10], paper[:, :, 30] = 0.9, 0.2
    lines = line_art(paper, 1.0, 0.1, 40.0)[0]
    assert lines[10, 10] == 0 and lines[10, 30] > 0.5


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("size", [(1, 1), (1, 8), (7, 3)])
def test_any_size_and_channels(channels: int, size: tuple[int, int]) -> None:
    lines = line_art(torch.rand(2, *size, channels), 2.0, 0.0, 50.0)
    assert lines.shape == (2, *size) and lines.min() >= 0 and lines.max() <= 1
