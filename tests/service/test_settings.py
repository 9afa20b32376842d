"""Settings kept on the server: changed by name, bounded, and never lost by a file that cannot be read."""

import asyncio
from typing import Any

from service.settings import LONGEST_NAME, MOST_BYTES
from tests.service.conftest import Service


async def change(service: Service, settings: Any) -> tuple[int, dict[str, Any]]:
    async with service.client.patch("/api/v1/settings", json={"settings": settings}) as answer:
        return answer.status, await answer.json()


async def test_settings_are_changed_by_name_and_null_forgets_one(service: Service) -> None:
    assert await service.get("settings") == {"settings": {}}
    keys = {"run": ["Mod+R"], "mute": []}
    assert await change(service, {"keys": keys, "look": "dark"}) == (
        200,
        {"settings": {"keys": keys, "look": "dark"}},
    )
    assert await change(service, {"look": None, "linkStyle": "straight"}) == (
        200,
        {"settings": {"keys": keys, "linkStyle": "straight"}},
    )
    assert await service.get("settings") == {"settings": {"keys": keys, "linkStyle": "straight"}}
    assert [path.name for path in (service.root / "user").glob("*.json")] == ["settings.json"]


async def test_changes_at_one_time_lose_none(service: Service) -> None:
    await asyncio.gather(*(change(service, {f"name {number}": number}) for number in range(20)))
    assert await service.get("settings") == {"settings": {f"name {number}": number for number in range(20)}}


async def test_what_is_too_large_or_no_object_of_names_changes_nothing(service: Service) -> None:
    await change(service, {"look": "dark"})
    refused = {
        413: [{"a": "x" * MOST_BYTES}],
        422: [None, [], "dark", 4, {"": 1}, {"n" * (LONGEST_NAME + 1): 1}],
    }
    for status, bodies in refused.items():
        for settings in bodies:
            given, answer = await change(service, settings)
            assert (given, bool(answer["problems"][0]["message"])) == (status, True), settings
    assert await service.get("settings") == {"settings": {"look": "dark"}}


async def test_a_file_that_cannot_be_read_is_told_and_put_aside_by_the_next_change(service: Service) -> None:
    path = service.root / "user/settings.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    for torn in ('{"look": "da', "[1]"):
        path.write_text(torn)
        async with service.client.get("/api/v1/settings") as answer:
            (problem,) = (await answer.json())["problems"]
            assert (answer.status, problem["code"]) == (422, "unreadable_settings")
        assert await change(service, {"look": "light"}) == (200, {"settings": {"look": "light"}})
    aside = sorted(path.parent.glob("settings.unreadable*.json"))
    assert [each.name for each in aside] == ["settings.unreadable.json", "settings.unreadable2.json"]
    assert [each.read_text() for each in aside] == ['{"look": "da', "[1]"]
