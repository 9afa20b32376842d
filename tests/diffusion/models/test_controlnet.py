"""The ControlNet against the original implementation's numbers."""

import pytest
import torch

from diffusion.models.controlnet import ControlNet, ControlNetConfig
from diffusion.models.unet import Residuals, UNet, UNetConfig
from tests.diffusion.golden import Golden, formula_input, load_formula, manifest

SMALL = UNetConfig(
    model_channels=32,
    multipliers=(1, 2),
    res_blocks=1,
    attention_levels=(True, True),
    self_attention_levels=(True, True),
    heads=4,
    context_dim=24,
)
SD1 = ControlNetConfig()
SD2 = ControlNetConfig(UNetConfig(head_dim=64, context_dim=1024, linear_projections=True))


@torch.inference_mode()
def test_matches_the_original() -> None:
    golden = Golden("tiny_controlnet_sd1")
    network = ControlNet(ControlNetConfig(SMALL)).eval()
    network.load_state_dict(golden.weights)
    answers = network(golden["x"], network.features(golden["hint"]), golden["t"], golden["context"])
    for index, answer in enumerate(answers):
        torch.testing.assert_close(answer, golden[f"control_{index}"], atol=2e-5, rtol=0)


@torch.inference_mode()
@pytest.mark.parametrize(("strength", "name"), [(1.0, "unet_controlled"), (0.5, "unet_controlled_half")])
def test_steers_the_unet_as_the_original(strength: float, name: str) -> None:
    golden = Golden("tiny_controlnet_sd1")
    network = ControlNet(ControlNetConfig(SMALL)).eval()
    network.load_state_dict(golden.weights)
    unet = UNet(SMALL).eval()
    unet.load_state_dict(Golden("tiny_unet_sd1").weights)
    features = network.features(golden["hint"])
    answers = [strength * each for each in network(golden["x"], features, golden["t"], golden["context"])]
    control = Residuals(skips=tuple(answers[:-1]), middle=answers[-1])
    out = unet(golden["x"], golden["t"], golden["context"], control=control)
    torch.testing.assert_close(out, golden[name], atol=2e-5, rtol=0)


@pytest.mark.parametrize(("name", "config"), [("controlnet-sd15", SD1), ("controlnet-sd21", SD2)])
def test_names_and_shapes_are_those_of_published_files(name: str, config: ControlNetConfig) -> None:
    with torch.device("meta"):
        network = ControlNet(config)
    shapes = {"control_model." + key: tuple(value.shape) for key, value in network.state_dict().items()}
    assert shapes == manifest(name)


@torch.inference_mode()
def test_odd_sizes_give_answers_of_the_sizes_of_the_skips() -> None:
    network = ControlNet(ControlNetConfig(SMALL)).eval()
    features = network.features(torch.zeros(1, 3, 72, 56))
    answers = network(torch.zeros(1, 4, 9, 7), features, torch.tensor([5]), torch.zeros(1, 3, 24))
    assert [tuple(each.shape[1:]) for each in answers] == [
        (32, 9, 7),
        (32, 9, 7),
        (32, 5, 4),
        (64, 5, 4),
        (64, 5, 4),
    ]


@pytest.mark.full
@torch.inference_mode()
def test_published_size_matches_the_original() -> None:
    golden = Golden("full_controlnet_sd15")
    with torch.device("meta"):
        network = ControlNet(SD1)
    load_formula(network)
    features = network.features(formula_input("hint", (1, 3, 64, 64)).abs().clamp(0, 1))
    x, context = formula_input("x", (1, 4, 8, 8)), formula_input("context", (1, 77, 768))
    answers = network(x, features, torch.tensor([601]), context)
    assert len(answers) == 13
    for index, each in enumerate(answers):
        summary = torch.cat([each.mean()[None], each.std()[None], each.flatten()[:8]])
        torch.testing.assert_close(summary, golden[f"control_{index}_mean_std_first8"], atol=1e-4, rtol=0)
