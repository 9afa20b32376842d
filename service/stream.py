"""The event log as server-sent events: what the websocket tells, for clients that only read."""

import asyncio
import contextlib

from aiohttp import web

from service.protocol import refuse
from service.state import HUB, RUNS

KEEP_ALIVE = 15.0  # s between comments, so that no proxy takes the connection for dead
RETRY = 1000  # ms that a browser waits before it comes back with its Last-Event-ID


class Stream:
    """A response that takes events; previews are for websockets only."""

    def __init__(self, response: web.StreamResponse) -> None:
        self._response = response

    async def send_str(self, data: str) -> None:
        seq = data[len('{"seq":') : data.index(",")]  # `dump` writes it first
        await self._response.write(f"id: {seq}\ndata: {data}\n\n".encode())

    async def send_bytes(self, data: bytes) -> None:
        """Nothing: a preview is not text."""


async def serve_stream(request: web.Request) -> web.StreamResponse:
    """Replay what the client missed, and keep it informed until it leaves."""
    hub, since = request.app[HUB], cursor_of(request)
    headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    if request.method == "HEAD":
        return web.Response(headers=headers)
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    with contextlib.suppress(ConnectionError), hub.informed(Stream(response), since) as client:
        hello = hub.hello(request.app[RUNS].running)
        await response.write(f"retry: {RETRY}\nevent: Hello\ndata: {hello}\n\n".encode())
        writer = asyncio.create_task(client.write())
        closing = asyncio.create_task(hub.closing.wait())
        try:
            while not (writer.done() or closing.done()):
                await asyncio.wait((writer, closing), timeout=KEEP_ALIVE, return_when="FIRST_COMPLETED")
                await response.write(b": alive\n\n")
        finally:
            writer.cancel()
            closing.cancel()
            await asyncio.gather(writer, closing, return_exceptions=True)
    return response


def cursor_of(request: web.Request) -> int:
    """The seq of the last event that a client knows: a browser that comes back says it in a header."""
    since = request.headers.get("Last-Event-ID") or request.query.get("since", "0")
    if not (since.isascii() and since.isdecimal() and len(since) <= 18):
        message = "since is a whole number from 0: the seq of the last event you know"
        raise refuse(400, "wrong_cursor", message)
    return int(since)
