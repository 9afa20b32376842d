"""The websocket: greeting, replay, live events, and clients that are slow, rude or gone."""

import asyncio
import json
import socket as sockets
from collections.abc import Sequence

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError

from graph.events import CatalogChanged, Event, StepProgress
from service.state import HUB, announce
from tests.service.conftest import OPEN_SOCKET, Service, chain, listen


async def test_the_server_greets_and_replays_what_came_after_the_cursor(service: Service) -> None:
    run = (await service.run(chain("Nap"))).durable[0]["run"]
    events = (await service.get("events?since=0"))["events"]
    async with service.client.ws_connect(OPEN_SOCKET.format(2)) as socket:
        hello = await socket.receive_json()
        assert hello == {"type": "Hello", "last": len(events), "session": hello["session"], "running": None}
        assert (await listen(socket, until=run)).events == events[2:]


async def test_a_refresh_in_the_middle_of_a_run_misses_nothing(service: Service) -> None:
    run = await service.start(chain("Nap", seconds=0.3))
    async with service.client.ws_connect(OPEN_SOCKET.format(0)) as socket:
        seen = []
        async with asyncio.timeout(5):
            while not seen or seen[-1]["type"] != "StepProgress":
                seen.append(await socket.receive_json())
    cursor = max(event["seq"] for event in seen if event["type"] not in ("Hello", "StepProgress"))
    async with service.client.ws_connect(OPEN_SOCKET.format(cursor)) as socket:
        assert (await socket.receive_json())["running"] == run
        rest = await listen(socket, until=run)
    durable = [event for event in seen if event["type"] not in ("Hello", "StepProgress")] + rest.durable
    assert durable == (await service.get("events?since=0"))["events"]


async def test_a_client_that_asks_for_batches_gets_the_same_events_as_lists(service: Service) -> None:
    run = (await service.run(chain("Nap"))).durable[0]["run"]
    address = f"{OPEN_SOCKET.format(0)}&batched"
    async with service.client.ws_connect(address) as socket, asyncio.timeout(5):
        assert (await socket.receive_json())["type"] == "Hello"
        assert await socket.receive_json() == (await service.get("events?since=0"))["events"]
        later = await service.start(chain("Nap", seconds=0.05))
        told = []
        while not told or told[-1]["type"] != "RunFinished":
            message = await socket.receive_json()
            told += message if isinstance(message, list) else []
    first = next(event["seq"] for event in told if event["run"] == later)
    assert [event["seq"] for event in told] == list(range(first, first + len(told)))
    assert {event["run"] for event in told} == {later} != {run}


async def test_two_clients_see_the_same_truth(service: Service) -> None:
    async with (
        service.client.ws_connect(OPEN_SOCKET.format(0)) as first,
        service.client.ws_connect(OPEN_SOCKET.format(0)) as second,
    ):
        run = await service.start(chain("Nap", seconds=0.05))
        heard = await asyncio.gather(listen(first, until=run), listen(second, until=run))
        assert heard[0].durable == heard[1].durable


async def test_a_client_that_leaves_in_the_middle_of_a_run_harms_nobody(service: Service) -> None:
    async with service.client.ws_connect(OPEN_SOCKET.format(0)) as stays:
        leaves = await service.client.ws_connect(OPEN_SOCKET.format(0))
        run = await service.start(chain("Nap", seconds=0.3))
        await leaves.receive()
        connection = leaves.get_extra_info("transport") or leaves._response.connection.transport
        connection.abort()
        heard = await listen(stays, until=run)
        assert heard.durable[-1]["status"] == "succeeded"
        await asyncio.sleep(0.05)
        assert len(service.client.app[HUB]) == 1


async def test_progress_is_coalesced_and_carries_the_last_durable_number(service: Service) -> None:
    async with service.client.ws_connect(OPEN_SOCKET.format(0)) as socket:
        run = await service.start(chain("Nap", seconds=1.0))
        heard = await listen(socket, until=run)
    progress = [event for event in heard.events if event["type"] == "StepProgress"]
    seconds = heard.events[-1]["seconds"]  # of 100 steps; more than one second where the machine is busy
    assert 5 <= len(progress) <= 20 * seconds + 2
    assert all(event["total"] == 100 and event["step"] == "middle" for event in progress)
    started = next(event["seq"] for event in heard.events if event.get("step") == "middle")
    assert {event["seq"] for event in progress} == {started}
    last = max(index for index, event in enumerate(heard.events) if event["type"] == "StepProgress")
    assert "StepFinished" not in [
        event["type"] for event in heard.events[:last] if event.get("step") == "middle"
    ]


