"""Effects against their definitions, written as the originals compute them."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from diffusion import effects


def kernel(radius, sigma):
    """The two-dimensional Gaussian over -1..1."""
    axis = torch.linspace(-1, 1, 2 * radius + 1)
    weights = torch.exp(-(axis[:, None] ** 2 + axis**2) / (2 * sigma**2))
    return weights / weights.sum()


def convolved(image, weights, radius):
    x = F.pad(image.movedim(-1, 1), [radius] * 4, mode="reflect")
    return F.conv2d(x, weights.expand(3, 1, -1, -1), groups=3).movedim(1, -1)


@pytest.mark.parametrize(("radius", "sigma"), [(1, 1.0), (3, 0.4), (5, 10.0)])
def test_blur_is_the_gaussian_of_its_radius(radius, sigma):
    image = torch.rand(2, 9, 12, 3)
    torch.testing.assert_close(
        effects.blur(image, radius, sigma), convolved(image, kernel(radius, sigma), radius)
    )


@pytest.mark.parametrize("size", [(1, 1), (2, 5)])
def test_blur_wider_than_the_picture_mirrors_it(size):
    image = torch.full((1, *size, 3), 0.3)
    torch.testing.assert_close(effects.blur(image, 31, 1.0), image)


def test_sharpening_is_comfyuis_kernel():
    image = torch.rand(1, 9, 9, 3) * 0.2 + 0.4
    weights = kernel(1, 1.0) * -(0.1 * 10)
    weights[1, 1] = weights[1, 1] - weights.sum() + 1
    torch.testing.assert_close(
        effects.sharpen(image, 1, 1.0, 0.1), convolved(image, weights, 1).clamp(0, 1), atol=1e-5, rtol=0
    )


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("normal", 0.25), ("multiply", 0.2), ("screen", 0.85), ("overlay", 0.7), ("difference", 0.55)],
)
def test_blends_of_a_light_and_a_dark_grey(mode, expected):
    light, dark = torch.full((1, 2, 2, 3), 0.8), torch.full((1, 4, 4, 1), 0.25)
    mixed = effects.blend(light, dark, 1.0, mode)
    torch.testing.assert_close(mixed, torch.full((1, 2, 2, 3), expected))
    torch.testing.assert_close(effects.blend(light, dark, 0.0, mode), light)


def test_soft_light_of_grey_changes_nothing():
    image = torch.rand(1, 3, 3, 3)
    torch.testing.assert_close(effects.blend(image, torch.full_like(image, 0.5), 1.0, "soft_light"), image)


@pytest.mark.parametrize("dither", ["none", "floyd-steinberg", "bayer-2", "bayer-16"])
def test_quantized_pictures_have_few_colours_and_their_mean(dither):
    ramp = torch.linspace(0, 1, 64).expand(1, 32, 64)[..., None].repeat(1, 1, 1, 3)
    few = effects.quantize(ramp, 4, dither)
    assert few.dtype == torch.float32 and few.shape == ramp.shape
    assert len(np.unique((few * 255).round().numpy().reshape(-1, 3), axis=0)) <= 4
    assert abs(few.mean() - ramp.mean()) < 0.06


def test_bayer_matrix_holds_every_threshold_once():
    values = effects.bayer_matrix(2)
    assert values.shape == (4, 4) and len(np.unique(values)) == 16 and abs(values).max() < 0.5


def test_noise_is_comfyuis_and_cut_to_what_pictures_hold():
    image = torch.full((2, 8, 8, 3), 0.5)
    torch.manual_seed(7)
    expected = (image + 0.1 * torch.randn(image.size())).clamp(0, 1)
    assert torch.equal(effects.add_noise(image, 7, 0.1), expected)
    strong = effects.add_noise(image, 2**64 - 1, 1.0)
    assert strong.min() == 0 and strong.max() == 1
