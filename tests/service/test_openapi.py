"""The OpenAPI document: real answers are as it says, and schemathesis finds none that is not."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from aiohttp import FormData
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from service.openapi import document_of
from service.routes import ROUTES
from tests.service.conftest import Service, chain
from tests.service.test_subgraphs import KEPT
from tests.service.threaded import served

EXAMPLES = 10  # of each kind for each operation
DOCUMENT = document_of(ROUTES, "test")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("root")) as address:
        yield address


load_all_checks()
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
ENDLESS = ("/api/v1/events/stream", "/api/v1/socket")
OPERATIONS = {
    f"{operation.method.upper()} {operation.path}": operation
    for operation in (each.ok() for each in SCHEMA.get_all_operations())
    if operation.path not in ENDLESS
}
MAY_BE_WRONG = [name for name, each in OPERATIONS.items() if each.query or each.body]
CASES = [(name, GenerationMode.POSITIVE) for name in OPERATIONS]
CASES += [(name, GenerationMode.NEGATIVE) for name in MAY_BE_WRONG]


@pytest.mark.parametrize(("name", "mode"), CASES)
def test_no_request_gets_an_answer_that_the_document_does_not_name(
    address: str, name: str, mode: GenerationMode
) -> None:
    operation = OPERATIONS[name]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def try_it(case: Any) -> None:
        # What is well formed may still not run here: a node type that is missing, bytes that are no picture.
        unruly = [positive_data_acceptance] if operation.body else []
        if "multipart/form-data" in {body.media_type for body in operation.body}:
            unruly.append(negative_data_rejection)  # Whatever a part holds is bytes.
        case.call_and_validate(base_url=address, excluded_checks=unruly)

    try_it()


async def test_what_really_happens_is_as_the_document_says(service: Service) -> None:
    (service.root / "workflows/nap.json").write_text(json.dumps(chain("Nap")))
    (service.root / "web/languages").mkdir(parents=True, exist_ok=True)
    (service.root / "web/languages/zh.json").write_text('{"name": "简体中文"}')
    names: dict[str, str] = {"name": "nap", "folder": "checkpoints", "code": "zh"}
    asked: list[str] = []

    async def ask(method: str, path: str, status: int = 200, **options: Any) -> Any:
        asked.append(f"{method.upper()} {path}")
        url = f"/api/v1/{path.format(**names)}"
        async with service.client.request(method, url, **options) as answer:
            body = await answer.json()
            assert answer.status == status, body
        responses = DOCUMENT["paths"][f"/api/v1/{path.partition('?')[0]}"][method]["responses"]
        (content,) = responses[str(status) if str(status) in responses else "default"]["content"].values()
        schema = {**content["schema"], "components": DOCUMENT["components"]}
        jsonschema_rs.validator_for(schema).validate(body)
        return body

    workflow = {"workflow": chain("Nap", value=5)}
    swept = {**workflow, "set": {"number.value": {"sweep": [1, 2]}}}
    await ask("get", "nodes")
    names["type"] = "Nap"
    await ask("get", "nodes/{type}/doc")
    await ask("post", "plan", json=workflow)
    names["run"] = (await ask("post", "runs", 202, json=swept))["run"]
    await service.until(names["run"], "succeeded")
    names["other"] = (await ask("post", "runs/{run}/retry", 202, json={"set": {"middle.seconds": 0.01}}))[
        "run"
    ]
    await service.until(names["other"], "succeeded")
    steps = (await service.post("plan", swept))["steps"]
    names["key"] = next(step["key"] for step in steps if "key" in step)
    await ask("get", "values/{key}")
    await ask("get", "runs/{run}")
    await ask("get", "runs/{run}/diff/{other}")
    await ask("post", "queue/pause")
    names["run"] = (await ask("post", "workflows/{name}/runs", 202, json={}))["run"]
    await ask("put", "runs/{run}", json={"set": {"number.value": 6}})
    await ask("post", "runs/{run}/move", json={"priority": 5})
    await ask("get", "queue")
    await ask("post", "runs/{run}/cancel")
    await ask("post", "runs/{run}/skip", 409, json={"node": "middle"})
    await ask("post", "queue/cancel")
    await ask("post", "queue/resume")
    await ask("get", "runs")
    await ask("get", "events")
    await ask("put", "workflows/{name}", 201, json=workflow)
    await ask("get", "workflows/{name}")
    await ask("get", "workflows")
    await ask("delete", "workflows/{name}")
    await ask("delete", "workflows/{name}", 404)
    await ask("put", "subgraphs/{name}", 201, json={"workflow": KEPT})
    await ask("get", "subgraphs/{name}")
    await ask("get", "subgraphs")
    await ask("delete", "subgraphs/{name}")
    await ask("get", "models")
    await ask("get", "models/{folder}")
    await ask("get", "digests")
    await ask("get", "vocabulary")
    await ask("post", "tokens", 404, json={"text": "a cat", "rules": "comfy"})
    await ask("post", "recipe", 200, data=form_of(json.dumps(chain("Nap"))))
    await ask("post", "uploads", 201, data=form_of("text"))
    picture = chain("Nap", value=3)
    picture["nodes"][2]["type"] = "Picture"
    await service.run(picture)
    await ask("get", "results")
    names |= {"folder": "output", "path": "picture_3.png"}
    names["id"] = (await ask("delete", "files/{folder}/{path}"))["trash"]
    await ask("get", "trash")
    await ask("post", "trash/{id}/restore")
    await ask("get", "languages")
    await ask("get", "languages/{code}")
    await ask("patch", "settings", json={"settings": {"theme": "dark"}})
    await ask("get", "settings")
    await ask("get", "system")
    await ask("get", "openapi.json")
    unasked = {f"{method.upper()} {path}" for path, each in DOCUMENT["paths"].items() for method in each}
    unasked -= {each.replace(" ", " /api/v1/") for each in asked}
    assert unasked == {
        "GET /api/v1/files/{folder}/{path}",  # not JSON
        "GET /api/v1/trash/{id}",  # not JSON
        "GET /api/v1/models/{folder}/{name}/picture",
        "GET /api/v1/values/{key}/picture",
        *(f"GET {path}" for path in ENDLESS),
    }


def form_of(text: str) -> FormData:
    form = FormData()
    form.add_field("file", text.encode(), filename="file.json")
    return form


def test_every_operation_has_a_name_and_says_what_it_does() -> None:
    operations = [each for path in DOCUMENT["paths"].values() for each in path.values()]
    names = [each["operationId"] for each in operations]
    assert len(set(names)) == len(names)
    assert [each["operationId"] for each in operations if not each["summary"]] == []
