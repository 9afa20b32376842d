"""Hosting: the application on an address, with what others add to it."""

import asyncio
import re

import aiohttp
import pytest
from aiohttp import web

from service.engine import Engine
from service.hosting import host


async def test_others_may_add_routes_before_the_server_starts(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    async def hello(request: web.Request) -> web.Response:
        return web.Response(text="hello")

    def extend(app: web.Application) -> None:
        app.router.add_get("/api/hello", hello)

    root = engine.folders.root
    serving = asyncio.create_task(
        host(engine, root, listen="127.0.0.1", port=0, open_browser=False, extend=extend)
    )
    printed = ""
    while not (found := re.search(r"http://127\.0\.0\.1:\d+", printed)):
        assert not serving.done(), serving.result()
        await asyncio.sleep(0.01)
        printed += capsys.readouterr().out
    async with aiohttp.ClientSession() as client, client.get(f"{found[0]}/api/hello") as answer:
        assert (answer.status, await answer.text()) == (200, "hello")
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
