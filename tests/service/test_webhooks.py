"""Webhooks: told once, tried again, also after a restart, and never told to where they must not go."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from graph.events import RunFinished, RunQueued
from service.app import create_app
from service.engine import Engine
from service.log import Filing, Log
from service.webhooks import refused
from tests.service.conftest import Service, chain, make_places
from tests.service.test_runs import codes


@dataclass
class Listener:
    """A server that hears webhooks; it answers what it is told to, then 200."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    heard: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)

    async def hear(self, request: web.Request) -> web.Response:
        self.heard.put_nowait(await request.json())
        return web.Response(status=self.answers.pop(0) if self.answers else 200, headers={"Location": "/x"})


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    listener = Listener()
    app = web.Application()
    app.router.add_post("/hook", listener.hear)
    async with TestServer(app) as server:
        listener.url = str(server.make_url("/hook"))
        yield listener


async def told(listener: Listener) -> dict[str, Any]:
    return await asyncio.wait_for(listener.heard.get(), 5)


async def test_the_end_of_a_run_is_told_with_what_it_made(service: Service, listener: Listener) -> None:
    run = await service.start(chain("Nap", value=4), webhook=listener.url)
    said = await told(listener)
    shown = await service.get(f"runs/{run}")
    kept = {name: value for name, value in shown.items() if name not in ("document", "targets")}
    assert said == {"type": "RunFinished", "run": kept}
    assert said["run"]["artifacts"] == [{"step": "show", "kind": "text", "text": "4"}]


async def test_a_failed_or_cancelled_run_is_told_too(service: Service, listener: Listener) -> None:
    await service.start(chain("Fail"), webhook=listener.url)
    assert (await told(listener))["run"]["status"] == "failed"
    await service.post("queue/pause", {})
    run = await service.start(chain("Nap"), webhook=listener.url)
    await service.post(f"runs/{run}/cancel", {})
    assert (await told(listener))["run"]["status"] == "cancelled"


async def test_what_does_not_answer_well_is_told_again_and_a_redirect_is_not_followed(
    service: Service, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.webhooks.PAUSES", (0.0, 0.01, 0.01))
    listener.answers = [500, 307]
    run = await service.start(chain("Nap"), webhook=listener.url)
    assert [(await told(listener))["run"]["id"] for _ in range(3)] == [run] * 3
    await asyncio.sleep(0.05)
    assert listener.heard.empty()


async def test_what_ended_while_nobody_told_it_is_told_at_the_next_start(
    engine: Engine, root: Path, listener: Listener
) -> None:
    log = Log(make_places(root).log)
    log.add_run(RunQueued("ended", "", "", ()), {}, Filing(webhook=listener.url))
    log.append([RunFinished("ended", "succeeded", 1.0)])
    log.close()
    for _ in range(2):
        async with TestClient(TestServer(create_app(engine, make_places(root)))):
            if _ == 0:
                assert (await told(listener))["run"]["id"] == "ended"
                await asyncio.sleep(0.05)
    assert listener.heard.empty()


@pytest.mark.parametrize(
    ("address", "local", "expected"),
    [
        ("127.0.0.1", True, False),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("::ffff:127.0.0.1", False, True),
        ("169.254.169.254", True, True),
        ("::ffff:169.254.169.254", True, True),
        ("fe80::1%eth0", True, True),
        ("0.0.0.0", True, True),
        ("224.0.0.1", True, True),
        ("192.168.1.5", False, False),
        ("93.184.216.34", False, False),
    ],
)
def test_some_addresses_are_never_told(address: str, local: bool, expected: bool) -> None:
    assert refused(address, local=local) is expected


async def test_a_server_for_others_tells_nothing_to_its_own_machine(
    engine: Engine,
    root: Path,
    listener: Listener,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("service.webhooks.PAUSES", (0.0,))
    app = create_app(engine, make_places(root), listen="0.0.0.0")
    async with TestClient(TestServer(app)) as client:
        service = Service(client, root)
        for url in (listener.url, listener.url.replace("127.0.0.1", "localhost")):
            run = await service.start(chain("Nap"), webhook=url)
            await service.until(run, "succeeded")
        for _ in range(100):
            if caplog.text.count("no address that a webhook may go to") == 2:
                break
            await asyncio.sleep(0.02)
    assert caplog.text.count("no address that a webhook may go to") == 2
    assert listener.heard.empty()


@pytest.mark.parametrize("url", ["ftp://x/", "x", "http://", "http://[", "http://x:99999/", 7, "file:///etc"])
async def test_what_is_no_web_address_is_refused(service: Service, url: Any) -> None:
    answer = await service.post("runs", {"workflow": chain("Nap"), "webhook": url}, status=422)
    assert codes(answer) == ["wrong_field"]
