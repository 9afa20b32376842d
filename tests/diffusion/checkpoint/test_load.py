"""Loading whole files as values."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from diffusion.checkpoint.errors import MismatchedWeights, NonFiniteWeights, UnknownArchitecture
from diffusion.checkpoint.load import (
    load_checkpoint,
    load_preview_decoder,
    load_text_encoder,
    load_unet,
    load_upscaler,
    load_vae,
)
from diffusion.memory import device_of, dtype_of
from diffusion.models.clip import ClipText, ClipTextConfig
from diffusion.models.taesd import TaesdConfig, TaesdDecoder
from diffusion.models.upscaler import CompactConfig
from diffusion.models.vae import Autoencoder
from diffusion.sampling.schedules import NoiseSchedule
from tests.diffusion.checkpoint import small
from tests.diffusion.golden import Golden
from tests.diffusion.residents import Counter, Stopped

ROOT = Path(__file__).parents[3]
CPU, FULL = torch.device("cpu"), torch.float32
Save = Callable[[dict[str, Tensor]], Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def to_file(tensors: dict[str, Tensor]) -> Path:
        save_file(tensors, tmp_path / "model.safetensors")
        return tmp_path / "model.safetensors"

    return to_file


def below(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def same(network: torch.nn.Module, tensors: dict[str, Tensor]) -> bool:
    weights = network.state_dict()
    return all(torch.equal(weights[name], tensors[name]) for name in weights)


def test_sd1_checkpoint_becomes_three_values(save: Save) -> None:
    tensors = small.sd1_checkpoint()
    loaded = load_checkpoint(save(tensors), device=CPU, dtype=FULL)
    assert same(loaded.model.network, below("model.diffusion_model.", tensors))
    assert same(loaded.vae.network, below("first_stage_model.", tensors))
    assert same(loaded.clip.network, below("cond_stage_model.transformer.", tensors))
    model, clip, vae = loaded.model, loaded.clip, loaded.vae
    assert (model.prediction, model.family, model.latent_channels) == ("eps", "sd1", 4)
    assert model.schedule == NoiseSchedule.scaled_linear()
    assert (clip.family, clip.tokenizer.pad) == ("sd1", 49407)
    assert (vae.scale, vae.factor) == (0.18215, 8)
    assert loaded.unexpected == ()


def test_sd2_checkpoint_becomes_three_values(save: Save) -> None:
    tensors = small.sd2_checkpoint()
    loaded = load_checkpoint(save(tensors), device=CPU, dtype=FULL)
    assert same(loaded.clip.network, small.random_weights(ClipText(small.TEXT_SD2), 2))
    assert (loaded.model.family, loaded.clip.tokenizer.pad) == ("sd2", 0)
    tokens = torch.tensor([[1, 5, 299, 0]])
    network = loaded.clip.network
    torch.testing.assert_close(network(tokens), network(tokens, layer=-2))


def test_networks_are_frozen_and_ready(save: Save) -> None:
    loaded = load_checkpoint(save(small.sd1_checkpoint()), device=CPU, dtype=FULL)
    for network in (loaded.model.network, loaded.clip.network, loaded.vae.network):
        assert not network.training
        assert not any(parameter.requires_grad for parameter in network.parameters())


def test_weights_stay_in_the_file_where_nothing_changes(save: Save) -> None:
    path = save(small.sd1_checkpoint())
    load_checkpoint(path, device=CPU, dtype=FULL)
    maps = Path("/proc/self/maps")
    if not maps.exists():
        pytest.skip("needs Linux")
    loaded = load_checkpoint(path, device=CPU, dtype=FULL)
    addresses = [
        [int(part, 16) for part in line.split()[0].split("-")]
        for line in maps.read_text().splitlines()
        if line.endswith(str(path))
    ]
    weight = loaded.model.network.out[2].weight.data_ptr()
    assert any(start <= weight < end for start, end in addresses)


def test_networks_for_a_device_stay_on_the_host_as_they_are_in_the_file(save: Save) -> None:
    tensors = {name: tensor.half() for name, tensor in small.sd1_checkpoint().items()}
    path = save(tensors)
    vae = load_vae(path, device=torch.device("cuda"), dtype=torch.bfloat16).network
    assert {(tensor.device.type, tensor.dtype) for tensor in vae.parameters()} == {("cpu", torch.float16)}
    assert (device_of(vae).type, dtype_of(vae)) == ("cuda", torch.bfloat16)
    assert same(vae, below("first_stage_model.", tensors))


def test_loading_stops_within_one_tensor(save: Save) -> None:
    path, seen = save(small.sd1_checkpoint()), Counter()
    loaded = load_checkpoint(path, device=CPU, dtype=torch.bfloat16, check=seen)
    networks = (loaded.model.network, loaded.clip.network, loaded.vae.network)
    assert seen.calls == sum(len(network.state_dict()) for network in networks)
    for done in (0, 1, seen.calls - 1):
        with pytest.raises(Stopped):
            load_checkpoint(path, device=CPU, dtype=torch.bfloat16, check=Counter(done))
    for load in (load_unet, load_vae, load_text_encoder):
        with pytest.raises(Stopped):
            load(path, device=CPU, check=Counter(3))


def test_dtype_is_converted(save: Save) -> None:
    tensors = {name: tensor.half() for name, tensor in small.sd1_checkpoint().items()}
    loaded = load_checkpoint(save(tensors), device=CPU, dtype=FULL)
    assert {parameter.dtype for parameter in loaded.model.network.parameters()} == {torch.float32}


def test_running_averages_can_be_chosen(save: Save) -> None:
    tensors = small.sd1_checkpoint()
    prefix = "model.diffusion_model."
    for name in below(prefix, tensors):
        average = "model_ema.diffusion_model" + name.replace(".", "")
        tensors[average] = tensors[prefix + name] + 1
    path = save(tensors)
    last = load_checkpoint(path, device=CPU).model.network.out[2].bias
    averaged = load_checkpoint(path, device=CPU, unet_weights="averaged").model.network.out[2].bias
    torch.testing.assert_close(averaged, last + 1)


def test_stated_prediction_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "v.safetensors"
    save_file(small.sd1_checkpoint(), path, metadata={"modelspec.prediction_type": "v"})
    assert load_checkpoint(path, device=CPU).model.prediction == "v"


def test_missing_and_reshaped_tensors_are_named(save: Save) -> None:
    tensors = small.sd1_checkpoint()
    del tensors["model.diffusion_model.out.0.bias"]
    tensors["model.diffusion_model.out.2.bias"] = torch.zeros(5)
    with pytest.raises(MismatchedWeights) as caught:
        load_checkpoint(save(tensors), device=CPU)
    assert caught.value.given == "1 missing (out.0.bias); 1 of another shape (out.2.bias [5] instead of [4])"


def test_foreign_tensors_are_told_and_left_alone(save: Save) -> None:
    loaded = load_checkpoint(save(small.sd1_checkpoint() | {"junk.weight": torch.zeros(1)}), device=CPU)
    assert loaded.unexpected == ("junk.weight",)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_broken_weights_are_named(save: Save, value: float) -> None:
    tensors = small.sd1_checkpoint()
    tensors["first_stage_model.quant_conv.weight"][3, 2] = value
    with pytest.raises(NonFiniteWeights, match=r"VAE: given 1 tensors with .*\(quant_conv\.weight\)"):
        load_checkpoint(save(tensors), device=CPU)


@pytest.mark.parametrize("prefix", ["", "first_stage_model."])
def test_vae_files_load_with_and_without_their_prefix(save: Save, prefix: str) -> None:
    tensors = small.random_weights(Autoencoder(small.VAE), 1)
    vae = load_vae(save({prefix + name: tensor for name, tensor in tensors.items()}), device=CPU, dtype=FULL)
    assert vae.factor == 8 and same(vae.network, tensors)


@pytest.mark.parametrize(
    ("make", "config", "pad"),
    [
        (small.sd1_checkpoint, small.TEXT, 49407),
        (small.sd2_checkpoint, small.TEXT_SD2, 0),
        (lambda: below("cond_stage_model.transformer.", small.sd1_checkpoint()), small.TEXT, 49407),
        (lambda: below("cond_stage_model.model.", small.sd2_checkpoint()), small.TEXT_SD2, 0),
    ],
)
def test_text_encoders_load_from_checkpoints_and_alone(
    save: Save, make: Callable[[], dict[str, Tensor]], config: ClipTextConfig, pad: int
) -> None:
    encoder = load_text_encoder(save(make()), device=CPU, dtype=FULL)
    assert (encoder.network.config, encoder.tokenizer.pad) == (config, pad)
    assert same(encoder.network, small.random_weights(ClipText(config), 2))


def test_other_files_are_refused_by_name(save: Save) -> None:
    path = save({f"lora_unet_{i}.lora_down.weight": torch.zeros(1) for i in range(3)})
    for load in (load_checkpoint, load_vae, load_text_encoder, load_upscaler, load_preview_decoder):
        with pytest.raises(UnknownArchitecture, match=r"^model\.safetensors: .*: given a LoRA"):
            load(path, device=CPU)


def test_preview_decoder_loads(save: Save) -> None:
    golden = Golden("taesd_decoder_random")
    network = load_preview_decoder(save(golden.weights), device=CPU, dtype=FULL)
    assert isinstance(network, TaesdDecoder)
    torch.testing.assert_close(network(golden["z"]), golden["out"], atol=2e-5, rtol=0)
    assert TaesdDecoder(TaesdConfig()).state_dict().keys() == network.state_dict().keys()


@pytest.mark.parametrize("name", ["tiny_rrdb_x4", "tiny_rrdb_x2", "tiny_srvgg_x4"])
def test_upscalers_load(save: Save, name: str) -> None:
    golden = Golden(name)
    network = load_upscaler(save(golden.weights), device=CPU, dtype=FULL)
    torch.testing.assert_close(network(golden["x"]), golden["out"], atol=2e-5, rtol=0)


@torch.inference_mode()
def test_the_shipped_upscaler_enlarges_a_picture_faithfully() -> None:
    path = ROOT / "models/upscale_models/realesr-animevideov3-x4.fp16.safetensors"
    network = load_upscaler(path, device=CPU, dtype=FULL)
    assert network.config == CompactConfig()
    axis = torch.linspace(-1, 1, 128)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    disc, bar = (x**2 + y**2 < 0.5).float(), ((x + y).abs() < 0.15).float()
    picture = torch.stack([0.2 + 0.6 * disc, 0.8 - 0.5 * bar, 0.3 + 0.4 * disc * bar])[None]
    enlarged = network(torch.nn.functional.avg_pool2d(picture, 4))
    assert enlarged.shape == picture.shape
    assert (enlarged - picture).abs().mean() < 0.05
