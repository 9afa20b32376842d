"""Folders say where files lie, and let no name out."""

import os
from pathlib import Path

import pytest

from graph import folders as folders_module
from graph.artifacts import Artifact
from graph.folders import Folders, PathRefused, located


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    for name in ("models/loras/sub/b.safetensors", "models/loras/a.CKPT", "models/loras/readme.md"):
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    (tmp_path / "root/models/loras/.hidden.safetensors").write_bytes(b"")
    (tmp_path / "more").mkdir()
    (tmp_path / "more/c.safetensors").write_bytes(b"c")
    return Folders(tmp_path / "root", {"loras": [tmp_path / "more"]})


def test_each_kind_has_its_directories(folders: Folders, tmp_path: Path) -> None:
    assert folders.directories("loras") == (tmp_path / "root/models/loras", tmp_path / "more")
    assert [folders.folder(kind) for kind in ("input", "output", "temp", "vae")] == [
        tmp_path / "root" / name for name in ("input", "output", "temp", "models/vae")
    ]


def test_names_are_listed_from_all_directories(folders: Folders, tmp_path: Path) -> None:
    assert folders.names("loras") == ("a.CKPT", "c.safetensors", "sub/b.safetensors")
    assert folders.names("loras", (".md",)) == ("readme.md",)
    assert folders.names("nothing here") == ()
    (tmp_path / "root/input").mkdir()
    (tmp_path / "root/input/notes.txt").write_text("")
    assert folders.names("input") == ("notes.txt",)


def test_a_name_is_found_in_the_first_directory_that_has_it(folders: Folders, tmp_path: Path) -> None:
    assert folders.find("loras", "c.safetensors") == tmp_path / "more/c.safetensors"
    assert folders.find("loras", "sub/b.safetensors") == tmp_path / "root/models/loras/sub/b.safetensors"
    assert folders.find("loras", "sub") is None
    assert folders.resolve("output", "new/x.png") == tmp_path / "root/output/new/x.png"


@pytest.mark.parametrize(
    ("kind", "name", "found"),
    [
        ("input", "a.png", ("input", "a.png")),
        ("input", "sub/a.png [output]", ("output", "sub/a.png")),
        ("output", "a.png [temp]", ("temp", "a.png")),
        ("input", "a.png [input]", ("input", "a.png")),
        ("input", "a.png [models]", ("input", "a.png [models]")),
        ("input", "a.png[output]", ("input", "a.png[output]")),
        ("loras", "a.safetensors [output]", ("loras", "a.safetensors [output]")),
    ],
)
def test_a_name_in_a_working_folder_may_say_in_brackets_which(
    kind: str, name: str, found: tuple[str, str]
) -> None:
    assert located(kind, name) == found


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", ".", "..", "../more/c.safetensors", "sub/../../../x", "/etc/passwd", "a\0b"),
        *("..\\more", "C:\\x", "\\\\server\\x", "x" * 5000, "\ud800", "sub/.."),
    ],
)
def test_a_name_that_leads_outside_is_refused(folders: Folders, name: str) -> None:
    with pytest.raises(PathRefused):
        folders.resolve("loras", name)


def test_a_link_leads_out_of_a_model_folder_but_not_of_a_working_one(
    folders: Folders, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "d.safetensors").write_bytes(b"d")
    for kind in ("models/loras", "input"):
        (tmp_path / "root" / kind).mkdir(parents=True, exist_ok=True)
        os.symlink(elsewhere, tmp_path / "root" / kind / "linked")
    os.symlink(tmp_path / "root/models/loras", elsewhere / "loop")
    assert "linked/d.safetensors" in folders.names("loras")
    assert (
        folders.find("loras", "linked/d.safetensors") == tmp_path / "root/models/loras/linked/d.safetensors"
    )
    assert "linked/d.safetensors" not in folders.names("input")
    with pytest.raises(PathRefused):
        folders.resolve("input", "linked/d.safetensors")


@pytest.mark.parametrize("kind", ["", "..", "a/b", "/", "a\0", "..\\x"])
def test_a_kind_is_a_plain_name(folders: Folders, kind: str) -> None:
    with pytest.raises(PathRefused):
        folders.directories(kind)


def test_a_digest_is_of_the_content_and_remembered(folders: Folders, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(b"same")
    other.write_bytes(b"same")
    first = folders.digest(one)
    assert folders.digest(other) == first
    status = one.stat()
    one.write_bytes(b"diff")
    os.utime(one, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert folders.digest(one) == first  # same size, same time: not read again
    os.utime(one, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert folders.digest(one) != first


def test_a_large_file_is_digested_by_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders_module, "WHOLE_BYTES", 1000)
    folders = Folders(tmp_path)
    path = tmp_path / "large"
    path.write_bytes(b"a" * 10_000_000)
    first = folders.digest(path)
    path.write_bytes(b"a" * 9_999_999 + b"b")
    assert folders.digest(path) != first


def test_an_artifact_is_there_while_its_file_is(folders: Folders, tmp_path: Path) -> None:
    path = tmp_path / "root/output/x.png"
    path.parent.mkdir()
    path.write_bytes(b"")
    image = Artifact("image", "output", "x.png", 1, 1)
    assert folders.has(image)
    (noted,) = folders.noted((image,))
    assert noted.digest == folders.digest(path) and folders.has(noted)
    path.write_bytes(b"another picture of that name")
    assert folders.has(image) and not folders.has(noted)
    path.unlink()
    assert not folders.has(image) and folders.noted((image,)) == (image,)
    assert not folders.has(Artifact("image", "output", "../x.png"))
    assert folders.has(Artifact("text", text="words"))
