"""Detection from names and shapes, on the manifests of the published files."""

import pytest
import torch
from torch import Tensor, nn

from diffusion.checkpoint import keymaps
from diffusion.checkpoint.detect import (
    Architecture,
    describe,
    detect,
    detect_prediction,
    detect_taesd,
    detect_text,
    detect_upscaler,
    detect_vae,
    unexpected_names,
)
from diffusion.checkpoint.errors import UnknownArchitecture
from diffusion.models.clip import ClipText, ClipTextConfig
from diffusion.models.taesd import TaesdConfig
from diffusion.models.unet import UNet, UNetConfig
from diffusion.models.upscaler import CompactConfig, RrdbConfig, build_upscaler
from diffusion.models.vae import Autoencoder, VaeConfig
from tests.diffusion.checkpoint import small
from tests.diffusion.checkpoint.test_keymaps import meta_tensors, shapes
from tests.diffusion.golden import manifest
from tests.diffusion.models.test_unet import SD1, SD2, X4, vary

CLIP_L = ClipTextConfig()
OPENCLIP_H = ClipTextConfig(width=1024, layers=24, heads=16, mlp=4096, activation="gelu", output_layer=-2)
# Nothing attends at the x4 upscaler's finest level, so its shapes do not say to what.
X4_DETECTED = vary(X4, self_attention_levels=(True, False, False, True))
SD1_FOUND = Architecture("sd1", "base", SD1, VaeConfig(), CLIP_L, keymaps.CLIP_TEXT)
SD2_FOUND = Architecture("sd2", "base", SD2, VaeConfig(), OPENCLIP_H, keymaps.OPENCLIP_TEXT)
X4_FOUND = Architecture(
    "x4", "x4", X4_DETECTED, VaeConfig(multipliers=(1, 2, 4)), OPENCLIP_H, keymaps.OPENCLIP_TEXT
)


def varied(base: Architecture, role: str, **unet: object) -> Architecture:
    return Architecture(**(vars(base) | {"role": role, "unet": vary(base.unet, **unet)}))


PUBLISHED = {
    "sd-v1-5-emaonly": SD1_FOUND,
    "sd-v1-5-inpainting": varied(SD1_FOUND, "inpaint", in_channels=9),
    "sd-v2-1-512-and-768": SD2_FOUND,
    "sd-v2-inpainting": varied(SD2_FOUND, "inpaint", in_channels=9),
    "sd-v2-depth": varied(SD2_FOUND, "depth", in_channels=5),
    "x4-upscaler": X4_FOUND,
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_checkpoints_are_recognised(name: str) -> None:
    assert detect(meta_tensors(name)) == PUBLISHED[name]


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_tensor_is_accounted_for_with_its_shape(name: str) -> None:
    tensors, found = meta_tensors(name), PUBLISHED[name]
    with torch.device("meta"):
        networks: list[tuple[keymaps.Recipe, nn.Module]] = [
            (keymaps.UNET, UNet(found.unet)),
            (keymaps.VAE, Autoencoder(found.vae)),
            (found.text_recipe, ClipText(found.text)),
        ]
    for recipe, network in networks:
        assert shapes(keymaps.apply(recipe, tensors)) == shapes(network)
    assert unexpected_names(tensors, found) == ()
    used = {name for recipe, _ in networks for name in tensors if keymaps.known(recipe, name)}
    optional = {name for name in tensors if keymaps.known(keymaps.OPTIONAL, name)}
    assert not used & optional
    assert len(used) + len(optional) == len(tensors)


def test_sd1_optional_tensors_are_the_documented_ones() -> None:
    names = [name for name in manifest("sd-v1-5-emaonly") if keymaps.known(keymaps.OPTIONAL, name)]
    assert len(names) == 12 + 2 + 1  # schedule buffers, two numbers of the running average, position ids


def test_running_averages_are_no_surprise() -> None:
    tensors = meta_tensors("sd-v1-5-emaonly") | meta_tensors("sd-v1-5-pruned-extra-ema-keys")
    assert unexpected_names(tensors, SD1_FOUND) == ()
    assert unexpected_names([*tensors, "junk.weight"], SD1_FOUND) == ("junk.weight",)


def test_small_checkpoints_take_the_same_path() -> None:
    sd1 = detect(small.sd1_checkpoint())
    assert (sd1.unet, sd1.vae, sd1.text) == (small.UNET, small.VAE, small.TEXT)
    sd2 = detect(small.sd2_checkpoint())
    assert (sd2.unet, sd2.vae, sd2.text) == (small.UNET_SD2, small.VAE, small.TEXT_SD2)
    assert (sd1.family, sd2.family) == ("sd1", "sd2")


@pytest.mark.parametrize(
    ("name", "config"),
    [("vae-ft-mse-840000-ldm", VaeConfig()), ("vae-x4-upscaler-ldm", VaeConfig(multipliers=(1, 2, 4)))],
)
def test_bare_vaes_are_recognised(name: str, config: VaeConfig) -> None:
    assert detect_vae(keymaps.apply(keymaps.BARE_VAE, meta_tensors(name))) == config


def test_diffusers_sd2_text_encoder_is_recognised() -> None:
    tensors = keymaps.apply(keymaps.BARE_TEXT, meta_tensors("openclip-vit-h14-text-hf-sd2"))
    expected = ClipTextConfig(**(vars(OPENCLIP_H) | {"layers": 23, "output_layer": -1}))
    assert detect_text(tensors, openclip=False) == expected


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("realesrgan-x4plus", RrdbConfig()),
        ("realesrgan-x4plus-anime-6b", RrdbConfig(blocks=6)),
        ("realesrgan-x2plus", RrdbConfig(unshuffle=2)),
        ("realesr-general-x4v3", CompactConfig(convs=32)),
    ],
)
def test_upscalers_are_recognised(name: str, config: RrdbConfig | CompactConfig) -> None:
    tensors = meta_tensors(name)
    assert detect_upscaler(tensors) == config
    with torch.device("meta"):
        assert shapes(build_upscaler(config)) == shapes(tensors)


