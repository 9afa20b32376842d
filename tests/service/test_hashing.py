"""Model files are read in the background; a workflow finds its files under other names."""

import asyncio
import hashlib
import json
import shutil
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from graph.folders import Folders
from graph.patch import apply_patch
from service import hashing
from service.app import create_app
from service.engine import Engine
from service.hashing import Hasher
from service.workflows import read_workflows
from tests.service.conftest import Service, document, make_places

CONTENT = b"weights of a model"
UNREADABLE = Path("/proc/self/mem")
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def opening(name: str, kind: str = "Show") -> dict[str, Any]:
    return document(("model", "Model", {"name": name}), ("sink", kind, {"value": ("model", "INT")}))


async def eventually(ask: Callable[[], Awaitable[bool]]) -> None:
    end = time.monotonic() + 10
    while not await ask():
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "QUIET", 0.0)
    monkeypatch.setattr(hashing, "LOOK", 0.05)


async def all_read(service: Service) -> None:
    async def is_read() -> bool:
        said = await service.get("digests")
        return said["unread"] == 0

    await eventually(is_read)


def put(service: Service, name: str, content: bytes = CONTENT) -> Path:
    path = service.root / "models/checkpoints" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


async def test_what_lies_in_the_model_folders_is_read_and_told(service: Service) -> None:
    put(service, "a.ckpt")
    (service.root / "models/readme.safetensors").write_bytes(b"in no folder")
    (service.root / "input").mkdir()
    (service.root / "input/x.safetensors").write_bytes(b"no model")
    await all_read(service)
    assert await service.get("digests") == {
        "digests": [{"folder": "checkpoints", "name": "a.ckpt", "sha256": SHA256}], "unread": 0,
    }  # fmt: skip
    assert (await service.get("digests?folder=loras"))["digests"] == []
    (told,) = (await service.get("models/checkpoints?details"))["details"]
    assert told["sha256"] == SHA256


async def test_a_saved_workflow_finds_its_model_after_it_was_renamed(service: Service) -> None:
    path = put(service, "a.ckpt")
    await all_read(service)
    async with service.client.put("/api/v1/workflows/mine", json={"workflow": opening("a.ckpt")}) as answer:
        assert answer.status == 201
    first = await service.run(opening("a.ckpt"))
    path.rename(put(service, "deep/other.ckpt"))
    put(service, "a_2.ckpt", b"another model")
    saved = (await service.get("workflows/mine"))["workflow"]
    assert saved["models"] == [{"folder": "checkpoints", "name": "a.ckpt", "bytes": 18, "sha256": SHA256}]
    refused = await service.post("runs", {"workflow": saved}, status=422)
    (problem,) = refused["problems"]
    assert (problem["code"], problem["node"], problem["input"]) == ("file_not_found", "model", "name")
    fix = problem["fixes"][0]
    assert fix["label"] == "Use deep/other.ckpt, the same file"
    second = await service.run(apply_patch(saved, fix["patch"]))
    ran = [event["step"] for event in first.events if event["type"] == "StepStarted"]
    assert ran == ["model", "sink"]
    assert "StepStarted" not in second.types()  # nothing is made again


async def test_a_run_and_its_plan_say_the_files_by_content(service: Service) -> None:
    put(service, "a.ckpt")
    swept = opening("a.ckpt")
    swept["nodes"][0]["inputs"]["name"] = {"sweep": ["a.ckpt", "b.ckpt"]}
    put(service, "b.ckpt", b"other")
    await all_read(service)
    planned = await service.post("plan", {"workflow": swept})
    assert [each["name"] for each in planned["models"]] == ["a.ckpt", "b.ckpt"]
    heard = await service.run(opening("a.ckpt"))
    run = await service.get(f"runs/{heard.events[0]['run']}")
    assert run["document"]["models"] == [planned["models"][0]]
    assert planned["models"][0] == {"folder": "checkpoints", "name": "a.ckpt", "bytes": 18, "sha256": SHA256}


async def test_what_a_document_says_is_kept_while_the_file_is_away_and_forgotten_with_its_name(
    service: Service,
) -> None:
    gone = {"folder": "checkpoints", "name": "gone.ckpt", "sha256": "a" * 64, "hue": "blue"}
    unused = {"folder": "checkpoints", "name": "unused.ckpt", "sha256": "b" * 64}
    workflow = {**opening("gone.ckpt"), "models": [unused, gone]}
    planned = await service.post("plan", {"workflow": workflow})
    assert planned["models"] == [gone]


