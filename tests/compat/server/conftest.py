"""One real server that speaks ComfyUI's protocol, with tiny weights, and clients as others write them."""

import asyncio
import json
import shutil
import threading
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from compat.server.app import add_comfy
from graph.folders import Folders
from server import make_engine
from service.app import create_app
from service.hosting import places_of
from tests.nodes.tiny import write_checkpoint
from tests.service.conftest import PACK

ROOT = Path(__file__).resolve().parents[3]
CHECKPOINT = "tessera-emoji-v1.safetensors"
PATIENCE = 20.0  # s; the machine may be busy


def text_to_image(**sampler: Any) -> dict[str, Any]:
    """The prompt that everybody sends first."""
    sampling = {"seed": 1, "steps": 3, "cfg": 7.0, "sampler_name": "euler", "scheduler": "normal"}
    links = {"model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]}
    nodes = {
        "3": ("KSampler", {**sampling, "denoise": 1, **links, **sampler}),
        "4": ("CheckpointLoaderSimple", {"ckpt_name": CHECKPOINT}),
        "5": ("EmptyLatentImage", {"width": 64, "height": 64, "batch_size": 1}),
        "6": ("CLIPTextEncode", {"text": "a cat", "clip": ["4", 1]}),
        "7": ("CLIPTextEncode", {"text": "fog", "clip": ["4", 1]}),
        "8": ("VAEDecode", {"samples": ["3", 0], "vae": ["4", 2]}),
        "9": ("SaveImage", {"filename_prefix": "cat", "images": ["8", 0]}),
    }
    return {own: {"class_type": kind, "inputs": inputs} for own, (kind, inputs) in nodes.items()}


def chain(kind: str, value: int, **inputs: Any) -> dict[str, Any]:
    """Number -> a node of this kind -> Show."""
    return {
        "1": {"class_type": "Number", "inputs": {"value": value}},
        "2": {"class_type": kind, "inputs": {"value": ["1", 0], **inputs}},
        "3": {"class_type": "Show", "inputs": {"value": ["2", 0]}},
    }


@dataclass
class Heard:
    """What came over a websocket."""

    said: list[dict[str, Any]] = field(default_factory=list)
    frames: list[bytes] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    @property
    def types(self) -> list[str]:
        """Without what comes as often as it likes."""
        return [each["type"] for each in self.said if each["type"] != "progress_state"]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [each["data"] for each in self.said if each["type"] == kind]

    @property
    def ran(self) -> list[str]:
        return [data["node"] for data in self.of("executing") if data["node"] is not None]


@dataclass
class Comfy:
    """A client of a running server."""

    session: aiohttp.ClientSession
    root: Path
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    async def get(self, path: str, *, status: int = 200, **query: str) -> Any:
        async with self.session.get(path, params=query) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json()

    async def post(self, path: str, body: object, *, status: int = 200) -> Any:
        async with self.session.post(path, json=body) as answer:
            assert answer.status == status, await answer.text()
            text = await answer.text()
            return json.loads(text) if text else None

    async def queue(self, prompt: object, *, status: int = 200, **fields: object) -> Any:
        return await self.post("/prompt", {"prompt": prompt, "client_id": self.id, **fields}, status=status)

    @asynccontextmanager
    async def socket(self, path: str = "/ws") -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        async with self.session.ws_connect(f"{path}?clientId={self.id}") as socket:
            yield socket

    async def run(self, prompt: object, **fields: object) -> tuple[str, Heard]:
        """Send a prompt and hear it to its end."""
        async with self.socket() as socket:
            sent = await self.queue(prompt, **fields)
            return sent["prompt_id"], await listen(socket, sent["prompt_id"])

    async def history(self, prompt_id: str) -> Any:
        return (await self.get(f"/history/{prompt_id}"))[prompt_id]

    async def until(self, number: int) -> None:
        """Wait until so many prompts wait or work."""
        end = time.monotonic() + PATIENCE
        while (await self.get("/prompt"))["exec_info"]["queue_remaining"] != number:
            assert time.monotonic() < end
            await asyncio.sleep(0.01)


async def listen(socket: aiohttp.ClientWebSocketResponse, prompt_id: str) -> Heard:
    """Hear everything up to the end of a prompt."""
    heard = Heard()
    async with asyncio.timeout(PATIENCE):
        while True:
            message = await socket.receive()
            if message.type is aiohttp.WSMsgType.BINARY:
                heard.frames.append(message.data)
                continue
            assert message.type is aiohttp.WSMsgType.TEXT, message
            said = json.loads(message.data)
            heard.said.append(said)
            heard.times.append(time.monotonic())
            if said["type"] == "executing" and said["data"] == {"node": None, "prompt_id": prompt_id}:
                return heard


@dataclass
class Running:
    """A server in its own thread, so that one serves all tests."""

    root: Path
    url: str = ""
    app: web.Application | None = None
    _loop: asyncio.AbstractEventLoop | None = None
    _stop: asyncio.Event | None = None

    async def serve(self, ready: threading.Event) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        engine = make_engine(Folders(self.root), custom_nodes=True)
        self.app = create_app(engine, places_of(ROOT, self.root))
        add_comfy(self.app)
        runner = web.AppRunner(self.app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            ready.set()
            await self._stop.wait()
        finally:
            ready.set()
            await runner.cleanup()
            engine.executor.close()

    def stop(self) -> None:
        assert self._loop is not None and self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    root = tmp_path_factory.mktemp("comfy")
    for folder in ("models/checkpoints", "models/loras", "models/embeddings", "input", "custom_nodes"):
        (root / folder).mkdir(parents=True)
    write_checkpoint(root / "models/checkpoints" / CHECKPOINT)
    shutil.copy(ROOT / "input/example.png", root / "input")
    (root / "custom_nodes/tiny.py").write_text(PACK)
    made, ready = Running(root), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(made.serve(ready)), name="comfy")
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
async def other(running: Running) -> AsyncIterator[Comfy]:
    """Another client of the same server."""
    async with aiohttp.ClientSession(running.url) as session:
        yield Comfy(session, running.root)
