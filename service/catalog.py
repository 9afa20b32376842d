"""The catalogue: node types with an ETag, and the page of each."""

import asyncio
import hashlib

from aiohttp import web

from graph.doc import section
from graph.problems import nearest
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


async def doc(request: web.Request) -> web.Response:
    """What one node type takes and gives, and all that its docstring says, as Markdown."""
    engine = await loaded_engine(request)
    name = request.match_info["type"]
    declared = engine.registry.get(name)
    if declared is None:
        like = nearest(name, engine.registry.types)
        remedy = f"Did you mean {' or '.join(like)}?" if like else ""
        raise refuse(404, "unknown_type", f"there is no node type {name[:100]!r}", remedy=remedy)
    return answer({"page": await asyncio.to_thread(lambda: "\n".join(section(declared, whole=True)) + "\n")})
