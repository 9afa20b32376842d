"""What a machine does to a server: folders that are read-only, a clock that jumps, clients that vanish."""

import asyncio
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import FormData

from tests.service.conftest import OPEN_SOCKET, Service, chain, document, listen
from tests.service.test_restart import doomed, nursery

VANISHING = (
    b'POST /api/v1/runs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{"workflow":',
    b"POST /api/v1/uploads HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 500\r\n"
    b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\nhalf',
    b"GET /api/v1/socket?since=0 HTTP/1.1\r\nHost: 127.0.0.1\r\n",
    b"GET /api/v1/events/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
)


def saved(value: int) -> dict[str, Any]:
    return document(("number", "Number", {"value": value}), ("save", "Picture", {"value": ("number", "INT")}))


async def ended(session: aiohttp.ClientSession, run: str) -> dict[str, Any]:
    async with asyncio.timeout(10):
        while True:
            async with session.get(f"/api/v1/runs/{run}") as answer:
                shown: dict[str, Any] = await answer.json()
            if shown["status"] in ("succeeded", "failed"):
                return shown
            await asyncio.sleep(0.01)


async def test_folders_that_are_read_only_fail_what_writes_there_and_nothing_else(root: Path) -> None:
    for folder in ("output", "input"):
        (root / folder).mkdir(mode=0o555)

    async def post(session: aiohttp.ClientSession, workflow: dict[str, Any]) -> dict[str, Any]:
        async with session.post("/api/v1/runs", json={"workflow": workflow}) as answer:
            assert answer.status == 202
            return await ended(session, (await answer.json())["run"])

    async with nursery(root, "bound") as starter, doomed(starter) as session:
        failed = await post(session, saved(1))
        assert failed["status"] == "failed"
        assert [(each["code"], each["node"]) for each in failed["problems"]] == [("not_writable", "save")]
        assert "/output" in failed["problems"][0]["message"]
        form = FormData()
        form.add_field("file", b"x", filename="a.png")
        async with session.post("/api/v1/uploads", data=form) as answer:
            assert answer.status == 507
            assert [each["code"] for each in (await answer.json())["problems"]] == ["not_stored"]
        assert (await post(session, chain("Nap")))["status"] == "succeeded"
        (root / "output").chmod(0o755)
        again = await post(session, saved(1))
        assert (again["status"], again["artifacts"][0]["name"]) == ("succeeded", "picture_1.png")


async def test_a_file_in_the_place_of_a_folder_is_told_as_such(service: Service) -> None:
    (service.root / "user/workflows").write_text("no folder")
    (service.root / "temp").write_text("no folder")
    async with service.client.put("/api/v1/workflows/mine", json={"workflow": chain("Nap")}) as answer:
        assert answer.status == 507
        assert [each["code"] for each in (await answer.json())["problems"]] == ["not_stored"]
    form = FormData()
    form.add_field("file", b"x", filename="a.png")
    async with service.client.post("/api/v1/uploads", data=form) as answer:
        assert answer.status == 507
    assert (await service.run(chain("Nap"))).durable[-1]["status"] == "succeeded"


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0 * 400])
async def test_a_clock_that_jumps_changes_neither_order_nor_durations(
    service: Service, monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    clock = time.time
    first = await service.start(chain("Nap", value=1, seconds=0.2))
    second = await service.start(chain("Nap", value=2))
    await service.until(first, "running")
    monkeypatch.setattr(time, "time", lambda: clock() + jump)
    third = await service.start(chain("Nap", value=3))
    async with service.client.ws_connect(OPEN_SOCKET.format(0)) as socket:
        heard = await listen(socket, until=third)
    seqs = [event["seq"] for event in heard.durable if "seq" in event]
    assert seqs == sorted(seqs)
    done = [event["run"] for event in heard.durable if event["type"] == "RunFinished"]
    assert done == [first, second, third]
    shown = (await service.get("runs"))["runs"]
    assert [run["id"] for run in shown] == [third, second, first]
    assert all(0 <= run["seconds"] < 5 for run in shown)
    monkeypatch.undo()
    assert len((await service.get("runs"))["runs"]) == 3


async def test_a_client_that_vanishes_while_its_request_is_read_harms_nobody(service: Service) -> None:
    host, port = service.client.host, service.client.port
    for sent in VANISHING:
        _, writer = await asyncio.open_connection(host, port)
        writer.write(sent)
        await writer.drain()
        writer.transport.abort()
    assert (await service.run(chain("Nap"))).durable[-1]["status"] == "succeeded"
    assert not any((service.root / "temp").glob("*")) and not any((service.root / "input").glob("*"))
