"""The upscaling networks against BasicSR's numbers."""

import pytest
import torch

from diffusion.models.upscaler import CompactConfig, RrdbConfig, UpscalerConfig, build_upscaler
from tests.diffusion.golden import Golden

TINY = {
    "tiny_rrdb_x4": RrdbConfig(channels=16, blocks=2, growth=8),
    "tiny_rrdb_x2": RrdbConfig(channels=16, blocks=2, growth=8, unshuffle=2),
    "tiny_srvgg_x4": CompactConfig(channels=16, convs=4),
}


@torch.inference_mode()
@pytest.mark.parametrize(("name", "config"), TINY.items())
def test_matches_the_original(name: str, config: UpscalerConfig) -> None:
    golden = Golden(name)
    network = build_upscaler(config).eval()
    network.load_state_dict(golden.weights)
    torch.testing.assert_close(network(golden["x"]), golden["out"], atol=2e-5, rtol=0)


@torch.inference_mode()
@pytest.mark.parametrize("config", TINY.values())
def test_any_size_comes_out_multiplied(config: UpscalerConfig) -> None:
    out = build_upscaler(config)(torch.rand(2, 3, 5, 7))
    assert out.shape == (2, 3, 5 * config.scale, 7 * config.scale)
