"""Two interfaces to run a graph through: our own, and ComfyUI's, which other servers speak, too."""

from __future__ import annotations

import asyncio
import json
import re
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, Protocol

import aiohttp

from benchmarks.peer.graphs import Record, document_of

LONGEST = 300.0  # s for one graph
ENDS = ("execution_success", "execution_error", "execution_interrupted")


class NotRun(Exception):
    """A server that does not run a graph, and why."""


class Sent(NamedTuple):
    """One run of a graph: how long until the client knew of its end, and what it was told meanwhile."""

    seconds: float
    bytes: int
    messages: int


class Interface(Protocol):
    """A server with one websocket that listens."""

    def body(self, prompt: Record) -> bytes:
        """What is posted to run a prompt."""

    async def run(self, body: bytes) -> Sent:
        """Post it, and listen until its end."""


class Ours:
    """Our own protocol."""

    def __init__(self, session: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._session, self._socket = session, socket

    def body(self, prompt: Record) -> bytes:
        return json.dumps({"workflow": document_of(prompt)}).encode()

    async def run(self, body: bytes) -> Sent:
        started = time.perf_counter()
        run = (await posted(self._session, "/api/v1/runs", body))["run"]
        size = count = 0
        while True:
            text = await heard(self._socket)
            size, count = size + len(text), count + 1
            if '"RunFinished"' in text and (ended := _end(text, run)) is not None:
                if ended["status"] != "succeeded":
                    raise NotRun(f"the run has {ended['status']}: {ended['problems'][:1]}")
                return Sent(time.perf_counter() - started, size, count)


def _end(text: str, run: str) -> Record | None:
    """The end of a run, if a batch of events holds it."""
    ends = (each for each in json.loads(text) if each["type"] == "RunFinished" and each["run"] == run)
    return next(ends, None)


class Comfy:
    """ComfyUI's protocol: a prompt is over when the client is told that nothing of it is executing."""

    def __init__(
        self, session: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse, client: str
    ) -> None:
        self._session, self._socket, self._client = session, socket, client

    def body(self, prompt: Record) -> bytes:
        return json.dumps({"prompt": prompt, "client_id": self._client}).encode()

    async def run(self, body: bytes) -> Sent:
        started = time.perf_counter()
        prompt = (await posted(self._session, "/prompt", body))["prompt_id"]
        size = count = 0
        while True:
            text = await heard(self._socket)
            size, count = size + len(text), count + 1
            if '"execution_' not in text and '"executing"' not in text:
                continue
            told = json.loads(text)
            about = told["data"]
            if about.get("prompt_id") != prompt:
                continue
            if told["type"] in ENDS[1:]:
                raise NotRun(f"{told['type']}: {about.get('exception_message', '')}")
            if told["type"] == "executing" and about["node"] is None:
                return Sent(time.perf_counter() - started, size, count)


async def posted(session: aiohttp.ClientSession, path: str, body: bytes) -> Record:
    headers = {"Content-Type": "application/json"}
    async with session.post(path, data=body, headers=headers) as answer:
        text = await answer.text()
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    if answer.status >= 300 or not isinstance(said, dict):
        raise NotRun(f"{path} answers {answer.status}: {_reason(said, text)}")
    return said


def _reason(said: Any, text: str) -> str:
    """What a refusal says, in either protocol."""
    if isinstance(said, dict) and isinstance(said.get("error"), dict):
        return str(said["error"].get("message"))
    if isinstance(said, dict) and said.get("problems"):
        return "; ".join(str(problem["message"]) for problem in said["problems"][:5])
    return re.sub(r"\s+", " ", text)[:200]


async def heard(socket: aiohttp.ClientWebSocketResponse) -> str:
    """The next text; pictures do not count, as none is asked for."""
    while True:
        message = await socket.receive()
        if message.type is aiohttp.WSMsgType.TEXT:
            return str(message.data)
        if message.type is not aiohttp.WSMsgType.BINARY:
            raise NotRun(f"the websocket is closed: {message.data}")


@asynccontextmanager
async def our_protocol(session: aiohttp.ClientSession) -> AsyncIterator[Interface]:
    async with session.get("/api/v1/events?since=999999999999") as answer:
        last = (await answer.json())["last"]
    async with session.ws_connect(f"/api/v1/socket?since={last}&batched", max_msg_size=0) as socket:
        await heard(socket)  # Hello
        yield Ours(session, socket)


@asynccontextmanager
async def comfy_protocol(session: aiohttp.ClientSession) -> AsyncIterator[Interface]:
    client = uuid.uuid4().hex
    async with session.ws_connect(f"/ws?clientId={client}", max_msg_size=0) as socket:
        await heard(socket)  # how many prompts wait
        yield Comfy(session, socket, client)


async def attempt(interface: Interface, body: bytes) -> Sent:
    """Run a graph, unless it takes far too long."""
    try:
        async with asyncio.timeout(LONGEST):
            return await interface.run(body)
    except TimeoutError:
        raise NotRun(f"it takes longer than {LONGEST:.0f} s") from None
