"""A real server with the nodes of this folder's packs, and prompts built as packs build theirs."""

import asyncio
import shutil
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import numpy
import pytest
from PIL import Image

from tests.compat.server.conftest import PATIENCE, Comfy, Heard, Running

HERE = Path(__file__).parent


class Prompt:
    """A prompt in the making: `prompt.node("SaveImage", images=image)` gives what links to it."""

    def __init__(self) -> None:
        self.nodes: dict[str, Any] = {}

    def node(self, kind: str, own: str = "", /, **inputs: Any) -> "Made":
        own = own or str(len(self.nodes) + 1)
        links = {name: value.out(0) if isinstance(value, Made) else value for name, value in inputs.items()}
        self.nodes[own] = {"class_type": kind, "inputs": links}
        return Made(own, self)


@dataclass(frozen=True)
class Made:
    """A node of a prompt."""

    id: str
    prompt: Prompt

    def out(self, place: int) -> list[Any]:
        return [self.id, place]

    def set(self, name: str, value: Any) -> None:
        self.prompt.nodes[self.id]["inputs"][name] = value.out(0) if isinstance(value, Made) else value


@dataclass
class Outcome:
    """What a client knows of a prompt that has ended."""

    id: str
    heard: Heard
    entry: dict[str, Any]
    root: Path

    @property
    def cached(self) -> set[str]:
        return {node for told in self.heard.of("execution_cached") for node in told["nodes"]}

    def ran(self, node: Made) -> bool:
        return node.id in self.heard.ran

    def shown(self, node: Made) -> Any:
        return self.entry["outputs"][node.id]

    def pictures(self, node: Made) -> list[float]:
        """The mean of each picture, in 0 to 255."""
        files = self.shown(node)["images"]
        paths = [self.root / each["type"] / each["subfolder"] / each["filename"] for each in files]
        return [float(numpy.asarray(Image.open(path), numpy.float32).mean()) for path in paths]

    @property
    def error(self) -> dict[str, Any]:
        (error,) = self.heard.of("execution_error")
        return error


@dataclass
class Execution:
    """A client that runs prompts to their ends."""

    comfy: Comfy

    async def run(self, prompt: Prompt, **fields: Any) -> Outcome:
        own, heard = await self.comfy.run(prompt.nodes, **fields)
        return Outcome(own, heard, await self.comfy.history(own), self.comfy.root)

    async def refused(self, prompt: Prompt, **fields: Any) -> dict[str, Any]:
        return await self.comfy.queue(prompt.nodes, status=400, **fields)


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    root = tmp_path_factory.mktemp("execution")
    (root / "input").mkdir()
    shutil.copytree(HERE / "packs", root / "custom_nodes")
    made, ready = Running(root), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(made.serve(ready)), name="execution")
    thread.start()
    assert ready.wait(PATIENCE) and made.url
    yield made
    made.stop()
    thread.join(PATIENCE)
    assert not thread.is_alive()


@pytest.fixture
async def comfy(running: Running) -> AsyncIterator[Comfy]:
    async with aiohttp.ClientSession(running.url) as session:
        yield Comfy(session, running.root)


@pytest.fixture
async def client(comfy: Comfy) -> AsyncIterator[Execution]:
    """With an empty cache."""
    await comfy.post("/free", {"free_memory": True})
    yield Execution(comfy)