async def test_a_record_of_another_file_of_this_name_is_renewed(service: Service) -> None:
    put(service, "a.ckpt")
    await all_read(service)
    other = {
        "folder": "checkpoints",
        "name": "a.ckpt",
        "sha256": "a" * 64,
        "bytes": 18,
        "url": "https://x.org",
    }
    planned = await service.post("plan", {"workflow": {**opening("a.ckpt"), "models": [other]}})
    assert planned["models"] == [{"folder": "checkpoints", "name": "a.ckpt", "bytes": 18, "sha256": SHA256}]


async def test_clients_hear_when_a_file_that_was_asked_for_is_read(
    engine: Engine, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hashing, "QUIET", 0.3)
    path = root / "models/checkpoints/large.ckpt"
    path.write_bytes(CONTENT)
    workflow = opening("gone.ckpt")
    workflow["models"] = [{"folder": "checkpoints", "name": "gone.ckpt", "sha256": SHA256, "bytes": 18}]
    async with TestClient(TestServer(create_app(engine, make_places(root)))) as client:
        service = Service(client, root)
        async with client.ws_connect("/api/v1/socket?since=0") as socket:
            (problem,) = (await service.post("plan", {"workflow": workflow}))["problems"]
            if problem["fixes"][0]["label"] != "Use large.ckpt, the same file":  # unless it was read already
                assert problem["remedy"].startswith("Files that may be the same are being read (1)")
                async with asyncio.timeout(10):
                    while (await socket.receive_json())["type"] != "CatalogChanged":
                        pass
            (problem,) = (await service.post("plan", {"workflow": workflow}))["problems"]
            assert problem["fixes"][0]["label"] == "Use large.ckpt, the same file"


async def test_what_was_read_is_kept_for_the_next_start(engine: Engine, root: Path) -> None:
    (root / "models/checkpoints/a.ckpt").write_bytes(CONTENT)
    async with TestClient(TestServer(create_app(engine, make_places(root)))) as client:
        await all_read(Service(client, root))
    kept = json.loads((root / "user/digests.json").read_text())["files"]
    assert [each[4] for each in kept] == [SHA256]
    again = Folders(root)
    assert again.digests.known(again.resolve("checkpoints", "a.ckpt"))


def test_stopping_ends_within_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "models/checkpoints"
    folder.mkdir(parents=True)
    with (folder / "large.ckpt").open("wb") as file:
        file.truncate(2**36)  # a hole of 64 GB: reading it takes a minute
    hasher = Hasher(Folders(tmp_path), lambda: False, lambda: None)
    hasher.start()
    time.sleep(0.1)
    hasher.stop()
    hasher._thread.join(30)
    assert not hasher._thread.is_alive()


def test_while_a_run_works_little_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "models/checkpoints"
    folder.mkdir(parents=True)
    (folder / "a.ckpt").write_bytes(bytes(2 * 2**20))
    rests: list[float] = []
    hasher = Hasher(Folders(tmp_path), lambda: True, lambda: None)
    hasher._pause = rests.append  # type: ignore[method-assign]
    hasher._read_all()
    assert len(rests) == 2 and all(rest > 0 for rest in rests)


@pytest.mark.skipif(not UNREADABLE.exists(), reason="needs a file that nobody can read")
def test_a_file_that_cannot_be_read_is_left_until_it_changes(tmp_path: Path) -> None:
    folder = tmp_path / "models/checkpoints"
    folder.mkdir(parents=True)
    (folder / "a.ckpt").symlink_to(UNREADABLE)
    hasher = Hasher(Folders(tmp_path), lambda: False, lambda: None)
    assert len(hasher._waiting()) == 1
    hasher._read_all()
    assert not hasher._waiting()


async def test_a_broken_link_or_a_file_that_vanishes_stops_nothing(service: Service) -> None:
    (service.root / "models/checkpoints/away.ckpt").symlink_to(service.root / "nowhere")
    put(service, "z.ckpt")

    async def is_known() -> bool:
        return bool((await service.get("digests"))["digests"])

    await eventually(is_known)
    shutil.rmtree(service.root / "models/checkpoints")
    assert await service.get("digests") == {"digests": [], "unread": 0}


async def test_saving_keeps_what_is_no_model_as_it_is(service: Service) -> None:
    workflow = document(("n", "Number", {"value": 3}), title="Own")
    async with service.client.put("/api/v1/workflows/plain", json={"workflow": workflow}):
        pass
    ((_, kept),) = read_workflows(service.root / "user/workflows")
    assert kept == workflow
