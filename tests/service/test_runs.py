"""Runs: from the request to the last event, and whatever may go wrong on the way."""

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from typing import Any

import pytest

from graph.events import Event, StepFinished
from graph.plan import plan
from service.engine import Engine
from service.log import Log
from tests.service.conftest import Service, chain, document


def codes(answer: dict[str, Any]) -> list[str]:
    return [problem["code"] for problem in answer["problems"]]


async def test_a_run_is_queued_with_its_plan_and_ends_with_its_artifacts(service: Service) -> None:
    heard = await service.run(chain("Nap", value=2) | {"title": "Sum"}, client="me")
    queued, finished = heard.durable[0], heard.durable[-1]
    steps = [["number", "will_run"], ["middle", "will_run"], ["show", "will_run"]]
    assert (queued["title"], queued["client"], queued["steps"]) == ("Sum", "me", steps)
    assert heard.types()[1] == "RunStarted"
    assert (finished["type"], finished["status"], finished["problems"]) == ("RunFinished", "succeeded", [])
    shown = await service.get(f"runs/{finished['run']}")
    assert shown["artifacts"] == [{"step": "show", "kind": "text", "text": "2"}]
    assert shown["document"]["title"] == "Sum"
    assert [event["seq"] for event in heard.durable] == list(range(1, len(heard.durable) + 1))


async def test_the_answer_to_a_start_names_the_place_of_its_first_event(service: Service) -> None:
    await service.run(chain("Nap"))
    started = await service.post("runs", {"workflow": chain("Nap")}, status=202)
    found = (await service.get(f"events?since={started['seq'] - 1}"))["events"][0]
    assert (found["type"], found["run"], found["seq"]) == ("RunQueued", started["run"], started["seq"])


async def test_the_same_again_is_cached_and_a_changed_value_runs_what_follows(service: Service) -> None:
    await service.run(chain("Nap", value=7))
    again = await service.run(chain("Nap", value=7))
    assert [event["type"] for event in again.durable if "step" in event] == ["StepCached"] * 3
    changed = await service.run(chain("Nap", value=7), set={"middle.seconds": 0.02})
    ran = [event["step"] for event in changed.durable if event["type"] == "StepStarted"]
    assert ran[0] == "middle"


async def test_a_run_that_begins_at_once_is_planned_once_and_one_that_waits_again(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = []

    def counted(*given: Any, **more: Any) -> Any:
        planned.append(given)
        return plan(*given, **more)

    monkeypatch.setattr("service.engine.plan", counted)
    await service.run(chain("Nap", value=11))
    assert len(planned) == 1
    await service.post("queue/pause", {})
    run = await service.start(chain("Nap", value=12))
    await service.post("queue/resume", {})
    await service.until(run, "succeeded")
    assert len(planned) == 3


async def test_a_value_can_be_set_by_name_and_the_run_keeps_it(service: Service) -> None:
    heard = await service.run(chain("Nap", value=1), set={"number.value": 9})
    shown = await service.get(f"runs/{heard.durable[0]['run']}")
    assert shown["artifacts"][0]["text"] == "9"
    assert shown["document"]["nodes"][0]["inputs"] == {"value": 9}


async def test_a_value_can_be_set_to_a_sweep_and_the_artifacts_name_their_coordinates(
    service: Service,
) -> None:
    heard = await service.run(chain("Nap", value=1), set={"number.value": {"sweep": [8, 9]}})
    of_values = [{"node": "show", "coordinate": {"value": value}} for value in (8, 9)]
    queued = [step for step in heard.durable[0]["steps"] if step[2]["node"] == "show"]
    assert queued == [
        [f"show[value={value}]", "will_run", at] for value, at in zip((8, 9), of_values, strict=True)
    ]
    shown = await service.get(f"runs/{heard.durable[0]['run']}")
    assert sorted(shown["artifacts"], key=lambda each: each["text"]) == [
        {"step": f"show[value={value}]", **at, "kind": "text", "text": str(value)}
        for value, at in zip((8, 9), of_values, strict=True)
    ]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("nobody.value", "unknown_parameter"),
        ("number.vale", "unknown_input"),
        ("show.value", "value_not_read"),
    ],
)
async def test_a_value_that_nothing_reads_is_refused(service: Service, name: str, code: str) -> None:
    refused = await service.post("runs", {"workflow": chain("Nap"), "set": {name: 9}}, status=422)
    assert code in codes(refused)
    assert (await service.get("runs"))["runs"] == []


