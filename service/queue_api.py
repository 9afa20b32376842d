"""The queue over HTTP: what waits, pausing, and cancelling all."""

from aiohttp import web

from service.fields import client_of
from service.protocol import answer, read_object
from service.state import RUNS


async def show_queue(request: web.Request) -> web.Response:
    """What waits, the next one first."""
    runs = request.app[RUNS]
    waiting = [
        {
            "id": ticket.id,
            "title": ticket.title,
            "client": ticket.client,
            "priority": ticket.priority,
            "place": ticket.place,
        }
        for ticket in runs.waiting
    ]
    return answer({"paused": runs.paused, "running": runs.running, "waiting": waiting})


async def pause(request: web.Request) -> web.Response:
    """Start nothing that waits, also after a restart; what works goes on."""
    request.app[RUNS].pause(True)
    return await show_queue(request)


async def resume(request: web.Request) -> web.Response:
    """Go on with what waits."""
    request.app[RUNS].pause(False)
    return await show_queue(request)


async def cancel_all(request: web.Request) -> web.Response:
    """Cancel whatever waits and works, of one client or of all."""
    body = await read_object(request) if request.can_read_body else {}
    client = client_of(body) if "client" in body else None
    return answer({"cancelled": request.app[RUNS].cancel_all(client)})
