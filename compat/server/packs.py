"""What packs for ComfyUI bring to its protocol: scripts, routes, messages, and changes of prompts."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from compat.nodes.here import Host, inside
from compat.nodes.packs import ComfyPacks
from compat.nodes.replacing import NodeReplace
from compat.server.state import SOCKETS
from graph.events import Event
from service.protocol import Refusal, answer, dump, refuse
from service.state import ENGINE, HUB, loaded_engine

SCRIPTS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
    **{f".{name}": f"image/{name}" for name in ("gif", "png", "webp")},
    **dict.fromkeys((".jpg", ".jpeg"), "image/jpeg"),
}
"""The types of what scripts consist of; anything else is bytes."""


def packs_of(app: web.Application) -> ComfyPacks | None:
    """The packs of a program, where it loads any."""
    found = app[ENGINE].executor.services.get(ComfyPacks)
    return found if isinstance(found, ComfyPacks) else None


def replacements_of(app: web.Application) -> Mapping[str, NodeReplace]:
    packs = packs_of(app)
    return packs.host.replacements if packs is not None else {}


async def replacements(request: web.Request) -> web.Response:
    """What packs have replaced, by the id of the old node."""
    await loaded_engine(request)
    return answer({old: [by.as_dict()] for old, by in replacements_of(request.app).items()})


async def scripts(request: web.Request) -> web.Response:
    """The scripts that ComfyUI's interface loads; our editor loads none of them."""
    await loaded_engine(request)
    packs = packs_of(request.app)
    return answer(await asyncio.to_thread(_scripts, packs) if packs is not None else [])


def _scripts(packs: ComfyPacks) -> list[str]:
    return [
        f"/extensions/{pack.name}/{path.relative_to(pack.web).as_posix()}"
        for pack in packs.packs.values()
        if pack.web is not None
        for path in sorted(pack.web.rglob("*.js"))
    ]


async def script(request: web.Request) -> web.StreamResponse:
    """A file of a pack's folder of scripts."""
    await loaded_engine(request)
    packs, name = packs_of(request.app), request.match_info["pack"]
    pack = packs.packs.get(name) if packs is not None else None
    path = _confined(pack.web, request.match_info["path"]) if pack is not None and pack.web else None
    if path is None:
        raise refuse(404, "file_not_found", f"there is no such script of {name[:100]!r}")
    kind = SCRIPTS.get(path.suffix.lower(), "application/octet-stream")
    return web.FileResponse(path, headers={"Content-Type": kind, "Cache-Control": "no-cache"})


def _confined(folder: Path, name: str) -> Path | None:
    if "\0" in name or any(part.startswith(".") for part in name.split("/")):
        return None
    path = (folder / name).resolve()
    return path if path.is_relative_to(folder.resolve()) and path.is_file() else None


@web.middleware
async def routes_of_packs(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What we do not serve may be a route of a pack; it passes the same checks as ours."""
    try:
        return await handler(request)
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed, Refusal) as error:
        packs = packs_of(request.app)
        if packs is None or not packs.host.routes or error.status not in (404, 405):
            raise
        found = await _dispatcher(packs.host).resolve(request)
        if found.http_exception is not None:
            raise
    found.add_app(request.app)
    theirs = request.clone()
    theirs._match_info = found  # as aiohttp's own dispatching does
    with inside(packs.host):
        return await found.handler(theirs)


def _dispatcher(host: Host) -> web.UrlDispatcher:
    """The routes of packs, with and without `/api`; packs may still be loading."""
    made = web.UrlDispatcher()
    for method, path, handler in host.routes:
        for place in (path, f"/api{path}"):
            made.add_route(method, place, handler)
    return made


def changed_by_packs(app: web.Application, body: dict[str, Any]) -> dict[str, Any]:
    """A client's prompt after what packs do to each; one that fails at it changes nothing."""
    packs = packs_of(app)
    for change in packs.host.prompt_handlers if packs is not None else ():
        try:
            with inside(packs.host):  # type: ignore[union-attr]  # else there is nothing to do
                changed = change(body)
        except Exception:
            logging.getLogger(__name__).exception("a pack's handler of prompts failed")
            continue
        body = changed if isinstance(changed, dict) else body
    return body


async def messages_of_packs(app: web.Application) -> AsyncIterator[None]:
    """Send what packs say to the clients of ComfyUI's protocol, before what happens to a node afterwards."""
    packs, loop = packs_of(app), asyncio.get_running_loop()
    waiting: deque[tuple[str, Any, str | None]] = deque()

    def flush(_: Sequence[Event] = ()) -> None:
        while waiting:
            app[SOCKETS].send(*waiting.popleft())

    def hear(kind: str, data: Any, client: str | None) -> None:
        dump(data)  # what is no JSON is the pack's error, where it says it
        waiting.append((kind, data, client))
        loop.call_soon_threadsafe(flush)

    if packs is not None:
        app[HUB].listen(flush)  # events come in batches: one may overtake the call that was asked for
        packs.host.listeners.append(hear)
    yield
    if packs is not None:
        packs.host.listeners.remove(hear)
