"""Morphology against its definition, pixel by pixel."""

import pytest
import torch

from diffusion.morphology import OPERATIONS, dilated, eroded

IMAGE = torch.rand(2, 7, 9, 3, generator=torch.Generator().manual_seed(1))


def around(image: torch.Tensor, size: int, choose: str) -> torch.Tensor:
    """The lightest or darkest of the square at each pixel, from size // 2 before it on."""
    made = torch.empty_like(image)
    before, after = size // 2, size - size // 2
    for y in range(image.shape[1]):
        for x in range(image.shape[2]):
            square = image[:, max(y - before, 0) : y + after, max(x - before, 0) : x + after]
            made[:, y, x] = getattr(square.flatten(1, 2), choose)(dim=1).values
    return made


@pytest.mark.parametrize("size", [3, 4, 5, 99])
def test_lightest_and_darkest_of_a_square(size: int) -> None:
    assert torch.equal(dilated(IMAGE, size), around(IMAGE, size, "max"))
    assert torch.equal(eroded(IMAGE, size), around(IMAGE, size, "min"))


def test_operations_are_made_of_the_two() -> None:
    light, dark = dilated(IMAGE, 3), eroded(IMAGE, 3)
    expected = {
        "erode": dark,
        "dilate": light,
        "open": dilated(dark, 3),
        "close": eroded(light, 3),
        "gradient": light - dark,
        "bottom_hat": eroded(light, 3) - IMAGE,
        "top_hat": IMAGE - dilated(dark, 3),
    }
    assert list(OPERATIONS) == list(expected)
    for name, operation in OPERATIONS.items():
        made = operation(IMAGE, 3)
        assert torch.equal(made, expected[name]) and made.min() >= 0 and made.max() <= 1


def test_closing_fills_a_gap_and_opening_drops_a_dot() -> None:
    image = torch.zeros(1, 12, 12, 1)
    image[:, 1:8, 1:8] = 1
    image[:, 4, 4] = 0
    image[:, 10, 10] = 1
    assert OPERATIONS["close"](image, 3)[0, 4, 4] == 1
    opened = OPERATIONS["open"](image, 3)
    assert opened[0, 10, 10] == 0 and opened[0, 1, 1] == 1
