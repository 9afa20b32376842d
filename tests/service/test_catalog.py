"""The catalogue, model folders, templates, the machine, and the page that documents them."""

import json
import re
from pathlib import Path

import pytest

from service.engine import Engine
from service.routes import ROUTES
from tests.service.conftest import Service, chain

PROTOCOL = Path(__file__).parents[2] / "docs/protocol.md"


async def test_the_catalogue_lists_nodes_and_is_not_sent_twice(service: Service) -> None:
    async with service.client.get("/api/v1/nodes") as answer:
        catalog, tag = await answer.json(), answer.headers["ETag"]
    by_id = {node["id"]: node for node in catalog["nodes"]}
    assert by_id["Number"]["inputs"][0]["widget"]["kind"] == "int"
    assert set(catalog["types"]["INT"]) == {"colour", "letter"}
    assert catalog["problems"] == []
    async with service.client.get("/api/v1/nodes", headers={"If-None-Match": tag}) as again:
        assert again.status == 304
    (service.root / "models/checkpoints/new.safetensors").write_bytes(b"")
    async with service.client.get("/api/v1/nodes", headers={"If-None-Match": tag}) as changed:
        assert changed.status == 200


async def test_each_node_type_has_a_page(service: Service, engine: Engine) -> None:
    text = "from graph import node\n@node(id='Of two/words')\ndef one() -> int:\n    'First.\\n\\nMore.'\n"
    await service.get("nodes")
    (service.root / "custom_nodes/page.py").write_text(text)
    assert engine.registry.refresh()
    assert (await service.get("nodes/Add/doc"))["page"] == (
        "### Add\nThe sum.\n\n| input | type | default | |\n|---|---|---|---|\n| `a` | INT |  |  |\n"
        "| `b` | INT | `0` | -100 to 100 |\n\nGives `INT`.\n"
    )
    assert "First.\n\nMore.\n" in (await service.get("nodes/Of%20two%2Fwords/doc"))["page"]
    async with service.client.get("/api/v1/nodes/Ad/doc") as answer:
        problem = await answer.json()
    assert (answer.status, problem["problems"][0]["code"]) == (404, "unknown_type")
    assert "Did you mean Add" in problem["problems"][0]["remedy"]


@pytest.fixture
def broken_packs(root: Path) -> None:
    (root / "custom_nodes/torn.py").write_text("def broken(:\n")
    (root / "custom_nodes/leaves.py").write_text("import sys\nsys.exit(2)\n")
    (root / "custom_nodes/lacks.py").write_text("import a_package_that_nobody_has\n")


@pytest.mark.usefixtures("broken_packs")
async def test_packs_that_do_not_load_are_problems_and_the_others_work(service: Service) -> None:
    catalog = await service.get("nodes")
    assert [problem["code"] for problem in catalog["problems"]] == ["pack_failed"] * 3
    messages = " ".join(problem["message"] for problem in catalog["problems"])
    assert all(name in messages for name in ("torn.py", "leaves.py", "lacks.py"))
    assert (await service.run(chain("Nap"))).durable[-1]["status"] == "succeeded"


async def test_model_folders_list_their_files(service: Service) -> None:
    (service.root / "models/checkpoints/sub").mkdir()
    (service.root / "models/checkpoints/sub/b.safetensors").write_bytes(b"")
    (service.root / "models/checkpoints/a.ckpt").write_bytes(b"")
    (service.root / "models/checkpoints/notes.txt").write_bytes(b"")
    assert await service.get("models/checkpoints") == {"models": ["a.ckpt", "sub/b.safetensors"]}
    for folder in ("nothing", "..", "%2e%2e", "..%2fuser"):
        async with service.client.get(f"/api/v1/models/{folder}") as answer:
            assert answer.status == 404


async def test_templates_are_listed_and_read(service: Service) -> None:
    workflow = chain("Nap") | {"title": "Nap first", "description": "Sleeps.", "topic": "start"}
    (service.root / "workflows/nap.json").write_text(json.dumps(workflow))
    listed = {"name": "nap", "title": "Nap first", "description": "Sleeps.", "topic": "start", "saved": False}
    assert await service.get("workflows") == {"workflows": [listed]}
    assert (await service.get("workflows/nap"))["workflow"] == workflow
    assert (await service.get("workflows/nap.json"))["workflow"] == workflow
    for name in ("none", "..%2fpackage", "%2e%2e%2fpackage.json"):
        async with service.client.get(f"/api/v1/workflows/{name}") as answer:
            assert answer.status == 404


async def test_the_system_says_what_it_is(service: Service) -> None:
    await service.get("nodes")
    said = await service.get("system")
    assert (said["ready"], said["loaded"], said["running"]) == (True, True, None)
    assert said["cache"] == {"bytes": 0, "budget_bytes": 2**24}


def test_the_protocol_names_every_route_and_no_other() -> None:
    documented = re.findall(r"`(GET|POST|PUT|PATCH|DELETE) (/api/v1/[^`?]+)", PROTOCOL.read_text())
    served = {
        (route.method, re.sub(r":\.\+", "", route.path).replace("{run}", "{id}"))
        for route in ROUTES
        if route.path.startswith("/api/")
    }
    assert set(documented) == served
