"""Normals of surfaces that are known."""

import pytest
import torch

from diffusion.preprocess.normals import normals


def test_flat_surface_faces_the_viewer() -> None:
    expected = torch.tensor([0.5, 0.5, 1.0]).expand(2, 3, 4, 3)
    torch.testing.assert_close(normals(torch.full((2, 3, 4), 0.7), 5.0, 0.0), expected)


@pytest.mark.parametrize("side", [64, 256])
def test_slant_is_the_same_at_every_size(side: int) -> None:
    """Nearer to the right: the surface faces left, red above a half, at 45 degrees."""
    depth = (torch.arange(side) / side).expand(1, side, side)
    inner = normals(depth, 1.0, 0.0)[0, 5:-5, 5:-5]
    torch.testing.assert_close(
        inner, torch.tensor([0.853553, 0.5, 0.853553]).expand_as(inner), atol=1e-4, rtol=0
    )


def test_ball_faces_all_ways() -> None:
    y, x = torch.meshgrid(torch.linspace(-1, 1, 65), torch.linspace(-1, 1, 65), indexing="ij")
    ball = (1 - x**2 - y**2).clamp(min=0).sqrt()[None]
    made = normals(ball, 1.0, 0.05)[0]
    left, right, top, bottom, middle = made[32, 10], made[32, 54], made[10, 32], made[54, 32], made[32, 32]
    assert left[0] > 0.7 > 0.3 > right[0] and top[1] > 0.7 > 0.3 > bottom[1]
    torch.testing.assert_close(middle, torch.tensor([0.5, 0.5, 1.0]), atol=1e-3, rtol=0)
    torch.testing.assert_close(made[0, 0], torch.tensor([0.5, 0.5, 1.0]))  # background


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (5, 3)])
def test_any_size_gives_unit_directions(size: tuple[int, int]) -> None:
    made = normals(torch.rand(2, *size), 10.0, 0.1)
    assert made.shape == (2, *size, 3)
    torch.testing.assert_close((made * 2 - 1).norm(dim=-1), torch.ones(2, *size))
