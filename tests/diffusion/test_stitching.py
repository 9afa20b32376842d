"""Pictures side by side and on sheets."""

import pytest
import torch

from diffusion.stitching import COLOURS, fit_and_pad, stitch

FIRST = torch.rand(2, 10, 20, 3, generator=torch.Generator().manual_seed(1))
SECOND = torch.rand(1, 5, 15, 3, generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize(
    ("direction", "match", "size"),
    [
        ("right", True, (10, 20 + 4 + 30)),
        ("left", True, (10, 20 + 4 + 30)),
        ("down", True, (10 + 4 + 6, 20)),
        ("up", False, (10 + 4 + 5, 20)),
        ("right", False, (10, 20 + 4 + 15)),
    ],
)
def test_sizes_and_places(direction: str, match: bool, size: tuple[int, int]) -> None:
    made = stitch(FIRST, SECOND, direction, match=match, spacing=3, colour="red")
    assert made.shape == (2, *size, 3)
    tall, wide = FIRST.shape[1:3]
    place = {"right": (0, 0), "down": (0, 0), "left": (0, size[1] - wide), "up": (size[0] - tall, 0)}[
        direction
    ]
    assert torch.equal(made[:, place[0] : place[0] + tall, place[1] : place[1] + wide], FIRST)
    between = {
        "right": made[:, :, 20:24], "left": made[:, :, -24:-20],
        "down": made[:, 10:14], "up": made[:, -14:-10],
    }[direction]  # fmt: skip
    assert torch.equal(between, torch.tensor(COLOURS["red"]).expand_as(between))


@pytest.mark.parametrize(("colour", "value"), [("white", 1.0), ("green", 0.0), ("black", 0.0)])
def test_the_shorter_stands_in_the_middle(colour: str, value: float) -> None:
    made = stitch(FIRST, SECOND, "right", match=False, spacing=0, colour=colour)
    right = made[:, :, 20:]
    assert torch.equal(right[:, 2:7], SECOND.expand(2, -1, -1, -1))
    assert (right[:, :2] == value).all() and (right[:, 7:] == value).all()


def test_alpha_of_one_makes_the_other_opaque() -> None:
    made = stitch(FIRST[..., :1], torch.zeros(1, 10, 4, 4), "down", match=False, spacing=2, colour="blue")
    assert made.shape == (2, 22, 20, 4)
    assert (made[:, :12, :, 3] == 1).all() and (made[:, 12:, 8:12, 3] == 0).all()


@pytest.mark.parametrize("white", [True, False])
def test_a_picture_fits_into_the_middle_of_a_sheet(white: bool) -> None:
    made = fit_and_pad(torch.full((1, 10, 20, 3), 0.5), 31, 40, "bilinear", white=white)
    assert made.shape == (1, 40, 31, 3)
    assert (made[:, 12:27] - 0.5).abs().max() < 1e-6
    assert (made[:, :12] == float(white)).all() and (made[:, 27:] == float(white)).all()
    assert fit_and_pad(torch.rand(1, 3, 900, 3), 8, 8, "area", white=white).shape == (1, 8, 8, 3)
