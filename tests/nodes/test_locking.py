"""Every saved picture carries its lock."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from diffusion.checkpoint.digest import sampled_digest
from diffusion.pixels import pixel_digest
from nodes.locking import Environment, _noise_profiles
from tests.graph.sample import document
from tests.nodes.bench import Bench, changed, template
from tests.nodes.tiny import write_checkpoint

ENGINE = {"tessera": "9.9", "numerics": {"device": "cpu"}}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = Bench(tmp_path)
    bench.executor.services = {Environment: Environment(lambda: ENGINE)}
    write_checkpoint(tmp_path / "models/checkpoints/tiny.safetensors")
    return bench


def lock_in(path: Path) -> dict[str, Any]:
    with Image.open(path) as image:
        return {**json.loads(image.info["lock"]), "seen": pixel_digest(image)}


def test_each_picture_of_a_batch_has_its_own_lock(bench: Bench, tmp_path: Path) -> None:
    document = changed(
        template("text_to_image"),
        loader={"ckpt_name": "tiny.safetensors"},
        sampler={"steps": 1},
        size={"width": 64, "height": 64, "batch_size": 2},
    )
    ran = bench.run(document)
    assert ran.finished.status == "succeeded", ran.finished.problems
    locks = [lock_in(tmp_path / "output" / name) for name in ran.names]
    for number, lock in enumerate(locks):
        types = {node["type"] for node in document["nodes"]}
        assert lock.pop("nodes").keys() == types
        assert lock == {
            "format": "tessera.lock",
            "version": 1,
            "node": "save",
            "engine": ENGINE,
            "noise": ["native"],
            "files": {"tiny.safetensors": sampled_digest(tmp_path / "models/checkpoints/tiny.safetensors")},
            "picture": number,
            "output": lock["seen"],
            "seen": lock["seen"],
        }
    assert locks[0]["output"] != locks[1]["output"]


def test_pictures_of_a_list_are_counted_through_all_its_items(bench: Bench, tmp_path: Path) -> None:
    nodes: dict[str, tuple[str, dict[str, object]]] = {
        "colours": ("ListOfNumbers", {"start": 1, "count": 2, "step": 100}),
        "paint": ("EmptyImage", {"width": 8, "height": 8, "batch_size": 2}),
        "save": ("SaveImage", {}),
        "animate": ("SaveAnimatedPNG", {"filename_prefix": "moving"}),
    }
    links = ("colours.list > paint.color", "paint.IMAGE > save.images", "paint.IMAGE > animate.images")
    ran = bench.run(document(nodes, *links))
    locks = {name: lock_in(tmp_path / "output" / name) for name in sorted(ran.names)}
    assert [lock["picture"] for name, lock in locks.items() if not name.startswith("moving")] == [0, 1, 2, 3]
    assert [lock.get("picture") for name, lock in locks.items() if name.startswith("moving")] == [None, 1]


def test_a_noise_profile_is_in_the_lock() -> None:
    document = {
        "nodes": [
            {"id": "a", "type": "NoiseProfile", "inputs": {"profile": "a1111"}},
            {"id": "b", "type": "NoiseProfile", "inputs": {}},
            {"id": "c", "type": "Other", "inputs": {"profile": "none"}},
        ]
    }
    assert sorted(_noise_profiles(document)) == ["a1111", "native"]


def test_without_an_environment_there_is_no_lock(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    document = {
        "format": "tessera.workflow",
        "version": 1,
        "nodes": [
            {"id": "paint", "type": "EmptyImage", "inputs": {"width": 8, "height": 8}},
            {"id": "save", "type": "SaveImage", "inputs": {}},
        ],
        "links": [{"from": ["paint", "IMAGE"], "to": ["save", "images"]}],
    }
    (name,) = bench.run(document).names
    with Image.open(tmp_path / "output" / name) as image:
        assert set(image.info) == {"tessera", "prompt", "workflow"}
