"""The languages that the server lists and gives: those that ship, and those that a user adds or corrects."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.service.conftest import Service

SHIPPED = {"name": "简体中文", "texts": {"Run": "运行", "Undo": "撤销"}, "titles": {"Load LoRA": "加载 LoRA"}}


@pytest.fixture(autouse=True)
def shipped(root: Path) -> None:
    write(root / "web/languages/zh.json", SHIPPED)


def write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


async def test_a_file_that_is_dropped_in_is_a_language(service: Service) -> None:
    assert await service.get("languages") == {"languages": [{"code": "zh", "name": "简体中文"}]}
    write(service.root / "user/languages/pt-BR.json", {"name": "Português", "texts": {"Run": "Executar"}})
    assert (await service.get("languages"))["languages"] == [
        {"code": "pt-BR", "name": "Português"},
        {"code": "zh", "name": "简体中文"},
    ]
    assert await service.get("languages/pt-BR") == {
        "code": "pt-BR",
        "name": "Português",
        "texts": {"Run": "Executar"},
        "titles": {},
        "names": {},
        "categories": {},
    }


async def test_what_a_user_writes_is_laid_over_what_ships(service: Service) -> None:
    write(service.root / "user/languages/zh.json", {"name": "我的中文", "texts": {"Run": "生成"}})
    assert await service.get("languages/zh") == {
        "code": "zh",
        "name": "我的中文",
        "texts": {"Run": "生成", "Undo": "撤销"},
        "titles": {"Load LoRA": "加载 LoRA"},
        "names": {},
        "categories": {},
    }


@pytest.mark.parametrize("content", ["[]", "{", '{"texts": []}', "\ufeff\x00"])
async def test_a_file_that_is_none_is_no_language(service: Service, content: str) -> None:
    (service.root / "user/languages").mkdir(parents=True)
    (service.root / "user/languages/de.json").write_text(content, encoding="utf-8")
    assert [entry["code"] for entry in (await service.get("languages"))["languages"]] == ["zh"]
    async with service.client.get("/api/v1/languages/de") as answer:
        assert answer.status == 404
        assert (await answer.json())["problems"][0]["message"] == "there is no language 'de'"


@pytest.mark.parametrize("code", ["..%2f..%2fsecret", "ZH", "x" * 50, "zh.json"])
async def test_only_a_language_s_code_is_read(service: Service, code: str) -> None:
    write(service.root / "secret.json", {"name": "secret", "texts": {}})
    async with service.client.get(f"/api/v1/languages/{code}") as answer:
        assert answer.status == 404