async def test_previews_are_binary_frames_with_a_header(service: Service) -> None:
    async with service.client.ws_connect(OPEN_SOCKET.format(0)) as socket:
        run = await service.start(chain("Film", frames=50, size=300))
        previews = (await listen(socket, until=run)).previews
        while not previews or previews[-1][-300:] != bytes([49]) * 300:  # what stays on screen
            previews.append(await socket.receive_bytes(timeout=5))
    for frame in previews:
        length = int.from_bytes(frame[:4], "big")
        header = json.loads(frame[4 : 4 + length])
        assert header == {"type": "StepPreview", "run": run, "step": "middle", "mime": "image/webp"}
        assert len(frame) == 4 + length + 300


async def test_a_slow_client_loses_previews_and_no_durable_event(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reads nothing while 40 MB of previews are made, and holds up neither the run nor other clients."""
    monkeypatch.setattr("service.socket.INTERVAL", 0.0)
    raw = sockets.socket()
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    raw.setblocking(False)
    port = service.client.server.port
    await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=raw, limit=2**16)
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    upgrade = f"Host: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{key}\r\n"
    writer.write(f"GET /api/v1/socket?since=0 HTTP/1.1\r\n{upgrade}".encode())
    await reader.readuntil(b"\r\n\r\n")
    reader._transport.pause_reading()
    async with service.client.ws_connect(OPEN_SOCKET.format(0), max_msg_size=0) as quick:
        run = await service.start(chain("Film", frames=200, size=200_000))
        assert len((await listen(quick, until=run)).previews) > 60
    later = (await service.run(chain("Nap", value=8))).durable[0]["run"]
    reader._transport.resume_reading()
    events, previews = [], 0
    async with asyncio.timeout(10):
        while not events or (events[-1]["type"], events[-1].get("run")) != ("RunFinished", later):
            opcode, size = await reader.readexactly(2)
            if size >= 126:
                size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
            payload = await reader.readexactly(size)
            if opcode & 15 == 1:
                events.append(json.loads(payload))
            previews += opcode & 15 == 2
    writer.close()
    durable = [event for event in events[1:] if event["type"] != "StepProgress"]
    assert durable == (await service.get("events?since=0"))["events"]
    assert previews < 40  # what the kernel took before it was full


async def test_ping_is_answered(service: Service) -> None:
    async with service.client.ws_connect(OPEN_SOCKET.format(0)) as socket:
        await socket.receive_json()
        await socket.send_str('{"type": "Ping"}')
        await socket.send_str('{"type":"Ping"}')
        assert [await socket.receive_json(), await socket.receive_json()] == [{"type": "Pong"}] * 2


@pytest.mark.parametrize(
    "said", ["{nonsense", '{"type": "Run"}', "x" * 100_000, b"\x00\x01"], ids=lambda _: ""
)
async def test_a_client_that_says_anything_else_is_sent_away(service: Service, said: str | bytes) -> None:
    async with service.client.ws_connect(OPEN_SOCKET.format(0)) as socket:
        await socket.receive_json()
        await (socket.send_str(said) if isinstance(said, str) else socket.send_bytes(said))
        message = await socket.receive(timeout=5)
        assert message.type in (WSMsgType.CLOSE, WSMsgType.CLOSED)
        assert socket.close_code in (1008, 1009)
    assert (await service.run(chain("Nap"))).durable[-1]["status"] == "succeeded"


async def test_events_without_a_run_reach_the_clients(service: Service) -> None:
    async with service.client.ws_connect(OPEN_SOCKET.format(0)) as socket:
        announce(service.client.app, [CatalogChanged()])
        heard = await listen(socket, until="CatalogChanged")
    assert heard.events[-1] | {"time": 0} == {"type": "CatalogChanged", "run": None, "seq": 1, "time": 0}


async def test_a_function_hears_what_clients_hear_and_harms_nobody_when_it_fails(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[Event] = []

    def fail(events: Sequence[Event]) -> None:
        raise RuntimeError("this listener always fails")

    service.client.app[HUB].listen(fail)
    service.client.app[HUB].listen(heard.extend)
    told = (await service.run(chain("Nap"))).types()
    said = [type(event).__name__ for event in heard if not isinstance(event, StepProgress)]
    assert said == [name for name in told if name != "StepProgress"]
    assert "a listener failed" in caplog.text


@pytest.mark.parametrize("since", ["-1", "x", "1e3", "9" * 30])
async def test_a_cursor_that_is_no_number_is_refused(service: Service, since: str) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        await service.client.ws_connect(OPEN_SOCKET.format(since))
    assert refused.value.status == 400
    async with service.client.get(f"/api/v1/events?since={since}") as answer:
        assert answer.status == 400


async def test_a_long_replay_does_not_hold_up_the_others(service: Service) -> None:
    announce(service.client.app, [CatalogChanged()] * 20_000)
    async with service.client.ws_connect(OPEN_SOCKET.format(0)) as socket:
        await socket.receive_json()
        answered = asyncio.create_task(service.get("events?since=19999"))
        heard_before = 0
        for seq in range(1, 20_001):
            event = await socket.receive_json()
            assert event["seq"] == seq
            heard_before += not answered.done()
        await answered
    assert heard_before < 20_000
