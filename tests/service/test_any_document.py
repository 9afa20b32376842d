"""Documents, prompts and graphs that were right once: each is judged, and none breaks the server."""

import json
import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from compat.export import View
from compat.object_info import known_nodes
from compat.server.app import add_comfy
from compat.ui_export import write_ui_graph
from graph.workflow import read_document
from tests.compat.server.test_subgraphs import twice
from tests.service.conftest import chain
from tests.service.mutated import mutated
from tests.service.threaded import served

TRIALS = 250
PART = 'Content-Disposition: form-data; name="file"; filename="a.json"'


def zones() -> dict[str, Any]:
    """All kinds of zones, one in the other, with a sweep, a list and parameters beside them."""
    sums = [{"name": "value", "type": "INT"}]
    add = {"id": "add", "type": "Add", "inputs": {"b": 1}}
    inward = {"from": ["@in", "value"], "to": ["add", "a"]}
    outward = {"from": ["add", "INT"], "to": ["@out", "value"]}
    body = {"inputs": sums, "outputs": sums, "nodes": [add], "links": [inward, outward]}
    each = [{"name": "value", "type": "INT", "each": True}]
    again = {"id": "again", "type": "@repeat", "inputs": {"times": 2}}
    kinds = [
        {"id": "repeat", "kind": "repeat", **body},
        {"id": "map", "kind": "map", **body, "inputs": each},
        {"id": "if", "kind": "if", **body},
        {"id": "plain", "title": "Plain", **body, "nodes": [add, again]},
    ]
    ways = ["repeat", "if", "plain"]
    swept = {"sweep": [1, 2], "axis": "n"}
    nodes = [
        {"id": "number", "type": "Number", "inputs": {"value": swept}, "position": [0, 0]},
        *({"id": f"{kind}_1", "type": f"@{kind}", "inputs": {}} for kind in ways),
        {"id": "show", "type": "Show", "inputs": {}, "mode": "active"},
    ]
    ends = ["number.INT", *(f"{kind}_1.value" for kind in ways), "show.value"]
    links = [
        {"from": before.split("."), "to": [after.split(".")[0], "value"]} for before, after in pairwise(ends)
    ]
    head = {"format": "tessera.workflow", "version": 1, "title": "Zones", "frames": [], "notes": []}
    parameters = [{"name": "n", "node": "number", "input": "value"}]
    return {**head, "nodes": nodes, "links": links, "parameters": parameters, "subgraphs": kinds}


DOCUMENTS = (chain("Nap"), zones(), twice(3))


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    root: Path = tmp_path_factory.mktemp("root")
    with served(root, add_comfy) as address:
        assert ask(address, "/api/v1/queue/pause", {})[0] == 200
        yield address


def ask(address: str, path: str, body: Any, kind: str = "application/json") -> tuple[int, Any]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = Request(address + path, data, {"Content-Type": kind})
    try:
        with urlopen(request, timeout=20) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def test_the_documents_are_right_before_they_are_changed(address: str) -> None:
    for document in DOCUMENTS:
        status, told = ask(address, "/api/v1/plan", {"workflow": document})
        assert (status, [each for each in told["problems"] if each["severity"] == "error"]) == (200, [])


def test_every_document_is_planned_or_told_what_is_wrong(address: str) -> None:
    rolls = random.Random(11)
    for _ in range(TRIALS):
        body = {"workflow": mutated(rolls.choice(DOCUMENTS), rolls)}
        if rolls.random() < 0.2:
            body = mutated({**body, "targets": ["show"], "set": {"number.value": 4}}, rolls)
        status, told = ask(address, "/api/v1/plan", body)
        assert status in (200, 400, 422), (body, told)
        wrong = [each["code"] for each in told["problems"] if each["severity"] == "error"]
        assert "internal_error" not in wrong and (status == 200 or wrong), (body, told)
        if wrong:
            assert ask(address, "/api/v1/runs", body)[0] in (400, 422), body
    ask(address, "/api/v1/queue/cancel", {})


def test_every_prompt_is_queued_or_told_what_is_wrong(address: str) -> None:
    rolls = random.Random(12)
    prompt = {
        "1": {"class_type": "Number", "inputs": {"value": 1}, "_meta": {"title": "One"}},
        "2": {"class_type": "Nap", "inputs": {"value": ["1", 0], "seconds": 0.1}},
        "3": {"class_type": "Show", "inputs": {"value": ["2", 0]}},
        "4:5": {"class_type": "Picture", "inputs": {"value": ["1", 0]}, "is_changed": [1]},
    }
    extra = {"extra_pnginfo": {"workflow": {"nodes": []}}}
    for _ in range(TRIALS):
        body = mutated({"prompt": prompt, "client_id": "c", "extra_data": extra, "number": 1}, rolls)
        status, told = ask(address, "/prompt", body)
        assert status in (200, 400), (body, told)
        if status == 400 and isinstance(body, dict):
            assert told["error"]["type"] and told["error"]["message"], (body, told)
    assert ask(address, "/queue", {"clear": True})[0] == 200


def test_every_graph_is_read_or_told_to_be_none(address: str) -> None:
    rolls, info, graphs = random.Random(13), known_nodes(), []
    for document in DOCUMENTS:
        workflow, _ = read_document(document)
        assert workflow is not None
        graphs += [write_ui_graph(View(workflow, info), version) for version in ("0.4", "1.0")]
    for _ in range(TRIALS // 2):
        graph = json.dumps(mutated(rolls.choice(graphs), rolls))
        form = f"--x\r\n{PART}\r\n\r\n{graph}\r\n--x--\r\n".encode("utf-8", "replace")
        status, told = ask(address, "/api/v1/recipe", form, "multipart/form-data; boundary=x")
        assert status in (200, 400, 422), (graph, told)
        if status == 200:
            status, told = ask(address, "/api/v1/plan", {"workflow": told["workflow"]})
            assert status == 200 and "internal_error" not in str(told["problems"]), (graph, told)
