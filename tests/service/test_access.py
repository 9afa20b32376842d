"""The token: nothing is served without it, and it leaks nowhere."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import CookieJar, WSServerHandshakeError
from aiohttp.test_utils import TestClient, TestServer

from service.access import new_token
from service.app import create_app
from service.engine import Engine
from service.routes import ROUTES
from tests.service.conftest import OPEN_SOCKET, chain, make_places

TOKEN = new_token()
BEARER = {"Authorization": f"Bearer {TOKEN}"}
Client = TestClient[Any, Any]


@pytest.fixture
async def client(engine: Engine, root: Any) -> AsyncIterator[Client]:
    (root / "web/index.html").write_text("<!doctype html>")
    app = create_app(engine, make_places(root), token=TOKEN)
    async with TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True)) as client:
        yield client


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_no_route_answers_without_the_token(client: Client, route: Any) -> None:
    path = route.path.replace(":.+", "").replace("{", "").replace("}", "")
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Cookie": "tessera_token=wrong"}):
        async with client.request(route.method, path, headers=headers) as answer:
            assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
            assert [problem["code"] for problem in (await answer.json())["problems"]] == ["token_needed"]


async def test_a_program_sends_it_in_a_header_or_in_the_address(client: Client) -> None:
    async with client.post("/api/v1/runs", json={"workflow": chain("Nap")}, headers=BEARER) as answer:
        assert answer.status == 202
    async with client.get(f"/api/v1/runs?token={TOKEN}") as answer:
        assert (answer.status, len((await answer.json())["runs"])) == (200, 1)
    for wrong in ("", TOKEN[:-1], TOKEN + "x", "é"):
        async with client.get("/api/v1/runs", params={"token": wrong}) as answer:
            assert answer.status == 401


async def test_a_browser_gets_a_cookie_that_no_script_reads_and_no_other_site_sends(client: Client) -> None:
    async with client.get(f"/?token={TOKEN}", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/")
        cookie = answer.cookies["tessera_token"]
        assert (cookie.value, cookie["httponly"], cookie["samesite"]) == (TOKEN, True, "Strict")
    async with client.get("/") as answer:
        assert answer.status == 200
    async with client.ws_connect(OPEN_SOCKET.format(0)) as socket:
        assert (await socket.receive_json())["type"] == "Hello"


async def test_a_browser_without_it_is_asked(client: Client) -> None:
    async with client.get("/", headers={"Accept": "text/html"}) as answer:
        assert (answer.status, answer.content_type) == (401, "text/html")
        assert 'name="token"' in await answer.text()


async def test_a_websocket_without_it_is_refused(client: Client) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        await client.ws_connect(OPEN_SOCKET.format(0))
    assert refused.value.status == 401


async def test_the_token_does_not_help_a_page_of_another_origin(client: Client) -> None:
    await client.get(f"/?token={TOKEN}")
    headers = {"Origin": "https://evil.example"}
    async with client.post("/api/v1/queue/pause", headers=headers) as answer:
        assert answer.status == 403


def test_two_tokens_differ_and_are_long() -> None:
    assert new_token() != new_token()
    assert len(new_token()) >= 32
