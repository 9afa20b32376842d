"""Brightness and colour apart, and together again."""

import pytest
import torch

from diffusion.errors import Unsuitable
from diffusion.yuv import apart, together


def test_grey_has_no_colour_and_red_has() -> None:
    image = torch.tensor([[[[0.25, 0.25, 0.25], [1.0, 0.0, 0.0]]]])
    y, u, v = apart(image)
    assert all(part.shape == image.shape for part in (y, u, v))
    torch.testing.assert_close(y[0, 0, :, 0], torch.tensor([0.25, 0.299]))
    torch.testing.assert_close(u[0, 0, :, 0], torch.tensor([0.5, 0.5 - 0.299 * 0.564]))
    torch.testing.assert_close(v[0, 0, :, 0], torch.tensor([0.5, 0.5 + 0.701 * 0.713]))


def test_there_and_back_is_nearly_the_same() -> None:
    image = torch.rand(2, 8, 9, 4, generator=torch.Generator().manual_seed(1))
    assert (together(*apart(image)) - image[..., :3]).abs().max() < 0.004


def test_one_colour_may_serve_many_but_sizes_must_agree() -> None:
    y, u, v = apart(torch.rand(3, 4, 5, 3))
    assert together(y, u[:1], v[:1]).shape == (3, 4, 5, 3)
    with pytest.raises(Unsuitable, match="3 of 4 x 4 pixels, those of Y are 3 of 5 x 4 pixels") as raised:
        together(y, u, v[:, :, :4])
    assert raised.value.input == "V"