def test_taesd_is_recognised() -> None:
    assert detect_taesd(meta_tensors("taesd-decoder")) == TaesdConfig()


@pytest.mark.parametrize(
    ("spread", "metadata", "prediction"),
    [
        (0.05, {}, "eps"),
        (0.19, {}, "v"),
        (0.19, {"modelspec.prediction_type": "epsilon"}, "eps"),
        (0.05, {"modelspec.prediction_type": "v"}, "v"),
    ],
)
def test_sd2_prediction_follows_the_file_or_one_bias(
    spread: float, metadata: dict[str, str], prediction: str
) -> None:
    unet: dict[str, Tensor] = {
        "output_blocks.11.1.transformer_blocks.0.norm1.bias": torch.linspace(-1, 1, 320) * spread * 3**0.5,
        "input_blocks.0.0.weight": torch.zeros(320, 4, 3, 3),
    }
    assert detect_prediction(unet, "sd2", metadata) == prediction


def test_other_families_are_refused_by_name() -> None:
    with pytest.raises(UnknownArchitecture, match="given SDXL, expected Stable Diffusion 1 or 2"):
        detect(small.sd1_checkpoint() | {"model.diffusion_model.label_emb.0.0.weight": torch.zeros(1)})
    wide = small.sd1_checkpoint() | {
        "model.diffusion_model.input_blocks.0.0.weight": torch.zeros(32, 6, 3, 3)
    }
    with pytest.raises(UnknownArchitecture, match="6 input channels"):
        detect(wide)
    cut = small.sd1_checkpoint()
    del cut["model.diffusion_model.out.2.weight"]
    with pytest.raises(UnknownArchitecture, match=r"without 'out\.2\.weight'"):
        detect(cut)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("lora-kohya-sd1-rank4", "a LoRA"),
        ("lora-diffusers-peft-sd1-rank4", "a LoRA"),
        ("lora-diffusers-2023-sd1-rank4", "a LoRA"),
        ("controlnet-sd15", "a ControlNet"),
        ("realesrgan-x4plus", "an upscaler"),
        ("esrgan-old-layout-x4", "an upscaler"),
        ("realesr-general-x4v3", "an upscaler"),
        ("t2iadapter-sd15-canny", "a T2I-adapter"),
        ("t2iadapter-sd15-color", "a T2I-adapter"),
        ("diffusers-vae-sd", "a VAE"),
        ("vae-ft-mse-840000-ldm", "a VAE"),
        ("diffusers-unet-sd1", "a diffusers UNet"),
        ("clip-vit-l14-text-hf", "a text encoder"),
    ],
)
def test_other_kinds_of_files_are_named(name: str, kind: str) -> None:
    assert describe(manifest(name)) == kind
    with pytest.raises(UnknownArchitecture, match=kind):
        detect(meta_tensors(name))


def test_unet_config_is_the_default_for_sd1() -> None:
    assert UNetConfig() == SD1
