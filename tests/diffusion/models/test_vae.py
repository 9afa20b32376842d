"""The autoencoder against the original implementation's numbers."""

import pytest
import torch

from diffusion.models.vae import Autoencoder, Moments, VaeConfig
from tests.diffusion.golden import Golden, formula_input, load_formula

TINY = VaeConfig(channels=32, multipliers=(1, 2, 2), res_blocks=1)


@pytest.fixture(scope="module")
def golden() -> Golden:
    return Golden("tiny_vae")


@pytest.fixture(scope="module")
def vae(golden: Golden) -> Autoencoder:
    network = Autoencoder(TINY).eval()
    network.load_state_dict(golden.weights)
    return network


@torch.inference_mode()
def test_encode_matches_the_original(vae: Autoencoder, golden: Golden) -> None:
    moments = vae.encode(golden["x"])
    torch.testing.assert_close(moments.mean, golden["mean"], atol=2e-5, rtol=0)
    torch.testing.assert_close(moments.logvar, golden["logvar_clamped"], atol=2e-5, rtol=0)
    sample = moments.sample(torch.ones_like(moments.mean))
    torch.testing.assert_close(sample, golden["mean"] + golden["std"], atol=4e-5, rtol=1e-5)


@torch.inference_mode()
def test_decode_matches_the_original(vae: Autoencoder, golden: Golden) -> None:
    torch.testing.assert_close(vae.decode(golden["z"]), golden["decoded"], atol=2e-5, rtol=0)


def test_log_variance_is_clamped(vae: Autoencoder) -> None:
    moments = vae.encode(torch.full((1, 3, 4, 4), 1e6))
    assert isinstance(moments, Moments)
    assert moments.logvar.max() <= 20 and moments.logvar.min() >= -30


@pytest.mark.full
@torch.inference_mode()
@pytest.mark.parametrize(
    ("name", "config"),
    [("full_vae", VaeConfig()), ("full_vaex4", VaeConfig(multipliers=(1, 2, 4)))],
)
def test_published_size_matches_the_original(name: str, config: VaeConfig) -> None:
    golden = Golden(name)
    with torch.device("meta"):
        network = Autoencoder(config)
    load_formula(network)
    moments = network.encode(formula_input("img", (1, 3, 32, 32)).clamp(-1, 1))
    mean, logvar = golden["moments"].chunk(2, dim=1)
    torch.testing.assert_close(moments.mean, mean, atol=1e-4, rtol=0)
    torch.testing.assert_close(moments.logvar, logvar.clamp(-30, 20), atol=1e-4, rtol=0)
    decoded = network.decode(formula_input("z", (1, 4, 4, 4)))
    torch.testing.assert_close(decoded, golden["decoded"], atol=1e-4, rtol=0)
