"""Masks: against slow definitions, pixel by pixel."""

import itertools

import pytest
import torch

from diffusion import masks
from diffusion.errors import Unsuitable


def dot(size=9, at=4):
    mask = torch.zeros(1, size, size)
    mask[0, at, at] = 1
    return mask


@pytest.mark.parametrize(("tapered", "selected"), [(True, 13), (False, 25)])
def test_grown_dot_is_a_diamond_or_a_square(tapered, selected):
    grown = masks.grow(dot(), 2, tapered=tapered)
    assert grown.sum() == selected
    distance = 1 if tapered else torch.inf
    for y, x in itertools.product(range(9), repeat=2):
        away = torch.tensor([y - 4.0, x - 4.0]).norm(p=distance)
        assert grown[0, y, x] == (away <= 2)


@pytest.mark.parametrize("tapered", [True, False])
def test_shrinking_undoes_growing_and_the_border_does_not_shrink(tapered):
    assert torch.equal(masks.grow(masks.grow(dot(), 2, tapered=tapered), -2, tapered=tapered), dot())
    assert masks.grow(torch.ones(1, 4, 6), -3, tapered=tapered).min() == 1


@pytest.mark.parametrize("tapered", [True, False])
def test_growing_beyond_the_picture_selects_all(tapered):
    assert masks.grow(dot(5, 0), 16384, tapered=tapered).min() == 1


def test_feather_fades_every_side_over_its_own_width():
    faded = masks.feather(torch.ones(1, 4, 8), 4, 0, 2, 0)
    torch.testing.assert_close(faded[0, 1], torch.tensor([0.25, 0.5, 0.75, 1, 1, 1, 1, 0.5]))
    assert torch.equal(faded[0, 0], faded[0, 3])


@pytest.mark.parametrize(
    ("operation", "expected"),
    [("multiply", 0.0), ("add", 1.0), ("subtract", 0.8), ("and", 0.0), ("or", 1.0), ("xor", 1.0)],
)
def test_combined_only_where_both_lie(operation, expected):
    destination, source = torch.full((1, 4, 4), 0.8), torch.zeros(1, 3, 3)
    source = source if operation != "add" else source + 0.5
    combined = masks.combine(destination, source, 2, 3, operation)
    torch.testing.assert_close(combined[0, 3, 2:], torch.full((2,), expected))
    assert (combined[0, :3] == 0.8).all() and (combined[0, :, :2] == 0.8).all()
    assert torch.equal(masks.combine(destination, source, 9, 9, operation), destination)


def test_batches_are_combined_picture_by_picture():
    assert masks.combine(torch.ones(1, 2, 2), torch.rand(3, 2, 2), 0, 0, "multiply").shape == (3, 2, 2)


def test_colour_is_met_exactly():
    image = torch.tensor([[[[1, 0.5, 0], [1, 0.51, 0]]]])
    assert masks.colour_mask(image, 0xFF8000).tolist() == [[[1, 0]]]


def test_channels_and_the_missing_one():
    image = torch.rand(1, 2, 2, 4)
    for index, channel in enumerate(masks.CHANNELS):
        assert torch.equal(masks.channel_mask(image, channel), image[..., index])
    assert torch.equal(masks.channel_mask(image[..., :1], "blue"), image[..., 0])
    with pytest.raises(Unsuitable, match="no alpha") as caught:
        masks.channel_mask(image[..., :3], "alpha")
    assert caught.value.input == "channel"


def test_crop_stays_inside():
    x = torch.arange(12.0).reshape(1, 3, 4)
    assert masks.crop(x, 2, 1, 9, 9).tolist() == [[[6, 7], [10, 11]]]
    assert masks.crop(x, 99, 99, 5, 5).tolist() == [[[11]]]
