"""Cells of a running sweep are skipped over HTTP, and everybody hears of it."""

from typing import Any

import pytest

from graph.skip import Skip
from service.skipping import unheard, zones_in
from tests.service.conftest import OPEN_SOCKET, Heard, Service, chain, listen


def swept(*seconds: float) -> dict[str, Any]:
    """A nap of each length, after which it is shown."""
    return chain("Nap", seconds={"sweep": list(seconds), "axis": "seconds"})


async def skipping(service: Service, given: dict[str, Any], *bodies: dict[str, Any], when: str) -> Heard:
    """All events of a run that is asked these as soon as one of a type comes."""
    async with service.client.ws_connect(OPEN_SOCKET.format(0)) as socket:
        run = await service.start(given)
        before = await listen(socket, until=when)
        for body in bodies:
            assert await service.post(f"runs/{run}/skip", body, status=202) == {"run": run}
        after = await listen(socket, until=run)
    return Heard([*before.events, *after.events])


def said(heard: Heard, kind: str) -> list[str]:
    return [event["step"] for event in heard.events if event["type"] == kind]


async def test_the_cell_that_works_is_skipped_and_the_rest_is_made(service: Service) -> None:
    heard = await skipping(service, swept(60, 0), {"coordinate": {"seconds": 60}}, when="StepProgress")
    assert sorted(said(heard, "StepSkipped")) == ["middle[seconds=60]", "show[seconds=60]"]
    assert {"middle[seconds=0]", "show[seconds=0]"} <= {*said(heard, "StepFinished")}
    assert heard.events[-1]["status"] == "succeeded"
    event = next(event for event in heard.events if event["type"] == "StepSkipped")
    assert (event["coordinate"], "because" in event) == ({"seconds": 60}, True)


async def test_a_skipped_cell_is_in_the_log_and_counted(service: Service) -> None:
    heard = await skipping(
        service, swept(60, 0), {"node": "middle", "coordinate": {"seconds": 60}}, when="StepProgress"
    )
    run = heard.events[-1]["run"]
    assert (await service.get(f"runs/{run}"))["status"] == "succeeded"
    logged = (await service.get("events?since=0"))["events"]
    skipped = [event for event in logged if event["type"] == "StepSkipped"]
    assert [event["because"] for event in skipped] in (
        [None, "middle[seconds=60]"],
        ["middle[seconds=60]", None],
    )
    async with service.client.get("/metrics") as answer:
        assert 'steps_total{state="skipped"} 2' in await answer.text()


async def test_the_next_run_makes_what_is_missing(service: Service) -> None:
    given = swept(0.3, 0)
    await skipping(service, given, {"coordinate": {"seconds": 0.3}}, when="StepProgress")
    again = await service.run(given)
    assert {*said(again, "StepFinished")} == {"middle[seconds=0.3]", "show[seconds=0.3]"}


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({}, "wrong_field", "a skip names a 'node', a 'coordinate', or both"),
        ({"coordinate": {}}, "wrong_field", "a skip names a 'node'"),
        ({"node": 5}, "wrong_field", "'node' is 5, not the id of a node"),
        ({"coordinate": [4]}, "wrong_field", "'coordinate' is"),
        ({"coordinate": {"seconds": [4]}}, "wrong_field", "'coordinate' is"),
        ({"coordinate": {"seconds": 7}}, "nothing_to_skip", "there is no 7 along 'seconds'"),
        ({"coordinate": {"seed": 60}}, "nothing_to_skip", "this run has no axis 'seed'"),
        ({"node": "nobody"}, "nothing_to_skip", "there is no node 'nobody' in this run"),
    ],
)
async def test_what_cannot_be_meant_is_refused_and_the_run_works_on(
    service: Service, body: dict[str, Any], code: str, message: str
) -> None:
    run = await service.start(swept(0.4, 0))
    await service.until(run, "running")
    (problem,) = (await service.post(f"runs/{run}/skip", body, status=422))["problems"]
    assert (problem["code"], problem["message"][: len(message)]) == (code, message)
    if "coordinate" in body and code == "nothing_to_skip":
        assert problem["remedy"] in ("Its values: 0.4, 0.", "Its axes: seconds.")
    assert (await service.until(run, "succeeded"))["problems"] == []


def test_of_a_run_from_before_a_restart_nobody_knows_what_it_has() -> None:
    assert unheard(Skip("nobody", {"seed": 1}), (), ()) is None


def test_nodes_in_sub_graphs_and_turns_of_zones_can_be_meant() -> None:
    steps = (("twice", "will_run"), ("refine/sampler", "will_run"), ("refine/each", "will_run"))
    kinds = {"loop": "repeat", "all": "map", "plain": "graph"}
    graphs: list[dict[str, Any]] = [{"id": each, "kind": kind, "nodes": []} for each, kind in kinds.items()]
    graphs[2]["nodes"] = [{"id": "each", "type": "@all"}, {"id": "sampler", "type": "Nap"}]
    nodes = [{"id": "twice", "type": "@loop"}, {"id": "refine", "type": "@plain"}]
    zones = zones_in({"nodes": nodes, "subgraphs": graphs})
    assert zones == {"twice", "each"}
    turns = ({"twice": 1}, {"refine/each": 0}, {"each": 0})
    for skip in (Skip("twice/sampler"), Skip("refine"), *(Skip(None, turn) for turn in turns)):
        assert unheard(skip, steps, zones) is None
    for axis in ("refined", "refine/sampler"):
        assert unheard(Skip(None, {axis: 1}), steps, zones) is not None


async def test_items_of_a_list_have_no_turns_and_the_remedy_says_what_has(service: Service) -> None:
    run = await service.start(chain("Nap", seconds=60.0))
    await service.until(run, "running")
    asked = {"coordinate": {"middle": 2}}
    (problem,) = (await service.post(f"runs/{run}/skip", asked, status=422))["problems"]
    assert (problem["code"], problem["message"]) == (
        "nothing_to_skip",
        "'middle' has no turns: it is no zone",
    )
    assert problem["remedy"].endswith("put the node into a map.")
    await service.post(f"runs/{run}/cancel", {})


async def test_only_a_run_that_works_can_skip(service: Service) -> None:
    first = await service.start(swept(60, 0))
    second = await service.start(swept(0, 0.1))
    refused = await service.post(f"runs/{second}/skip", {"node": "middle"}, status=409)
    assert refused["problems"][0]["code"] == "not_running"
    await service.post(f"runs/{first}/cancel", {})
    await service.until(second, "succeeded")
    refused = await service.post(f"runs/{second}/skip", {"node": "middle"}, status=409)
    assert (
        refused["detail"] == f"run {second} is succeeded: only of a run that works can something be skipped"
    )
    await service.post("runs/nobody/skip", {"node": "middle"}, status=404)
