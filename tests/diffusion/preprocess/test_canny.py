"""Canny against kornia's edges and against pictures whose edges are known."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from diffusion.errors import Unsuitable
from diffusion.preprocess.canny import canny, connected
from tests.diffusion.golden import Golden, uniform


@pytest.mark.parametrize(("low", "high"), [(0.1, 0.2), (0.4, 0.8), (0.2, 1.2)])
def test_edges_are_kornias(low: float, high: float) -> None:
    """Up to one pixel in a thousand, where machines round the slope to another of eight directions."""
    x = F.interpolate(uniform("canny", (2, 3, 10, 12)), size=(101, 120), mode="bicubic") * 0.5 + 0.5
    made = canny(x.clamp(0, 1).movedim(1, -1), low, high)
    bits = np.unpackbits(Golden("canny").arrays[f"edges_{low}_{high}"])[: made.numel()]
    assert (made != torch.from_numpy(bits).reshape(made.shape)).float().mean() <= 1e-3


def test_square_is_outlined_by_single_pixels_just_before_its_steps() -> None:
    square = torch.zeros(1, 64, 64, 1)
    square[:, 20:44, 13:50] = 1
    edges = canny(square, 0.4, 0.8)[0]
    assert edges[30].nonzero().flatten().tolist() == [12, 49]
    assert edges[:, 30].nonzero().flatten().tolist() == [19, 43]
    inside = torch.zeros(64, 64)
    inside[19:44, 12:50] = 1
    assert (edges * (1 - inside)).sum() == 0 and edges[22:41, 15:47].sum() == 0


@pytest.mark.parametrize("angle", [10, 30, 45, 70])
def test_line_at_any_angle_is_found_within_a_pixel_and_without_gaps(angle: float) -> None:
    y, x = torch.meshgrid(torch.arange(80.0) - 40, torch.arange(80.0) - 40, indexing="ij")
    radians = torch.tensor(angle * torch.pi / 180)
    away = x * radians.cos() + y * radians.sin()
    edges = canny((away.clamp(-0.5, 0.5) + 0.5)[None, ..., None], 0.4, 0.8)[0]
    inner = edges[3:-3, 3:-3]
    assert away[3:-3, 3:-3][inner.bool()].abs().max() <= 1
    rows, columns = inner.any(dim=1), inner.any(dim=0)
    assert (columns if angle > 45 else rows).all()


def test_weak_edges_count_only_where_they_lead_to_a_strong_one() -> None:
    """A step that fades along its length is followed to its end; an equally faint one apart is not."""
    picture = torch.zeros(1, 60, 60, 1)
    picture[0, :, 30:, 0] = torch.linspace(0.2, 0.6, 60)[:, None]
    alone = picture.clone()
    alone[0, 20:] = 0
    assert canny(picture, 0.3, 1.2)[0, :, 29:31].amax(dim=1).sum() == 60
    assert canny(picture, 1.2, 1.2)[0, :, 29:31].amax(dim=1).sum() < 30
    assert canny(alone, 0.3, 1.2)[0, :18].sum() == 0


def test_connection_passes_corners_and_no_gaps() -> None:
    within = torch.tensor([[[1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 0, 1]]]).bool()
    seeds = torch.zeros_like(within)
    seeds[0, 0, 0] = True
    assert connected(seeds, within).nonzero().tolist() == [[0, 0, 0], [0, 1, 1]]


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (7, 1), (2, 2), (13, 17)])
def test_any_size_and_channels(channels: int, size: tuple[int, int]) -> None:
    made = canny(torch.rand(3, *size, channels), 0.1, 0.2)
    assert made.shape == (3, *size) and set(made.unique().tolist()) <= {0.0, 1.0}


def test_pictures_of_a_batch_do_not_meet() -> None:
    batch = torch.rand(3, 20, 20, 3)
    assert torch.equal(canny(batch, 0.3, 0.9)[1:2], canny(batch[1:2], 0.3, 0.9))


def test_low_threshold_above_the_high_one_says_so() -> None:
    with pytest.raises(Unsuitable, match=r"low_threshold: 0\.9 is above high_threshold, 0\.2") as caught:
        canny(torch.rand(1, 4, 4, 3), 0.9, 0.2)
    assert caught.value.input == "low_threshold"
