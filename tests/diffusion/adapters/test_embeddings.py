"""Embeddings: every published layout is read without running code, and what does not fit is refused."""

import pickle

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from diffusion.adapters.embeddings import finder, read_embedding
from diffusion.checkpoint.errors import CheckpointError, UnsafeFile
from diffusion.errors import Unsuitable
from diffusion.prompt.embeddings import MissingEmbedding, choose, named

VECTORS = torch.arange(48.0).reshape(3, 16)


def a1111(vectors, params=None):
    """What A1111 writes."""
    return {
        "string_to_token": {"*": 265},
        "string_to_param": params or {"*": vectors},
        "name": "my",
        "step": 500,
        "sd_checkpoint": None,
        "sd_checkpoint_name": None,
    }


def parameter_dict(vectors):
    return a1111(vectors, nn.ParameterDict({"*": nn.Parameter(vectors)}))


SAVED = {
    "a1111.pt": a1111,
    "parameter.pt": lambda vectors: a1111(nn.Parameter(vectors)),
    "original.pt": parameter_dict,
    "diffusers.bin": lambda vectors: {"<my>": vectors},
}


# Modules were never saved in the format of before 2020: textual inversion is from 2022.
@pytest.mark.parametrize(
    ("name", "zipped"), [(name, zipped) for name in SAVED for zipped in {True, name == "original.pt"}]
)
def test_pickled_layouts_are_read(tmp_path, name, zipped):
    torch.save(SAVED[name](VECTORS), tmp_path / name, _use_new_zipfile_serialization=zipped)
    read = read_embedding(tmp_path / name, 16)
    assert torch.equal(read, VECTORS) and not read.requires_grad


@pytest.mark.parametrize("key", ["emb_params", "<my-word>"])
def test_safetensors_are_read_in_float32(tmp_path, key):
    save_file({key: VECTORS.half()}, tmp_path / "my.safetensors")
    read = read_embedding(tmp_path / "my.safetensors", 16)
    assert read.dtype == torch.float32 and torch.equal(read, VECTORS)


def test_one_vector_may_have_one_axis(tmp_path):
    save_file({"my": VECTORS[0].clone()}, tmp_path / "my.safetensors")
    assert torch.equal(read_embedding(tmp_path / "my.safetensors", 16), VECTORS[:1])


def test_of_a_file_for_sdxl_the_part_that_fits_is_taken(tmp_path):
    path = tmp_path / "xl.safetensors"
    save_file({"clip_l": torch.ones(2, 768), "clip_g": torch.zeros(2, 1280)}, path)
    assert torch.equal(read_embedding(path, 768), torch.ones(2, 768))
    with pytest.raises(Unsuitable) as caught:
        read_embedding(path, 1024)
    assert str(caught.value) == (
        "the embedding xl.safetensors has vectors of 768 and 1280 numbers (SD1 and the second text encoder "
        "of SDXL), the text encoder's have 1024 (SD2)"
    )


def test_changed_file_is_read_again(tmp_path):
    path = tmp_path / "my.safetensors"
    for vectors in (VECTORS, VECTORS[:2].clone()):
        save_file({"emb_params": vectors}, path)
        assert torch.equal(read_embedding(path, 16), vectors)


@pytest.mark.parametrize(
    ("tensors", "said"),
    [
        ({"a.lora_up.weight": torch.ones(4, 16), "a.lora_down.weight": torch.ones(16, 4)}, "is no embedding"),
        ({"conv.weight": torch.ones(4, 16, 3, 3)}, "is no embedding"),
        ({"emb_params": torch.full((1, 16), torch.nan)}, "numbers that are none"),
    ],
)
def test_other_files_are_refused_by_name(tmp_path, tensors, said):
    save_file(tensors, tmp_path / "other.safetensors")
    with pytest.raises(Unsuitable, match=said) as caught:
        read_embedding(tmp_path / "other.safetensors", 16)
    assert "other.safetensors" in str(caught.value)


class Evil:
    def __reduce__(self):
        return (print, ("run",))


def test_code_in_a_file_is_not_run(tmp_path, capsys):
    torch.save({"string_to_param": Evil()}, tmp_path / "evil.pt")
    with pytest.raises(UnsafeFile):
        read_embedding(tmp_path / "evil.pt", 16)
    (tmp_path / "plain.pt").write_bytes(pickle.dumps(Evil(), protocol=2))
    with pytest.raises(CheckpointError):
        read_embedding(tmp_path / "plain.pt", 16)
    assert capsys.readouterr().out == ""


NAMES = ("My.pt", "bad.pt", "bad.safetensors", "hands/fix.v2.bin", "my.pt", "other/bad.bin")


@pytest.mark.parametrize(
    ("written", "chosen"),
    [
        ("my", ("my.pt", "my")),
        ("My", ("My.pt", "My")),
        ("MY", ("My.pt", "MY")),
        ("my.pt,,", ("my.pt", "my.pt")),
        ("bad", ("bad.safetensors", "bad")),
        ("bad.pt", ("bad.pt", "bad.pt")),
        ("other/bad", ("other/bad.bin", "other/bad")),
        ("other\\bad.bin", ("other/bad.bin", "other\\bad.bin")),
        ("fix.v2,", ("hands/fix.v2.bin", "fix.v2")),
    ],
)
def test_name_may_leave_out_folder_and_ending(written, chosen):
    assert choose(written, NAMES) == chosen


@pytest.mark.parametrize("written", ["../my", "/etc/passwd", "", ",", "m\0y", "\ud800", "x" * 10_000])
def test_names_reach_nothing_but_the_files_of_the_folder(written):
    with pytest.raises(MissingEmbedding):
        choose(written, NAMES)


def test_missing_name_comes_with_the_nearest():
    with pytest.raises(MissingEmbedding) as caught:
        list(named("a (cat embedding:fox.v2, x:1.2)", NAMES))
    assert (str(caught.value), caught.value.input, caught.value.remedy) == (
        "there is no embedding 'fox.v2' in models/embeddings",
        "text",
        "Did you mean fix.v2? Else put its file there, or take it out of the prompt.",
    )


def test_files_of_a_prompt_are_named_without_reading_them():
    prompt = r"embedding:my \(embedding:no (embedding:bad:1.3), aembedding:no embedding:fix.v2, b"
    assert list(named(prompt, NAMES)) == ["my.pt", "bad.safetensors", "hands/fix.v2.bin"]


def test_finder_reads_what_it_finds(tmp_path):
    save_file({"emb_params": VECTORS}, tmp_path / "my.safetensors")
    vectors, used = finder(lambda: ["my.safetensors"], tmp_path.joinpath, 16)("my,")
    assert torch.equal(vectors, VECTORS) and used == "my"
