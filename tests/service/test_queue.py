"""The queue: turns of clients, priorities, places, and what may still be changed of a run that waits."""

import asyncio
from collections.abc import Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.queue import Queue, Ticket
from tests.service.conftest import OPEN_SOCKET, Service, chain, listen
from tests.service.test_runs import codes


def ticket(run: str, client: str = "", **fields: Any) -> Ticket:
    return Ticket(run, {}, None, run, client, (), **fields)


def fill(queue: Queue, names: str) -> None:
    """Runs named like `a1`: the letter is the client."""
    for name in names.split():
        queue.add(queue.placed(ticket(name, name[0]))[0])


def drain(queue: Queue) -> Iterator[str]:
    while queue:
        yield queue.take().id


def order(queue: Queue) -> str:
    return " ".join(each.id for each in queue.tickets)


def test_runs_of_one_client_run_in_the_order_they_came() -> None:
    queue = Queue()
    fill(queue, "a1 a2 a3")
    assert order(queue) == "a1 a2 a3"


def test_clients_take_turns_however_much_one_of_them_sends() -> None:
    queue = Queue()
    fill(queue, "a1 a2 a3 a4 a5 b1 b2")
    assert order(queue) == "a1 b1 a2 b2 a3 a4 a5"


def test_a_client_that_was_away_saves_no_turns() -> None:
    queue = Queue()
    fill(queue, "a1 a2 a3 a4 a5 a6")
    assert [queue.take().id for _ in range(3)] == ["a1", "a2", "a3"]
    fill(queue, "b1 b2 b3")
    assert order(queue) == "a4 b1 a5 b2 a6 b3"


def test_priority_comes_before_turns_and_a_given_place_is_kept() -> None:
    queue = Queue()
    fill(queue, "a1 a2")
    queue.add(queue.placed(ticket("front", place=-1))[0])
    queue.add(queue.placed(ticket("urgent", priority=5))[0])
    queue.add(queue.placed(ticket("idle", priority=-5))[0])
    assert order(queue) == "urgent front a1 a2 idle"


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(-1, 1)), max_size=80))
def test_any_moves_give_the_order_that_a_list_would_have(moves: list[tuple[int, int, int]]) -> None:
    queue, names = Queue(), [f"a{number}" for number in range(6)]
    fill(queue, " ".join(names))
    groups: dict[int, list[str]] = {1: [], 0: list(names), -1: []}
    for chosen, position, priority in moves:
        for group in groups.values():
            if names[chosen] in group:
                group.remove(names[chosen])
        position = min(position, len(groups[priority]))
        groups[priority].insert(position, names[chosen])
        queue.move(queue.moves(names[chosen], priority=priority, position=position))
    assert list(drain(queue)) == groups[1] + groups[0] + groups[-1]


@asynccontextmanager
async def busy(service: Service, *names: str):  # type: ignore[no-untyped-def]  # a generator of ids by name
    """A worker that is busy, and runs that wait behind it."""
    first = await service.start(chain("Nap", seconds=60.0), client="busy")
    await service.until(first, "running")
    yield {name: await service.start(chain("Nap", value=k) | {"title": name}) for k, name in enumerate(names)}
    await service.post("queue/cancel", {})


async def titles(service: Service) -> str:
    return " ".join(each["title"] for each in (await service.get("queue"))["waiting"])


async def test_a_waiting_run_is_moved_and_everyone_hears_of_it(service: Service) -> None:
    async with busy(service, "a", "b", "c", "d") as runs:
        last = (await service.get("events?since=0"))["last"]
        for run, move, expected in [
            ("d", {"to": "front"}, "d a b c"),
            ("d", {"after": runs["b"]}, "a b d c"),
            ("c", {"before": runs["a"]}, "c a b d"),
            ("c", {"to": "back"}, "a b d c"),
            ("c", {"priority": 2}, "c a b d"),
            ("a", {"priority": 2, "to": "front"}, "a c b d"),
            ("b", {"before": runs["c"]}, "a b c d"),
            ("b", {"before": runs["b"]}, "a b c d"),
        ]:
            moved = await service.post(f"runs/{runs[run]}/move", move)
            assert (moved["run"], await titles(service)) == (runs[run], expected), move
        events = (await service.get(f"events?since={last}"))["events"]
        assert {event["type"] for event in events} == {"RunMoved"}
        shown = await service.get(f"runs/{runs['b']}")
        assert (shown["priority"], shown["place"]) == (events[-1]["priority"], events[-1]["place"])


