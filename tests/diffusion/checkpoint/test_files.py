"""Files that are what they say, and files that are not."""

import io
import os
import pickle
import sys
import types
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save, save_file
from torch import Tensor

from diffusion.checkpoint.contents import Header, TensorInfo
from diffusion.checkpoint.errors import (
    CheckpointError,
    DamagedFile,
    MislabelledFile,
    MissingFile,
    UnsafeFile,
)
from diffusion.checkpoint.files import open_weights
from diffusion.checkpoint.header import read_header

TENSORS = {"a.weight": torch.arange(6.0).reshape(2, 3), "b": torch.ones(4, dtype=torch.float16)}


def saved(content: object, *, legacy: bool = False) -> bytes:
    buffer = io.BytesIO()
    torch.save(content, buffer, _use_new_zipfile_serialization=not legacy)
    return buffer.getvalue()


def assert_same(weights: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    assert set(weights) == set(expected)
    for name, tensor in expected.items():
        assert torch.equal(weights[name], tensor) and weights[name].dtype == tensor.dtype


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("w.safetensors", save(TENSORS)),
        ("w.pt", saved(TENSORS)),
        ("w.bin", saved(TENSORS, legacy=True)),
        ("w.ckpt", saved({"state_dict": TENSORS, "global_step": 7})),
        ("w.pth", saved({"params_ema": TENSORS})),
        ("safetensors_by_another_name.ckpt", save(TENSORS)),
    ],
)
def test_every_layout_gives_the_tensors(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    weights = open_weights(path)
    assert_same(dict(weights), TENSORS)
    assert {key: info.shape for key, info in read_header(path).tensors.items()} == {
        "a.weight": (2, 3),
        "b": (4,),
    }
    assert len(weights) == 2
    with pytest.raises(KeyError):
        weights["c"]


@pytest.mark.parametrize("second", range(6))
def test_a_length_like_the_start_of_a_pickle_is_still_that_of_safetensors(
    tmp_path: Path, second: int
) -> None:
    """A header of 128 + 256 n bytes begins as pickles do."""
    size = len(save({"a": torch.ones(1)}, metadata={"text": ""})) - 8 - 4
    padding = "x" * (128 + 256 * (second + 1) - size)
    content = save({"a": torch.ones(1)}, metadata={"text": padding})
    assert content[0] == 0x80 and content[1] <= 6
    path = tmp_path / "w.safetensors"
    path.write_bytes(content)
    assert_same(dict(open_weights(path)), {"a": torch.ones(1)})


def test_header_holds_shapes_dtypes_and_metadata(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_file(TENSORS, path, metadata={"author": "nobody"})
    infos = {"a.weight": TensorInfo((2, 3), "F32"), "b": TensorInfo((4,), "F16")}
    assert read_header(path) == Header(infos, {"author": "nobody"})


def test_lightning_state_beside_the_weights_is_harmless(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = types.ModuleType("pytorch_lightning.callbacks.model_checkpoint")
    module.ModelCheckpoint = type("ModelCheckpoint", (), {"__module__": module.__name__})
    with monkeypatch.context() as patch:
        for name in ("pytorch_lightning", "pytorch_lightning.callbacks", module.__name__):
            patch.setitem(sys.modules, name, module)
        callbacks = {module.ModelCheckpoint: {"best": np.float64(0.5)}}
        content = {"state_dict": TENSORS, "epoch": 3, "callbacks": callbacks}
        (tmp_path / "w.ckpt").write_bytes(saved(content))
    assert_same(dict(open_weights(tmp_path / "w.ckpt")), TENSORS)


class Exploit:
    """Creates a file where it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple:
        return os.system, (f"touch {self.canary}",)


@pytest.mark.parametrize("kind", ["zip", "legacy", "plain", "plain old"])
@pytest.mark.parametrize("suffix", [".ckpt", ".pt", ".bin", ".safetensors"])
def test_code_in_a_pickle_is_refused_and_not_run(tmp_path: Path, kind: str, suffix: str) -> None:
    canary = tmp_path / "canary"
    content = {"state_dict": {"a": torch.ones(2)}, "extra": Exploit(canary)}
    data = {
        "zip": lambda: saved(content),
        "legacy": lambda: saved(content, legacy=True),
        "plain": lambda: pickle.dumps({"extra": Exploit(canary)}),
        "plain old": lambda: pickle.dumps({"extra": Exploit(canary)}, protocol=2),
    }[kind]()
    path = tmp_path / f"model{suffix}"
    path.write_bytes(data)
    expected = MislabelledFile if suffix == ".safetensors" else UnsafeFile
    with pytest.raises(expected) as caught:
        open_weights(path)
    if expected is UnsafeFile:
        assert "system" in str(caught.value) and "was not run" in caught.value.remedy
    with suppress(CheckpointError):  # a header's reader passes by what it does not know
        read_header(path)
    assert not canary.exists()
    pickle.loads(pickle.dumps(Exploit(canary)))
    assert canary.exists(), "the exploit itself must work, or this test shows nothing"


def test_text_pickles_are_refused_and_not_run(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    (tmp_path / "w.ckpt").write_bytes(pickle.dumps(Exploit(canary), protocol=0))
    with pytest.raises(MislabelledFile):
        open_weights(tmp_path / "w.ckpt")
    assert not canary.exists()


WHOLE = {
    "w.safetensors": save({"a": torch.ones(1000)}),
    "w.ckpt": saved({"a": torch.ones(1000)}),
    "w.pt": saved({"a": torch.ones(1000)}, legacy=True),
}


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("kept", [0.02, 0.1, 0.5, 0.9, 0.999])
def test_a_cut_off_file_is_damaged(tmp_path: Path, name: str, kept: float) -> None:
    data = WHOLE[name]
    (tmp_path / name).write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(DamagedFile, match="download the file again"):
        open_weights(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("w.safetensors", b"", DamagedFile, "an empty file"),
        ("w.ckpt", b"", DamagedFile, "an empty file"),
        ("w.safetensors", b"<!DOCTYPE html><html>Sign in</html>", MislabelledFile, "a web page"),
        ("w.ckpt", b"  <html></html>", MislabelledFile, "a web page"),
        (
            "w.safetensors",
            b"version https://git-lfs.github.com/spec/v1\noid",
            MislabelledFile,
            "git-lfs pointer",
        ),
        (
            "w.ckpt",
            os.urandom(1) * 0 + b"\x00\x01\x02" * 40,
            MislabelledFile,
            "120 bytes of an unknown format",
        ),
        ("w.safetensors", saved(TENSORS), MislabelledFile, "named .safetensors"),
        ("w.safetensors", b"\x10" + bytes(7) + b"{" + b"x" * 60, DamagedFile, "unreadable header"),
        ("w.safetensors", b"\x10" + bytes(7) + b'{"a": [1, 2, 3]}', DamagedFile, "unreadable header"),
        ("w.ckpt", saved({"epoch": 3}), MislabelledFile, "a dict without tensors"),
        ("w.ckpt", saved([torch.ones(2)]), MislabelledFile, "a list without tensors"),
    ],
)
def test_what_is_no_file_of_weights_is_named(
    tmp_path: Path, name: str, content: bytes, error: type[CheckpointError], message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=message):
        open_weights(tmp_path / name)


def test_a_zip_archive_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "w.ckpt", "w") as archive:
        archive.writestr("folder/model.safetensors", save(TENSORS))
    with pytest.raises(MislabelledFile, match="a zip archive"):
        open_weights(tmp_path / "w.ckpt")


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MissingFile) as caught:
        open_weights(tmp_path / "nothing.safetensors")
    error = caught.value
    assert (error.given, error.expected) == ("no file", "a file of weights")
    assert str(error).startswith(str(tmp_path / "nothing.safetensors")) and error.remedy in str(error)
