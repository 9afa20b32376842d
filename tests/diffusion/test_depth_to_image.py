"""The depth that a depth model reads: at the latent's size, from -1 (far) to 1 (near) in each picture."""

import pytest
import torch
import torch.nn.functional as F

from diffusion.depth_to_image import depth_conditioning, latent_depth
from diffusion.errors import Unsuitable
from diffusion.models.vae import Autoencoder, VaeConfig
from diffusion.values import Cond, Vae

CONDS = (Cond(torch.zeros(1, 77, 8)), Cond(torch.ones(1, 77, 8)))


@pytest.fixture(scope="module")
def vae():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Vae(Autoencoder(VaeConfig(channels=32, multipliers=(1, 1, 1, 1), res_blocks=1)).eval())


def conditioned(vae, image, **depth):
    positive, negative, latent = depth_conditioning(CONDS[:1], CONDS[1:], vae, image, **depth)
    assert negative[0].concat is positive[0].concat and torch.equal(negative[0].tensor, CONDS[1].tensor)
    return positive[0].concat, latent


def test_depth_is_scaled_bicubically_and_spread_in_each_picture():
    depth = torch.rand(2, 24, 40) * torch.tensor([1.0, 5000.0])[:, None, None]
    read = latent_depth(depth, 8, 16)
    scaled = F.interpolate(depth[:, None], size=(8, 16), mode="bicubic", align_corners=False)
    for k in range(2):
        low, high = scaled[k].min(), scaled[k].max()
        torch.testing.assert_close(read[k], 2 * (scaled[k] - low) / (high - low) - 1)
    assert read.amin(dim=(1, 2, 3)).tolist() == [-1, -1] and read.amax(dim=(1, 2, 3)).tolist() == [1, 1]


@pytest.mark.parametrize("value", [0.0, 1.0, -3.5])
def test_flat_depth_is_far(value):
    assert (latent_depth(torch.full((1, 64, 64), value), 8, 8) == -1).all()


def test_drawn_depth_is_read_and_the_picture_is_where_sampling_starts(vae):
    image, drawn = torch.rand(1, 32, 40, 3), torch.rand(1, 20, 30, 1)
    read, latent = conditioned(vae, image, drawn=drawn)
    torch.testing.assert_close(read, latent_depth(drawn[..., 0], 4, 5))
    assert torch.equal(latent.samples, vae.encode(image)) and latent.noise_mask is None


def test_drawn_depth_of_the_pictures_size_is_cut_with_it(vae):
    image, drawn = torch.rand(1, 37, 43, 3), torch.rand(1, 37, 43, 3)
    read, latent = conditioned(vae, image, drawn=drawn)
    assert latent.samples.shape == (1, 4, 4, 5)
    torch.testing.assert_close(read, latent_depth(drawn[:, 2:34, 1:41].mean(dim=-1), 4, 5))


def test_picture_without_depth_is_refused(vae):
    with pytest.raises(Unsuitable, match="neither a depth model nor a depth picture") as refused:
        conditioned(vae, torch.rand(1, 32, 32, 3))
    assert refused.value.input == "depth_model" and "DepthModelFromCheckpoint" in refused.value.remedy
