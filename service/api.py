"""Plans, runs and events over HTTP, and what the machine is."""

import asyncio
import platform
import uuid
from typing import Any

from aiohttp import web

from graph.problems import Problem
from service.engine import Order
from service.protocol import Refusal, answer, read_object, refuse
from service.runs import Ticket
from service.state import ENGINE, HUB, LOADED, LOG, RUNS, loaded_engine

VERSION = "0.1.0"
EVENTS = 1000  # in one answer


async def plan(request: web.Request) -> web.Response:
    """What a run would do now, and everything that is wrong."""
    body = await read_object(request)
    return answer((await _order(request, body)).plan.to_json())


async def start_run(request: web.Request) -> web.Response:
    """Queue a run, or refuse it with every Problem."""
    body = await read_object(request)
    order = await _order(request, body)
    if not order.plan.ok or order.document is None:
        raise Refusal(422, order.plan.problems)
    runs = request.app[RUNS]
    if runs.is_full:
        raise refuse(503, "queue_full", "too many runs wait already", "Wait for some, or cancel them.")
    ticket = Ticket(
        id=uuid.uuid4().hex[:12],
        document=order.document,
        targets=_targets(body),
        title=order.title[:200],
        client=str(body.get("client", ""))[:200],
        steps=order.plan.states(),
    )
    return answer({"run": ticket.id, "seq": runs.submit(ticket)}, status=202)


async def list_runs(request: web.Request) -> web.Response:
    return answer({"runs": request.app[LOG].runs()})


async def show_run(request: web.Request) -> web.Response:
    return answer(_run(request))


async def cancel_run(request: web.Request) -> web.Response:
    run = _run(request)
    request.app[RUNS].cancel(run["id"])
    return answer({"run": run["id"], "status": _run(request)["status"]})


async def events(request: web.Request) -> web.Response:
    log = request.app[LOG]
    found = log.after(_cursor(request), EVENTS)
    text = ",".join(text for _, text in found)
    last = found[-1][0] if found else log.last
    return web.Response(text=f'{{"events":[{text}],"last":{last}}}', content_type="application/json")


async def socket(request: web.Request) -> web.StreamResponse:
    if request.headers.get("Upgrade", "").lower() != "websocket":
        raise refuse(426, "not_a_websocket", "this address speaks websocket only")
    since = _cursor(request)
    return await request.app[HUB].serve(request, since=since, running=request.app[RUNS].running)


async def system(request: web.Request) -> web.Response:
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


async def _order(request: web.Request, body: dict[str, Any]) -> Order:
    engine = await loaded_engine(request)
    if "workflow" not in body:
        raise refuse(422, "no_workflow", "the body has no field 'workflow'")
    values = body.get("set") or {}
    if not isinstance(values, dict):
        raise refuse(422, "wrong_field", "'set' is an object: {\"sampler.seed\": 7}")
    targets = _targets(body)
    return await asyncio.to_thread(engine.order, body["workflow"], targets=targets, values=values)


def _targets(body: dict[str, Any]) -> tuple[str, ...] | None:
    targets = body.get("targets")
    if targets is None:
        return None
    if not isinstance(targets, list) or not all(isinstance(target, str) for target in targets):
        wrong = Problem("wrong_field", "'targets' is a list of node ids")
        raise Refusal(422, [wrong])
    return tuple(targets)


def _run(request: web.Request) -> dict[str, Any]:
    name = request.match_info["run"]
    run = request.app[LOG].run(name)
    if run is None:
        raise refuse(404, "unknown_run", f"there is no run {name[:100]!r}")
    return run


def _cursor(request: web.Request) -> int:
    since = request.query.get("since", "0")
    if not (since.isascii() and since.isdecimal() and len(since) <= 18):
        raise refuse(
            400, "wrong_cursor", "since is a whole number from 0: the seq of the last event you know"
        )
    return int(since)
