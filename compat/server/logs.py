"""/internal/logs: the newest lines of the log, and new ones over the websocket to those who ask."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

from aiohttp import web

from compat.server.state import SOCKETS
from service.protocol import answer, read_object, refuse

LINES, LONGEST = 300, 2000
SIZE = {"cols": 80, "rows": 24}
Line = dict[str, str]


class Keeper(logging.Handler):
    """Keeps the newest lines; `tell` hears each, in whatever thread it is written."""

    def __init__(self, tell: Callable[[Line], None]) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
        self.lines: deque[Line] = deque(maxlen=LINES)
        self.readers: set[str] = set()
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        time = datetime.fromtimestamp(record.created).isoformat()
        line = {"t": time, "m": self.format(record)[:LONGEST] + "\n"}
        self.lines.append(line)
        if self.readers:
            self._tell(line)


KEEPER: web.AppKey[Keeper] = web.AppKey("comfy_log", Keeper)


async def keep(app: web.Application) -> AsyncIterator[None]:
    """Listen to the log while the application lives."""
    loop = asyncio.get_running_loop()

    def send(line: Line) -> None:
        for client in list(app[KEEPER].readers):
            app[SOCKETS].send("logs", {"entries": [line], "size": SIZE}, client)

    def tell(line: Line) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(send, line)

    app[KEEPER] = Keeper(tell)
    logging.getLogger().addHandler(app[KEEPER])
    yield
    logging.getLogger().removeHandler(app[KEEPER])


async def text(request: web.Request) -> web.Response:
    return answer("".join(f"{line['t']} - {line['m']}" for line in request.app[KEEPER].lines))


async def lines(request: web.Request) -> web.Response:
    return answer({"entries": list(request.app[KEEPER].lines), "size": SIZE})


async def subscribe(request: web.Request) -> web.Response:
    """Send a client every new line from now on, or no more."""
    body: dict[str, Any] = await read_object(request)
    client, readers = body.get("clientId"), request.app[KEEPER].readers
    if not isinstance(client, str) or not client:
        raise refuse(400, "wrong_field", "clientId is the name of a websocket's client")
    if not body.get("enabled"):
        readers.discard(client)
    elif client in request.app[SOCKETS]:
        readers &= {reader for reader in readers if reader in request.app[SOCKETS]}
        readers.add(client)
    return web.Response()
