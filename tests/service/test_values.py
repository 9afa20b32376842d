"""Values on wires: looked at by key, without running anything, in memory and on disk."""

import io
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image

from diffusion import looking, storing
from graph.disk import Disk
from service.app import create_app
from service.engine import Engine
from tests.service.conftest import Service, chain, document, make_places

PACK = '''
from typing import Annotated, Any
from graph import SocketType, node

IMAGE = SocketType("IMAGE", "#64b5f6", "I")


@node(category="test")
def grey(level: float = 0.5, count: int = 1) -> tuple[Annotated[Any, IMAGE], str]:
    """Pictures and a text."""
    import time

    import torch

    time.sleep(0.002)
    return torch.full((count, 8, 16, 3), level), "grey"


@node(category="test", sink=True)
def end(image: Annotated[Any, IMAGE]) -> None:
    """Take it."""
'''


@pytest.fixture
def root(root: Path) -> Path:
    (root / "custom_nodes/grey.py").write_text(PACK)
    return root


@pytest.fixture
async def looked(engine: Engine, root: Path) -> Any:
    object.__setattr__(engine, "looking", looking)
    async with TestClient(TestServer(create_app(engine, make_places(root)))) as client:
        yield Service(client, root)


def greys(level: float = 0.5, count: int = 2) -> dict[str, Any]:
    inputs = {"level": level, "count": count}
    return document(("grey", "Grey", inputs), ("end", "End", {"image": ("grey", "IMAGE")}))


async def key_of(service: Service, workflow: dict[str, Any], node: str) -> str:
    planned = await service.post("plan", {"workflow": workflow})
    (step,) = (step for step in planned["steps"] if step["id"] == node)
    return str(step["key"])


async def refused(service: Service, path: str) -> tuple[int, str]:
    async with service.client.get(f"/api/v1/{path}") as answer:
        (problem,) = (await answer.json())["problems"]
        return answer.status, problem["code"]


async def test_a_plan_names_the_key_of_what_is_known_and_only_of_that(looked: Service) -> None:
    before = await looked.post("plan", {"workflow": greys()})
    assert not any("key" in step for step in before["steps"])
    await looked.run(greys())
    assert len(await key_of(looked, greys(), "grey")) == 32


async def test_each_output_is_looked_at_without_running_it(looked: Service) -> None:
    await looked.run(greys())
    key = await key_of(looked, greys(), "grey")
    picture = await looked.get(f"values/{key}")
    assert (picture["kind"], picture["pictures"], picture["tensor"]["shape"]) == ("image", 2, [2, 8, 16, 3])
    assert picture["tensor"]["max"] == 0.5
    assert await looked.get(f"values/{key}?output=1") == {"kind": "text", "value": "grey", "length": 4}


async def test_a_picture_comes_whole_or_small(looked: Service) -> None:
    await looked.run(greys())
    key = await key_of(looked, greys(), "grey")
    for query, media, size in (("index=1", "image/png", (16, 8)), ("preview=16", "image/webp", (16, 8))):
        async with looked.client.get(f"/api/v1/values/{key}/picture?{query}") as answer:
            assert (answer.status, answer.content_type) == (200, media)
            assert "immutable" in answer.headers["Cache-Control"]
            shown = Image.open(io.BytesIO(await answer.read()))
            assert shown.size == size and abs(shown.convert("RGB").getpixel((0, 0))[0] - 128) < 3


async def test_what_is_not_there_is_told_with_a_remedy(looked: Service) -> None:
    await looked.run(greys())
    key = await key_of(looked, greys(), "grey")
    assert await refused(looked, f"values/{'0' * 32}") == (404, "unknown_value")
    assert await refused(looked, "values/..%2f..%2fetc") == (404, "unknown_value")
    assert await refused(looked, f"values/{key}?output=7") == (404, "unknown_output")
    assert await refused(looked, f"values/{key}/picture?index=2") == (404, "no_picture")
    assert await refused(looked, f"values/{key}/picture?output=1") == (404, "no_picture")
    assert await refused(looked, f"values/{key}/picture?preview=7") == (400, "wrong_query")


async def test_a_value_that_lies_on_the_disk_only_is_read_from_there(
    engine: Engine, looked: Service, tmp_path: Path
) -> None:
    disk = Disk(tmp_path / "cache", 2**24, storing)
    engine.cache.attach(disk)
    await looked.run(greys(0.25, count=50))  # more than lies in the index
    key = await key_of(looked, greys(0.25, count=50), "grey")
    assert disk.flush(5)
    engine.cache.clear()
    told = await looked.get(f"values/{key}")
    assert told["tensor"]["mean"] == 0.25
    (file,) = (tmp_path / "cache").glob("*/*.safetensors")
    file.write_bytes(b"torn")
    assert await refused(looked, f"values/{key}") == (404, "unknown_value")
    engine.cache.close(5)


async def test_a_service_that_cannot_look_names_the_class(service: Service) -> None:
    await service.run(chain("Nap"))
    key = await key_of(service, chain("Nap"), "middle")
    assert await service.get(f"values/{key}") == {"kind": "other", "class": "int"}
