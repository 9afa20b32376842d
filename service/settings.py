"""What people set in the editor, kept beside the log so that every browser finds it: one JSON object."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from service.fields import wrong_field
from service.protocol import Refusal, answer, dump, read_object, refuse
from service.state import PLACES
from service.workflows import parse_object, write_whole

MOST_BYTES = 256 * 2**10
LONGEST_NAME = 64
LOCK: web.AppKey[asyncio.Lock] = web.AppKey("settings_lock", asyncio.Lock)


async def show_settings(request: web.Request) -> web.Response:
    """All that is kept; nothing was kept yet where it is empty."""
    return answer({"settings": await asyncio.to_thread(_read, _file(request))})


async def change_settings(request: web.Request) -> web.Response:
    """Set some by name and leave the others; null forgets one. All of them come back."""
    changes = (await read_object(request)).get("settings")
    if not isinstance(changes, dict):
        raise wrong_field("settings", "an object of settings by name", changes)
    for name in changes:
        if not 0 < len(name) <= LONGEST_NAME:
            raise wrong_field("settings", f"by names of 1 to {LONGEST_NAME} letters", name[:100])
    async with request.app[LOCK]:
        return answer({"settings": await asyncio.to_thread(_change, _file(request), changes)})


def _file(request: web.Request) -> Path:
    return request.app[PLACES].log.parent / "settings.json"


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    settings = parse_object(path.read_bytes())
    if settings is None:
        raise _unreadable(path)
    return settings


def _unreadable(path: Path) -> Refusal:
    remedy = f"Mend it, or change a setting: then it is put aside as {_aside(path).name}."
    return refuse(422, "unreadable_settings", f"user/{path.name} holds no JSON object", remedy)


def _aside(path: Path) -> Path:
    """A name that no file has."""
    names = (path.with_name(f"settings.unreadable{count}.json") for count in ("", *range(2, 10**6)))
    return next(name for name in names if not name.exists())


def _change(path: Path, changes: Mapping[str, Any]) -> dict[str, Any]:
    """A file that nobody can read is put aside and never overwritten."""
    known: dict[str, Any] = {}
    is_readable = True
    try:
        known = _read(path)
    except Refusal:
        is_readable = False
    settings = {name: value for name, value in {**known, **changes}.items() if value is not None}
    text = dump(settings)
    if len(text) > MOST_BYTES:
        said = f"the settings would take {len(text)} bytes, and no more than {MOST_BYTES} are kept"
        raise refuse(413, "too_large", said, "Send fewer or shorter ones; null forgets one.")
    if not is_readable:
        path.rename(_aside(path))
    write_whole(path, text)
    return settings
