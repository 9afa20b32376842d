"""The UNet against the original implementation's numbers, in every published variant."""

import pytest
import torch

from diffusion.models.unet import Residuals, UNet, UNetConfig, skip_widths, timestep_embedding
from tests.diffusion.golden import Golden, formula_input, load_formula

SMALL = UNetConfig(
    model_channels=32,
    multipliers=(1, 2),
    res_blocks=1,
    attention_levels=(True, True),
    self_attention_levels=(True, True),
    heads=4,
    context_dim=24,
)
SD1 = UNetConfig()
SD2 = UNetConfig(head_dim=64, context_dim=1024, linear_projections=True)
X4 = UNetConfig(
    in_channels=7,
    model_channels=256,
    multipliers=(1, 2, 2, 4),
    attention_levels=(False, True, True, True),
    self_attention_levels=(False, False, False, True),
    context_dim=1024,
    linear_projections=True,
    classes=1000,
)


def vary(config: UNetConfig, **changes: object) -> UNetConfig:
    return UNetConfig(**(vars(config) | changes))


TINY = {
    "sd1": SMALL,
    "sd2": vary(SMALL, in_channels=5, head_dim=16, linear_projections=True),
    "x4": vary(
        SMALL, in_channels=7, linear_projections=True, classes=20, self_attention_levels=(False, True)
    ),
}


@torch.inference_mode()
@pytest.mark.parametrize("name", TINY)
def test_matches_the_original(name: str) -> None:
    golden = Golden(f"tiny_unet_{name}")
    network = UNet(TINY[name]).eval()
    network.load_state_dict(golden.weights)
    y = golden["y"] if name == "x4" else None
    out = network(golden["x"], golden["t"], golden["context"], y=y)
    torch.testing.assert_close(out, golden["out"], atol=2e-5, rtol=0)
    y = None if y is None else y[:1]
    out = network(golden["x2"], golden["t2"], golden["context"][:1], y=y)
    torch.testing.assert_close(out, golden["out2"], atol=2e-5, rtol=0)


@torch.inference_mode()
def test_control_residuals_act_on_skips_and_middle() -> None:
    golden = Golden("tiny_controlnet_sd1")
    network = UNet(SMALL).eval()
    network.load_state_dict(Golden("tiny_unet_sd1").weights)
    inputs = golden["x"], golden["t"], golden["context"]
    torch.testing.assert_close(network(*inputs), golden["unet_plain"], atol=2e-5, rtol=0)
    *skips, middle = [golden[f"control_{index}"] for index in range(5)]
    out = network(*inputs, control=Residuals(tuple(skips), middle))
    torch.testing.assert_close(out, golden["unet_controlled"], atol=2e-5, rtol=0)
    half = Residuals(tuple(0.5 * skip for skip in skips), 0.5 * middle)
    torch.testing.assert_close(
        network(*inputs, control=half), golden["unet_controlled_half"], atol=2e-5, rtol=0
    )


@torch.inference_mode()
def test_residuals_of_levels_go_on_from_where_a_level_ends() -> None:
    network = UNet(SMALL).eval()
    x, t, context = torch.randn(1, 4, 8, 8), torch.tensor([5]), torch.randn(1, 3, 24)
    embedding, h = network.embed(t, None, dtype=x.dtype), x
    for stage in network.input_blocks[: SMALL.res_blocks + 1]:
        h = stage(h, embedding, context, (8, 8))
    added = network(x, t, context, control=Residuals(levels=(-h,)))
    ends = network.input_blocks[SMALL.res_blocks]
    ends.register_forward_hook(lambda stage, given, out: torch.zeros_like(out))
    torch.testing.assert_close(added, network(x, t, context), atol=1e-6, rtol=0)


@pytest.mark.parametrize(("dim", "name"), [(320, "temb_320"), (256, "temb_256"), (33, "temb_33_odd")])
def test_timestep_embedding_matches_the_original(dim: int, name: str) -> None:
    golden = Golden("schedules")
    # One ulp of exp, which differs between CPUs, is 3e-5 in the angle at timestep 999.
    torch.testing.assert_close(timestep_embedding(golden["temb_t"], dim), golden[name], atol=4e-5, rtol=0)


@torch.inference_mode()
def test_odd_sizes_come_back_at_their_size() -> None:
    out = UNet(SMALL).eval()(torch.zeros(1, 4, 9, 7), torch.tensor([5]), torch.zeros(1, 3, 24))
    assert out.shape == (1, 4, 9, 7)


def test_class_labels_are_required_exactly_where_the_network_has_them() -> None:
    x, t, context = torch.zeros(1, 4, 8, 8), torch.tensor([5]), torch.zeros(1, 3, 24)
    with pytest.raises(ValueError, match=r"unet\.y"):
        UNet(SMALL)(x, t, context, y=t)


def test_skip_widths_are_those_of_the_published_networks() -> None:
    assert skip_widths(SD1) == [320] * 4 + [640] * 3 + [1280] * 5


def test_zeroed_outputs_predict_nothing_and_still_train() -> None:
    network = UNet(SMALL).zero_outputs()
    out = network(torch.randn(1, 4, 8, 8), torch.tensor([5]), torch.randn(1, 3, 24))
    assert not out.any()
    (out - 1).square().mean().backward()
    assert network.out[-1].weight.grad.abs().sum() > 0


@pytest.mark.full
@torch.inference_mode()
@pytest.mark.parametrize(
    ("name", "config", "y"), [("full_unet1", SD1, None), ("full_unet2", SD2, None), ("full_unetx4", X4, 20)]
)
def test_published_size_matches_the_original(name: str, config: UNetConfig, y: int | None) -> None:
    with torch.device("meta"):
        network = UNet(config)
    load_formula(network)
    out = network(
        formula_input("x", (1, config.in_channels, 8, 8)),
        torch.tensor([601]),
        formula_input("context", (1, 77, config.context_dim)),
        y=None if y is None else torch.tensor([y]),
    )
    torch.testing.assert_close(out, Golden(name)["out"], atol=1e-4, rtol=0)
