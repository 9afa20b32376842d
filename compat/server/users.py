"""/users and /settings: one user, whose settings are one JSON file."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from aiohttp import web

from service.protocol import answer, parse, read_object, refuse
from service.state import ENGINE

SETTINGS = "comfy.settings.json"


def home(app: web.Application) -> Path:
    return app[ENGINE].folders.root / "user" / "default"


async def get_users(request: web.Request) -> web.Response:
    return answer({"storage": "server", "migrated": True})


async def post_users(request: web.Request) -> web.Response:
    raise refuse(400, "one_user", "this server has one user", "Use it without naming a user.")


async def get_settings(request: web.Request) -> web.Response:
    return answer(await asyncio.to_thread(_read, home(request.app) / SETTINGS))


async def get_setting(request: web.Request) -> web.Response:
    settings = await asyncio.to_thread(_read, home(request.app) / SETTINGS)
    return answer(settings.get(request.match_info["id"]))


async def post_settings(request: web.Request) -> web.Response:
    return await _merge(request, await read_object(request))


async def post_setting(request: web.Request) -> web.Response:
    return await _merge(request, {request.match_info["id"]: parse(await request.read())})


async def _merge(request: web.Request, changes: dict[str, Any]) -> web.Response:
    # Read and written without giving way to another request, so that none of two changes is lost.
    path = home(request.app) / SETTINGS
    settings = {**_read(path), **changes}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(settings, indent=4).encode())
    return web.Response()


def _read(path: Path) -> dict[str, Any]:
    try:
        settings = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return settings if isinstance(settings, dict) else {}


def write_whole(path: Path, data: bytes) -> None:
    """Write beside, then rename: the file is the old one or the new one, never half of it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
