"""Scaling: sizes, shapes kept, and networks in tiles."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from diffusion.resize import enlarge, fit_size, resize, scale_image

METHODS = ("nearest-exact", "bilinear", "area", "bicubic", "lanczos", "bislerp")


@pytest.mark.parametrize("method", METHODS)
@settings(deadline=None)
@given(width=st.integers(1, 20), height=st.integers(1, 20))
def test_result_has_the_wanted_size_and_a_plain_picture_stays_plain(method, width, height):
    x = torch.full((2, 4, 5, 7), 0.25)
    torch.testing.assert_close(resize(x, width, height, method), torch.full((2, 4, height, width), 0.25))


@pytest.mark.parametrize("method", METHODS)
def test_same_size_changes_nothing(method):
    x = torch.rand(2, 4, 5, 7)
    torch.testing.assert_close(resize(x, 7, 5, method), x, rtol=1e-5, atol=1e-5)


def test_cropping_keeps_the_centre_and_distorts_nothing():
    x = torch.arange(12.0).reshape(1, 1, 1, 12).expand(1, 3, 4, 12)
    cut = resize(x, 4, 4, "nearest-exact", crop="center")
    assert cut[0, 0, 0].tolist() == [4, 5, 6, 7]
    tall = resize(x.mT, 4, 4, "nearest-exact", crop="center")
    assert tall[0, 0, :, 0].tolist() == [4, 5, 6, 7]


def test_great_circles_keep_the_length_of_vectors():
    """Between two unlike unit vectors a straight line would be shorter than 1."""
    x = torch.tensor([[1.0, 0.0], [0.0, 1.0]]).reshape(1, 2, 1, 2)
    scaled = resize(x, 9, 1, "bislerp")
    torch.testing.assert_close(scaled.norm(dim=1), torch.ones(1, 1, 9))
    assert torch.allclose(scaled[0, :, 0, 4], torch.tensor([0.5, 0.5]).sqrt())


def test_opposite_and_empty_vectors_stay_finite():
    x = torch.tensor([[1.0, -1.0, 0.0], [0.0, 0.0, 0.0]]).reshape(1, 2, 1, 3)
    assert resize(x, 7, 3, "bislerp").isfinite().all()


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [((0, 0), (300, 200)), ((150, 0), (150, 100)), ((0, 50), (75, 50)), ((9, 8), (9, 8))],
)
def test_zero_stands_for_what_keeps_the_shape(wanted, expected):
    assert fit_size(*wanted, (300, 200)) == expected


def test_scaled_pictures_stay_within_their_range():
    sharp = torch.zeros(1, 8, 8, 3)
    sharp[:, ::2] = 1
    for method in ("bicubic", "lanczos"):
        scaled = scale_image(sharp, 20, 20, method, crop="disabled")
        assert scaled.shape == (1, 20, 20, 3) and scaled.min() >= 0 and scaled.max() <= 1


class Doubler(nn.Module):
    """Repeats pixels, after a blur that looks three pixels far."""

    class config:
        scale = 2

    def __init__(self):
        super().__init__()
        self.blur = nn.Conv2d(3, 3, 7, padding=3, padding_mode="replicate", groups=3, bias=False)
        nn.init.constant_(self.blur.weight, 1 / 49)
        self.sizes = []

    def forward(self, x):
        self.sizes.append(tuple(x.shape[-2:]))
        return self.blur(x).repeat_interleave(2, -1).repeat_interleave(2, -2)


def test_tiles_show_no_seams():
    network, image = Doubler(), torch.rand(2, 50, 70, 3)
    whole = enlarge(network, image, tile=1000)
    told = []
    tiled = enlarge(
        network, image, tile=20, overlap=4, on_tile=lambda done, total: told.append((done, total))
    )
    torch.testing.assert_close(tiled, whole)
    assert whole.shape == (2, 100, 140, 3)
    assert max(max(size) for size in network.sizes[2:]) <= 28
    assert told == [(done, 24) for done in range(25)]


@pytest.mark.parametrize("method", [method for method in METHODS if method != "lanczos"])
def test_every_method_keeps_the_type_of_its_numbers(method):
    """Inside a network, features are of 16 bits."""
    x = torch.rand(1, 4, 6, 6)
    half = resize(x.bfloat16(), 3, 4, method)
    assert half.dtype == torch.bfloat16
    torch.testing.assert_close(half.float(), resize(x, 3, 4, method), rtol=0, atol=0.02)


@pytest.mark.parametrize("size", [(1, 50), (50, 1), (2, 500)])
def test_a_cut_to_an_extreme_shape_leaves_something(size):
    assert resize(torch.ones(1, 1, 7, 10), *size, "bicubic", crop="center").shape == (1, 1, *size[::-1])
