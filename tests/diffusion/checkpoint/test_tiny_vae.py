"""TAESD as a VAE: in every layout of its files, against diffusers and the original implementation."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from diffusion.checkpoint.errors import CheckpointError, MissingFile, UnknownArchitecture
from diffusion.checkpoint.layouts import checkpoint_tensors
from diffusion.checkpoint.load import load_checkpoint, load_vae
from diffusion.checkpoint.save import save_vae
from diffusion.checkpoint.traits import vae_file_traits
from diffusion.errors import Unsuitable
from diffusion.values import Vae
from tests.diffusion.checkpoint import small
from tests.diffusion.checkpoint.test_parts import written
from tests.diffusion.golden import Golden

CPU, FULL = torch.device("cpu"), torch.float32
HALVES = {half: Golden(f"taesd_{half}_random") for half in ("encoder", "decoder")}
PICTURE = torch.rand(1, 40, 24, 3, generator=torch.Generator().manual_seed(0))


def pair(folder: Path, suffix: str = ".safetensors") -> tuple[Path, Path]:
    """Both halves in files beside each other."""
    paths = []
    for half, golden in HALVES.items():
        path = folder / f"taesd_{half}{suffix}"
        if suffix == ".safetensors":
            save_file(golden.weights, path)
        else:
            torch.save(golden.weights, path)
        paths.append(path)
    return paths[0], paths[1]


def load(path: Path) -> Vae:
    return load_vae(path, device=CPU, dtype=FULL)


@torch.inference_mode()
@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
@pytest.mark.parametrize("chosen", [0, 1])
def test_either_half_brings_the_other_and_computes_what_the_original_does(
    tmp_path: Path, suffix: str, chosen: int
) -> None:
    vae = load(pair(tmp_path, suffix)[chosen])
    assert (vae.scale, vae.factor) == (1.0, 8)
    decoder, encoder = HALVES["decoder"], HALVES["encoder"]
    decoded = vae.network.decode(decoder["z"]) / 2 + 0.5
    torch.testing.assert_close(decoded, decoder["out"], atol=2e-5, rtol=0)
    encoded = vae.network.encode(encoder["x"] * 2 - 1).mean
    torch.testing.assert_close(encoded, encoder["out"], atol=2e-5, rtol=0)


@torch.inference_mode()
@pytest.mark.filterwarnings("ignore")
def test_file_of_diffusers_goes_both_ways_as_there(tmp_path: Path) -> None:
    from diffusers import AutoencoderTiny

    torch.manual_seed(0)
    theirs = AutoencoderTiny().eval()
    theirs.save_pretrained(tmp_path)
    vae = load(tmp_path / "diffusion_pytorch_model.safetensors")
    x = PICTURE.movedim(-1, 1) * 2 - 1
    expected = theirs.encode(x).latents
    torch.testing.assert_close(vae.encode(PICTURE), expected, atol=1e-6, rtol=0)
    picture = (theirs.decode(expected).sample / 2 + 0.5).clamp(0, 1).movedim(1, -1)
    torch.testing.assert_close(vae.decode(expected), picture, atol=1e-6, rtol=0)
    assert picture.std() > 1e-3


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    vae = load(pair(tmp_path)[0])
    path = tmp_path / save_vae(vae, tmp_path, "tiny", {})
    again = load(path).network.state_dict()
    assert all(torch.equal(again[name], each) for name, each in vae.network.state_dict().items())
    assert {name.partition(".")[0] for name in again} == {"taesd_encoder", "taesd_decoder"}
    assert vae_file_traits(path) == {"VAE": {"factor": 8, "channels": 4}}


def test_facts_are_told_by_either_half_and_by_diffusers_file(tmp_path: Path) -> None:
    from diffusers import AutoencoderTiny

    AutoencoderTiny().save_pretrained(tmp_path)
    for path in (*pair(tmp_path), tmp_path / "diffusion_pytorch_model.safetensors"):
        assert vae_file_traits(path) == {"VAE": {"factor": 8, "channels": 4}}


def test_half_alone_says_what_is_missing(tmp_path: Path) -> None:
    encoder, decoder = pair(tmp_path)
    decoder.unlink()
    with pytest.raises(MissingFile, match="the encoder of TAESD alone, expected its decoder") as caught:
        load(encoder)
    assert "taesd_decoder.safetensors" in caught.value.remedy
    renamed = encoder.rename(tmp_path / "mine.safetensors")
    with pytest.raises(MissingFile):
        load(renamed)


def test_other_latents_and_cut_files_are_refused(tmp_path: Path) -> None:
    _, decoder = pair(tmp_path)
    weights = HALVES["decoder"].weights
    save_file(weights | {"1.weight": torch.zeros(64, 16, 3, 3)}, decoder)
    with pytest.raises(UnknownArchitecture, match="16 latent channels"):
        load(decoder)
    cut: dict[str, Tensor] = {name: each for name, each in weights.items() if name != "19.bias"}
    save_file(cut, decoder)
    with pytest.raises(CheckpointError, match=r"1 missing \(taesd_decoder\.19\.bias\)"):
        load(decoder)


def test_no_checkpoint_is_written_with_it(tmp_path: Path) -> None:
    whole = load_checkpoint(written(tmp_path, small.sd1_checkpoint()), device=CPU, dtype=FULL)
    with pytest.raises(Unsuitable, match="TAESD") as caught:
        checkpoint_tensors(whole.model, whole.clip, load(pair(tmp_path)[0]))
    assert caught.value.input == "vae"
