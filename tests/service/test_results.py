"""Results: the pictures of the history, and taking one away and bringing it back."""

import json
import time
from typing import Any

import pytest

from tests.service.conftest import OPEN_SOCKET, Service, chain, listen
from tests.service.test_runs import codes


async def draw(service: Service, value: int, title: str) -> str:
    workflow = chain("Nap", value=value) | {"title": title}
    workflow["nodes"][2]["type"] = "Picture"
    run: str = (await service.run(workflow)).durable[0]["run"]
    return run


async def names(service: Service, query: str = "") -> list[str]:
    return [each["name"] for each in (await service.get(f"results?{query}"))["results"]]


async def delete(service: Service, name: str, status: int = 200) -> Any:
    async with service.client.delete(f"/api/v1/files/output/{name}") as answer:
        assert answer.status == status
        return await answer.json()


async def test_pictures_are_found_as_runs_are(service: Service) -> None:
    first, second = await draw(service, 7, "red fox"), await draw(service, 8, "blue bird")
    await service.run(chain("Nap"))  # text alone
    found = (await service.get("results"))["results"]
    assert [(each["run"], each["title"], each["name"]) for each in found] == [
        (second, "blue bird", "picture_8.png"),
        (first, "red fox", "picture_7.png"),
    ]
    assert (found[0]["width"], found[0]["height"], found[0]["step"]) == (64, 48, "show")
    assert await names(service, "text=fox") == ["picture_7.png"]
    assert await names(service, "text=8") == ["picture_8.png"]
    page = await service.get("results?limit=2")
    assert [each["name"] for each in page["results"]] == ["picture_8.png"]
    assert await names(service, f"before={page['next']}") == ["picture_7.png"]


async def test_the_same_picture_twice_has_one_digest(service: Service) -> None:
    await draw(service, 7, "one")
    await draw(service, 7 + 256, "same colour")
    await draw(service, 9, "another")
    digests = [each["digest"] for each in (await service.get("results"))["results"]]
    assert digests[1] == digests[2] != digests[0]


async def test_a_deleted_picture_is_gone_and_comes_back(service: Service) -> None:
    await draw(service, 7, "fox")
    path = service.root / "output/picture_7.png"
    content = path.read_bytes()
    async with service.client.ws_connect(OPEN_SOCKET.format(0)) as socket:
        trash = (await delete(service, "picture_7.png"))["trash"]
        assert (await listen(socket, until="CatalogChanged")).types()[-1] == "CatalogChanged"
    assert not path.exists()
    assert await names(service) == []
    (lying,) = (await service.get("trash"))["trash"]
    async with service.client.get(f"/api/v1/trash/{trash}?preview=64") as small:
        assert (small.status, small.content_type) == (200, "image/webp")
    assert (lying["id"], lying["folder"], lying["name"]) == (trash, "output", "picture_7.png")
    assert await service.post(f"trash/{trash}/restore", {}) == {"folder": "output", "name": "picture_7.png"}
    assert path.read_bytes() == content
    assert await names(service) == ["picture_7.png"]
    assert (await service.get("trash"))["trash"] == []
    assert codes(await service.post(f"trash/{trash}/restore", {}, status=404)) == ["unknown_trash"]


async def test_what_came_in_its_place_is_not_overwritten(service: Service) -> None:
    await draw(service, 7, "fox")
    trash = (await delete(service, "picture_7.png"))["trash"]
    (service.root / "output/picture_7.png").write_bytes(b"new")
    assert codes(await service.post(f"trash/{trash}/restore", {}, status=409)) == ["name_taken"]
    assert (service.root / "output/picture_7.png").read_bytes() == b"new"
    assert len((await service.get("trash"))["trash"]) == 1


async def test_a_deleted_picture_is_made_again_by_the_same_run(service: Service) -> None:
    await draw(service, 7, "fox")
    await delete(service, "picture_7.png")
    await draw(service, 7, "fox")
    assert (service.root / "output/picture_7.png").is_file()


async def test_what_has_lain_for_a_month_is_forgotten(service: Service) -> None:
    for value in (7, 8):
        await draw(service, value, "fox")
    old = (await delete(service, "picture_7.png"))["trash"]
    record = service.root / "user/trash" / old / "record.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"deleted": time.time() - 31 * 86_400}))
    await delete(service, "picture_8.png")
    assert [each["name"] for each in (await service.get("trash"))["trash"]] == ["picture_8.png"]
    assert not record.parent.exists()


@pytest.mark.parametrize(("name", "status"), [("none.png", 404), ("..%2fuser%2flog.sqlite", 400)])
async def test_what_is_not_there_is_not_deleted(service: Service, name: str, status: int) -> None:
    from yarl import URL

    url = URL(f"{service.client.make_url('/')}api/v1/files/output/{name}", encoded=True)
    async with service.client.session.delete(url) as answer:
        assert answer.status == status
