"""Results: the pictures of the history, found as runs are found; deleting one can be undone."""

import asyncio
import json
import re
import shutil
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from graph.events import CatalogChanged
from graph.folders import Folders, PathRefused
from service.fields import search_of
from service.files import find_file, send_preview
from service.protocol import answer, refuse
from service.state import ENGINE, LOG, PLACES, announce

KEPT = 30 * 86_400.0  # s that a deleted file can be brought back
ID = re.compile("[0-9a-f]{12}")
Record = dict[str, Any]


async def results(request: web.Request) -> web.Response:
    """Pictures that are still there, newest run first; searched and paged like runs."""
    search, folders = search_of(request), request.app[ENGINE].folders
    runs = request.app[LOG].runs(search)
    found = await asyncio.to_thread(lambda: [each for run in runs for each in _pictures(run, folders)])
    following = runs[-1]["seq"] if len(runs) == search.limit else None
    return answer({"results": found, "next": following})


def _pictures(run: Record, folders: Folders) -> Iterator[Record]:
    about = {"run": run["id"], "title": run["title"], "queued": run["queued"]}
    for artifact in run["artifacts"]:
        if artifact["kind"] == "image" and artifact.get("folder") == "output":
            try:
                path = folders.find("output", artifact["name"])
                if path is not None:
                    yield {**about, **artifact, "digest": folders.digest(path)}
            except (OSError, PathRefused):
                continue  # It went away while we looked.


async def delete_file(request: web.Request) -> web.Response:
    """Take a file out of its folder; it can be brought back for 30 days."""
    folder, name = request.match_info["folder"], request.match_info["path"]
    path = find_file(request.app[ENGINE].folders, folder, name)
    trash = await asyncio.to_thread(_throw_away, request.app[PLACES].trash, path, folder, name)
    announce(request.app, [CatalogChanged()])
    return answer({"trash": trash})


def _throw_away(trash: Path, path: Path, folder: str, name: str) -> str:
    _empty(trash)
    identity = uuid.uuid4().hex[:12]
    place = trash / identity
    place.mkdir(parents=True)
    record = {"folder": folder, "name": name, "deleted": time.time()}
    (place / "record.json").write_text(json.dumps(record))
    shutil.move(path, place / "file")
    return identity


def _empty(trash: Path) -> None:
    """Forget for good what has lain here too long."""
    for identity, record in _lying(trash):
        if record["deleted"] < time.time() - KEPT:
            shutil.rmtree(trash / identity, ignore_errors=True)


def _lying(trash: Path) -> Sequence[tuple[str, Record]]:
    found = []
    for record in trash.glob("*/record.json"):
        if (record.parent / "file").exists():
            found.append((record.parent.name, json.loads(record.read_text())))
    return sorted(found, key=lambda each: -each[1]["deleted"])


async def show_trash(request: web.Request) -> web.Response:
    """What was deleted and can be brought back, the newest first."""
    lying = await asyncio.to_thread(_lying, request.app[PLACES].trash)
    return answer({"trash": [{"id": identity, **record} for identity, record in lying]})


async def _place(request: web.Request) -> Path:
    """Where a deleted file lies."""
    identity = request.match_info["id"]
    place = request.app[PLACES].trash / identity
    if not ID.fullmatch(identity) or not await asyncio.to_thread((place / "file").is_file):
        raise refuse(404, "unknown_trash", f"nothing of the name {identity[:100]!r} was deleted")
    return place


async def show_deleted(request: web.Request) -> web.Response:
    """A smaller WebP of a deleted picture: by names alone nobody knows which one to bring back."""
    return await send_preview(request, await _place(request) / "file")


async def restore_file(request: web.Request) -> web.Response:
    """Bring a deleted file back to its place; what lies there now is not overwritten."""
    place = await _place(request)
    restored = await asyncio.to_thread(_bring_back, place, request.app[ENGINE].folders)
    announce(request.app, [CatalogChanged()])
    return answer(restored)


def _bring_back(place: Path, folders: Folders) -> Record:
    record = json.loads((place / "record.json").read_text())
    target = folders.resolve(record["folder"], record["name"])
    if target.exists():
        message = f"{record['name']} in {record['folder']} is another file now"
        raise refuse(409, "name_taken", message, "Delete or rename that one first.")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(place / "file", target)
    shutil.rmtree(place, ignore_errors=True)
    return {"folder": record["folder"], "name": record["name"]}
