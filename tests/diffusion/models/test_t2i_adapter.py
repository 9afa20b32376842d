"""T2I-adapters against the original implementation's numbers."""

import pytest
import torch

from diffusion.models.t2i_adapter import AdapterConfig, build_adapter
from tests.diffusion.golden import Golden, manifest

PUBLISHED = {
    "canny": AdapterConfig(hint_channels=1),
    "depth": AdapterConfig(),
    "color": AdapterConfig(light=True, blocks=4),
}


@torch.inference_mode()
def test_matches_the_original() -> None:
    golden = Golden("tiny_t2i_adapter")
    network = build_adapter(AdapterConfig(hint_channels=1, widths=(16, 32, 64, 64))).eval()
    network.load_state_dict(golden.weights)
    features = network(golden["x"])
    assert len(features) == 4
    for level, feature in enumerate(reversed(features)):
        torch.testing.assert_close(feature, golden[f"feature_{level}"], atol=2e-5, rtol=0)


@pytest.mark.parametrize("name", PUBLISHED)
def test_names_and_shapes_are_those_of_published_files(name: str) -> None:
    with torch.device("meta"):
        network = build_adapter(PUBLISHED[name])
    shapes = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    assert shapes == manifest(f"t2iadapter-sd15-{name}")


@torch.inference_mode()
@pytest.mark.parametrize("light", [False, True])
@pytest.mark.parametrize("strided", [False, True])
def test_sides_are_halved_and_rounded_up_as_in_the_unet(light: bool, strided: bool) -> None:
    config = AdapterConfig(1, widths=(8, 16, 16), light=light, strided=strided)
    features = build_adapter(config)(torch.zeros(1, 1, 72, 56))
    assert [tuple(each.shape[1:]) for each in features] == [(8, 9, 7), (16, 5, 4), (16, 3, 2)]
