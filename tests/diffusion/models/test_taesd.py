"""TAESD at its published size, with random weights, against the original implementation's numbers."""

import pytest
import torch

from diffusion.models.taesd import TaesdConfig, TaesdDecoder, TaesdEncoder
from tests.diffusion.golden import Golden


@torch.inference_mode()
@pytest.mark.parametrize(
    ("name", "kind", "given"), [("decoder", TaesdDecoder, "z"), ("encoder", TaesdEncoder, "x")]
)
def test_matches_the_original(name: str, kind: type, given: str) -> None:
    golden = Golden(f"taesd_{name}_random")
    network = kind(TaesdConfig()).eval()
    network.load_state_dict(golden.weights)
    torch.testing.assert_close(network(golden[given]), golden["out"], atol=2e-5, rtol=0)
