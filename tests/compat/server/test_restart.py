"""Prompts that wait are not lost with the server that took them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from compat.server.app import add_comfy
from graph.folders import Folders
from server import make_engine
from service.app import create_app
from service.hosting import places_of
from tests.compat.server.conftest import ROOT, chain
from tests.service.conftest import PACK


@asynccontextmanager
async def serving(root: Path) -> AsyncIterator[TestClient[Any, Any]]:
    engine = make_engine(Folders(root), custom_nodes=True)
    app = create_app(engine, places_of(ROOT, root))
    add_comfy(app)
    async with TestClient(TestServer(app)) as client:
        yield client
    engine.executor.close()


async def get(client: TestClient[Any, Any], path: str) -> Any:
    async with client.get(path) as answer:
        assert answer.status == 200
        return await answer.json()


async def test_what_waited_runs_after_a_restart_under_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "custom_nodes").mkdir()
    (tmp_path / "custom_nodes/tiny.py").write_text(PACK)
    extra = {"extra_pnginfo": {"workflow": {"nodes": []}}, "create_time": 5}
    async with serving(tmp_path) as client:
        await client.post("/api/v1/queue/pause")
        for number, name in ((3, "later"), (2, "sooner")):
            body = {"prompt": chain("Nap", number), "prompt_id": name, "number": number, "client_id": "me"}
            async with client.post("/prompt", json={**body, "extra_data": extra}) as answer:
                assert (await answer.json())["number"] == number
    async with serving(tmp_path) as client:
        pending = (await get(client, "/queue"))["queue_pending"]
        assert pending == [
            [number, name, chain("Nap", number), {**extra, "client_id": "me"}, ["3"]]
            for number, name in ((2, "sooner"), (3, "later"))
        ]
        socket = await client.ws_connect("/ws?clientId=me")
        await client.post("/api/v1/queue/resume")
        over: list[str] = []
        async with asyncio.timeout(20):
            while len(over) < 2:
                said = await socket.receive_json()
                if said["type"] == "executing" and said["data"]["node"] is None:
                    over.append(said["data"]["prompt_id"])
        history = await get(client, "/history")
    assert over == list(history) == ["sooner", "later"]
    assert [entry["outputs"]["3"] for entry in history.values()] == [{"text": ["2"]}, {"text": ["3"]}]
