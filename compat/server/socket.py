"""The websocket of ComfyUI's clients: messages in their order, previews only while a client keeps up."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import uuid
from collections import deque
from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web

from compat.server.items import Item
from compat.server.story import STREAMS, node_of
from graph.events import StepPreview
from service.protocol import dump

LONGEST_MESSAGE = 2**20
LONGEST_QUEUE = 20_000
"""Messages that may wait for a client; one that reads slower is sent away."""
SILENCE = 2.0  # s of a run after which the status is said again, so that no client gives up
GOODBYE = 1.0  # s
MANY = 50  # messages that wait: the client is slow
OUTDATED = ("status", "progress_state")
"""Messages that say all there is: a newer one takes the place of those that are not sent yet."""
FEATURES = {"supports_preview_metadata": True, "max_upload_size": 64 * 2**20}


class Client:
    """One open websocket."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.socket = socket
        self.features: dict[str, Any] = {}
        self.last_said = time.monotonic()
        self._waiting: deque[list[str | bytes]] = deque()
        self._newest: dict[str, list[str | bytes]] = {}
        self._preview: Callable[[], bytes] | None = None
        self._wake = asyncio.Event()

    @property
    def takes_metadata(self) -> bool:
        return self.features.get("supports_preview_metadata") is True

    def say(self, message: str | bytes, kind: str = "") -> None:
        """Queue a message; for a slow client, the newest of some kinds makes those that still wait empty."""
        entry = [message]
        if kind in OUTDATED:
            if len(self._waiting) > MANY:
                self._newest.get(kind, []).clear()
            self._newest[kind] = entry
        self._waiting.append(entry)
        self.last_said = time.monotonic()
        self._wake.set()

    def show(self, frame: Callable[[], bytes]) -> None:
        """A preview, in place of one that was not sent yet."""
        self._preview = frame
        self._wake.set()

    def forget_preview(self) -> None:
        self._preview = None

    async def leave(self) -> bool:
        return await self.socket.close(code=1000, message=b"another socket has this name")

    async def write(self) -> None:
        """Send until the socket closes."""
        with contextlib.suppress(ConnectionError):
            while len(self._waiting) <= LONGEST_QUEUE:
                while self._waiting:
                    for message in self._waiting.popleft():
                        if isinstance(message, str):
                            await self.socket.send_str(message)
                        else:
                            await self.socket.send_bytes(message)
                if self._preview is not None:
                    frame, self._preview = self._preview, None
                    await self.socket.send_bytes(frame())
                    continue
                self._wake.clear()
                await self._wake.wait()
            await self.socket.close(code=1008, message=b"too many messages wait")


class Sockets:
    """All open websockets, by the names that the clients gave themselves."""

    def __init__(self) -> None:
        self._clients: dict[str, Client] = {}
        self._goodbyes: set[asyncio.Task[bool]] = set()

    def __len__(self) -> int:
        return len(self._clients)

    def __contains__(self, client: str) -> bool:
        return client in self._clients

    def send(self, kind: str, data: object, client: str | None = None) -> None:
        """Say something to one client, or to all."""
        if client is not None and client not in self._clients:
            return
        text = dump({"type": kind, "data": data})
        for each in [self._clients[client]] if client is not None else list(self._clients.values()):
            if kind == "executing":
                each.forget_preview()
            each.say(text, kind)

    def show(self, picture: StepPreview, frame: Callable[[bool], bytes], item: Item) -> None:
        """Pictures go only to a client that asked: by its features, in the prompt, or with a node for it."""
        client = self._clients.get(item.client or "")
        if client is None:
            return
        if item.kind(node_of(picture, item)) in STREAMS:
            client.say(frame(False))
            return
        asked = item.extra.get("preview_method")
        if asked == "none" or (asked in (None, "default") and not client.takes_metadata):
            return
        rich = client.takes_metadata
        client.show(lambda: frame(rich))

    def break_silence(self, status: Callable[[], object]) -> None:
        quiet = [each for each in self._clients.values() if time.monotonic() - each.last_said > SILENCE]
        for each in quiet:
            each.say(dump({"type": "status", "data": status()}))

    async def serve(
        self, request: web.Request, status: dict[str, Any], executing: Callable[[str], str | None]
    ) -> web.WebSocketResponse:
        """Greet a client, and keep it informed until it leaves; a second one of its name takes its place."""
        # No heartbeat: a client that reads nothing while it works elsewhere answers no ping, and is not gone.
        socket = web.WebSocketResponse(timeout=GOODBYE, max_msg_size=LONGEST_MESSAGE, compress=False)
        await socket.prepare(request)
        name = request.query.get("clientId", "")[:200] or uuid.uuid4().hex
        client = Client(socket)
        if (earlier := self._clients.get(name)) is not None:
            self._goodbyes.add(goodbye := asyncio.create_task(earlier.leave()))
            goodbye.add_done_callback(self._goodbyes.discard)
        self._clients[name] = client
        client.say(dump({"type": "status", "data": {**status, "sid": name}}))
        if (node := executing(name)) is not None:
            client.say(dump({"type": "executing", "data": {"node": node}}))
        writer = asyncio.create_task(client.write())
        try:
            await _listen(socket, client)
        finally:
            if self._clients.get(name) is client:
                del self._clients[name]
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
        return socket

    async def close(self) -> None:
        goodbyes = [
            asyncio.create_task(each.socket.close(code=1001, message=b"the server stops"))
            for each in self._clients.values()
        ]
        if goodbyes:
            await asyncio.wait(goodbyes, timeout=2 * GOODBYE)


async def _listen(socket: web.WebSocketResponse, client: Client) -> None:
    """Clients say what they can take; all else is passed over."""
    async for message in socket:
        if message.type is not WSMsgType.TEXT:
            continue
        try:
            said = json.loads(message.data)
        except (ValueError, RecursionError):
            continue
        if isinstance(said, dict) and said.get("type") == "feature_flags":
            features = said.get("data")
            client.features = features if isinstance(features, dict) else {}
            client.say(dump({"type": "feature_flags", "data": FEATURES}))
