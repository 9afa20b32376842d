"""Model files: what is known of each, from its header, without loading it."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.cache import Cache
from graph.execute import Executor
from graph.folders import Folders
from graph.registry import Registry
from service.engine import Engine
from tests.service.conftest import Service, chain, document

EMBEDDED = Path(__file__).resolve().parents[2] / "models/checkpoints/tessera-emoji-v1.safetensors"


@pytest.fixture
def engine(root: Path) -> Iterator[Engine]:
    """With the built-in nodes, whose loaders say what headers tell."""
    folders = Folders(root)
    registry, cache = Registry(folders), Cache(2**24)

    def load() -> None:
        registry.load_package("nodes")
        registry.load_folder(root / "custom_nodes")

    with Executor(cache, folders) as executor:
        yield Engine(registry, folders, cache, executor, load, lambda: None, dict)


def opening(name: str) -> dict[str, object]:
    return document(("model", "Model", {"name": name}), ("show", "Show", {"value": ("model", "INT")}))


async def test_a_model_tells_its_family_size_digest_and_users(service: Service) -> None:
    folder = service.root / "models/checkpoints"
    shutil.copy(EMBEDDED, folder / "emoji 100%.safetensors")
    (folder / "broken.safetensors").write_bytes(b"no weights")
    (service.root / "workflows/mine.json").write_text(json.dumps(opening("emoji 100%.safetensors")))
    await service.run(opening("emoji 100%.safetensors"))
    await service.run(opening("broken.safetensors"))
    await service.run(chain("Nap"))
    said = await service.get("models/checkpoints?details=1")
    assert said["models"] == ["broken.safetensors", "emoji 100%.safetensors"]
    broken, emoji = said["details"]
    assert (broken["bytes"], broken["workflows"], broken["runs"]) == (10, [], 1)
    assert (emoji["bytes"], emoji["workflows"], emoji["runs"]) == (EMBEDDED.stat().st_size, ["mine"], 1)
    assert len(emoji["digest"]) == 32
    assert emoji["digest"] != broken["digest"]
    assert emoji["facts"]["MODEL"]["family"] == "sd1"


async def test_a_folder_without_loaders_tells_sizes(service: Service) -> None:
    (service.root / "models/strange").mkdir()
    (service.root / "models/strange/a.safetensors").write_bytes(b"abc")
    (told,) = (await service.get("models/strange?details"))["details"]
    assert (told["name"], told["bytes"], told["facts"]) == ("a.safetensors", 3, {})
