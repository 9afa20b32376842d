"""The websocket hub: every client reads the log from its own cursor, and progress while it keeps up."""

import asyncio
import contextlib
import logging
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from aiohttp import WSMsgType, web

from graph.events import Event, RunFinished, StepFailed, StepFinished, StepPreview, StepProgress, StepSkipped
from service.log import Log
from service.protocol import dump

INTERVAL = 0.05  # s between transient messages: 20 a second
BATCH = 256  # events between two looks at what else there is to send
LONGEST_MESSAGE = 64 * 2**10
HEARTBEAT = 20.0  # s; a client that answers no ping for half of it is gone
GOODBYE = 1.0  # s to answer a close; a client that is gone must not hold up the server's end
LAST_PREVIEWS = 16
"""Of finished steps; a client that is slow loses older ones."""

StepKey = tuple[str, str]  # run, step


class Channel(Protocol):
    """What events are written to."""

    async def send_str(self, data: str) -> None: ...
    async def send_bytes(self, data: bytes) -> None: ...


class Client:
    """One open channel. Durable events are never queued for it: it reads the log behind its cursor."""

    def __init__(self, socket: Channel, log: Log, cursor: int, *, batched: bool = False) -> None:
        self._socket, self._log, self._cursor, self._batched = socket, log, cursor, batched
        self._progress: dict[StepKey, StepProgress] = {}
        self._previews: dict[StepKey, StepPreview] = {}
        self._last: deque[StepPreview] = deque(maxlen=LAST_PREVIEWS)
        self._pings = 0
        self._due = 0.0
        self._wake = asyncio.Event()

    def tell(self, events: Sequence[Event]) -> None:
        """Keep only the newest progress and preview of a step, and of a finished one its last preview."""
        for event in events:
            match event:
                case StepProgress(run, step):
                    self._progress[run, step] = event
                case StepPreview(run, step):
                    self._previews[run, step] = event
                case StepFinished(run, step):
                    if preview := self._previews.get((run, step)):
                        self._last.append(preview)
                    self._forget({(run, step)})
                case StepFailed(run, step) | StepSkipped(run, step):
                    self._forget({(run, step)})
                case RunFinished(run):
                    self._forget({key for key in {*self._progress, *self._previews} if key[0] == run})
        self._wake.set()

    def ping(self) -> None:
        self._pings += 1
        self._wake.set()

    async def write(self) -> None:
        """Send until the socket closes: durable events, last previews of what ended, progress, a preview."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._send_pongs()
            await self._send_events()
            while self._last:
                await self._socket.send_bytes(preview_frame(self._last.popleft()))
            if not (self._progress or self._previews):
                continue
            if (early := self._due - time.monotonic()) > 0:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), early)
                self._wake.set()
            else:
                self._due = time.monotonic() + INTERVAL
                await self._send_transient()

    def _forget(self, keys: set[StepKey]) -> None:
        for key in keys:
            self._progress.pop(key, None)
            self._previews.pop(key, None)

    async def _send_pongs(self) -> None:
        while self._pings:
            self._pings -= 1
            await self._socket.send_str('{"type":"Pong"}')

    async def _send_events(self) -> None:
        while events := self._log.after(self._cursor, BATCH):
            if self._batched:
                events = [(events[-1][0], f"[{','.join(text for _, text in events)}]")]
            for seq, text in events:
                await self._socket.send_str(text)
                self._cursor = seq
            await asyncio.sleep(0)  # A long replay must not hold the loop.

    async def _send_transient(self) -> None:
        progress, self._progress = self._progress, {}
        for event in progress.values():
            now = {"seq": self._cursor, "time": time.time()}
            await self._socket.send_str(dump({**now, **event.to_json()}))
        if self._previews:
            # Sending waits while the client is slow; newer previews of a step then replace older ones.
            preview = self._previews.pop(next(iter(self._previews)))
            await self._socket.send_bytes(preview_frame(preview))
        if self._previews:
            self._wake.set()


def preview_frame(preview: StepPreview) -> bytes:
    """Four bytes of header length, the JSON header, the image."""
    header = dump(preview.to_json()).encode()
    return len(header).to_bytes(4, "big") + header + preview.data


class Hub:
    """All open websockets and streams."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._clients: set[Client] = set()
        self._sockets: set[web.WebSocketResponse] = set()
        self.closing = asyncio.Event()
        self._listeners: list[Callable[[Sequence[Event]], None]] = []

    def listen(self, listener: Callable[[Sequence[Event]], None]) -> None:
        """Tell all that happens to a function, too; what it raises harms nobody."""
        self._listeners.append(listener)

    def __len__(self) -> int:
        return len(self._clients)

    def tell(self, events: Sequence[Event]) -> None:
        for client in self._clients:
            client.tell(events)
        for listener in self._listeners:
            try:
                listener(events)
            except Exception:
                logging.getLogger(__name__).exception("a listener failed")

    def hello(self, running: str | None) -> str:
        hello = {"type": "Hello", "last": self._log.last, "session": self._log.session, "running": running}
        return dump(hello)

    @contextlib.contextmanager
    def informed(self, channel: Channel, since: int, *, batched: bool = False) -> Iterator[Client]:
        """A client that hears of all that happens, from a cursor on; batched, of many events at once."""
        client = Client(channel, self._log, since, batched=batched)
        self._clients.add(client)
        client.tell(())
        try:
            yield client
        finally:
            self._clients.discard(client)

    async def serve(
        self, request: web.Request, *, since: int, running: str | None, batched: bool = False
    ) -> web.WebSocketResponse:
        """Greet, replay what the client missed, and keep it informed until it leaves."""
        socket = web.WebSocketResponse(
            timeout=GOODBYE, heartbeat=HEARTBEAT, max_msg_size=LONGEST_MESSAGE, compress=False
        )
        await socket.prepare(request)
        self._sockets.add(socket)
        with self.informed(socket, since, batched=batched) as client:
            writer = asyncio.create_task(self._write(socket, client, self.hello(running)))
            try:
                await _listen(socket, client)
            finally:
                self._sockets.discard(socket)
                writer.cancel()
                await asyncio.gather(writer, return_exceptions=True)
        return socket

    async def close(self) -> None:
        self.closing.set()
        goodbyes = [
            asyncio.create_task(socket.close(code=1001, message=b"the server stops"))
            for socket in self._sockets
        ]
        if goodbyes:
            await asyncio.wait(goodbyes, timeout=2 * GOODBYE)

    async def _write(self, socket: web.WebSocketResponse, client: Client, hello: str) -> None:
        # A client that left mid-run is no error: its events are in the log.
        with contextlib.suppress(ConnectionError):
            try:
                await socket.send_str(hello)
                await client.write()
            except sqlite3.Error:
                logging.getLogger(__name__).exception("the log cannot be read")
                await socket.close(code=1011, message=b"the log cannot be read")


async def _listen(socket: web.WebSocketResponse, client: Client) -> None:
    """Clients say nothing but Ping."""
    async for message in socket:
        if message.type is WSMsgType.TEXT and message.data.replace(" ", "") == '{"type":"Ping"}':
            client.ping()
        elif message.type is not WSMsgType.ERROR:
            await socket.close(code=1008, message=b'clients send nothing but {"type": "Ping"}')
