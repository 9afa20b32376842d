"""/queue, /interrupt, /free and /history: what waits, what runs, what has ended."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from compat.server.items import History
from compat.server.state import HISTORY, item_of
from service.protocol import answer, parse, read_object
from service.state import RUNS, loaded_engine


async def get_queue(request: web.Request) -> web.Response:
    runs = request.app[RUNS]
    running = [runs.current] if runs.current is not None else []
    return answer(
        {
            "queue_running": [item_of(request.app, ticket).to_json() for ticket in running],
            "queue_pending": [item_of(request.app, ticket).to_json() for ticket in runs.waiting],
        }
    )


async def post_queue(request: web.Request) -> web.Response:
    """Take prompts that wait out of the queue: all, or those named."""
    body, runs = await read_object(request), request.app[RUNS]
    named = _names(body.get("delete", []))
    for ticket in runs.waiting:
        if body.get("clear") or item_of(request.app, ticket).prompt_id in named:
            runs.cancel(ticket.id)
    return web.Response()


async def interrupt(request: web.Request) -> web.Response:
    """Cancel what runs; with the id of a prompt, only if that one does."""
    text = await request.read()
    body = parse(text) if text.strip() else {}
    wanted = body.get("prompt_id") if isinstance(body, dict) else None
    current = request.app[RUNS].current
    if current is not None and wanted in (None, item_of(request.app, current).prompt_id):
        request.app[RUNS].cancel(current.id)
    return web.Response()


async def free(request: web.Request) -> web.Response:
    """Let go what the cache holds, models and all."""
    body = await read_object(request)
    engine = await loaded_engine(request)
    if body.get("unload_models") or body.get("free_memory"):
        await asyncio.to_thread(engine.cache.clear)
    return web.Response()


async def get_history(request: web.Request) -> web.Response:
    """The newest `max_items` prompts that have ended, or those from `offset` on, oldest first."""
    history = request.app[HISTORY]
    try:
        most, offset = _whole(request, "max_items"), _whole(request, "offset")
    except ValueError as error:
        return answer({"error": str(error)}, status=400)
    names = history.names
    if offset is None or offset < 0:
        offset = max(0, len(names) - most) if most is not None else 0
    chosen = names[offset:] if most is None else names[offset : offset + max(most, 0)]
    return _answered(history, chosen)


async def get_history_of(request: web.Request) -> web.Response:
    return _answered(request.app[HISTORY], [request.match_info["prompt_id"]])


def _answered(history: History, names: list[str]) -> web.Response:
    return web.Response(text=history.to_json(names), content_type="application/json")


async def post_history(request: web.Request) -> web.Response:
    body, history = await read_object(request), request.app[HISTORY]
    history.remove(history.names if body.get("clear") else _names(body.get("delete", [])))
    return web.Response()


def _names(value: Any) -> set[str]:
    return {each for each in value if isinstance(each, str)} if isinstance(value, list) else set()


def _whole(request: web.Request, name: str) -> int | None:
    text = request.query.get(name)
    if text is None:
        return None
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 9):
        raise ValueError(f"{name} must be an integer")
    return int(text)
