"""The catalogue: node types with an ETag, the files of model folders, and the templates that ship."""

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any

from aiohttp import web

from graph.folders import PathRefused
from service.protocol import answer, dump, refuse
from service.state import PLACES, loaded_engine


async def nodes(request: web.Request) -> web.Response:
    """Every node type; its ETag changes with it and with the files that its widgets offer."""
    engine = await loaded_engine(request)
    text = await asyncio.to_thread(lambda: dump(engine.registry.catalog()))
    tag = hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
    headers = {"Cache-Control": "no-cache", "ETag": f'"{tag}"'}
    if any(known.value == tag for known in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    return web.Response(text=text, content_type="application/json", headers=headers)


async def models(request: web.Request) -> web.Response:
    """The files of one model folder, as documents name them."""
    engine, folder = await loaded_engine(request), request.match_info["folder"]
    try:
        known = any(path.is_dir() for path in engine.folders.directories(folder))
    except PathRefused:
        known = False
    if not known:
        raise refuse(404, "unknown_folder", f"there is no model folder {folder[:100]!r}")
    names = await asyncio.to_thread(engine.folders.names, folder)
    return answer({"models": names})


async def templates(request: web.Request) -> web.Response:
    found = await asyncio.to_thread(_templates, request.app[PLACES].workflows)
    described = [
        {"name": name, "title": document.get("title", name), "description": document.get("description", "")}
        for name, document in found.items()
    ]
    return answer({"workflows": described})


async def template(request: web.Request) -> web.Response:
    found = await asyncio.to_thread(_templates, request.app[PLACES].workflows)
    name = request.match_info["name"].removesuffix(".json")
    if name not in found:
        raise refuse(404, "unknown_workflow", f"there is no template {name[:100]!r}")
    return answer({"workflow": found[name]})


def _templates(folder: Path) -> dict[str, dict[str, Any]]:
    documents = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))}
    return {name: document for name, document in documents.items() if isinstance(document, dict)}
