"""Model files: what is known of each, from its header, without loading it."""

import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

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


async def test_a_model_tells_its_picture_and_its_last_result(service: Service) -> None:
    folder = service.root / "models/checkpoints"
    (folder / "sub").mkdir()
    for name in ("sub/a.safetensors", "b.safetensors"):
        (folder / name).write_bytes(b"abc")
    Image.new("RGB", (80, 40), "red").save(folder / "sub/a.preview.png")
    made = document(
        ("model", "Model", {"name": "b.safetensors"}), ("picture", "Picture", {"value": ("model", "INT")})
    )
    await service.run(made)
    beside, used = (await service.get("models/checkpoints?details=1"))["details"][::-1]
    assert (beside["name"], beside["picture"], beside["result"]) == ("sub/a.safetensors", True, None)
    assert (used["picture"], used["result"]) == (False, {"folder": "output", "name": "picture_3.png"})
    async with service.client.get(
        "/api/v1/models/checkpoints/sub/a.safetensors/picture?preview=20"
    ) as answer:
        assert Image.open(io.BytesIO(await answer.read())).size == (20, 10)
    async with service.client.get("/api/v1/models/checkpoints/b.safetensors/picture") as answer:
        assert answer.status == 404
    async with service.client.get("/api/v1/models/checkpoints/..%2F..%2Fx/picture") as answer:
        assert answer.status == 404


async def test_details_are_of_the_files_that_are_asked_for(service: Service) -> None:
    for name in ("a", "b", "c"):
        (service.root / f"models/checkpoints/{name}.ckpt").write_bytes(b"abc")
    said = await service.get("models/checkpoints?details=1&name=a.ckpt&name=c.ckpt&name=z")
    assert [each["name"] for each in said["details"]] == said["models"] == ["a.ckpt", "c.ckpt"]


async def test_model_folders_say_how_much_lies_in_each(service: Service) -> None:
    for folder, sizes in (("checkpoints", (3, 5)), ("strange/deep", (7,))):
        (service.root / "models" / folder).mkdir(parents=True, exist_ok=True)
        for size in sizes:
            (service.root / "models" / folder / f"{size}.safetensors").write_bytes(b"x" * size)
    (service.root / "models/.hidden").mkdir()
    found = {each.pop("name"): each for each in (await service.get("models"))["folders"]}
    assert found["checkpoints"] == {"models": 2, "bytes": 8}
    assert found["strange"] == {"models": 1, "bytes": 7}
    assert found["loras"] == {"models": 0, "bytes": 0}  # a node opens it
    assert not {".hidden", "input", "output"} & found.keys()
