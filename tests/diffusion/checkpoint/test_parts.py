"""Files that hold one network, in every layout of their names."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from diffusion.checkpoint.digest import sampled_digest
from diffusion.checkpoint.errors import CheckpointError, MismatchedWeights, UnknownArchitecture
from diffusion.checkpoint.load import load_checkpoint, load_text_encoder, load_unet, load_vae
from diffusion.checkpoint.parts import find_text, find_unet, find_vae
from diffusion.models.clip import ClipText, ClipTextConfig
from diffusion.models.unet import UNet, UNetConfig
from diffusion.models.vae import Autoencoder, VaeConfig
from diffusion.sampling.schedules import NoiseSchedule
from tests.diffusion.checkpoint import small
from tests.diffusion.checkpoint.test_keymaps import meta_tensors, shapes
from tests.diffusion.golden import manifest_json
from tests.diffusion.models.test_unet import SD1, SD2, X4, vary

CPU, FULL = torch.device("cpu"), torch.float32
X4_DETECTED = vary(X4, self_attention_levels=(True, False, False, True))


def written(folder: Path, tensors: dict[str, Tensor], **metadata: str) -> Path:
    path = folder / "model.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path, metadata or None)
    return path


@pytest.mark.parametrize(
    ("name", "family", "config"),
    [
        ("diffusers-unet-sd1", "sd1", SD1),
        ("diffusers-unet-sd2", "sd2", SD2),
        ("diffusers-unet-x4", "x4", X4_DETECTED),
    ],
)
def test_every_tensor_of_diffusers_unets_finds_its_place(name: str, family: str, config: UNetConfig) -> None:
    tensors = meta_tensors(name)
    found = find_unet(tensors)
    with torch.device("meta"):
        network = UNet(found.config)
    assert found.config == config
    assert shapes(dict(found.tensors)) == shapes(network)
    translation = manifest_json("map-unet-diffusers-to-ldm")[family]
    assert set(found.tensors) == set(translation.values()) and set(tensors) == set(translation)


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("vae-ft-mse-840000-ldm", VaeConfig()),
        ("vae-x4-upscaler-ldm", VaeConfig(multipliers=(1, 2, 4))),
        ("diffusers-vae-sd", VaeConfig()),
        ("diffusers-vae-sd-2022-names", VaeConfig()),
        ("diffusers-vae-x4", VaeConfig(multipliers=(1, 2, 4))),
        ("sd-v1-5-emaonly", VaeConfig()),
    ],
)
def test_vaes_of_every_layout_are_found(name: str, config: VaeConfig) -> None:
    found = find_vae(meta_tensors(name))
    with torch.device("meta"):
        network = Autoencoder(config)
    assert found.config == config and shapes(dict(found.tensors)) == shapes(network)


@pytest.mark.parametrize("shorter", [False, True])
@pytest.mark.parametrize(
    ("name", "layers", "output"),
    [
        ("clip-vit-l14-text-hf", 12, -1),
        ("openclip-vit-h14-text-hf-sd2", 23, -1),
        ("openclip-vit-h14-text", 24, -2),
    ],
)
def test_text_encoders_of_every_layout_are_found(name: str, layers: int, output: int, shorter: bool) -> None:
    """transformers leaves `text_model.` out of its names from version 5 on."""
    tensors = meta_tensors(name)
    if shorter:
        tensors = {key.removeprefix("text_model."): tensor for key, tensor in tensors.items()}
    found = find_text(tensors)
    with torch.device("meta"):
        network = ClipText(found.config)
    assert (found.config.layers, found.config.output_layer) == (layers, output)
    assert shapes(dict(found.tensors)) == shapes(network)


PREFIXES: dict[str, Callable[[str], str]] = {
    "alone": lambda name: name,
    "with its prefix": lambda name: f"model.diffusion_model.{name}",
}


@pytest.mark.parametrize("spelled", PREFIXES)
@pytest.mark.parametrize(("config", "family"), [(small.UNET, "sd1"), (small.UNET_SD2, "sd2")])
def test_unet_files_load(tmp_path: Path, spelled: str, config: UNetConfig, family: str) -> None:
    tensors = small.random_weights(UNet(config), 0)
    path = written(tmp_path, {PREFIXES[spelled](name): tensor for name, tensor in tensors.items()})
    model = load_unet(path, device=CPU, dtype=FULL)
    own = model.network.state_dict()
    assert own.keys() == tensors.keys() and all(torch.equal(own[name], tensors[name]) for name in own)
    assert (model.family, model.prediction, model.latent_channels) == (family, "eps", 4)
    assert (model.network.config, model.digest) == (config, sampled_digest(path))


def test_unet_of_a_whole_checkpoint_is_that_of_the_checkpoint(tmp_path: Path) -> None:
    path = written(tmp_path, small.sd1_checkpoint())
    alone, whole = load_unet(path, device=CPU), load_checkpoint(path, device=CPU)
    assert torch.equal(alone.network.out[2].weight, whole.model.network.out[2].weight)
    assert (alone.prediction, alone.schedule) == (whole.model.prediction, whole.model.schedule)
    parts = (alone, whole.model, whole.clip, whole.vae)
    parts = (*parts, load_vae(path, device=CPU), load_text_encoder(path, device=CPU))
    assert {part.digest for part in parts} == {sampled_digest(path)}


def test_marks_of_comfyuis_files_are_read(tmp_path: Path) -> None:
    marks = {"v_pred": torch.empty(0), "ztsnr": torch.empty(0)}
    path = written(tmp_path, small.sd1_checkpoint() | marks)
    loaded = load_checkpoint(path, device=CPU)
    assert loaded.model.prediction == "v" and loaded.unexpected == ()
    assert loaded.model.schedule == NoiseSchedule.scaled_linear().ending_in_noise()


def test_weights_can_be_rounded_to_eight_bits(tmp_path: Path) -> None:
    tensors = small.random_weights(UNet(small.UNET), 0)
    model = load_unet(written(tmp_path, tensors), device=CPU, dtype=FULL, rounded=torch.float8_e4m3fn)
    weight = tensors["out.2.weight"]
    assert torch.equal(model.network.out[2].weight, weight.to(torch.float8_e4m3fn).float())
    # Three bits of fraction: half a unit in the last place of the smallest, 1/16 of the number.
    assert 0 < ((model.network.out[2].weight - weight) / weight).abs().median() < 1 / 16


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("suffix", [".safetensors", ".ckpt"])
def test_checkpoints_of_every_precision_load(tmp_path: Path, dtype: torch.dtype, suffix: str) -> None:
    tensors = {
        name: tensor.to(dtype) if tensor.is_floating_point() else tensor
        for name, tensor in small.sd1_checkpoint().items()
    }
    path = tmp_path / f"model{suffix}"
    if suffix == ".ckpt":
        torch.save({"state_dict": tensors, "global_step": 1}, path)
    else:
        save_file(tensors, path)
    loaded = load_checkpoint(path, device=CPU, dtype=FULL)
    given = tensors["model.diffusion_model.out.2.weight"].float()
    assert torch.equal(loaded.model.network.out[2].weight, given)
    assert torch.equal(
        loaded.vae.network.quant_conv.weight, tensors["first_stage_model.quant_conv.weight"].float()
    )


def test_autoencoder_never_computes_in_float16(tmp_path: Path) -> None:
    loaded = load_checkpoint(written(tmp_path, small.sd1_checkpoint()), device=CPU, dtype=torch.float16)
    assert loaded.model.network.out[2].weight.dtype == torch.float16
    assert loaded.vae.network.quant_conv.weight.dtype in (torch.float32, torch.bfloat16)


def test_averages_that_are_not_there_are_said(tmp_path: Path) -> None:
    path = written(tmp_path, small.sd1_checkpoint())
    with pytest.raises(UnknownArchitecture) as caught:
        load_checkpoint(path, device=CPU, unet_weights="averaged")
    assert caught.value.given == "a checkpoint with one set of weights"
    assert caught.value.remedy == "Choose the weights: last."


@pytest.mark.parametrize(
    ("layers", "openclip", "output"), [(24, True, -2), (23, True, -1), (24, False, -2), (23, False, -1)]
)
def test_sd2_text_encoders_are_read_before_the_layer_that_nothing_uses(
    layers: int, openclip: bool, output: int
) -> None:
    """OpenCLIP's files and ComfyUI's have 24 layers; diffusers' and files converted from them have 23."""
    config = ClipTextConfig(width=1024, layers=layers, heads=16, mlp=4096, activation="gelu")
    with torch.device("meta"):
        tensors = ClipText(config).state_dict()
        if openclip:
            tensors = small.as_openclip(tensors, layers)
    found = find_text(tensors)
    assert (found.config.layers, found.config.output_layer, found.openclip) == (layers, output, openclip)


