"""Small pictures made ready for the x4 upscaler: range, size, level of noise, and what is refused."""

import pytest
import torch

from diffusion.errors import Unsuitable
from diffusion.models.vae import Autoencoder, VaeConfig
from diffusion.tiles import decode_tiled
from diffusion.upscale_diffusion import upscale_conditioning
from diffusion.values import Cond, Vae

CONDS = (Cond(torch.zeros(1, 77, 8)), Cond(torch.ones(1, 77, 8)))


def prepared(image, *, ratio=4.0, noise=0.0):
    positive, negative, latent = upscale_conditioning(CONDS[:1], CONDS[1:], image, ratio=ratio, noise=noise)
    return positive[0], negative[0], latent


def test_both_sides_have_the_small_picture_from_minus_1_to_1_and_the_latent_its_size():
    image = torch.rand(2, 24, 40, 3)
    positive, negative, latent = prepared(image)
    torch.testing.assert_close(positive.concat, image.movedim(-1, 1) * 2 - 1)
    assert negative.concat is positive.concat and (positive.label, negative.label) == (0, 0)
    assert torch.equal(latent.samples, torch.zeros(2, 4, 24, 40)) and latent.noise_mask is None


@pytest.mark.parametrize(
    ("ratio", "size"), [(4.0, (24, 40)), (2.0, (12, 20)), (6.0, (36, 60)), (0.3, (1, 3))]
)
def test_other_ratios_scale_the_small_picture_first(ratio, size):
    positive, _, latent = prepared(torch.rand(1, 24, 40, 3), ratio=ratio)
    assert positive.concat.shape == (1, 3, *size) and latent.samples.shape == (1, 4, *size)


@pytest.mark.parametrize(("noise", "level"), [(0.0, 0), (0.001, 0), (0.057, 20), (0.5, 175), (1.0, 350)])
def test_noise_is_a_part_of_the_highest_level(noise, level):
    assert prepared(torch.rand(1, 8, 8, 3), noise=noise)[0].label == level


def test_odd_sizes_grey_pictures_and_alpha_are_taken():
    assert prepared(torch.rand(1, 13, 7, 1))[0].concat.shape == (1, 3, 13, 7)
    assert prepared(torch.rand(1, 13, 7, 4))[2].samples.shape == (1, 4, 13, 7)


@pytest.mark.parametrize("noise", [-0.1, 1.001, 20.0])
def test_noise_above_the_highest_level_is_refused(noise):
    with pytest.raises(Unsuitable, match="at most level 350") as refused:
        prepared(torch.rand(1, 8, 8, 3), noise=noise)
    assert refused.value.input == "noise_augmentation"


@pytest.mark.parametrize("ratio", [0.0, 0.3])
def test_ratio_that_leaves_nothing_is_refused(ratio):
    with pytest.raises(Unsuitable, match="fewer than 4 pixels") as refused:
        prepared(torch.rand(1, 8, 8, 3), ratio=ratio)
    assert refused.value.input == "scale_ratio"


def test_latents_of_factor_4_are_decoded_in_tiles():
    """Tiles are counted by the VAE's factor; far from seams of many tiles the picture is that of one."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        config = VaeConfig(channels=32, multipliers=(1, 1, 1), res_blocks=1)
        vae = Vae(Autoencoder(config).eval(), scale=0.08333, factor=4)
    samples, told = torch.randn(1, 4, 48, 32) * 0.1, []
    whole = vae.decode(samples)
    one = decode_tiled(vae, samples, tile=256, overlap=64, on_tile=lambda *at: None)
    torch.testing.assert_close(one, whole)
    parts = decode_tiled(vae, samples, tile=64, overlap=32, on_tile=lambda *at: told.append(at))
    assert parts.shape == whole.shape == (1, 192, 128, 3)
    assert told[-1] == (12, 12)  # tiles of 16 latent pixels that share 4: 4 down, 3 across
    assert (parts - whole).abs().mean() < 0.05
