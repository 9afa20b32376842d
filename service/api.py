"""Plans, runs and events over HTTP, and what the machine is."""

import platform

from aiohttp import web

from graph.wanted import FIELD
from service import VERSION as VERSION
from service.fields import search_of
from service.orders import planned
from service.protocol import answer, read_object, refuse
from service.state import ENGINE, HUB, LOADED, LOG, RUNS, find_run
from service.stream import cursor_of

EVENTS = 1000  # in one answer


async def plan(request: web.Request) -> web.Response:
    """What a run would do now, and everything that is wrong."""
    body = await read_object(request)
    order = await planned(request, body, explain=True)
    models = (order.document or {}).get(FIELD, [])
    return answer({**order.plan.to_json(), "models": models})


async def list_runs(request: web.Request) -> web.Response:
    """The history, newest first: searched, and page by page."""
    search = search_of(request)
    found = request.app[LOG].runs(search)
    following = found[-1]["seq"] if len(found) == search.limit else None
    return answer({"runs": found, "next": following})


async def show_run(request: web.Request) -> web.Response:
    """One run, with its document."""
    return answer(find_run(request))


async def cancel_run(request: web.Request) -> web.Response:
    """Cancel a run that waits or works; one that has ended stays as it is."""
    run = find_run(request)["id"]
    request.app[RUNS].cancel(run)
    return answer({"run": run, "status": find_run(request)["status"]})


async def events(request: web.Request) -> web.Response:
    """What happened, from a cursor on."""
    log = request.app[LOG]
    found = log.after(cursor_of(request), EVENTS)
    text = ",".join(text for _, text in found)
    last = found[-1][0] if found else log.last
    return web.Response(text=f'{{"events":[{text}],"last":{last}}}', content_type="application/json")


async def socket(request: web.Request) -> web.StreamResponse:
    """The websocket: what happened from a cursor on, and what happens."""
    if request.headers.get("Upgrade", "").lower() != "websocket":
        raise refuse(426, "not_a_websocket", "this address speaks websocket only")
    since, batched = cursor_of(request), "batched" in request.query
    running = request.app[RUNS].running
    return await request.app[HUB].serve(request, since=since, running=running, batched=batched)


async def system(request: web.Request) -> web.Response:
    """What this machine is and does."""
    app = request.app
    engine = app[ENGINE]
    return answer(
        {
            "version": VERSION,
            "python": platform.python_version(),
            "loaded": app[LOADED].done(),
            "clients": len(app[HUB]),
            "running": app[RUNS].running,
            "cache": {"bytes": engine.cache.bytes, "budget_bytes": engine.cache.budget_bytes},
            **engine.describe(),
        }
    )
