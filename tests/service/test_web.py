"""The editor's files and the packages that it depends on."""

import base64
import hashlib
import json
from pathlib import Path

import pytest

from tests.service.conftest import Service

IMPORT_MAP = '{"imports": {"fuzzy": "/vendor/@scope/fuzzy/dist/fuzzy.mjs"}}'
SCRIPT = '<script type="module" src="/main.js"></script>'
PAGE = f'<!doctype html><script type="importmap">{IMPORT_MAP}</script>{SCRIPT}'


@pytest.fixture(autouse=True)
def pages(root: Path) -> None:
    for name, text in {
        "web/index.html": PAGE,
        "web/main.js": "export {}",
        "web/app/commands.js": "export const commands = []",
        "web/style.css": "body {}",
        "web/.secret": "secret",
        "package.json": json.dumps(
            {"dependencies": {"@scope/fuzzy": "1"}, "devDependencies": {"typescript": "7"}}
        ),
        "node_modules/@scope/fuzzy/dist/fuzzy.mjs": "export default 1",
        "node_modules/@scope/fuzzy/.npmrc": "secret",
        "node_modules/typescript/index.js": "development only",
        "secret.txt": "secret",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


async def test_the_page_is_at_the_root_and_its_import_map_is_its_only_inline_script(service: Service) -> None:
    async with service.client.get("/") as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")
        assert await answer.text() == PAGE
        digest = base64.b64encode(hashlib.sha256(IMPORT_MAP.encode()).digest()).decode()
        policy = answer.headers["Content-Security-Policy"]
        assert f"script-src 'self' 'sha256-{digest}';" in policy


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("main.js", "text/javascript"),
        ("app/commands.js", "text/javascript"),
        ("style.css", "text/css"),
        ("vendor/@scope/fuzzy/dist/fuzzy.mjs", "text/javascript"),
    ],
)
async def test_files_have_their_type_and_are_asked_for_again_by_their_tag(
    service: Service, path: str, kind: str
) -> None:
    async with service.client.get(f"/{path}") as answer:
        assert (answer.status, answer.content_type) == (200, kind)
        assert answer.headers["Cache-Control"] == "no-cache"
        tag = answer.headers["ETag"]
    async with service.client.get(f"/{path}", headers={"If-None-Match": tag}) as again:
        assert again.status == 304


@pytest.mark.parametrize(
    "path",
    [
        "/missing.js",
        "/app",
        "/.secret",
        "/..%2fsecret.txt",
        "/app/..%2f..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/..%5csecret.txt",
        "/%2fetc/passwd",
        "/a%00.js",
        "/vendor/typescript/index.js",
        "/vendor/@scope/fuzzy/.npmrc",
        "/vendor/@scope/fuzzy/..%2f..%2f..%2fsecret.txt",
        "/vendor/@scope",
        "/vendor/" + "x" * 3000,
    ],
)
async def test_everything_else_does_not_exist(service: Service, path: str) -> None:
    url = service.client.make_url("/").with_path(path, encoded=True)
    async with service.client.session.get(url) as answer:
        assert answer.status == 404
        assert "secret" not in await answer.text() or "secret" in path
