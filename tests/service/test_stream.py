"""Server-sent events: the log as a stream, with a cursor that the browser keeps."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from service.app import create_app
from tests.service.conftest import Service, chain, make_places


async def messages(answer: ClientResponse) -> AsyncIterator[dict[str, Any]]:
    """The messages of a stream as an EventSource hears them: id, event, data."""
    message: dict[str, Any] = {}
    async for line in answer.content:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name:
            message[name] = json.loads(value) if name == "data" else value
        elif "data" in message:
            yield message
            message = {}


@asynccontextmanager
async def stream(service: Service, since: int = 0, **headers: str) -> AsyncIterator[ClientResponse]:
    path = f"/api/v1/events/stream?since={since}"
    async with asyncio.timeout(10), service.client.get(path, headers=headers) as answer:
        assert (answer.status, answer.content_type) == (200, "text/event-stream")
        yield answer


async def until_end(answer: ClientResponse, run: str) -> list[dict[str, Any]]:
    heard = []
    async for message in messages(answer):
        heard.append(message)
        if (message["data"]["type"], message["data"].get("run")) == ("RunFinished", run):
            break
    return heard


async def test_a_stream_greets_replays_and_goes_on(service: Service) -> None:
    first = (await service.run(chain("Nap"))).durable[0]["run"]
    async with stream(service) as answer:
        second = await service.start(chain("Nap", value=2, seconds=0.15))
        hello, *heard = await until_end(answer, second)
    assert (hello["event"], hello["data"]["type"], "id" in hello) == ("Hello", "Hello", False)
    durable = [message for message in heard if message["data"]["type"] != "StepProgress"]
    assert len(durable) < len(heard)
    assert [int(message["id"]) for message in durable] == list(range(1, 1 + len(durable)))
    assert {message["data"]["run"] for message in durable} == {first, second}
    assert [message["data"] for message in durable] == (await service.get("events?since=0"))["events"]


async def test_the_last_event_id_goes_before_the_address(service: Service) -> None:
    run = (await service.run(chain("Nap"))).durable[0]["run"]
    last = (await service.get("events?since=0"))["last"]
    async with stream(service, 0, **{"Last-Event-ID": str(last - 1)}) as answer:
        _, *heard = await until_end(answer, run)
    assert [int(message["id"]) for message in heard] == [last]
    async with service.client.get("/api/v1/events/stream", headers={"Last-Event-ID": "x"}) as answer:
        assert answer.status == 400


async def test_a_stream_ends_when_the_server_stops(engine: Any, root: Any) -> None:
    app = create_app(engine, make_places(root))
    async with TestClient(TestServer(app)) as client, stream(Service(client, root)) as answer:
        heard = messages(answer)
        assert (await anext(heard))["event"] == "Hello"
        await asyncio.wait_for(client.server.close(), 5)
        assert [message async for message in heard] == []


async def test_a_client_that_leaves_is_forgotten(service: Service) -> None:
    async with stream(service) as answer:
        await anext(messages(answer))
        assert (await service.get("system"))["clients"] == 1
        answer.close()
    for value in range(50):
        await service.run(chain("Nap", value=value))
        if (await service.get("system"))["clients"] == 0:
            return
    raise AssertionError("the stream is still told of what happens")


async def test_who_asks_for_the_head_alone_gets_it_at_once(service: Service) -> None:
    async with asyncio.timeout(5), service.client.head("/api/v1/events/stream") as answer:
        assert (answer.status, answer.content_type) == (200, "text/event-stream")
    assert (await service.get("system"))["clients"] == 0
