"""Sampling against diffusers' pipelines: the same tiny seeded weights, from the given picture to the finished
one. Errors measured on a CPU: at most 3e-5 of latents and 3e-6 of pictures.
"""

import pytest
import torch

from tests.diffusion import pipelines
from tests.diffusion.pipelines import Compared

pytestmark = pytest.mark.filterwarnings("ignore")  # diffusers warns about its own future


def assert_same(compared: Compared) -> None:
    latent, picture = compared.latent, compared.picture
    torch.testing.assert_close(latent, compared.theirs[0], atol=2e-4, rtol=0)
    torch.testing.assert_close(picture, compared.theirs[1], atol=2e-5, rtol=0)
    assert latent.std() > 0.1 and picture.std() > 0.01


@pytest.mark.parametrize("v", [False, True], ids=["eps", "v"])
def test_text_to_image_is_that_of_diffusers(v: bool) -> None:
    assert_same(pipelines.text_to_image(v=v))


def test_image_to_image_is_that_of_diffusers() -> None:
    assert_same(pipelines.image_to_image())


def test_inpainting_is_that_of_diffusers() -> None:
    assert_same(pipelines.inpainting())


def test_sampling_inside_a_mask_is_that_of_diffusers() -> None:
    compared = pipelines.masked_latent()
    assert_same(compared)
    assert not compared.latent.isnan().any()


def test_depth_to_image_is_that_of_diffusers() -> None:
    assert_same(pipelines.depth_to_image())


@pytest.mark.parametrize("level", [20, 350])
def test_x4_upscaling_is_that_of_diffusers(level: int) -> None:
    compared = pipelines.x4_upscaling(level)
    assert_same(compared)
    assert compared.picture.shape == (1, 3, 64, 96)


def test_editing_by_instruction_is_that_of_diffusers() -> None:
    assert_same(pipelines.editing_by_instruction())
