"""Texts of other programs pick local files by the hashes that they tell, and ours tell them."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import save_file

from compat.infotext import read_infotext
from compat.local_files import LocalFiles, hash_of
from compat.object_info import known_nodes
from compat.reading import read_file, read_value
from compat.recipe import texts
from graph.folders import Folders
from tests.nodes.bench import Bench
from tests.nodes.tiny import write_checkpoint

SAID = (
    "a castle<lora:old stone:0.8>\nNegative prompt: bad-hands\n"
    "Steps: 2, Sampler: Euler, CFG scale: 3, Seed: 7, Size: 64x64, {}Model: castles, Version: v1.10"
)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def tensors_sha256(path: Path) -> str:
    """A1111's hash of a LoRA."""
    data = path.read_bytes()
    return hashlib.sha256(data[8 + int.from_bytes(data[:8], "little") :]).hexdigest()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Files of tiny networks under names that nobody tells; all were read."""
    root = tmp_path_factory.mktemp("bench")
    for kind in ("checkpoints", "loras", "embeddings"):
        (root / "models" / kind).mkdir(parents=True)
    first = root / "models/checkpoints/mine/renamed.safetensors"
    write_checkpoint(first)
    (root / "models/checkpoints/other.safetensors").write_bytes(first.read_bytes() + b" " * 9)
    write_lora(root / "models/loras/my stone.safetensors")
    made = Bench(root)
    for kind in made.folders.kinds():
        for name in made.folders.names(kind):
            made.folders.read(kind, name)
    yield made
    made.executor.close()


def write_lora(path: Path) -> None:
    import torch

    key = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q"
    pair = {"lora_up.weight": torch.ones(32, 1), "lora_down.weight": torch.ones(1, 32)}
    save_file({f"{key}.{name}": tensor for name, tensor in pair.items()}, path, metadata={"a": "b"})


def read(bench: Bench, text: str) -> Any:
    info = known_nodes(bench.registry.types)
    return read_file(text.encode(), info, local=LocalFiles(bench.folders))


def inputs(document: Any) -> dict[str, Any]:
    return {name: value for node in document["nodes"] for name, value in node["inputs"].items()}


def test_a_model_hash_picks_the_file_whatever_it_is_called(bench: Bench) -> None:
    path = bench.folders.folder("checkpoints") / "mine/renamed.safetensors"
    imported = read(bench, SAID.format(f"Model hash: {sha256(path)[:10]}, "))
    assert inputs(imported.document)["ckpt_name"] == "mine/renamed.safetensors"
    assert imported.problems == ()
    assert imported.document["models"] == [
        {"folder": "checkpoints", "name": "mine/renamed.safetensors", "sha256": sha256(path)[:10]}
    ]


def test_a_lora_hash_picks_the_file_by_its_tensors(bench: Bench) -> None:
    told = tensors_sha256(bench.folders.folder("loras") / "my stone.safetensors")
    listed = json.dumps(f"old stone: {told[:12]}, other: 0123456789ab")
    document = read(bench, SAID.format(f"Lora hashes: {listed}, ")).document
    assert inputs(document)["lora_name"] == "my stone.safetensors"
    assert document["models"] == [{"folder": "loras", "name": "my stone.safetensors", "tensors": told[:12]}]


def test_hashes_in_an_object_count_too(bench: Bench) -> None:
    path = bench.folders.folder("checkpoints") / "mine/renamed.safetensors"
    told = tensors_sha256(bench.folders.folder("loras") / "my stone.safetensors")
    object_ = {"model": sha256(path)[:10], "lora:old stone": told[:12], "embed:bad-hands": "c" * 12}
    document = read(bench, SAID.format(f"Hashes: {json.dumps(object_)}, ")).document
    assert inputs(document)["ckpt_name"] == "mine/renamed.safetensors"
    assert inputs(document)["lora_name"] == "my stone.safetensors"
    assert {"folder": "embeddings", "name": "bad-hands.pt", "sha256": "c" * 12} in document["models"]


def test_the_first_hash_of_a1111_is_known_too(tmp_path: Path) -> None:
    folder = tmp_path / "models/checkpoints"
    folder.mkdir(parents=True)
    data = bytes(2**20) + b"x" * 2**16 + b"y"
    (folder / "a.ckpt").write_bytes(bytes(2**20) + b"z" * 2**16)
    (folder / "b.ckpt").write_bytes(data)
    local = LocalFiles(Folders(tmp_path))
    assert local.find("checkpoints", "x", hashlib.sha256(b"x" * 2**16).hexdigest()[:8]) == "b.ckpt"


def test_a_name_is_found_in_any_folder_and_with_any_ending(bench: Bench) -> None:
    local = LocalFiles(bench.folders)
    for name in ("renamed", "Renamed", "renamed.safetensors", "mine\\renamed.safetensors"):
        assert local.find("checkpoints", name) == "mine/renamed.safetensors"
    assert local.find("checkpoints", "renamed.v2") is None
    assert local.find("checkpoints", "") is None
    assert local.find("nothing here", "renamed") is None
    assert LocalFiles().find("checkpoints", "renamed") is None


def test_a_file_of_the_name_and_another_hash_is_taken_with_a_warning(bench: Bench) -> None:
    said = SAID.replace("castles", "other").format("Model hash: 0123456789, ")
    imported = read(bench, said)
    assert inputs(imported.document)["ckpt_name"] == "other.safetensors"
    (problem,) = imported.problems
    assert (problem.code, problem.severity, problem.given) == ("other_file", "warning", "0123456789")
    assert "models" not in imported.document


def test_what_lies_nowhere_is_recorded_so_that_it_is_found_when_it_comes(bench: Bench) -> None:
    document = read(bench, SAID.format("Model hash: 0123456789, ")).document
    assert inputs(document)["ckpt_name"] == "castles.safetensors"
    assert document["models"] == [
        {"folder": "checkpoints", "name": "castles.safetensors", "sha256": "0123456789"}
    ]


def test_a_file_that_was_not_read_yet_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "models/checkpoints").mkdir(parents=True)
    (tmp_path / "models/checkpoints/a.ckpt").write_bytes(b"x")
    folders = Folders(tmp_path)
    assert LocalFiles(folders).find("checkpoints", "b", "0123456789") is None
    assert folders.digests.asked() == folders.resolve("checkpoints", "a.ckpt")


@pytest.mark.parametrize("told", ["", "x", "0123", "../../etc", "0" * 65, "12345678g", "123456789"])
def test_what_is_no_hash_is_none(told: str) -> None:
    assert hash_of(told) == ""


@pytest.mark.parametrize(
    "listed", ["", ",", ":::", "a", "a: b: c", '"', "Hashes: {]", "Hashes: [1]", 'Hashes: {"model": 3}']
)
def test_malformed_hashes_disturb_nothing(bench: Bench, listed: str) -> None:
    for told in (f"Lora hashes: {listed}, ", f"Model hash: {listed}, ", f"{listed}, "):
        assert inputs(read(bench, SAID.format(told)).document)["noise_seed"] == 7


def test_a_saved_picture_tells_hashes_that_lead_back_to_its_files(bench: Bench) -> None:
    """A picture of a workflow with a LoRA, read by its infotext alone after every file got another name."""
    checkpoint = bench.folders.folder("checkpoints") / "mine/renamed.safetensors"
    lora = bench.folders.folder("loras") / "my stone.safetensors"
    said = SAID.format(f"Model hash: {sha256(checkpoint)[:10]}, ").replace("old stone", "my stone")
    info = known_nodes(bench.registry.types)
    document = read(bench, said).document
    document["models"].append(
        {"folder": "loras", "name": "my stone.safetensors", "tensors": tensors_sha256(lora)}
    )
    written = texts(document, info)["parameters"]
    settings = read_infotext(written).settings
    assert settings["Model hash"] == sha256(checkpoint)[:10]
    assert settings["Lora hashes"] == f"my stone: {tensors_sha256(lora)[:12]}"
    checkpoint.rename(checkpoint.with_name("again.safetensors"))
    lora.rename(lora.with_name("again.safetensors"))
    again = inputs(read(bench, written).document)
    checkpoint.with_name("again.safetensors").rename(checkpoint)
    lora.with_name("again.safetensors").rename(lora)
    assert again["ckpt_name"] == "mine/again.safetensors"
    assert again["lora_name"] == "again.safetensors"


DIGEST = {"hash": "AB" * 32, "hash_type": "SHA256"}


def test_a_picture_carries_the_digests_that_are_known_when_it_is_saved(bench: Bench) -> None:
    path = bench.folders.folder("checkpoints") / "mine/renamed.safetensors"
    document = read(
        bench, SAID.format("").replace("castles", "renamed").replace("old stone", "my stone")
    ).document
    names = {"checkpoints": "mine/renamed.safetensors", "loras": "my stone.safetensors"}
    document["models"] = [{"folder": folder, "name": name} for folder, name in names.items()]
    (name,) = bench.run(document).names
    carried = bench.texts(name)
    checkpoint, lora = json.loads(carried["tessera"])["models"]
    assert checkpoint == {
        "folder": "checkpoints", "name": names["checkpoints"],
        "bytes": path.stat().st_size, "sha256": sha256(path),
    }  # fmt: skip
    assert lora["tensors"] == tensors_sha256(bench.folders.folder("loras") / names["loras"])
    told = read_infotext(carried["parameters"]).settings
    assert told["Model hash"] == sha256(path)[:10]
    assert told["Lora hashes"] == f"my stone: {lora['tensors'][:12]}"


def test_a_graph_of_comfyui_tells_where_its_models_come_from() -> None:
    node = {"id": 1, "type": "VAELoader", "widgets_values": ["a.vae.pt"], "properties": {"models": [
        {"name": "a.vae.pt", "directory": "vae", "url": "https://example.org/a", **DIGEST},
        {"name": "b", "directory": "vae", "url": "javascript:x"}, 3,
    ]}}  # fmt: skip
    whole = {
        "name": "c.ckpt",
        "directory": "checkpoints",
        "url": "https://example.org/c",
        "hash": "x",
        "hash_type": "MD5",
    }
    imported = read_value(
        {"nodes": [node], "links": [], "models": [whole, {"name": "no folder"}]}, known_nodes()
    )
    assert imported is not None and imported.document is not None
    assert imported.document["models"] == [
        {"folder": "checkpoints", "name": "c.ckpt", "url": "https://example.org/c"},
        {"folder": "vae", "name": "a.vae.pt", "sha256": "ab" * 32, "url": "https://example.org/a"},
    ]


def test_invokes_sha256_is_taken_and_its_blake3_is_not(bench: Bench) -> None:
    path = bench.folders.folder("checkpoints") / "mine/renamed.safetensors"
    for told, found in (
        (f"sha256:{sha256(path)}", "mine/renamed.safetensors"),
        (f"blake3:{sha256(path)}", "x.safetensors"),
    ):
        said = {"positive_prompt": "a", "scheduler": "euler", "seed": 1, "model": {"name": "x", "hash": told}}
        imported = read_value(said, known_nodes(), local=LocalFiles(bench.folders))
        assert imported is not None
        assert inputs(imported.document)["ckpt_name"] == found
