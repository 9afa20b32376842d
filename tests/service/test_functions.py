"""Workflows that lie on the server: saved, read, and called as functions."""

import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData

from graph.folders import Folders
from graph.registry import Registry
from service.functions import parameters_of
from tests.service.conftest import Service, chain
from tests.service.test_runs import codes

WHOLE = {"type": "integer", "minimum": -(2**63), "maximum": 2**64 - 1}
PARAMETERS = [
    {"name": "start", "node": "number", "input": "value", "label": "Start"},
    {"name": "seconds", "node": "middle", "input": "seconds"},
    {"name": "lost", "node": "nobody", "input": "value"},
]


@pytest.fixture
def template(service: Service) -> dict[str, Any]:
    workflow = chain("Nap", value=3) | {"title": "Nap", "parameters": PARAMETERS}
    (service.root / "workflows/nap.json").write_text(json.dumps(workflow))
    return workflow


async def put(service: Service, name: str, body: object) -> tuple[int, Any]:
    async with service.client.put(f"/api/v1/workflows/{name}", json=body) as answer:
        return answer.status, await answer.json()


async def test_a_workflow_names_its_parameters_and_their_types(
    service: Service, template: dict[str, Any]
) -> None:
    shown = await service.get("workflows/nap")
    assert shown == {
        "workflow": template,
        "parameters": {
            "type": "object",
            "properties": {
                "start": {
                    "title": "Start",
                    "type": "integer",
                    "minimum": -(2**63),
                    "maximum": 2**64 - 1,
                    "default": 3,
                },
                "seconds": {"title": "seconds", "type": "number", "default": 0.0},
            },
            "additionalProperties": False,
        },
    }


def test_a_curve_is_a_parameter_with_a_schema(tmp_path: Path) -> None:
    registry = Registry()
    registry.load_package("nodes")
    curve = {"points": [[0, 8], [1, 2]], "interpolation": "linear"}
    node = {"id": "guidance", "type": "GuidanceCurve", "inputs": {"cfg": curve}}
    named = [{"name": "cfg", "node": "guidance", "input": "cfg"}]
    document = {"format": "tessera.workflow", "version": 1, "nodes": [node], "parameters": named}
    numbers = {"type": "array", "items": {"type": "number"}}
    assert parameters_of(document, registry, Folders(tmp_path))["properties"]["cfg"] == {
        "title": "cfg",
        "type": "object",
        "properties": {
            "points": {"type": "array", "items": numbers, "minItems": 1},
            "interpolation": {"enum": ["linear", "smooth", "step"]},
        },
        "required": ["points"],
        "default": curve,
    }


@pytest.mark.usefixtures("template")
async def test_a_workflow_is_called_with_named_values(service: Service) -> None:
    started = await service.post("workflows/nap/runs", {"set": {"start": 42}, "client": "me"}, status=202)
    shown = await service.until(started["run"], "succeeded")
    assert (shown["artifacts"][0]["text"], shown["client"], shown["title"]) == ("42", "me", "Nap")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"set": {"strat": 42}}, "unknown_parameter"),
        ({"set": {"start": "many"}}, "wrong_value_type"),
        ({"workflow": {}}, "wrong_field"),
    ],
)
@pytest.mark.usefixtures("template")
async def test_a_call_with_a_wrong_value_is_refused(service: Service, body: Any, code: str) -> None:
    assert code in codes(await service.post("workflows/nap/runs", body, status=422))
    assert codes(await service.post("workflows/nobody/runs", {}, status=404)) == ["unknown_workflow"]


@pytest.mark.usefixtures("template")
async def test_a_saved_workflow_comes_before_a_template_and_goes_again(service: Service) -> None:
    mine = chain("Nap", value=9) | {"title": "Mine é"}
    assert await put(service, "nap", {"workflow": mine}) == (201, {"name": "nap"})
    assert (await service.get("workflows/nap"))["workflow"] == mine
    listed = [(each["title"], each["saved"]) for each in (await service.get("workflows"))["workflows"]]
    assert listed == [("Nap", False), ("Mine é", True)]
    async with service.client.delete("/api/v1/workflows/nap") as answer:
        assert answer.status == 200
    assert (await service.get("workflows/nap"))["workflow"]["title"] == "Nap"
    async with service.client.delete("/api/v1/workflows/nap") as answer:
        assert answer.status == 404


@pytest.mark.parametrize("name", ["..%2fx", "%2e%2e", ".hidden", "a%00b", "nul", "COM1", "a%5cb", "x" * 200])
async def test_a_workflow_is_saved_in_its_folder_only(service: Service, name: str) -> None:
    from yarl import URL

    url = URL(f"{service.client.make_url('/')}api/v1/workflows/{name}", encoded=True)
    async with service.client.session.put(url, json={"workflow": chain("Nap")}) as answer:
        assert answer.status in (400, 404, 405), await answer.text()
    assert not (service.root / "user/workflows").exists()


async def test_what_is_no_document_is_not_saved(service: Service) -> None:
    status, body = await put(service, "x", {"workflow": {"format": "something"}})
    assert (status, codes(body)) == (422, ["unreadable_document"])
    async with service.client.put("/api/v1/workflows/x", data=FormData({"a": "b"})) as answer:
        assert answer.status == 400


async def test_the_same_request_under_one_key_is_queued_once(service: Service) -> None:
    headers, body = {"Idempotency-Key": "job 1"}, {"workflow": chain("Nap"), "client": "me"}
    answers = []
    for _ in range(3):
        async with service.client.post("/api/v1/runs", json=body, headers=headers) as answer:
            assert answer.status == 202
            answers.append((await answer.json(), answer.headers.get("Idempotent-Replayed")))
    assert [replayed for _, replayed in answers] == [None, "true", "true"]
    assert answers[0][0] == answers[1][0] == answers[2][0]
    assert len((await service.get("runs"))["runs"]) == 1
    other = body | {"client": "you"}
    async with service.client.post("/api/v1/runs", json=other, headers=headers) as answer:
        assert (answer.status, codes(await answer.json())) == (422, ["key_reused"])
    async with service.client.post(
        "/api/v1/runs", json=body, headers={"Idempotency-Key": "x" * 300}
    ) as answer:
        assert (answer.status, codes(await answer.json())) == (400, ["wrong_key"])


async def test_a_key_sent_twice_at_once_is_queued_once(service: Service) -> None:
    import asyncio

    async def ask() -> str:
        body = {"workflow": chain("Nap")}
        headers = {"Idempotency-Key": "twice"}
        async with service.client.post("/api/v1/runs", json=body, headers=headers) as answer:
            run: str = (await answer.json())["run"]
            return run

    assert len(set(await asyncio.gather(*(ask() for _ in range(8))))) == 1


async def test_a_refused_request_does_not_use_up_its_key(service: Service) -> None:
    headers = {"Idempotency-Key": "k"}
    for workflow, status in ((chain("Nobody"), 422), (chain("Nap"), 202)):
        async with service.client.post(
            "/api/v1/runs", json={"workflow": workflow}, headers=headers
        ) as answer:
            assert answer.status == status


async def test_a_saved_file_that_is_broken_harms_no_other(service: Service) -> None:
    await put(service, "good", {"workflow": chain("Nap")})
    (service.root / "user/workflows/bad.json").write_text("{torn")
    assert [each["name"] for each in (await service.get("workflows"))["workflows"]] == ["good"]
    async with service.client.get("/api/v1/workflows/bad") as answer:
        assert (answer.status, codes(await answer.json())) == (422, ["unreadable_document"])