@pytest.mark.parametrize(
    "move", [{}, {"to": "middle"}, {"before": "nobody"}, {"to": "front", "after": "x"}, {"priority": 1000}]
)
async def test_a_move_to_nowhere_is_refused(service: Service, move: dict[str, Any]) -> None:
    async with busy(service, "a") as runs:
        refused = await service.post(f"runs/{runs['a']}/move", move, status=422)
        assert codes(refused)[0] in ("wrong_field", "unknown_run")


async def test_only_what_waits_is_moved_or_edited(service: Service) -> None:
    run = (await service.run(chain("Nap"))).durable[0]["run"]
    assert codes(await service.post(f"runs/{run}/move", {"to": "front"}, status=409)) == ["not_waiting"]
    async with service.client.put(f"/api/v1/runs/{run}", json={}) as answer:
        assert (answer.status, codes(await answer.json())) == (409, ["not_waiting"])


async def test_a_paused_queue_starts_nothing_and_goes_on_where_it_was(service: Service) -> None:
    assert (await service.post("queue/pause", {}))["paused"] is True
    run = await service.start(chain("Nap"))
    await asyncio.sleep(0.1)
    assert (await service.get(f"runs/{run}"))["status"] == "queued"
    assert (await service.post("queue/pause", {}))["paused"] is True
    assert (await service.post("queue/resume", {}))["paused"] is False
    await service.until(run, "succeeded")
    events = (await service.get("events?since=0"))["events"]
    assert [event["paused"] for event in events if event["type"] == "QueueChanged"] == [True, False]


async def test_a_value_of_a_waiting_run_is_edited_in_its_place(service: Service) -> None:
    await service.post("queue/pause", {})
    run, other = await service.start(chain("Nap", value=1), client="me"), await service.start(chain("Nap"))
    async with service.client.put(f"/api/v1/runs/{run}", json={"set": {"number.value": 8}}) as answer:
        assert answer.status == 200
        seq = (await answer.json())["seq"]
    (event,) = (await service.get(f"events?since={seq - 1}"))["events"]
    assert (event["type"], event["run"], len(event["steps"])) == ("RunEdited", run, 3)
    assert [each["id"] for each in (await service.get("queue"))["waiting"]] == [run, other]
    await service.post("queue/resume", {})
    shown = await service.until(run, "succeeded")
    assert (shown["artifacts"][0]["text"], shown["client"]) == ("8", "me")


async def test_an_edit_that_cannot_run_is_refused_and_changes_nothing(service: Service) -> None:
    await service.post("queue/pause", {})
    run = await service.start(chain("Nap", value=1))
    body = {"workflow": chain("Nobody")}
    async with service.client.put(f"/api/v1/runs/{run}", json=body) as answer:
        assert (answer.status, codes(await answer.json())) == (422, ["unknown_type"])
    assert (await service.get(f"runs/{run}"))["document"]["nodes"][1]["type"] == "Nap"


async def test_all_or_one_clients_runs_are_cancelled(service: Service) -> None:
    async with busy(service, "a", "b") as runs:
        mine = await service.start(chain("Nap", value=9), client="me")
        assert await service.post("queue/cancel", {"client": "me"}) == {"cancelled": [mine]}
        assert await titles(service) == "a b"
        cancelled = (await service.post("queue/cancel", {}))["cancelled"]
        assert len(cancelled) == 3 and set(runs.values()) < set(cancelled)
        for run in cancelled:
            await service.until(run, "cancelled")


async def test_an_ended_run_is_retried_with_its_values_and_targets(service: Service) -> None:
    failed = (await service.run(chain("Fail"), client="me", set={"number.value": 3})).durable[0]["run"]
    again = await service.post(f"runs/{failed}/retry", {}, status=202)
    shown = await service.until(again["run"], "failed")
    assert (shown["client"], shown["document"]["nodes"][0]["inputs"]) == ("me", {"value": 3})
    changed = await service.post(f"runs/{failed}/retry", {"set": {"number.value": 4}}, status=202)
    shown = await service.until(changed["run"], "failed")
    assert shown["document"]["nodes"][0]["inputs"] == {"value": 4}


async def test_a_run_that_has_not_ended_is_not_retried(service: Service) -> None:
    async with busy(service, "a") as runs:
        assert codes(await service.post(f"runs/{runs['a']}/retry", {}, status=409)) == ["not_ended"]


async def test_of_two_clients_each_gets_its_turn(service: Service) -> None:
    await service.post("queue/pause", {})
    many = [await service.start(chain("Nap", value=k), client="many") for k in range(4)]
    few = await service.start(chain("Nap", value=9), client="few")
    socket = await service.client.ws_connect(OPEN_SOCKET.format(0))
    await service.post("queue/resume", {})
    heard = await listen(socket, until=many[-1])
    started = [event["run"] for event in heard.durable if event["type"] == "RunStarted"]
    assert started == [many[0], few, *many[1:]]
