"""The catalogue: node types with an ETag."""

import asyncio
import hashlib

from aiohttp import web

from service.protocol import dump
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
