"""/internal: where files lie, and the newest of them, as ComfyUI's own interface asks."""

from __future__ import annotations

import asyncio

from aiohttp import web

from compat.server.models import kinds_of
from graph.folders import WORKING, Folders
from service.protocol import answer, refuse
from service.state import ENGINE


async def folder_paths(request: web.Request) -> web.Response:
    """Model folders by kind, below the program's own: no path of this machine is told."""
    listed = await asyncio.to_thread(kinds_of, request.app[ENGINE].folders)
    return answer({kind: [f"models/{kind}"] for kind in listed})


async def newest_files(request: web.Request) -> web.Response:
    """The files that lie in a working folder itself, the newest first."""
    folder = request.match_info["folder"]
    if folder not in WORKING:
        raise refuse(400, "unknown_folder", f"the folder is one of {', '.join(WORKING)}")
    return answer(await asyncio.to_thread(_newest, request.app[ENGINE].folders, folder))


def _newest(folders: Folders, kind: str) -> list[str]:
    place = folders.folder(kind)
    files = [(place / name, name) for name in folders.names(kind) if "/" not in name]
    return [name for _, name in sorted(files, key=lambda each: each[0].stat().st_mtime, reverse=True)]
