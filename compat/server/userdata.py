"""/userdata: the user's own files, such as workflows saved by ComfyUI's interface."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from compat.server.users import home, write_whole
from service.files import unstorable
from service.protocol import answer, refuse

NO = ("false", "0")


async def list_files(request: web.Request) -> web.Response:
    """The files below a folder: paths, with sizes and times, or split into parts."""
    asked = request.query
    if not asked.get("dir"):
        raise refuse(400, "wrong_field", "dir is the name of a folder")
    folder = _confined(request, asked["dir"])
    if not folder.is_dir():
        raise refuse(404, "unknown_folder", f"there is no folder {asked['dir'][:200]!r}")
    found = await asyncio.to_thread(lambda: sorted(_below(folder, deep=_says(request, "recurse"))))
    names = [path.relative_to(folder).as_posix() for path in found]
    if _says(request, "full_info"):
        return answer([_info(path, name) for path, name in zip(found, names, strict=True)])
    return answer([[name, *name.split("/")] for name in names] if _says(request, "split") else names)


async def list_tree(request: web.Request) -> web.Response:
    """Every file and folder below a path."""
    base = home(request.app)
    folder = _confined(request, request.query["path"]) if request.query.get("path") else base
    if not folder.is_dir():
        raise refuse(404, "unknown_folder", "there is no such folder")
    entries = []
    for path in sorted(_below(folder, deep=True, folders=True)):
        entry: dict[str, object] = {"name": path.name, "path": path.relative_to(base.resolve()).as_posix()}
        if path.is_dir():
            entries.append({**entry, "type": "directory"})
        else:
            status = path.stat()
            sizes = {"size": status.st_size, "modified": int(status.st_mtime * 1000)}
            entries.append({**entry, "type": "file", **sizes})
    return answer(entries)


async def get_file(request: web.Request) -> web.StreamResponse:
    """The bytes of a file, as a download, so that none runs as a page of ours."""
    path = _there(request, _named(request, "file"))
    headers = {"Content-Type": "application/octet-stream", "Content-Disposition": "attachment"}
    return web.FileResponse(path, headers={**headers, "Cache-Control": "no-cache"})


async def post_file(request: web.Request) -> web.Response:
    path = _confined(request, _named(request, "file"))
    data = await request.read()
    if path.exists() and (request.query.get("overwrite") in NO or path.is_dir()):
        raise refuse(409, "file_exists", "there is a file of this name")
    await asyncio.to_thread(_write, path, data)
    return _told(request, path)


async def delete_file(request: web.Request) -> web.Response:
    _there(request, _named(request, "file")).unlink()
    return web.Response(status=204)


async def move_file(request: web.Request) -> web.Response:
    source = _there(request, _named(request, "file"))
    target = _confined(request, _named(request, "dest"))
    if target.exists() and (request.query.get("overwrite") in NO or target.is_dir()):
        raise refuse(409, "file_exists", "there is a file of this name")
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)
    return _told(request, target)


def _named(request: web.Request, field: str) -> str:
    """A path may come encoded twice: as one part of the address."""
    return unquote(request.match_info[field])


def _confined(request: web.Request, name: str) -> Path:
    base = home(request.app).resolve()
    try:
        path = (base / name).resolve()
        os.fsencode(path)
    except (OSError, ValueError, RuntimeError):
        raise refuse(400, "outside_folder", f"{name[:200]!r} is no file name") from None
    if path == base or not path.is_relative_to(base) or "\\" in name:
        raise refuse(403, "outside_folder", f"{name[:200]!r} leads out of the user's folder")
    return path


def _there(request: web.Request, name: str) -> Path:
    path = _confined(request, name)
    if not path.is_file():
        raise refuse(404, "file_not_found", f"there is no file {name[:200]!r}")
    return path


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
    except OSError as error:
        raise unstorable(error, "file") from None


def _below(folder: Path, *, deep: bool, folders: bool = False) -> Iterator[Path]:
    for parent, subfolders, files in os.walk(folder):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        yield from (Path(parent) / name for name in files if not name.startswith("."))
        if folders:
            yield from (Path(parent) / name for name in subfolders)
        if not deep:
            return


def _info(path: Path, name: str) -> dict[str, Any]:
    status = path.stat()
    times = {"modified": int(status.st_mtime * 1000), "created": int(status.st_ctime * 1000)}
    return {"path": name, "size": status.st_size, **times}


def _told(request: web.Request, path: Path) -> web.Response:
    name = path.relative_to(home(request.app).resolve()).as_posix()
    return answer(_info(path, name) if _says(request, "full_info") else name)


def _says(request: web.Request, name: str) -> bool:
    return request.query.get(name, "").lower() in ("true", "1")
