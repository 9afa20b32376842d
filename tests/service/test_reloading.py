"""A saved pack is read again by the server that runs: what changed reruns, and nothing else."""

from collections.abc import Awaitable, Callable

import pytest

from service import reloading
from tests.service.conftest import OPEN_SOCKET, PACK, Service, document, listen

Save = Callable[[str], Awaitable[None]]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reloading, "LOOK", 0.05)


@pytest.fixture
async def save(service: Service) -> Save:
    """Write the pack and wait until the clients have heard of it."""

    async def saved(text: str, name: str = "tiny.py") -> None:
        since = (await service.get("events?since=0"))["events"]
        async with service.client.ws_connect(OPEN_SOCKET.format(since[-1]["seq"] if since else 0)) as socket:
            (service.root / "custom_nodes" / name).write_text(text)
            await listen(socket, until="CatalogChanged")

    return saved


def fan() -> dict[str, object]:
    """A number, and two chains of a nap or a sum below it."""
    return document(
        ("number", "Number", {"value": 5}),
        ("sum", "Add", {"a": ("number", "INT"), "b": 2}),
        ("nap", "Nap", {"value": ("number", "INT")}),
        ("shown_sum", "Show", {"value": ("sum", "INT")}),
        ("shown_nap", "Show", {"value": ("nap", "INT")}),
    )


async def did_run(service: Service) -> set[str]:
    heard = await service.run(fan())
    assert heard.durable[-1]["status"] == "succeeded"
    return {event["step"] for event in heard.events if event["type"] == "StepFinished"}


async def test_a_changed_node_reruns_what_is_below_it_and_nothing_else(service: Service, save: Save) -> None:
    assert await did_run(service) == {"number", "sum", "nap", "shown_sum", "shown_nap"}
    await save(PACK.replace("return a + b", "return a - b"))
    assert await did_run(service) == {"sum", "shown_sum"}
    await save(PACK.replace("return a + b", "return a - b  # a comment"))
    assert await did_run(service) == set()


async def test_an_error_is_listed_with_its_traceback_and_what_ran_still_runs(
    service: Service, save: Save
) -> None:
    assert len(await did_run(service)) == 5
    await save(PACK.replace("return a + b", "return a +"))
    (problem,) = (await service.get("nodes"))["problems"]
    assert (problem["code"], problem["severity"]) == ("pack_failed", "error")
    assert "custom_nodes/tiny.py does not load: SyntaxError" in problem["message"]
    assert "return a +" in problem["details"] and "read again when it is saved" in problem["remedy"]
    assert await did_run(service) == set()
    await save(PACK.replace("return a + b", "return b + a + 1"))
    assert (await service.get("nodes"))["problems"] == []
    assert await did_run(service) == {"sum", "shown_sum"}


async def test_a_new_pack_is_there_at_once(service: Service, save: Save) -> None:
    await service.get("nodes")
    await save(
        'from graph import node\n@node()\ndef new_one() -> int:\n    """New."""\n    return 1\n', "new.py"
    )
    assert "NewOne" in {each["id"] for each in (await service.get("nodes"))["nodes"]}
