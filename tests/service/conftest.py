"""A real server on a free port, with a pack of tiny nodes in its own root."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType
from aiohttp.test_utils import TestClient, TestServer

from graph.cache import Cache
from graph.execute import Executor
from graph.folders import Folders
from graph.registry import Registry
from service.app import create_app
from service.engine import Engine
from service.state import Places

TestClient.__test__ = TestServer.__test__ = False  # type: ignore[attr-defined]  # not tests, by their names

PACK = '''
import sys
import time
from pathlib import Path
from typing import Annotated

from graph import Artifact, Context, File, Range, node


@node(category="test")
def number(value: int = 1) -> int:
    """A number."""
    return value


@node(category="test")
def add(a: int, b: Annotated[int, Range(-100, 100)] = 0) -> int:
    """The sum."""
    return a + b


@node(category="test")
def nap(value: int, seconds: float = 0.0, *, context: Context) -> int:
    """Sleep in small steps."""
    steps = round(seconds / 0.01)
    for step in range(steps):
        context.check_cancelled()
        context.progress(step + 1, steps)
        time.sleep(0.01)
    return value


@node(category="test")
def film(value: int, frames: int = 1, size: int = 1000, *, context: Context) -> int:
    """Send previews as fast as it goes."""
    for frame in range(frames):
        context.check_cancelled()
        context.preview(bytes([frame % 256]) * size, "image/webp")
        time.sleep(0.002)
    return value


@node(category="test")
def deaf(value: int, seconds: float = 1.0) -> int:
    """Never look at the cancellation."""
    time.sleep(seconds)
    return value


@node(category="test")
def fail(value: int) -> int:
    """Raise."""
    raise RuntimeError("this node always fails")


@node(category="test")
def leave(value: int) -> int:
    """Try to end the program."""
    sys.exit(3)


@node(category="test")
def model(name: Annotated[Path, File("checkpoints")]) -> int:
    """Load a model."""
    return len(name.read_bytes())


@node(category="test", sink=True)
def show(value: int) -> list[Artifact]:
    """Show a number."""
    return [Artifact("text", text=str(value))]


@node(category="test", sink=True, pure=False)
def picture(value: int, *, context: Context) -> list[Artifact]:
    """Save a small picture."""
    from PIL import Image

    path = context.folder("output") / f"picture_{value}.png"
    Image.new("RGB", (64, 48), (value % 256, 0, 0)).save(path)
    return [Artifact("image", "output", path.name, 64, 48)]
'''
OPEN_SOCKET = "/api/v1/socket?since={}"


def document(*nodes: tuple[str, str, dict[str, Any]], title: str = "Test") -> dict[str, Any]:
    """A workflow of (id, type, inputs); an input given as a tuple is a link."""
    records, links = [], []
    for name, kind, inputs in nodes:
        literals = {key: value for key, value in inputs.items() if not isinstance(value, tuple)}
        records.append({"id": name, "type": kind, "inputs": literals})
        links += [
            {"from": list(value), "to": [name, key]}
            for key, value in inputs.items()
            if isinstance(value, tuple)
        ]
    head = {"format": "tessera.workflow", "version": 1, "title": title}
    return {**head, "nodes": records, "links": links}


def chain(kind: str, *, value: int = 1, **inputs: Any) -> dict[str, Any]:
    """number -> a node of this kind -> show."""
    return document(
        ("number", "Number", {"value": value}),
        ("middle", kind, {"value": ("number", "INT"), **inputs}),
        ("show", "Show", {"value": ("middle", "INT")}),
    )


@dataclass
class Heard:
    """What came over a websocket."""

    events: list[dict[str, Any]] = field(default_factory=list)
    previews: list[bytes] = field(default_factory=list)

    def types(self, run: str | None = None) -> list[str]:
        return [event["type"] for event in self.events if run in (None, event.get("run"))]

    @property
    def durable(self) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] != "StepProgress"]


async def listen(socket: ClientWebSocketResponse, *, until: str, timeout: float = 10.0) -> Heard:
    """Hear everything up to the end of a run, or to an event of some type."""
    heard = Heard()
    async with asyncio.timeout(timeout):
        while True:
            message = await socket.receive()
            if message.type is WSMsgType.BINARY:
                heard.previews.append(message.data)
                continue
            assert message.type is WSMsgType.TEXT, message
            event = json.loads(message.data)
            heard.events.append(event)
            if event["type"] == until or (event["type"], event.get("run")) == ("RunFinished", until):
                return heard


@dataclass
class Service:
    """A running server and its client."""

    client: TestClient[Any, Any]
    root: Path

    async def get(self, path: str) -> Any:
        async with self.client.get(f"/api/v1/{path}") as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def post(self, path: str, body: Any, *, status: int = 200) -> Any:
        async with self.client.post(f"/api/v1/{path}", json=body) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json()

    async def start(self, workflow: dict[str, Any], **fields: Any) -> str:
        started = await self.post("runs", {"workflow": workflow, **fields}, status=202)
        run: str = started["run"]
        return run

    async def run(self, workflow: dict[str, Any], **fields: Any) -> Heard:
        """Run to the end; the events of this run."""
        run = await self.start(workflow, **fields)
        async with self.client.ws_connect(OPEN_SOCKET.format(0)) as socket:
            heard = await listen(socket, until=run)
        return Heard([event for event in heard.events if event.get("run") == run], heard.previews)

    async def until(self, run: str, status: str, *, timeout: float = 5.0) -> dict[str, Any]:
        """Wait until a run has this status."""
        end = time.monotonic() + timeout
        while (shown := await self.get(f"runs/{run}"))["status"] != status:
            assert time.monotonic() < end, f"{run} is {shown['status']}, not {status}"
            await asyncio.sleep(0.01)
        return dict(shown)


def make_places(root: Path) -> Places:
    return Places(
        root / "web",
        root / "node_modules",
        root / "package.json",
        root / "workflows",
        root / "user/log.sqlite",
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with the pack of tiny nodes and one model folder."""
    (tmp_path / "custom_nodes").mkdir()
    (tmp_path / "custom_nodes/tiny.py").write_text(PACK)
    (tmp_path / "models/checkpoints").mkdir(parents=True)
    for folder in ("web", "workflows", "node_modules"):
        (tmp_path / folder).mkdir()
    return tmp_path


@pytest.fixture
def engine(root: Path) -> Iterator[Engine]:
    folders = Folders(root)
    registry, cache = Registry(folders), Cache(2**24)
    with Executor(cache, folders) as executor:
        yield Engine(
            registry,
            folders,
            cache,
            executor,
            load=lambda: registry.load_folder(root / "custom_nodes"),
            warm=lambda: None,
            describe=lambda: {"ready": True},
        )


@pytest.fixture
async def service(engine: Engine, root: Path) -> AsyncIterator[Service]:
    async with TestClient(TestServer(create_app(engine, make_places(root)))) as client:
        yield Service(client, root)
