"""No name that a client sends leads out of its folder, by any route, in any spelling; and other holes."""

import http.client
import json
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from compat.server.app import add_comfy
from service.guard import HEADERS
from tests.service.conftest import Service, chain, document
from tests.service.test_runs import codes
from tests.service.threaded import served

SECRET = b"the secret that lies outside"
# fmt: off
ESCAPES = [
    "..", ".", "/", "//", "\\", "%2e%2e", "%2E.", "%2f", "%5c", "%252e%252e%252f", "%c0%ae%c0%ae", "\0",
    "%00", "~", "~root", "C:", "C:\\", "\\\\?\\C:\\", "\\\\host\\share", "file:", "file:///", "\u2025",
    "\uff0e\uff0e", "\u2215", "\uff0f", "a", "a.png", "secret.txt", "log.sqlite", "link", "nul", "con.txt",
    " ", "...", ".hidden", "::$DATA", ":stream", ";", "?", "#", "&", "\r\n", "\t", "\u202e", "\udcff",
    "x" * 300, "etc/passwd", "user",
]
# fmt: on
NAMES = st.one_of(
    st.lists(st.sampled_from(ESCAPES), min_size=1, max_size=8).map("".join),
    st.lists(st.sampled_from(ESCAPES), min_size=1, max_size=8).map("/".join),
    st.text(max_size=40),
)
READS = (
    "/{}",
    "/vendor/{}",
    "/api/v1/files/output/{}",
    "/api/v1/files/input/{}",
    "/api/v1/files/{}",
    "/api/v1/files/output/{}?preview=64",
    "/api/v1/models/{}",
    "/api/v1/workflows/{}",
    "/view?filename={}",
    "/view?filename=secret.txt&subfolder={}",
    "/view?filename=secret.txt&type={}",
    "/api/view?filename={}&type=input&subfolder=link",
    "/userdata/{}",
    "/userdata?dir={}",
    "/v2/userdata?path={}",
    "/view_metadata/checkpoints?filename={}",
    "/models/{}",
    "/api/v1/models/checkpoints/{}/picture",
    "/api/v1/subgraphs/{}",
    "/api/v1/languages/{}",
    "/api/v1/values/{}/picture",
    "/workflow_templates/tessera/{}",
    "/experiment/models/preview/checkpoints/0/{}",
    "/extensions/tiny/{}",
    "/internal/files/{}",
)


