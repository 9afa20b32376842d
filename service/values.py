"""Values that lie on wires: looked at by the key of the step that made them, without running anything."""

import asyncio
import re

from aiohttp import web

from service.fields import whole
from service.protocol import answer, refuse
from service.state import ENGINE

KEY = re.compile("[0-9a-f]{32}")
MOST_OUTPUTS, MOST_PICTURES = 1000, 10**6
LEAST_SIDE, MOST_SIDE = 16, 1024
KEPT = {"Cache-Control": "private, max-age=86400, immutable"}  # a key never means another value


async def show_value(request: web.Request) -> web.Response:
    """What lies on an output of the step with this key."""
    value, looking = await _value(request), request.app[ENGINE].looking
    if looking is None:
        return answer({"kind": "other", "class": type(value).__name__})
    return answer(await asyncio.to_thread(looking.describe, value), headers=KEPT)


async def show_picture(request: web.Request) -> web.Response:
    """One picture of a value: of an image, a mask, or a rough one of a latent."""
    index = whole(request, "index", most=MOST_PICTURES) or 0
    longest = whole(request, "preview", least=LEAST_SIDE, most=MOST_SIDE)
    value, looking = await _value(request), request.app[ENGINE].looking
    made = None if looking is None else await asyncio.to_thread(looking.picture, value, index, longest)
    if made is None:
        raise refuse(404, "no_picture", f"there is no picture {index} in this value", "Look at it as data.")
    media, data = made
    return web.Response(body=data, content_type=media, headers=KEPT)


async def _value(request: web.Request) -> object:
    """The value that an address names; it may lie on the disk only."""
    key = request.match_info["key"]
    place = whole(request, "output", most=MOST_OUTPUTS) or 0
    cache = request.app[ENGINE].cache
    outputs = await asyncio.to_thread(cache.outputs, key) if KEY.fullmatch(key) else None
    if outputs is None:
        message = f"no result is kept under the key {key[:40]!r}"
        raise refuse(404, "unknown_value", message, "Run up to the node again, then look.")
    if place >= len(outputs):
        raise refuse(404, "unknown_output", f"that step has {len(outputs)} outputs, none at {place}")
    return outputs[place]