FOREIGN = {
    "SDXL": ["model.diffusion_model.label_emb.0.0.weight", "conditioner.embedders.1.model.ln_final.bias"],
    "SD3 or Flux": ["double_blocks.0.img_attn.proj.weight", "single_blocks.0.linear1.weight"],
    "a T5 text encoder": ["encoder.block.0.layer.0.SelfAttention.k.weight", "shared.weight"],
    "a LoRA": ["lora_unet_mid_block_attentions_0_proj_in.lora_down.weight"],
    "a ControlNet": ["input_hint_block.0.weight", "input_blocks.0.0.weight"],
}


@pytest.mark.parametrize("kind", FOREIGN)
@pytest.mark.parametrize("load", [load_checkpoint, load_unet, load_vae, load_text_encoder])
def test_files_of_other_kinds_are_named_by_every_loader(
    tmp_path: Path, kind: str, load: Callable[..., object]
) -> None:
    path = written(tmp_path, {name: torch.zeros(2, 2) for name in FOREIGN[kind]})
    with pytest.raises(UnknownArchitecture, match=rf"^model\.safetensors: .*given {kind}"):
        load(path, device=CPU)


def test_diffusers_unet_with_parts_that_ours_lacks_is_refused(tmp_path: Path) -> None:
    names = ["conv_in.weight", "down_blocks.0.resnets.0.conv1.weight", "time_embedding.cond_proj.weight"]
    with pytest.raises(MismatchedWeights, match=r"1 unexpected tensors \(time_embedding\.cond_proj\.weight"):
        load_unet(written(tmp_path, {name: torch.zeros(2, 2) for name in names}), device=CPU)


