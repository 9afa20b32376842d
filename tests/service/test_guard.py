"""The guard: strangers' pages, other names for this machine, and bodies that are no requests."""

import json
from typing import Any

import pytest
from aiohttp import WSServerHandshakeError
from aiohttp.test_utils import TestClient, TestServer

from service.app import create_app
from service.engine import Engine
from service.protocol import JSON_BYTES
from tests.service.conftest import OPEN_SOCKET, Service, chain, make_places


async def ask(service: Service, method: str, path: str, **options: Any) -> tuple[int, list[str]]:
    async with service.client.request(method, path, **options) as answer:
        body = await answer.json()
        return answer.status, [problem["code"] for problem in body.get("problems", ())]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8188", "127.0.0.1.evil.example", "[::2]", "a]b["]
)
@pytest.mark.parametrize("path", ["/api/v1/runs", "/", "/api/v1/socket", "/vendor/x"])
async def test_another_name_for_this_machine_is_refused(service: Service, host: str, path: str) -> None:
    assert await ask(service, "GET", path, headers={"Host": host}) == (403, ["wrong_host"])


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8188", "LOCALHOST", "[::1]:8188"])
async def test_the_names_of_loopback_are_served(service: Service, host: str) -> None:
    assert (await ask(service, "GET", "/api/v1/runs", headers={"Host": host}))[0] == 200


async def test_the_listened_address_is_served_and_a_wildcard_takes_addresses_only(
    engine: Engine, service: Service
) -> None:
    root = service.root / "second"
    for listen, host, status in [
        ("192.168.1.5", "192.168.1.5:8188", 200),
        ("192.168.1.5", "192.168.1.6", 403),
        ("0.0.0.0", "192.168.1.6", 200),
        ("0.0.0.0", "evil.example", 403),
    ]:
        app = create_app(engine, make_places(root), listen=listen)
        async with TestClient(TestServer(app)) as client:
            assert (await client.get("/api/v1/runs", headers={"Host": host})).status == status


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "nonsense", "http://["]
)
@pytest.mark.parametrize("path", ["runs", "plan", "uploads", "recipe", "runs/x/cancel"])
async def test_a_write_that_another_page_sends_is_refused(service: Service, origin: str, path: str) -> None:
    asked = await ask(service, "POST", f"/api/v1/{path}", json={}, headers={"Origin": origin})
    assert asked == (403, ["wrong_origin"])


async def test_a_write_of_our_own_page_is_taken(service: Service) -> None:
    origin = str(service.client.make_url("/")).rstrip("/")
    body = {"workflow": chain("Nap")}
    asked = await ask(service, "POST", "/api/v1/runs", json=body, headers={"Origin": origin})
    assert asked == (202, [])


async def test_a_websocket_of_another_page_is_refused(service: Service) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        await service.client.ws_connect(OPEN_SOCKET.format(0), headers={"Origin": "https://evil.example"})
    assert refused.value.status == 403


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"workflow": NaN}',
        b'{"workflow": Infinity}',
        b"\xff\xfe{}",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"n": ' + b"9" * 10_000 + b"}",
    ],
    ids=["empty", "torn", "nan", "infinity", "bytes", "deep list", "deep object", "long number"],
)
@pytest.mark.parametrize("path", ["plan", "runs"])
async def test_malformed_json_is_refused(service: Service, body: bytes, path: str) -> None:
    assert await ask(service, "POST", f"/api/v1/{path}", data=body) == (400, ["malformed_json"])
    assert (await service.run(chain("Nap"))).durable[-1]["status"] == "succeeded"


@pytest.mark.parametrize("body", [[], "text", 3, None, True], ids=repr)
async def test_json_that_is_no_object_is_refused(service: Service, body: object) -> None:
    asked = await ask(service, "POST", "/api/v1/plan", data=json.dumps(body))
    assert asked == (400, ["not_an_object"])


async def test_an_oversized_body_is_refused_whether_announced_or_not(service: Service) -> None:
    async def chunks():  # type: ignore[no-untyped-def]
        for _ in range(JSON_BYTES // 2**20 + 2):
            yield b" " * 2**20

    headers = {"Content-Length": str(JSON_BYTES + 1)}
    assert await ask(service, "POST", "/api/v1/plan", data=b"", headers=headers) == (413, ["too_large"])
    assert (await ask(service, "POST", "/api/v1/runs", data=chunks()))[0] == 413
    assert (await service.run(chain("Nap"))).durable[-1]["status"] == "succeeded"


async def test_a_deep_document_is_a_problem_or_a_plan_but_no_failure(service: Service) -> None:
    deep = b'{"workflow": {"format": "tessera.workflow", "version": 1, "extra": ' + b"[" * 900 + b"]" * 900
    status, _ = await ask(service, "POST", "/api/v1/runs", data=deep + b"}}")
    assert status in (400, 422)


async def test_unknown_addresses_and_methods_are_problems(service: Service) -> None:
    assert await ask(service, "GET", "/api/v1/nothing") == (404, ["http_404"])
    assert await ask(service, "DELETE", "/api/v1/runs") == (405, ["http_405"])
    assert await ask(service, "GET", "/api/v1/socket") == (426, ["not_a_websocket"])


async def test_a_failure_of_ours_is_a_problem_and_the_server_goes_on(
    service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("service.log.Log.runs", lambda *_: 1 / 0)
    assert await ask(service, "GET", "/api/v1/runs") == (500, ["internal_error"])
    assert "ZeroDivisionError" in caplog.text
    monkeypatch.undo()
    assert (await ask(service, "GET", "/api/v1/runs"))[0] == 200


@pytest.mark.parametrize("path", ["/api/v1/runs", "/api/v1/nothing", "/"])
async def test_every_answer_carries_the_safety_headers(service: Service, path: str) -> None:
    async with service.client.get(path) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "script-src 'self';" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
