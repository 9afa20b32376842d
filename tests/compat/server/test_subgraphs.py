"""Runs of documents with sub-graphs, as ComfyUI's clients hear of them."""

import asyncio
from typing import Any

from tests.compat.server.conftest import Comfy, listen

HEAD = {"format": "tessera.workflow", "version": 1, "title": "Ours"}


def twice(value: int) -> dict[str, Any]:
    """A number through two instances; what is inside also shows it."""
    body = {
        "id": "plus", "inputs": [{"name": "a", "type": "INT"}], "outputs": [{"name": "sum", "type": "INT"}],
        "nodes": [{"id": "add", "type": "Add", "inputs": {"b": 2}},
                  {"id": "see", "type": "Show", "inputs": {}}],
        "links": [{"from": ["@in", "a"], "to": ["add", "a"]},
                  {"from": ["add", "INT"], "to": ["see", "value"]},
                  {"from": ["add", "INT"], "to": ["@out", "sum"]}],
    }  # fmt: skip
    nodes = [
        {"id": "it", "type": "Number", "inputs": {"value": value}},
        {"id": "one", "type": "@plus", "inputs": {}},
        {"id": "two", "type": "@plus", "inputs": {}},
    ]
    links = [{"from": ["it", "INT"], "to": ["one", "a"]}, {"from": ["one", "sum"], "to": ["two", "a"]}]
    return {**HEAD, "nodes": nodes, "links": links, "subgraphs": [body]}


async def test_the_nodes_inside_are_called_by_their_instances(comfy: Comfy) -> None:
    async with comfy.session.post("/api/v1/runs", json={"workflow": twice(5000)}) as answer:
        assert answer.status == 202, await answer.text()
        run = (await answer.json())["run"]
    await comfy.until(0)
    entry = await comfy.history(run)
    assert entry["outputs"] == {"one:see": {"text": ["5002"]}, "two:see": {"text": ["5004"]}}
    prompt = entry["prompt"][2]
    assert prompt.keys() == {"it", "one:add", "one:see", "two:add", "two:see"}
    assert prompt["two:add"]["inputs"] == {"a": ["one:add", 0], "b": 2}
    assert entry["prompt"][4] == ["one:see", "two:see"]
    assert entry["meta"]["two:see"]["display_node"] == "two:see"


async def test_its_prompt_sent_by_a_client_is_told_by_the_same_names(comfy: Comfy) -> None:
    async with comfy.session.post("/api/v1/runs", json={"workflow": twice(5100)}) as answer:
        run = (await answer.json())["run"]
    await comfy.until(0)
    prompt = (await comfy.history(run))["prompt"][2]
    _, heard = await comfy.run(prompt)
    assert set(heard.of("execution_cached")[0]["nodes"]) == prompt.keys()
    assert {data["node"] for data in heard.of("executed")} == {"one:see", "two:see"}
    prompt["it"]["inputs"]["value"] = 5101
    async with asyncio.timeout(10), comfy.socket() as socket:
        sent = await comfy.queue(prompt, partial_execution_targets=["one:see"])
        heard = await listen(socket, sent["prompt_id"])
    assert heard.ran == ["it", "one:add", "one:see"]
