"""Sub-graphs kept on the server as nodes for other workflows."""

from typing import Any

from tests.service.conftest import Service, chain

KEPT: dict[str, Any] = {
    "format": "tessera.workflow",
    "version": 1,
    "title": "Refine",
    "nodes": [{"id": "refine", "type": "@refine", "inputs": {}}],
    "links": [],
    "subgraphs": [
        {
            "id": "refine",
            "title": "Refine",
            "kind": "repeat",
            "inputs": [{"name": "latent", "type": "LATENT"}],
            "outputs": [{"name": "latent", "type": "LATENT"}],
            "nodes": [],
            "links": [{"from": ["@in", "latent"], "to": ["@out", "latent"]}],
        }
    ],
}


async def test_a_subgraph_is_kept_listed_read_and_forgotten(service: Service) -> None:
    assert await service.get("subgraphs") == {"subgraphs": []}
    async with service.client.put("/api/v1/subgraphs/Refine", json={"workflow": KEPT}) as answer:
        assert (answer.status, await answer.json()) == (201, {"name": "Refine"})
    assert await service.get("subgraphs") == {"subgraphs": [{"name": "Refine", "workflow": KEPT}]}
    assert await service.get("subgraphs/Refine.json") == {"workflow": KEPT}
    assert [path.name for path in (service.root / "user/subgraphs").iterdir()] == ["Refine.json"]
    other = KEPT | {"title": "Again"}
    async with service.client.put("/api/v1/subgraphs/Refine.json", json={"workflow": other}) as answer:
        assert answer.status == 201
    assert await service.get("subgraphs/Refine") == {"workflow": other}
    async with service.client.delete("/api/v1/subgraphs/Refine") as answer:
        assert (answer.status, await answer.json()) == (200, {"name": "Refine"})
    assert await service.get("subgraphs") == {"subgraphs": []}


async def test_only_one_instance_of_a_subgraph_is_kept(service: Service) -> None:
    nodes = KEPT["nodes"]
    refused = {
        "no_subgraph": [chain("Nap"), KEPT | {"nodes": [*nodes, {"id": "b", "type": "@refine"}]}],
        "malformed_record": [KEPT | {"subgraphs": 4}],
    }
    for code, documents in refused.items():
        for document in documents:
            async with service.client.put("/api/v1/subgraphs/x", json={"workflow": document}) as answer:
                problems = (await answer.json())["problems"]
                assert (answer.status, code in {problem["code"] for problem in problems}) == (422, True), (
                    problems
                )
    assert await service.get("subgraphs") == {"subgraphs": []}


async def test_no_name_leads_out_of_the_folder(service: Service) -> None:
    for name in ("..%2fx", "%2e%2e%2fpackage", "con", ".hidden"):
        async with service.client.put(f"/api/v1/subgraphs/{name}", json={"workflow": KEPT}) as answer:
            assert answer.status in (400, 404)
        for send in (service.client.get, service.client.delete):
            async with send(f"/api/v1/subgraphs/{name}") as answer:
                assert answer.status == 404


async def test_a_file_that_is_no_subgraph_is_left_out_of_the_list_and_told_by_name(service: Service) -> None:
    folder = service.root / "user/subgraphs"
    folder.mkdir(parents=True)
    (folder / "broken.json").write_text("{")
    assert await service.get("subgraphs") == {"subgraphs": []}
    async with service.client.get("/api/v1/subgraphs/broken") as answer:
        assert answer.status == 422
