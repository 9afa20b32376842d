"""Recipes against the tensor names of published files."""

import re

import pytest
import torch
from torch import Tensor, nn

from diffusion.checkpoint import keymaps
from diffusion.checkpoint.diffusers_names import diffusers_unet, diffusers_vae
from diffusion.models.clip import ClipText, ClipTextConfig
from diffusion.models.unet import UNetConfig
from diffusion.models.upscaler import RrdbConfig, build_upscaler
from diffusion.models.vae import Autoencoder, VaeConfig
from tests.diffusion.golden import Golden, formula_weights, manifest, manifest_json
from tests.diffusion.models.test_clip import TINY
from tests.diffusion.models.test_unet import SD1, SD2, X4


def meta_tensors(name: str) -> dict[str, Tensor]:
    return {key: torch.empty(shape, device="meta") for key, shape in manifest(name).items()}


def shapes(tensors: dict[str, Tensor] | nn.Module) -> dict[str, tuple[int, ...]]:
    tensors = tensors.state_dict() if isinstance(tensors, nn.Module) else tensors
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


@pytest.mark.parametrize(
    ("name", "prefix"),
    [("openclip-vit-h14-text", ""), ("sd-v2-1-512-and-768", "cond_stage_model.model.")],
)
def test_openclip_text_becomes_our_network(name: str, prefix: str) -> None:
    with torch.device("meta"):
        network = ClipText(ClipTextConfig(width=1024, layers=24, heads=16, mlp=4096, activation="gelu"))
    assert shapes(keymaps.apply(keymaps.openclip_text(prefix), meta_tensors(name))) == shapes(network)


def test_openclip_rows_follow_the_published_translation() -> None:
    expected = manifest_json("map-text-sd2-hf-to-openclip")
    tensors = {
        name: torch.arange(shape[0], dtype=torch.float32) if shape else torch.zeros(())
        for name, shape in manifest("openclip-vit-h14-text").items()
    }
    renamed = keymaps.apply(keymaps.openclip_text(""), tensors)
    for target, source in expected.items():
        start, end = source["rows"] or (0, len(tensors[source["from"]]))
        assert torch.equal(renamed[target], tensors[source["from"]][start:end]), target


@torch.inference_mode()
def test_tiny_openclip_text_matches_the_original() -> None:
    golden = Golden("tiny_openclip_text")
    network = ClipText(ClipTextConfig(**(vars(TINY) | {"activation": "gelu", "output_layer": -2}))).eval()
    network.load_state_dict(keymaps.apply(keymaps.openclip_text(""), golden.weights))
    tokens = golden["tokens"]
    torch.testing.assert_close(network(tokens), golden["penultimate_ln"], atol=2e-5, rtol=0)
    torch.testing.assert_close(network(tokens, layer=-1), golden["last_ln"], atol=2e-5, rtol=0)


@pytest.mark.full
@torch.inference_mode()
def test_published_openclip_text_matches_the_original() -> None:
    golden = Golden("full_openclip_h14_text")
    config = ClipTextConfig(width=1024, layers=24, heads=16, mlp=4096, activation="gelu", output_layer=-2)
    weights = formula_weights(manifest("openclip-vit-h14-text"))
    with torch.device("meta"):
        network = ClipText(config).eval()
    network.load_state_dict(keymaps.apply(keymaps.openclip_text(""), weights), assign=True)
    hidden = network(golden["tokens"])[:, golden.config["rows"]]
    torch.testing.assert_close(hidden, golden["penultimate_ln_rows"], atol=1e-4, rtol=0)


@pytest.mark.parametrize(("family", "config"), [("sd1", SD1), ("sd2", SD2), ("x4", X4)])
def test_diffusers_unet_names(family: str, config: UNetConfig) -> None:
    expected = manifest_json("map-unet-diffusers-to-ldm")[family]
    renamed = keymaps.apply(diffusers_unet(config), {name: torch.tensor(0) for name in expected})
    assert set(renamed) == set(expected.values())
    for theirs, ours in expected.items():
        assert set(keymaps.apply(diffusers_unet(config), {theirs: torch.tensor(0)})) == {ours}


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("diffusers-vae-sd", VaeConfig()),
        ("diffusers-vae-sd-2022-names", VaeConfig()),
        ("diffusers-vae-x4", VaeConfig(multipliers=(1, 2, 4))),
    ],
)
def test_diffusers_vae_becomes_our_network(name: str, config: VaeConfig) -> None:
    with torch.device("meta"):
        network = Autoencoder(config)
    recipe = diffusers_vae(len(config.multipliers))
    assert shapes(keymaps.apply(recipe, meta_tensors(name))) == shapes(network)


@pytest.mark.parametrize(("family", "levels"), [("vae_sd", 4), ("vae_x4", 3)])
def test_diffusers_vae_names(family: str, levels: int) -> None:
    for theirs, ours in manifest_json("map-vae-diffusers-to-ldm")[family]["map"].items():
        assert set(keymaps.apply(diffusers_vae(levels), {theirs: torch.zeros(1, 1)})) == {ours}


def test_numbered_esrgan_names_become_the_present_ones() -> None:
    tensors = meta_tensors("esrgan-old-layout-x4")
    with torch.device("meta"):
        network = build_upscaler(RrdbConfig())
    assert shapes(keymaps.apply(keymaps.numbered_rrdb(tensors), tensors)) == shapes(network)


def test_early_esrgan_names_become_the_present_ones() -> None:
    present = manifest("realesrgan-x4plus")
    translations = (
        (r"body\.(\d+)\.rdb(\d)", r"RRDB_trunk.\1.RDB\2"),
        ("conv_body", "trunk_conv"),
        ("conv_up", "upconv"),
        ("conv_hr", "HRconv"),
    )
    early = {}
    for name, shape in present.items():
        for pattern, replacement in translations:
            name = re.sub(pattern, replacement, name)
        early[name] = torch.empty(shape, device="meta")
    assert shapes(keymaps.apply(keymaps.EARLY_RRDB, early)) == present


def test_running_averages_replace_the_unet_weights() -> None:
    checkpoint = {
        "model.diffusion_model.out.2.bias": torch.tensor(1.0),
        "model.diffusion_model.out.0.bias": torch.tensor(2.0),
        "model_ema.diffusion_modelout2bias": torch.tensor(3.0),
    }
    averaged = keymaps.with_running_averages(checkpoint)
    assert {name: float(value) for name, value in averaged.items()} == {
        "model.diffusion_model.out.2.bias": 3.0,
        "model.diffusion_model.out.0.bias": 2.0,
        "model_ema.diffusion_modelout2bias": 3.0,
    }


def test_published_running_averages_are_all_found() -> None:
    weights = {name: torch.tensor(0) for name in manifest("sd-v1-5-emaonly")}
    averages = {name: torch.tensor(1) for name in manifest("sd-v1-5-pruned-extra-ema-keys")}
    averaged = keymaps.with_running_averages(weights | averages)
    unet = keymaps.apply(keymaps.UNET, averaged)
    assert len(unet) == 686
    assert all(int(value) == 1 for value in unet.values())
