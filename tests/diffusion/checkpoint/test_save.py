"""What is written is read again as it was, here and by diffusers, under the names of the published files."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from diffusion.adapters.lora import merged_model
from diffusion.adapters.weight_patch import WeightPatch
from diffusion.checkpoint import keymaps
from diffusion.checkpoint.detect import detect
from diffusion.checkpoint.files import open_weights
from diffusion.checkpoint.layouts import checkpoint_tensors, openclip_names, unet_tensors
from diffusion.checkpoint.load import Checkpoint, load_checkpoint, load_text_encoder, load_unet, load_vae
from diffusion.checkpoint.save import save_checkpoint, save_model, save_text_encoder, save_vae
from diffusion.errors import Unsuitable
from diffusion.models.clip import ClipText
from diffusion.models.tokenizer import Tokenizer
from diffusion.models.unet import UNet
from diffusion.models.vae import Autoencoder
from diffusion.values import Model, TextEncoder, Vae
from tests.diffusion.checkpoint import small
from tests.diffusion.checkpoint.test_keymaps import meta_tensors, shapes
from tests.diffusion.checkpoint.test_parts import written
from tests.diffusion.golden import manifest

CPU, FULL = torch.device("cpu"), torch.float32
MAKERS = {"sd1": small.sd1_checkpoint, "sd2": small.sd2_checkpoint}


@pytest.fixture(params=MAKERS)
def loaded(request: pytest.FixtureRequest, tmp_path: Path) -> Checkpoint:
    (tmp_path / "given").mkdir()
    return load_checkpoint(written(tmp_path / "given", MAKERS[request.param]()), device=CPU, dtype=FULL)


def weights_of(network: nn.Module) -> dict[str, Tensor]:
    return dict(network.state_dict())


def same(first: nn.Module, second: nn.Module) -> bool:
    mine, other = weights_of(first), weights_of(second)
    return mine.keys() == other.keys() and all(torch.equal(mine[name], other[name]) for name in mine)


def patched(model: Model) -> Model:
    width = model.network.config.model_channels
    parts = {"lora_up.weight": torch.ones(4 * width, 1), "lora_down.weight": torch.ones(1, width)}
    return model.with_patch(WeightPatch("style", {"time_embed.0": parts}, 0.5))


def test_checkpoint_is_read_again_bit_by_bit(loaded: Checkpoint, tmp_path: Path) -> None:
    name = save_checkpoint(loaded.model, loaded.clip, loaded.vae, tmp_path, "whole", {"tessera": "{}"})
    again = load_checkpoint(tmp_path / name, device=CPU, dtype=FULL)
    assert name == "whole_00001_.safetensors"
    assert same(again.model.network, loaded.model.network)
    assert same(again.clip.network, loaded.clip.network)
    assert same(again.vae.network, loaded.vae.network)
    assert (again.architecture, again.unexpected) == (loaded.architecture, ())
    assert open_weights(tmp_path / name).metadata == {
        "tessera": "{}",
        "modelspec.architecture": {
            "sd1": "stable-diffusion-v1",
            "sd2": "stable-diffusion-v2-512",
        }[loaded.model.family],
        "modelspec.prediction_type": "epsilon",
    }


def test_parts_are_read_again_bit_by_bit(loaded: Checkpoint, tmp_path: Path) -> None:
    model = save_model(loaded.model, tmp_path, "unet", {})
    clip = save_text_encoder(loaded.clip, tmp_path, "clip", {})
    vae = save_vae(loaded.vae, tmp_path, "vae", {})
    assert same(load_unet(tmp_path / model, device=CPU, dtype=FULL).network, loaded.model.network)
    again = load_text_encoder(tmp_path / clip, device=CPU, dtype=FULL)
    assert same(again.network, loaded.clip.network)
    assert (again.network.config, again.family) == (loaded.clip.network.config, loaded.clip.family)
    assert same(load_vae(tmp_path / vae, device=CPU, dtype=FULL).network, loaded.vae.network)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_narrow_weights_are_written_as_they_are(tmp_path: Path, dtype: torch.dtype) -> None:
    tensors = {name: tensor.to(dtype) for name, tensor in small.random_weights(UNet(small.UNET), 0).items()}
    model = load_unet(written(tmp_path, tensors), device=CPU, dtype=dtype)
    saved = open_weights(tmp_path / save_model(model, tmp_path, "narrow", {}))
    prefix = "model.diffusion_model."
    assert all(torch.equal(saved[prefix + name], tensor) for name, tensor in tensors.items())
    assert {saved[prefix + name].dtype for name in tensors} == {dtype}


def test_prediction_and_schedule_are_kept(loaded: Checkpoint, tmp_path: Path) -> None:
    schedule = loaded.model.schedule.ending_in_noise()
    model = replace(loaded.model, prediction="v", schedule=schedule)
    path = tmp_path / save_checkpoint(model, loaded.clip, loaded.vae, tmp_path, "v", {})
    again = load_checkpoint(path, device=CPU, dtype=FULL)
    assert (again.model.prediction, again.model.schedule) == ("v", schedule)
    assert again.unexpected == ()
    assert open_weights(path).metadata["modelspec.prediction_type"] == "v"


def test_patches_are_written_into_the_weights(loaded: Checkpoint, tmp_path: Path) -> None:
    model = patched(loaded.model)
    again = load_unet(tmp_path / save_model(model, tmp_path, "style", {}), device=CPU, dtype=FULL)
    assert again.patches == () and same(again.network, merged_model(model).network)
    plain, changed = loaded.model.network.time_embed[0].weight, again.network.time_embed[0].weight
    torch.testing.assert_close(changed, plain + 0.5)


def test_patches_of_text_encoders_are_written_into_the_weights(loaded: Checkpoint, tmp_path: Path) -> None:
    parts = {"lora_up.weight": torch.ones(64, 1), "lora_down.weight": torch.ones(1, 64)}
    module = "text_model.encoder.layers.1.self_attn.k_proj"
    clip = replace(loaded.clip, patches=(WeightPatch("style", {module: parts}, 2.0),))
    path = tmp_path / save_text_encoder(clip, tmp_path, "clip", {})
    again = load_text_encoder(path, device=CPU, dtype=FULL)
    plain = weights_of(loaded.clip.network)
    for name, weight in weights_of(again.network).items():
        torch.testing.assert_close(weight, plain[name] + (2.0 if name == f"{module}.weight" else 0.0))


def test_text_encoder_of_another_family_is_refused(tmp_path: Path, loaded: Checkpoint) -> None:
    wide = ClipText(replace(small.TEXT, width=128))
    with pytest.raises(Unsuitable, match="writes vectors of 128 numbers, the model reads 64") as caught:
        checkpoint_tensors(loaded.model, TextEncoder(wide, Tokenizer()), loaded.vae)
    assert caught.value.input == "clip"


@pytest.mark.parametrize(
    "name",
    ["sd-v1-5-emaonly", "sd-v1-5-inpainting", "sd-v2-1-512-and-768", "sd-v2-inpainting", "x4-upscaler"],
)
def test_names_and_shapes_are_those_of_the_published_files(name: str) -> None:
    """All tensors but those that no program needs: schedule buffers, averages, projections."""
    found = detect(meta_tensors(name))
    with torch.device("meta"):
        model = Model(UNet(found.unet), family=found.family)
        clip = TextEncoder(
            ClipText(found.text), Tokenizer(), family="sd1" if found.family == "sd1" else "sd2"
        )
        written = checkpoint_tensors(model, clip, Vae(Autoencoder(found.vae)))
    needed = {key: shape for key, shape in manifest(name).items() if not keymaps.known(keymaps.OPTIONAL, key)}
    assert shapes(written) == needed


def test_openclip_names_are_those_of_the_published_translation() -> None:
    text = small.random_weights(ClipText(small.TEXT_SD2), 2)
    renamed = openclip_names(text)
    assert renamed.keys() == small.as_openclip(text).keys()
    assert all(torch.equal(renamed[name], tensor) for name, tensor in small.as_openclip(text).items())


@pytest.mark.filterwarnings("ignore")
def test_diffusers_converts_what_is_written(loaded: Checkpoint) -> None:
    """Every tensor arrives in diffusers' own network of this shape, and both compute the same."""
    diffusers = pytest.importorskip("diffusers")
    single_file = pytest.importorskip("diffusers.loaders.single_file_utils")
    sd2 = loaded.model.family == "sd2"
    channels = loaded.model.network.config.widths
    theirs = diffusers.UNet2DConditionModel(
        block_out_channels=channels,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        layers_per_block=1,
        cross_attention_dim=64,
        attention_head_dim=tuple(width // 64 for width in channels) if sd2 else 8,
        use_linear_projection=sd2,
    ).eval()
    converted = single_file.convert_ldm_unet_checkpoint(unet_tensors(loaded.model), dict(theirs.config))
    theirs.load_state_dict(converted)
    generator = torch.Generator().manual_seed(0)
    x, context = (torch.randn(shape, generator=generator) for shape in ((2, 4, 8, 8), (2, 7, 64)))
    steps = torch.tensor([3, 700])
    with torch.inference_mode():
        ours = loaded.model.network(x, steps, context)
        torch.testing.assert_close(theirs(x, steps, context).sample, ours, atol=2e-5, rtol=1e-4)


@pytest.mark.filterwarnings("ignore")
@torch.inference_mode()
def test_diffusers_converts_text_encoders_and_vaes_that_are_written(loaded: Checkpoint) -> None:
    diffusers = pytest.importorskip("diffusers")
    transformers = pytest.importorskip("transformers")
    single_file = pytest.importorskip("diffusers.loaders.single_file_utils")
    written, sd2 = checkpoint_tensors(loaded.model, loaded.clip, loaded.vae), loaded.clip.family == "sd2"
    config = transformers.CLIPTextConfig(
        hidden_size=64,
        intermediate_size=96,
        num_attention_heads=1,
        num_hidden_layers=3,
        vocab_size=300,
        bos_token_id=1,
        eos_token_id=2,
        hidden_act="gelu" if sd2 else "quick_gelu",
    )
    text = transformers.CLIPTextModel(config).eval()
    if sd2:
        converted = single_file.convert_open_clip_checkpoint(text, written)
    else:
        converted = single_file.convert_ldm_clip_checkpoint(written)
    # diffusers 0.42 still says text_model., which transformers 5 dropped.
    text.load_state_dict({name.removeprefix("text_model."): tensor for name, tensor in converted.items()})
    tokens = torch.tensor([[1, 5, 299, 2]])
    hidden = text(tokens, output_hidden_states=True).hidden_states[-2 if sd2 else -1]
    torch.testing.assert_close(
        text.final_layer_norm(hidden), loaded.clip.network(tokens), atol=2e-5, rtol=1e-4
    )
    vae = diffusers.AutoencoderKL(
        block_out_channels=(16, 32, 32, 32),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        norm_num_groups=16,
    )
    vae.load_state_dict(single_file.convert_ldm_vae_checkpoint(written, dict(vae.config)))
    assert torch.equal(vae.decoder.conv_in.weight, loaded.vae.network.decoder.conv_in.weight)
