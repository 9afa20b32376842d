"""Folders that diffusers itself wrote, with random weights: ours compute what theirs compute."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from diffusion.checkpoint.diffusers_folder import load_folder, schedule_of
from diffusion.checkpoint.digest import sampled_digest
from diffusion.checkpoint.errors import (
    CheckpointError,
    DamagedFile,
    MismatchedWeights,
    MissingFile,
    NonFiniteWeights,
    UnknownArchitecture,
    UnsafeFile,
)
from diffusion.checkpoint.folder import open_network
from diffusion.sampling.schedules import NoiseSchedule
from tests.diffusion.checkpoint.test_files import Exploit
from tests.diffusion.residents import Counter, Stopped

diffusers = pytest.importorskip("diffusers")
transformers = pytest.importorskip("transformers")
pytestmark = pytest.mark.filterwarnings("ignore")

CPU, FULL = torch.device("cpu"), torch.float32
SCHEDULER = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}


@dataclass
class Theirs:
    """A pipeline's networks and the folder in which it lies."""

    folder: Path
    unet: Any
    vae: Any
    text: Any


def make(folder: Path, *, sd2: bool = False, vae_levels: int = 2, **saving: Any) -> Theirs:
    """Networks of almost no size with the structure of SD1 or SD2, written by diffusers."""
    torch.manual_seed(1)
    unet = diffusers.UNet2DConditionModel(
        block_out_channels=(32, 64),
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        layers_per_block=1,
        cross_attention_dim=32,
        attention_head_dim=(2, 4) if sd2 else 8,
        use_linear_projection=sd2,
    )
    vae = diffusers.AutoencoderKL(
        block_out_channels=(32,) + (64,) * (vae_levels - 1),
        down_block_types=("DownEncoderBlock2D",) * vae_levels,
        up_block_types=("UpDecoderBlock2D",) * vae_levels,
        latent_channels=4,
        scaling_factor=0.5,
    )
    text = transformers.CLIPTextModel(
        transformers.CLIPTextConfig(
            hidden_size=32,
            intermediate_size=37,
            num_attention_heads=4,
            num_hidden_layers=2,
            vocab_size=49408,
            hidden_act="gelu" if sd2 else "quick_gelu",
        )
    )
    for part, network in {"unet": unet, "vae": vae, "text_encoder": text}.items():
        network.eval().save_pretrained(folder / part, **saving)
    extra = {"prediction_type": "v_prediction", "rescale_betas_zero_snr": True} if sd2 else {}
    diffusers.DDIMScheduler(**SCHEDULER, **extra).save_pretrained(folder / "scheduler")
    index = {"_class_name": "StableDiffusionPipeline", "unet": ["diffusers", "UNet2DConditionModel"]}
    (folder / "model_index.json").write_text(json.dumps(index))
    return Theirs(folder, unet, vae, text)


@pytest.fixture(scope="module")
def sd1(tmp_path_factory: pytest.TempPathFactory) -> Theirs:
    return make(tmp_path_factory.mktemp("sd1"))