class Place:
    """A server, its folder, and what must never leave it or appear around it."""

    def __init__(self, address: str, folder: Path) -> None:
        parts = urlsplit(address)
        self.host, self.port = parts.hostname or "", parts.port or 0
        self.folder, self.root = folder, folder / "root"
        self.allowed = tuple(self.root / name for name in ("input", "output", "temp", "user"))
        self.before = self.outside()

    def outside(self) -> dict[Path, int]:
        """Every file that no client may write, and its time."""
        files = [Path(top) / name for top, _, names in os.walk(self.folder) for name in names]
        return {path: path.stat().st_mtime_ns for path in files if not self.is_allowed(path)}

    def is_allowed(self, path: Path) -> bool:
        return any(path.is_relative_to(folder) for folder in self.allowed)

    def ask(self, method: str, target: str, body: bytes = b"", kind: str = "") -> tuple[int, bytes]:
        """A request exactly as written: a client library would tidy the path up."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=10)
        try:
            connection.putrequest(method, target)
            if kind:
                connection.putheader("Content-Type", kind)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("outer")
    root = folder / "root"
    root.mkdir()
    with served(root, add_comfy) as address:
        for path in (folder, root, root / "user", folder / "etc"):
            path.mkdir(exist_ok=True)
            (path / "secret.txt").write_bytes(SECRET)
        for name in ("input", "output", "temp"):
            (root / name).mkdir(exist_ok=True)
            (root / name / "link").symlink_to(folder)
            (root / name / "secret.png").symlink_to(folder / "secret.txt")
        yield Place(address, folder)


QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def spellings(name: str) -> list[str]:
    """A name as an address may hold it: escaped, and as raw as HTTP allows."""
    escaped = quote(name.encode("utf-8", "surrogateescape"), safe="")
    raw = "".join(each if "!" <= each <= "~" else quote(each.encode("utf-8", "replace")) for each in name)
    return list({escaped, raw})


@QUICK
@given(NAMES)
@example("../secret.txt")
@example("link/secret.txt")
@example("secret.png")
@example("..%2f..%2fsecret.txt")
@example("%2e%2e/secret.txt")
@example("user/secret.txt")
def test_no_name_reads_what_lies_outside(place: Place, name: str) -> None:
    for route in READS:
        for spelling in spellings(name):
            status, body = place.ask("GET", route.format(spelling))
            assert SECRET not in body, (route, spelling)
            assert status < 500, (route, spelling, body)


def form(fields: dict[str, str], part: str, filename: str) -> tuple[bytes, str]:
    quoted = filename.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "").replace("\n", "")
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in fields.items()
    ]
    parts.append(
        f'--b\r\nContent-Disposition: form-data; name="{part}"; filename="{quoted}"\r\n\r\nx\r\n--b--\r\n'
    )
    return "".join(parts).encode("utf-8", "surrogateescape"), "multipart/form-data; boundary=b"


@pytest.mark.filterwarnings("ignore::aiohttp.multipart.BadContentDispositionHeader")
@QUICK
@given(NAMES)
@example("../planted.txt")
@example(";/;")  # aiohttp warns of it, and gives the part no name
@example("link/planted.txt")
@example("/tmp/planted.txt")
def test_no_name_writes_or_deletes_what_lies_outside(place: Place, name: str) -> None:
    name = name.encode("utf-8", "replace").decode() if "\udcff" not in name else name
    saved = json.dumps({"workflow": chain("Nap")}).encode()
    for route, part, fields in (
        ("/api/v1/uploads", "file", {}),
        ("/api/v1/uploads", "file", {"subfolder": name}),
        ("/upload/image", "image", {}),
        ("/upload/image", "image", {"subfolder": name, "type": "input", "overwrite": "true"}),
        ("/upload/image", "image", {"type": name}),
    ):
        status, body = place.ask("POST", route, *form(fields, part, "planted.txt" if fields else name))
        assert status < 500, (route, fields, body)
    for spelling in spellings(name):
        for method, target in (
            ("PUT", f"/api/v1/workflows/{spelling}"),
            ("DELETE", f"/api/v1/workflows/{spelling}"),
            ("PUT", f"/api/v1/subgraphs/{spelling}"),
            ("DELETE", f"/api/v1/subgraphs/{spelling}"),
            ("POST", f"/userdata/{spelling}"),
            ("DELETE", f"/userdata/{spelling}"),
            ("DELETE", f"/api/v1/files/output/{spelling}"),
            ("POST", f"/api/v1/trash/{spelling}/restore"),
            ("POST", f"/userdata/a.txt/move/{spelling}"),
        ):
            status, body = place.ask(method, target, saved, "application/json")
            assert status < 500, (method, target, body)
    assert place.outside() == place.before


async def test_a_graph_that_is_too_large_is_refused_before_it_is_planned(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.engine.LARGEST_WORKFLOW", 4)
    refused = await service.post("runs", {"workflow": chain("Nap")}, status=422)  # three nodes, two links
    assert codes(refused) == ["workflow_too_large"]
    monkeypatch.setattr("service.engine.LARGEST_WORKFLOW", 5)
    await service.start(chain("Nap"))


def bomb(wide: int, deep: int) -> dict[str, Any]:
    """A few lines that would be very many nodes: each sub-graph holds several of the next."""
    subgraphs = []
    for level in range(deep):
        kind, output = (f"@{level + 1}", "out") if level < deep - 1 else ("Number", "INT")
        nodes = [{"id": str(place), "type": kind, "inputs": {}} for place in range(wide)]
        links = [{"from": ["0", output], "to": ["@out", "out"]}]
        signature = {"inputs": [], "outputs": [{"name": "out", "type": "INT"}]}
        subgraphs.append({"id": str(level), **signature, "nodes": nodes, "links": links})
    given = document(("it", "@0", {}), ("show", "Show", {"value": ("it", "out")}))
    return {**given, "subgraphs": subgraphs}


@pytest.mark.parametrize(("wide", "deep"), [(10, 10), (2, 60), (1000, 3), (1, 2000)])
async def test_subgraphs_that_would_be_very_many_nodes_are_refused_at_once(
    service: Service, wide: int, deep: int
) -> None:
    started = time.monotonic()
    for path, status in (("plan", 200), ("runs", 422)):
        told = await service.post(path, {"workflow": bomb(wide, deep)}, status=status)
        assert codes(told) == ["workflow_too_large"]
    assert time.monotonic() - started < 2
    assert (await service.run(bomb(2, 3))).durable[-1]["status"] == "succeeded"


async def test_a_disk_that_is_full_when_a_run_is_posted_is_said_and_nothing_is_queued(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("service.log.Log._insert", full)
    assert codes(await service.post("runs", {"workflow": chain("Nap")}, status=507)) == ["not_stored"]
    monkeypatch.undo()
    assert (await service.get("queue"))["waiting"] == []
    assert (await service.get("runs"))["runs"] == []
    assert (await service.run(chain("Nap"))).durable[-1]["status"] == "succeeded"


async def test_what_cannot_be_stored_changes_no_queue(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    await service.post("queue/pause", {})
    first, second = [await service.start(chain("Nap", value=value)) for value in range(2)]
    before = await service.get("queue")
    monkeypatch.setattr("service.log.Log._insert", full)
    for path, body in ((f"runs/{second}/move", {"to": "front"}), ("queue/resume", {})):
        assert codes(await service.post(path, body, status=507)) == ["not_stored"]
    edit = {"set": {"number.value": 9}}
    async with service.client.put(f"/api/v1/runs/{first}", json=edit) as answer:
        assert answer.status == 507
    monkeypatch.undo()
    assert await service.get("queue") == before
    assert (await service.get(f"runs/{first}"))["document"]["nodes"][0]["inputs"] == {"value": 0}


async def test_a_title_with_markup_stays_text(service: Service) -> None:
    """What documents say comes back as JSON only, which no browser takes for a page."""
    markup = "<script>alert(1)</script>"
    workflow = chain("Nap") | {"title": markup}
    run = (await service.run(workflow)).durable[0]["run"]
    for path in ("runs", f"runs/{run}", "events?since=0", "queue", f"runs/{markup}"):
        async with service.client.get(f"/api/v1/{path}") as answer:
            assert answer.content_type in ("application/json", "application/problem+json")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/prompt"), ("POST", "/api/queue"), ("POST", "/interrupt"), ("POST", "/upload/image"),
     ("POST", "/userdata/x"), ("DELETE", "/userdata/x"), ("POST", "/settings"), ("POST", "/free")],
)  # fmt: skip
def test_writes_by_the_other_protocol_are_guarded_alike(place: Place, method: str, path: str) -> None:
    for name, value in (("Origin", "https://evil.example"), ("Host", "evil.example")):
        connection = http.client.HTTPConnection(place.host, place.port, timeout=10)
        connection.request(method, path, b"{}", {name: value, "Content-Type": "application/json"})
        answer = connection.getresponse()
        said: Any = json.loads(answer.read())
        connection.close()
        assert (answer.status, codes(said)[0]) == (403, f"wrong_{name.lower()}")


def test_the_policy_lets_no_inline_script_run_and_no_frame_hold_us() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    for rule in ("script-src 'self';", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert rule in policy