async def test_a_node_that_raises_fails_its_run_and_the_next_one_runs(service: Service) -> None:
    failed = await service.run(chain("Fail"))
    (step,) = [event for event in failed.durable if event["type"] == "StepFailed"]
    assert step["step"] == step["problem"]["node"] == "middle"
    assert "this node always fails" in step["problem"]["message"]
    assert failed.durable[-1]["status"] == "failed"
    assert (await service.run(chain("Nap"))).durable[-1]["status"] == "succeeded"


async def test_a_node_that_calls_exit_does_not_end_the_worker(service: Service) -> None:
    assert (await service.run(chain("Leave"))).durable[-1]["status"] == "failed"
    assert (await service.run(chain("Nap"))).durable[-1]["status"] == "succeeded"


async def test_a_broken_engine_still_finishes_the_run(
    service: Service, engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(engine.executor, "run", broken)
    heard = await service.run(chain("Nap"))
    assert heard.durable[-1]["status"] == "failed"
    assert heard.durable[-1]["problems"][0]["message"] == "the run broke off: MemoryError: no room"
    assert "no room" in capsys.readouterr().err
    monkeypatch.undo()
    assert (await service.run(chain("Nap"))).durable[-1]["status"] == "succeeded"


async def test_a_disk_that_is_full_for_a_while_stops_neither_queue_nor_log(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, failures = asyncio.get_running_loop(), []
    loop.set_exception_handler(lambda _, context: failures.append(context["exception"]))
    insert = Log._insert

    def full(self: Log, events: Sequence[Event]) -> list[tuple[int, str]]:
        if any(isinstance(event, StepFinished) for event in events):
            raise sqlite3.OperationalError("database or disk is full")
        return insert(self, events)

    monkeypatch.setattr(Log, "_insert", full)
    run = await service.start(chain("Nap", seconds=0.1))
    while not any(isinstance(failure, sqlite3.OperationalError) for failure in failures):
        await asyncio.sleep(0.01)
    monkeypatch.undo()
    await service.until(run, "succeeded")
    events = (await service.get("events?since=0"))["events"]
    assert [event["step"] for event in events if event["type"] == "StepFinished"] == [
        "number",
        "middle",
        "show",
    ]
    loop.set_exception_handler(None)


async def test_a_running_run_is_cancelled_within_a_step_of_its_node(service: Service) -> None:
    run = await service.start(chain("Nap", seconds=60.0))
    await service.until(run, "running")
    started = time.monotonic()
    await service.post(f"runs/{run}/cancel", {})
    shown = await service.until(run, "cancelled")
    assert time.monotonic() - started < 1.0
    assert shown["problems"] == []


async def test_a_queued_run_is_cancelled_without_ever_starting(service: Service) -> None:
    first = await service.start(chain("Nap", seconds=60.0))
    second = await service.start(chain("Nap", value=5))
    cancelled = await service.post(f"runs/{second}/cancel", {})
    assert cancelled == {"run": second, "status": "cancelled"}
    events = (await service.get("events?since=0"))["events"]
    assert [event["type"] for event in events if event["run"] == second] == ["RunQueued", "RunFinished"]
    await service.post(f"runs/{first}/cancel", {})
    await service.until(first, "cancelled")


async def test_runs_run_one_after_the_other_in_the_order_they_came(service: Service) -> None:
    runs = [await service.start(chain("Nap", value=value, seconds=0.05)) for value in range(4)]
    await service.until(runs[-1], "succeeded")
    events = (await service.get("events?since=0"))["events"]
    told = [
        (event["type"], event["run"]) for event in events if event["type"] in ("RunStarted", "RunFinished")
    ]
    assert told == [(kind, run) for run in runs for kind in ("RunStarted", "RunFinished")]


async def test_cancelling_what_has_ended_changes_nothing(service: Service) -> None:
    run = (await service.run(chain("Nap"))).durable[0]["run"]
    assert await service.post(f"runs/{run}/cancel", {}) == {"run": run, "status": "succeeded"}
    unknown = await service.post("runs/nobody/cancel", {}, status=404)
    assert codes(unknown) == ["unknown_run"]


async def test_a_missing_model_is_refused_before_anything_is_queued(service: Service) -> None:
    workflow = document(
        ("model", "Model", {"name": "gone.safetensors"}), ("show", "Show", {"value": ("model", "INT")})
    )
    refused = await service.post("runs", {"workflow": workflow}, status=422)
    (problem,) = refused["problems"]
    assert (problem["code"], problem["node"], problem["input"]) == ("file_not_found", "model", "name")
    assert problem["remedy"]
    assert (await service.get("events?since=0")) == {"events": [], "last": 0}


async def test_a_model_that_vanishes_while_the_run_waits_is_a_problem_of_the_run(service: Service) -> None:
    model = service.root / "models/checkpoints/small.safetensors"
    model.write_bytes(b"weights")
    first = await service.start(chain("Nap", seconds=60.0))
    second = await service.start(
        document(("model", "Model", {"name": model.name}), ("show", "Show", {"value": ("model", "INT")}))
    )
    model.unlink()
    await service.post(f"runs/{first}/cancel", {})
    shown = await service.until(second, "failed")
    assert codes(shown) == ["file_not_found"]


@pytest.mark.parametrize(
    ("workflow", "code"),
    [
        ({"format": "tessera.workflow", "version": 99, "nodes": [], "links": []}, "newer_version"),
        ({"format": "something.else", "version": 1}, "unreadable_document"),
        ([], "unreadable_document"),
        (None, "unreadable_document"),
    ],
)
async def test_a_document_of_another_version_or_kind_is_a_problem(
    service: Service, workflow: Any, code: str
) -> None:
    planned = await service.post("plan", {"workflow": workflow})
    assert (codes(planned), planned["steps"]) == ([code], [])
    assert codes(await service.post("runs", {"workflow": workflow}, status=422)) == [code]


async def test_a_plan_says_what_is_cached_and_what_will_run(service: Service) -> None:
    await service.run(chain("Nap", value=3))
    planned = await service.post("plan", {"workflow": chain("Nap", value=3, seconds=0.01)})
    states = [(step["id"], step["state"]) for step in planned["steps"]]
    assert states == [("number", "cached"), ("middle", "will_run"), ("show", "will_run")]
    only = await service.post("plan", {"workflow": chain("Nap", value=3), "targets": ["number"]})
    assert [step["id"] for step in only["steps"]] == ["number"]


@pytest.mark.parametrize(
    "fields", [{"targets": "show"}, {"targets": [3]}, {"set": [1]}, {"workflow": ...}], ids=str
)
async def test_a_field_of_the_wrong_type_is_refused(service: Service, fields: dict[str, Any]) -> None:
    body = {"workflow": chain("Nap"), **fields}
    if body["workflow"] is ...:
        del body["workflow"]
    assert (await service.post("runs", body, status=422))["problems"]


async def test_the_queue_is_bounded(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.runs.LONGEST_QUEUE", 1)
    first = await service.start(chain("Nap", seconds=60.0))
    second = await service.start(chain("Nap", value=4))
    refused = await service.post("runs", {"workflow": chain("Nap")}, status=503)
    assert codes(refused) == ["queue_full"]
    await service.post(f"runs/{first}/cancel", {})
    await service.until(second, "succeeded")
