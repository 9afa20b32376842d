"""What headers tell, on files with the published names and shapes and no weights, against `detect`."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from diffusion.checkpoint import traits
from diffusion.checkpoint.contents import TensorInfo
from diffusion.checkpoint.detect import V_PREDICTION_BIAS, V_PREDICTION_DEVIATION, detect
from diffusion.checkpoint.errors import DamagedFile, UnknownArchitecture
from diffusion.checkpoint.files import open_weights
from diffusion.checkpoint.header import read_header, read_numbers
from tests.diffusion.checkpoint.sparse import sparse
from tests.diffusion.checkpoint.test_keymaps import meta_tensors
from tests.diffusion.golden import manifest

BIAS = traits.UNET + V_PREDICTION_BIAS
LARGE = [0.2 * (-1) ** place for place in range(320)]
VAE = {"factor": 8, "channels": 4}


def model(family: str, role: str, context: int, prediction: str = "eps") -> dict[str, object]:
    return {
        "family": family, "prediction": prediction, "role": role, "context": context, "channels": 4,
    }  # fmt: skip


SD1_CLIP, SD2_CLIP = {"family": "sd1", "width": 768}, {"family": "sd2", "width": 1024}
PUBLISHED = {
    "sd-v1-5-emaonly": (model("sd1", "base", 768), SD1_CLIP, VAE),
    "sd-v1-5-inpainting": (model("sd1", "inpaint", 768), SD1_CLIP, VAE),
    "sd-v2-1-512-and-768": (model("sd2", "base", 1024), SD2_CLIP, VAE),
    "sd-v2-inpainting": (model("sd2", "inpaint", 1024), SD2_CLIP, VAE),
    "sd-v2-depth": (model("sd2", "depth", 1024), SD2_CLIP, VAE),
    "x4-upscaler": (model("x4", "x4", 1024, "v"), SD2_CLIP, VAE | {"factor": 4}),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_checkpoints_tell_what_they_are(tmp_path: Path, name: str) -> None:
    path = sparse(tmp_path / "model.safetensors", manifest(name))
    found = traits.checkpoint_traits(path)
    assert found == dict(zip(("MODEL", "CLIP", "VAE"), PUBLISHED[name], strict=True))
    assert path.stat().st_blocks * 512 < 4_000_000, "the file must be sparse"
    thorough = detect(meta_tensors(name))
    assert (found["MODEL"]["family"], found["MODEL"]["role"]) == (thorough.family, thorough.role)
    assert found["MODEL"]["context"] == thorough.unet.context_dim
    assert (found["CLIP"]["width"], found["VAE"]["factor"]) == (thorough.text.width, thorough.vae.factor)


@pytest.mark.parametrize("dtype", ["F32", "F16", "BF16"])
def test_the_numbers_of_one_bias_tell_velocity_prediction(tmp_path: Path, dtype: str) -> None:
    shapes = manifest("sd-v2-1-512-and-768")
    path = sparse(tmp_path / "768.safetensors", shapes, dtype=dtype, numbers={BIAS: LARGE})
    assert traits.checkpoint_traits(path)["MODEL"] == model("sd2", "base", 1024, "v")


def test_a_file_may_state_its_prediction(tmp_path: Path) -> None:
    shapes = manifest("sd-v1-5-emaonly")
    stated = {"modelspec.prediction_type": "v"}
    path = sparse(tmp_path / "v.safetensors", shapes, metadata=stated)
    assert traits.checkpoint_traits(path)["MODEL"]["prediction"] == "v"
    marked = sparse(tmp_path / "m.safetensors", {**shapes, "v_pred": (0,)})
    assert traits.checkpoint_traits(marked)["MODEL"]["prediction"] == "v"


def test_the_thresholds_are_those_of_detection() -> None:
    assert (traits.V_PREDICTION_BIAS, traits.V_PREDICTION_DEVIATION) == (
        V_PREDICTION_BIAS,
        V_PREDICTION_DEVIATION,
    )


@pytest.mark.parametrize("zipped", [True, False])
def test_pickled_files_tell_the_same_without_torch(tmp_path: Path, zipped: bool) -> None:
    """Tensors of one number each, seen in the published shapes, so that the file is small."""
    shapes = manifest("sd-v2-1-512-and-768")
    tensors = {name: torch.zeros(()).expand(shape) for name, shape in shapes.items()}
    tensors[BIAS] = torch.tensor(LARGE)
    path = tmp_path / "model.ckpt"
    torch.save({"state_dict": tensors, "epoch": 3}, path, _use_new_zipfile_serialization=zipped)
    expected = model("sd2", "base", 1024, "v")
    if not zipped:
        del expected["prediction"]  # where its numbers lie is not known
    assert traits.checkpoint_traits(path)["MODEL"] == expected
    opened = open_weights(path)
    infos = {name: TensorInfo(tuple(t.shape), str(t.dtype)[6:]) for name, t in opened.items()}
    assert read_header(path).tensors == infos


def test_numbers_are_read_where_the_archive_has_them(tmp_path: Path) -> None:
    path = tmp_path / "model.ckpt"
    whole = torch.arange(10, dtype=torch.float64)
    torch.save({"a": torch.ones(3), "b": whole[4:7], "c": whole.to(torch.int64)}, path)
    infos = read_header(path).tensors
    assert read_numbers(path, infos["a"]) == (1.0, 1.0, 1.0)
    assert read_numbers(path, infos["b"]) == (4.0, 5.0, 6.0)
    assert read_numbers(path, infos["c"]) is None


@pytest.mark.parametrize(
    ("name", "context", "width"),
    [
        ("lora-kohya-sd1-rank4", 768, 768),
        ("lora-kohya-sd2-rank4", 1024, 1024),
        ("lora-diffusers-2023-sd1-rank4", 768, None),
        ("lora-diffusers-peft-sd1-rank4", 768, None),
        ("lora-kohya-sd1-conv3x3-extra", None, None),
    ],
)
def test_loras_tell_the_widths_they_were_made_for(
    tmp_path: Path, name: str, context: int | None, width: int | None
) -> None:
    path = sparse(tmp_path / "lora.safetensors", manifest(name))
    expected = {"MODEL": {"context": context} if context else {}, "CLIP": {"width": width} if width else {}}
    assert traits.lora_traits(path) == expected


@pytest.mark.parametrize(
    ("name", "factor"),
    [
        ("vae-ft-mse-840000-ldm", 8),
        ("diffusers-vae-sd", 8),
        ("diffusers-vae-x4", 4),
        ("vae-x4-upscaler-ldm", 4),
    ],
)
def test_vaes_tell_their_factor(tmp_path: Path, name: str, factor: int) -> None:
    path = sparse(tmp_path / "vae.safetensors", manifest(name))
    assert traits.vae_file_traits(path) == {"VAE": {"factor": factor, "channels": 4}}


def test_a_text_encoder_alone_tells_its_width(tmp_path: Path) -> None:
    for name, expected in (("clip-vit-l14-text-hf", SD1_CLIP), ("openclip-vit-h14-text-hf-sd2", SD2_CLIP)):
        path = sparse(tmp_path / f"{name}.safetensors", manifest(name))
        assert traits.text_file_traits(path) == {"CLIP": expected}


def test_what_is_no_checkpoint_says_what_it_is(tmp_path: Path) -> None:
    path = sparse(tmp_path / "lora.safetensors", manifest("lora-kohya-sd1-rank4"))
    with pytest.raises(UnknownArchitecture, match="a LoRA"):
        traits.checkpoint_traits(path)


def test_a_damaged_pickle_is_told_as_damage(tmp_path: Path) -> None:
    path = tmp_path / "model.ckpt"
    torch.save({"a": torch.ones(3)}, path)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DamagedFile):
        read_header(path)


def test_a_file_is_read_again_only_when_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sparse(tmp_path / "vae.safetensors", manifest("vae-ft-mse-840000-ldm"))
    read: list[Path] = []
    monkeypatch.setattr(traits, "read_header", lambda path: read.append(path) or read_header(path))
    for _ in range(3):
        traits.vae_file_traits(path)
    assert read == [path]
    sparse(path, manifest("vae-x4-upscaler-ldm"))
    assert traits.vae_file_traits(path)["VAE"]["factor"] == 4
    assert read == [path, path]


def test_reading_traits_imports_no_torch() -> None:
    code = "import sys, diffusion.checkpoint.traits, diffusion.checkpoint.pickled_header; print(*sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "numpy", "safetensors"} & set(answer.stdout.split())


@pytest.mark.parametrize(
    ("name", "scale"),
    [
        ("realesrgan-x4plus", 4),
        ("realesrgan-x2plus", 2),
        ("realesrgan-x4plus-anime-6b", 4),
        ("realesr-general-x4v3", 4),
        ("esrgan-old-layout-x4", None),
    ],
)
def test_upscalers_tell_their_scale(tmp_path: Path, name: str, scale: int | None) -> None:
    path = sparse(tmp_path / "upscaler.safetensors", manifest(name))
    assert traits.upscaler_traits(path) == {"UPSCALE_MODEL": {"scale": scale} if scale else {}}


@pytest.mark.parametrize(
    ("name", "context"),
    [
        ("controlnet-sd15", 768),
        ("controlnet-sd21", 1024),
        ("diffusers-controlnet-sd21", 1024),
        ("t2iadapter-sd15-canny", None),
    ],
)
def test_controlnets_tell_the_context_they_read(tmp_path: Path, name: str, context: int | None) -> None:
    path = sparse(tmp_path / "control.safetensors", manifest(name))
    assert traits.control_traits(path) == {"CONTROL_NET": {"context": context} if context else {}}
