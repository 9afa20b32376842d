"""MiDaS small against timm's EfficientNet-Lite3 and a decoder of plain operations."""

import torch

from diffusion.models.midas_small import MidasSmall, MidasSmallConfig
from tests.diffusion.golden import Golden, formula_input, formula_weights, manifest

NAME = "midas-v21-small-256"


def published() -> dict[str, tuple[int, ...]]:
    """Names and shapes that matter: the counters of batches do not."""
    return {name: shape for name, shape in manifest(NAME).items() if not name.endswith("batches_tracked")}


def test_names_and_shapes_are_the_published_ones() -> None:
    with torch.device("meta"):
        network = MidasSmall(MidasSmallConfig())
    assert {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()} == published()


@torch.inference_mode()
def test_matches_the_reference() -> None:
    golden = Golden("full_midas_small")
    weights = formula_weights(published())
    weights |= {name: 1 + 5 * value for name, value in weights.items() if name.endswith("running_var")}
    weights["scratch.output_conv.4.bias"] = torch.tensor([5.0])  # away from the zero that ReLU makes
    with torch.device("meta"):
        network = MidasSmall(MidasSmallConfig())
    network.load_state_dict(weights, assign=True)
    out = network.eval()(formula_input("rgb", (1, 3, 64, 96)))
    torch.testing.assert_close(out, golden["out"], atol=1e-5, rtol=0)
    assert golden["out"].std() > 0.05
