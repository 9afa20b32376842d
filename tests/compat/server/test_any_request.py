"""Whatever is asked of whichever route: the server does not fail, and nothing leaves its folders."""

import random
import re
from pathlib import Path
from typing import Any

from aiohttp import FormData
from yarl import URL

from compat.server.app import ROUTES
from tests.compat.server.test_restart import serving

WORDS = (
    "", "x", "..", "../..", "%2e%2e", "a%00b", "-1", "9" * 20, "null", "{}", "[]", '"s"', "1e999", "é", "%ff",
    "a/b/c", "input", "output", "checkpoints", "true", "..\\x", "con", ".hidden", "x" * 3000, "KSampler",
)  # fmt: skip
VALUES: tuple[Any, ...] = (None, True, 0, -1, 1e308, "", "x", [], {}, [1, 2], ["x", 0], {"prompt": {}}, 2**70)
FIELDS = (
    "prompt", "clear", "delete", "prompt_id", "client_id", "number", "front", "extra_data", "job_ids",
    "class_type", "inputs", "1", "partial_execution_targets", "unload_models", "username",
)  # fmt: skip
ASKED = (
    "filename", "type", "subfolder", "preview", "channel", "max_items", "offset", "limit", "status", "dir",
    "recurse", "split", "full_info", "path", "overwrite", "sort_by", "sort_order",
)  # fmt: skip
REQUESTS = 400


def encoded(text: str) -> str:
    return text.replace("\\", "%5C").replace("é", "%C3%A9").replace("/", "%2F").replace('"', "%22")


def body(rolls: random.Random, depth: int = 0) -> Any:
    if depth < 2 and rolls.random() < 0.4:
        return {rolls.choice(FIELDS): body(rolls, depth + 1) for _ in range(3)}
    return rolls.choice(VALUES)


def form(rolls: random.Random) -> FormData:
    made = FormData(quote_fields=False)
    for name in rolls.sample(("type", "subfolder", "overwrite", "original_ref", "other"), 2):
        made.add_field(name, rolls.choice(WORDS))
    made.add_field("image", b"no picture", filename=rolls.choice(("a.png", "..", "x/y.png", "é.png")))
    return made


async def test_no_request_breaks_the_server(tmp_path: Path) -> None:
    rolls, root = random.Random(7), tmp_path / "root"
    root.mkdir()
    routes = [(method, path) for method, path, _ in ROUTES if path != "/ws"]
    async with serving(root) as client:
        for _ in range(REQUESTS):
            method, pattern = rolls.choice(routes)
            path = re.sub(r"\{[^}]*\}", lambda _: encoded(rolls.choice(WORDS)) or "x", pattern)
            query = "&".join(f"{name}={encoded(rolls.choice(WORDS))}" for name in rolls.sample(ASKED, 4))
            where = f"{rolls.choice(('', '/api'))}{path}?{query}"
            url = URL(f"{client.make_url('')}".rstrip("/") + where, encoded=True)
            sent: dict[str, Any] = {}
            if method == "POST":
                sent = {"data": form(rolls)} if "upload" in path else {"json": body(rolls)}
            async with client.session.request(method, url, **sent) as answer:
                assert answer.status < 500, (method, url, sent, await answer.text())
    assert list(tmp_path.iterdir()) == [root]
    assert {path.name for path in root.iterdir()} <= {"input", "output", "temp", "user"}
