"""The catalogue: node types with an ETag, and the files of model folders."""

import asyncio
import hashlib

from aiohttp import web

from graph.folders import PathRefused
from service.protocol import answer, dump, refuse
from service.state import loaded_engine


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