@pytest.fixture
def copied(sd1: Theirs, tmp_path: Path) -> Path:
    """A folder to damage."""
    for path in sd1.folder.rglob("*"):
        if path.is_file():
            target = tmp_path / "copied" / path.relative_to(sd1.folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    return tmp_path / "copied"


def load(folder: Path):
    return load_folder(folder, device=CPU, dtype=FULL)


@torch.inference_mode()
def assert_same_numbers(theirs: Theirs) -> None:
    ours, generator = load(theirs.folder), torch.Generator().manual_seed(0)
    x, context = (torch.randn(shape, generator=generator) for shape in ((2, 4, 8, 8), (2, 7, 32)))
    steps, tokens = torch.tensor([3, 700]), torch.tensor([[49406, 320, 2368, 49407]])
    close = {"atol": 2e-5, "rtol": 1e-4}
    expected = theirs.unet(x, steps, context).sample
    torch.testing.assert_close(ours.model.network(x, steps, context), expected, **close)
    torch.testing.assert_close(ours.vae.network.decode(x), theirs.vae.decode(x).sample, **close)
    picture = torch.randn(1, 3, 16, 16, generator=generator)
    expected = theirs.vae.encode(picture).latent_dist.mean
    torch.testing.assert_close(ours.vae.network.encode(picture).mean, expected, **close)
    torch.testing.assert_close(ours.clip.network(tokens), theirs.text(tokens).last_hidden_state, **close)


def test_sd1_folder_computes_what_diffusers_computes(sd1: Theirs) -> None:
    assert_same_numbers(sd1)
    loaded = load(sd1.folder)
    assert (loaded.model.prediction, loaded.model.family, loaded.clip.family) == ("eps", "sd1", "sd1")
    assert loaded.model.schedule == NoiseSchedule.scaled_linear()
    assert (loaded.vae.scale, loaded.vae.factor, loaded.clip.tokenizer.pad) == (0.5, 2, 49407)
    assert loaded.model.digest == sampled_digest(sd1.folder / "unet/diffusion_pytorch_model.safetensors")


def test_loading_a_folder_stops_within_one_tensor(sd1: Theirs) -> None:
    seen = Counter()
    loaded = load_folder(sd1.folder, device=CPU, dtype=FULL, check=seen)
    networks = (loaded.model.network, loaded.clip.network, loaded.vae.network)
    assert seen.calls == sum(len(network.state_dict()) for network in networks)
    for done in (0, seen.calls // 2, seen.calls - 1):
        with pytest.raises(Stopped):
            load_folder(sd1.folder, device=CPU, dtype=FULL, check=Counter(done))


def test_sd2_folder_takes_prediction_and_schedule_from_its_scheduler(tmp_path: Path) -> None:
    theirs = make(tmp_path / "sd2", sd2=True)
    assert_same_numbers(theirs)
    loaded = load(theirs.folder)
    assert (loaded.model.prediction, loaded.model.family, loaded.clip.family) == ("v", "sd2", "sd2")
    assert loaded.model.schedule == NoiseSchedule.scaled_linear().ending_in_noise()
    assert loaded.clip.tokenizer.pad == 0


LAYOUTS: dict[str, dict[str, Any]] = {
    "pickled": {"safe_serialization": False},
    "half precision": {"variant": "fp16"},
    "in shards": {"max_shard_size": "200KB"},
    "in shards of half precision": {"max_shard_size": "200KB", "variant": "fp16"},
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_of_the_files_is_read(sd1: Theirs, tmp_path: Path, layout: str) -> None:
    for part, network in {"unet": sd1.unet, "vae": sd1.vae}.items():
        network.save_pretrained(tmp_path / part, **LAYOUTS[layout])
        weights = open_network(tmp_path, part)
        expected = network.state_dict()
        assert set(weights) == set(expected)
        assert all(torch.equal(weights[name], tensor) for name, tensor in expected.items())
        written = [path.name for path in (tmp_path / part).iterdir()]
        assert ("in shards" in layout) == any("00001-of" in name for name in written)
        assert ("half" in layout) == any("fp16" in name for name in written)


def test_index_as_written_until_2024_is_read(sd1: Theirs, tmp_path: Path) -> None:
    sd1.unet.save_pretrained(tmp_path / "unet", max_shard_size="200KB", variant="fp16")
    (index,) = (tmp_path / "unet").glob("*.index*.json")
    index.rename(index.with_name("diffusion_pytorch_model.safetensors.index.fp16.json"))
    assert set(open_network(tmp_path, "unet")) == set(sd1.unet.state_dict())


def test_safetensors_go_before_pickles_and_full_before_half_precision(copied: Path) -> None:
    folder = copied / "unet"
    (folder / "diffusion_pytorch_model.bin").write_bytes(b"not read")
    (folder / "diffusion_pytorch_model.fp16.safetensors").write_bytes(b"not read")
    assert open_network(copied, "unet").path == folder / "diffusion_pytorch_model.safetensors"


def test_digest_of_shards_is_that_of_all_of_them(sd1: Theirs, copied: Path) -> None:
    (copied / "unet/diffusion_pytorch_model.safetensors").unlink()
    sd1.unet.save_pretrained(copied / "unet", max_shard_size="200KB")
    first = load(copied).model.digest
    shard = sorted((copied / "unet").glob("*-00002-of-*"))[0]
    data = bytearray(shard.read_bytes())
    data[-1] ^= 1
    shard.write_bytes(data)
    assert load(copied).model.digest != first


def test_a_folder_without_records_goes_by_its_weights(copied: Path) -> None:
    (copied / "scheduler/scheduler_config.json").unlink()
    model = load(copied).model
    assert (model.prediction, model.schedule) == ("eps", NoiseSchedule.scaled_linear())


@pytest.mark.parametrize(
    "record",
    [
        SCHEDULER,
        {**SCHEDULER, "rescale_betas_zero_snr": True},
        {**SCHEDULER, "beta_schedule": "linear"},
        {"trained_betas": [0.001, 0.002, 0.01]},
    ],
)
def test_schedules_are_those_of_diffusers(record: dict[str, Any]) -> None:
    theirs = diffusers.DDIMScheduler(**record).alphas_cumprod
    ours = torch.tensor(schedule_of(record).alphas_cumprod)
    torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=0)


# --- folders that cannot be used


def refusal(folder: Path, kind: type[CheckpointError] = UnknownArchitecture) -> CheckpointError:
    with pytest.raises(kind) as caught:
        load(folder)
    assert caught.value.remedy
    return caught.value


def test_empty_and_foreign_folders_are_named(tmp_path: Path) -> None:
    assert refusal(tmp_path).given == "a folder without model_index.json"
    (tmp_path / "model_index.json").write_text('{"_class_name": "FluxPipeline", "transformer": [1, 2]}')
    assert refusal(tmp_path).given == "a folder of FluxPipeline"
    index = {"_class_name": "StableDiffusionXLPipeline", "unet": [1], "text_encoder_2": [1]}
    (tmp_path / "model_index.json").write_text(json.dumps(index))
    assert refusal(tmp_path).given == "a folder of StableDiffusionXLPipeline"
    (tmp_path / "model_index.json").write_text('{"unet": [1]}')
    missing = refusal(tmp_path, MissingFile)
    assert missing.given == "no such folder, or an empty one" and missing.subject.endswith("/unet")


def test_a_missing_network_is_named_with_what_is_there(copied: Path) -> None:
    (copied / "vae/diffusion_pytorch_model.safetensors").unlink()
    error = refusal(copied, MissingFile)
    assert (error.subject, error.given) == ("copied/vae", "a folder with config.json")


def test_records_that_are_no_json_are_damaged(copied: Path) -> None:
    (copied / "scheduler/scheduler_config.json").write_text("{")
    refusal(copied, DamagedFile)
    (copied / "scheduler/scheduler_config.json").write_text("[1]")
    refusal(copied, DamagedFile)


def test_unknown_schedules_and_predictions_are_named(copied: Path) -> None:
    record = copied / "scheduler/scheduler_config.json"
    record.write_text('{"beta_schedule": "squaredcos_cap_v2"}')
    assert refusal(copied).given == "the noise schedule 'squaredcos_cap_v2'"
    record.write_text('{"prediction_type": "flow"}')
    assert refusal(copied).given == "the prediction type 'flow'"


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ("unet", "diffusion_pytorch_model"),
        ("vae", "diffusion_pytorch_model"),
        ("text_encoder", "pytorch_model"),
    ],
)
@pytest.mark.parametrize("legacy", [False, True])
def test_code_in_a_pickle_of_any_network_is_refused_and_not_run(
    copied: Path, part: str, name: str, legacy: bool
) -> None:
    canary = copied / "canary"
    for path in (copied / part).glob("*.safetensors"):
        path.unlink()
    content = {"a": torch.ones(2), "extra": Exploit(canary)}
    torch.save(content, copied / part / f"{name}.bin", _use_new_zipfile_serialization=not legacy)
    assert "was not run" in refusal(copied, UnsafeFile).remedy
    assert not canary.exists()


