"""Digests of model files: by content, kept, and the same wherever a file goes."""

import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest

from graph import folders as folders_module
from graph.digests import Digests, read_whole
from graph.folders import Folders

HEADER = b'{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}'
TENSORS = len(HEADER).to_bytes(8, "little") + HEADER + b"abc"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    for kind in ("checkpoints", "loras"):
        (tmp_path / "models" / kind).mkdir(parents=True)
    return Folders(tmp_path)


def put(folders: Folders, name: str, data: bytes, kind: str = "checkpoints") -> Path:
    path = folders.folder(kind) / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return path


def test_a_file_that_was_read_is_known_until_it_changes(folders: Folders) -> None:
    path = put(folders, "a.ckpt", b"one")
    assert folders.digests.known(path) is None
    read = folders.read("checkpoints", "a.ckpt")
    assert read is not None and read.sha256 == sha256(b"one") and read.tensors == ""
    assert folders.digests.known(path) == read
    put(folders, "a.ckpt", b"other")
    assert folders.digests.known(path) is None
    assert folders.digests.last(path) == read
    assert folders.read("checkpoints", "gone.ckpt") is None


def test_a_renamed_or_moved_file_is_known_at_once_and_has_the_same_key(folders: Folders) -> None:
    path = put(folders, "a.ckpt", b"one")
    read = folders.read("checkpoints", "a.ckpt")
    renamed = folders.folder("checkpoints") / "deep/b.ckpt"
    renamed.parent.mkdir()
    path.rename(renamed)
    known = folders.digests.known(renamed)
    assert read is not None and known == read._replace(path=str(renamed))
    assert folders.digest(renamed) == read.key
    assert folders.remembered("checkpoints", "a.ckpt") == read


def test_a_large_copy_of_another_time_has_the_key_of_its_content(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders_module, "WHOLE_BYTES", 10)
    path = put(folders, "a.ckpt", b"x" * 10**6)
    before = folders.digest(path)
    folders.read("checkpoints", "a.ckpt")
    assert folders.digest(path) == before  # what is in the cache stays found
    copy = folders.folder("checkpoints") / "copy.ckpt"
    shutil.copyfile(path, copy)
    os.utime(copy, (1, 1))
    assert folders.digest(copy) != before
    folders.read("checkpoints", "copy.ckpt")
    assert folders.digest(copy) == before
    path.unlink()
    assert folders.digest(copy) == before


def test_what_is_known_outlives_the_program(folders: Folders) -> None:
    path = put(folders, "a.ckpt", b"one")
    read = folders.read("checkpoints", "a.ckpt")
    folders.digests.save()
    again = Folders(folders.root)
    assert again.digests.known(path) == read
    moved = path.rename(path.with_name("b.ckpt"))
    assert again.digests.known(moved) == (read and read._replace(path=str(moved)))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version": 9, "files": []}', '{"version": 1, "files": [[1, 2]]}',
             '{"version": 1, "files": [[1, "2", 3, 4, 5, 6, 7]]}', "[" * 100_000]
)  # fmt: skip
def test_a_damaged_file_of_digests_is_begun_anew(tmp_path: Path, text: str) -> None:
    file = tmp_path / "user/digests.json"
    file.parent.mkdir()
    file.write_text(text)
    digests = Digests(file)
    assert digests.known(file) is None
    digests.add(file, file.stat(), sha256="a" * 64, tensors="", key="k")
    digests.save()
    assert len(json.loads(file.read_text())["files"]) == 1
    assert [each.name for each in file.parent.iterdir()] == ["digests.json"]


def test_of_loras_what_follows_the_header_is_known_too(folders: Folders) -> None:
    put(folders, "a.safetensors", TENSORS, "loras")
    put(folders, "a.pt", TENSORS, "loras")
    put(folders, "torn.safetensors", TENSORS[:20], "loras")
    found = [folders.read("loras", name) for name in ("a.safetensors", "a.pt", "torn.safetensors")]
    assert [each and each.tensors for each in found] == [sha256(b"abc"), "", ""]
    assert [each and each.sha256 for each in found] == [
        sha256(TENSORS),
        sha256(TENSORS),
        sha256(TENSORS[:20]),
    ]


def test_tensors_are_found_behind_a_header_longer_than_a_block(tmp_path: Path) -> None:
    header = HEADER + b" " * 1_500_000
    path = tmp_path / "a.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"xyz" * 10**6)
    whole, tensors = read_whole(path, tensors=True)
    assert (whole, tensors) == (sha256(path.read_bytes()), sha256(b"xyz" * 10**6))


def test_reading_can_be_stopped_between_blocks(tmp_path: Path) -> None:
    path, blocks = tmp_path / "a", []

    def pace() -> None:
        blocks.append(1)
        if len(blocks) == 3:
            raise KeyboardInterrupt

    path.write_bytes(b"x" * 10 * 2**20)
    with pytest.raises(KeyboardInterrupt):
        read_whole(path, pace=pace)
    assert len(blocks) == 3


def test_a_file_that_changes_while_it_is_read_is_not_known(folders: Folders) -> None:
    path = put(folders, "a.ckpt", b"x" * 100)
    assert folders.read("checkpoints", "a.ckpt", lambda: path.write_bytes(b"other") and None) is None
    assert folders.digests.known(path) is None


def test_files_are_asked_for_in_order_and_once(tmp_path: Path) -> None:
    digests = Digests(tmp_path / "x")
    for name in ("a", "b", "a"):
        digests.ask(tmp_path / name)
    assert [digests.asked(), digests.asked(), digests.asked()] == [tmp_path / "a", tmp_path / "b", None]


def test_folders_say_what_a_path_is_called_in_them(folders: Folders) -> None:
    path = put(folders, "deep/a.pt", b"", "loras").resolve()
    assert folders.named(path) == ("loras", "deep/a.pt")
    assert folders.named(folders.root / "elsewhere.pt") is None
    assert folders.kinds() == ["checkpoints", "loras"]
