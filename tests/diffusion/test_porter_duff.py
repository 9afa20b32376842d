"""Porter and Duff's rules, on places where either, both or none of two pictures are, and in between."""

import pytest
import torch

from diffusion.porter_duff import MODES, porter_duff

RED, BLUE = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)
# Four pixels: none, source, destination, both.
SOURCE_MASK = torch.tensor([[[1.0, 0.0, 1.0, 0.0]]])
DESTINATION_MASK = torch.tensor([[[1.0, 1.0, 0.0, 0.0]]])
SOURCE = torch.tensor(RED).expand(1, 1, 4, 3)
DESTINATION = torch.tensor(BLUE).expand(1, 1, 4, 3)
PLACES = {
    "ADD": (None, "r", "b", "m"),
    "CLEAR": (None, None, None, None),
    "DARKEN": (None, "r", "b", "k"),
    "DST": (None, None, "b", "b"),
    "DST_ATOP": (None, "r", None, "b"),
    "DST_IN": (None, None, None, "b"),
    "DST_OUT": (None, None, "b", None),
    "DST_OVER": (None, "r", "b", "b"),
    "LIGHTEN": (None, "r", "b", "m"),
    "MULTIPLY": (None, None, None, "k"),
    "SCREEN": (None, "r", "b", "m"),
    "SRC": (None, "r", None, "r"),
    "SRC_ATOP": (None, None, "b", "r"),
    "SRC_IN": (None, None, None, "r"),
    "SRC_OUT": (None, "r", None, None),
    "SRC_OVER": (None, "r", "b", "r"),
    "XOR": (None, "r", "b", None),
}
COLOURS = {"r": RED, "b": BLUE, "m": (1.0, 0.0, 1.0), "k": (0.0, 0.0, 0.0), None: (0.0, 0.0, 0.0)}


@pytest.mark.parametrize("mode", PLACES)
def test_what_shows_where(mode: str) -> None:
    image, mask = porter_duff(SOURCE, SOURCE_MASK, DESTINATION, DESTINATION_MASK, mode)
    expected = PLACES[mode]
    assert mask[0, 0].tolist() == [1.0 if place is None else 0.0 for place in expected]
    torch.testing.assert_close(image[0, 0], torch.tensor([COLOURS[place] for place in expected]))


def test_every_mode_is_here() -> None:
    assert set(MODES) == {*PLACES, "OVERLAY"}


def test_half_transparent_over_opaque_is_the_mean() -> None:
    half = torch.full((1, 1, 4), 0.5)
    image, mask = porter_duff(SOURCE, half, DESTINATION, torch.zeros(1, 1, 4), "SRC_OVER")
    torch.testing.assert_close(image, torch.tensor([0.5, 0.0, 0.5]).expand(1, 1, 4, 3))
    assert (mask == 0).all()


def test_overlay_darkens_the_dark_and_lightens_the_light() -> None:
    opaque, half = torch.zeros(1, 1, 2), torch.full((1, 1, 2, 3), 0.6)
    light = torch.tensor([0.25, 0.75])[None, None, :, None].expand(1, 1, 2, 3)
    image, _ = porter_duff(half, opaque, light, opaque, "OVERLAY")
    expected = torch.tensor([2 * 0.6 * 0.25, 1 - 2 * 0.25 * 0.4])
    torch.testing.assert_close(image[0, 0, :, 0], expected)


def test_all_take_the_destinations_size_and_the_fewest_count() -> None:
    image, mask = porter_duff(
        torch.rand(3, 5, 9, 4), torch.zeros(2, 3, 3), torch.rand(4, 8, 6, 3), torch.zeros(4, 16, 12), "SRC"
    )
    assert image.shape == (2, 8, 6, 3) and mask.shape == (2, 8, 6)