@pytest.mark.parametrize("name", ["../outside.safetensors", "/etc/passwd", "a\\b", "..", ""])
def test_an_index_cannot_lead_out_of_its_folder(copied: Path, name: str) -> None:
    (copied / "unet/diffusion_pytorch_model.safetensors").unlink()
    index = copied / "unet/diffusion_pytorch_model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": name}}))
    refusal(copied, UnsafeFile)


@pytest.mark.parametrize("content", ["{}", '{"weight_map": 3}', '{"weight_map": {"a": 3}}'])
def test_a_broken_index_is_damaged(copied: Path, content: str) -> None:
    (copied / "unet/diffusion_pytorch_model.safetensors").unlink()
    (copied / "unet/diffusion_pytorch_model.safetensors.index.json").write_text(content)
    refusal(copied, DamagedFile)


def change(folder: Path, part: str, edit: Callable[[dict[str, Tensor]], None]) -> None:
    from safetensors.torch import load_file, save_file

    (path,) = (folder / part).glob("*.safetensors")
    tensors = load_file(path)
    edit(tensors)
    save_file(tensors, path)


def test_truncated_missing_and_infinite_weights_are_named(copied: Path) -> None:
    change(copied, "vae", lambda tensors: tensors["quant_conv.bias"].fill_(float("nan")))
    assert "quant_conv.bias" in refusal(copied, NonFiniteWeights).given
    change(copied, "unet", lambda tensors: tensors.pop("conv_out.bias"))
    error = refusal(copied, MismatchedWeights)
    assert error.given == "1 missing (out.2.bias)" and error.subject == "copied/unet: UNet"
    path = copied / "unet/diffusion_pytorch_model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    refusal(copied, DamagedFile)