def test_second_text_encoder_of_sdxl_is_refused(tmp_path: Path) -> None:
    config = ClipTextConfig(width=1280, layers=1, heads=20, mlp=8, vocab=4)
    path = written(tmp_path, small.random_weights(ClipText(config), 0))
    with pytest.raises(UnknownArchitecture, match="the second text encoder of SDXL"):
        load_text_encoder(path, device=CPU)


def test_vae_of_other_latent_channels_is_refused(tmp_path: Path) -> None:
    wide = VaeConfig(channels=16, multipliers=(1, 2, 2, 2), res_blocks=1, z_channels=16, embed_dim=16)
    path = written(tmp_path, small.random_weights(Autoencoder(wide), 0))
    with pytest.raises(UnknownArchitecture, match="an autoencoder of 16 latent channels"):
        load_vae(path, device=CPU)


def test_vae_of_other_picture_channels_is_refused(tmp_path: Path) -> None:
    tensors = small.random_weights(Autoencoder(small.VAE), 0)
    tensors["encoder.conv_in.weight"] = torch.zeros(16, 4, 3, 3)
    with pytest.raises(CheckpointError, match="4 channels"):
        load_vae(written(tmp_path, tensors), device=CPU)


def test_digest_follows_content_and_not_time_or_place(tmp_path: Path) -> None:
    data = bytearray(range(256)) * 40_000  # more than the samples cover
    (tmp_path / "a").write_bytes(data)
    (tmp_path / "b").write_bytes(data)
    data[-1] ^= 1
    (tmp_path / "c").write_bytes(data)
    first, same, other = (sampled_digest(tmp_path / name) for name in "abc")
    assert first == same != other
    assert sampled_digest(written(tmp_path, {})) != first
