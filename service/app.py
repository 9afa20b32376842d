"""The application: one table of routes, and the lives of log, queue, sockets and loading."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial

from aiohttp import web

from graph.events import Event, RunEdited, RunFinished, RunQueued
from service.access import demand
from service.engine import Engine
from service.guard import LOCAL, add_headers, answer_refusals, guard
from service.hashing import hashing
from service.log import Log
from service.metrics import Metrics, observe
from service.protocol import JSON_BYTES
from service.queue import Ticket
from service.reloading import reloading
from service.routes import ROUTES
from service.runs import Emit, Runs
from service.settings import LOCK
from service.socket import Hub
from service.state import ENGINE, HUB, LOADED, LOCAL_ONLY, LOG, METRICS, PLACES, RUNS, Places
from service.webhooks import Webhooks

STOPPING = 3.0  # s that a running node has to notice its cancellation


def create_app(
    engine: Engine, places: Places, *, listen: str = "127.0.0.1", token: str | None = None
) -> web.Application:
    """The service; with a token, only for those who know it."""
    checks = [observe, answer_refusals, guard(listen), *([demand(token)] if token else [])]
    app = web.Application(middlewares=checks, client_max_size=JSON_BYTES)
    app[ENGINE], app[PLACES], app[METRICS] = engine, places, Metrics()
    app[LOCAL_ONLY] = listen.lower() in LOCAL
    app[LOCK] = asyncio.Lock()
    for route in ROUTES:
        web.route(route.method, route.path, route.handler).register(app.router)
    app.on_response_prepare.append(add_headers)
    app.cleanup_ctx.extend([_log, _queue, _loading, reloading, hashing])
    app.on_shutdown.append(_stop)
    return app


async def _log(app: web.Application) -> AsyncIterator[None]:
    app[LOG] = Log(app[PLACES].log)
    yield
    app[LOG].close()


async def _queue(app: web.Application) -> AsyncIterator[None]:
    app[HUB] = Hub(app[LOG])
    app[RUNS] = Runs(app[LOG], partial(_execute, app[ENGINE]), app[HUB].tell)
    webhooks = Webhooks(app[LOG], local=app[LOCAL_ONLY])
    app[HUB].listen(app[METRICS].hear)
    app[HUB].listen(webhooks.hear)
    app[HUB].listen(partial(_keep_wanted, app))
    webhooks.start()
    yield
    await webhooks.close()


def _keep_wanted(app: web.Application, events: Sequence[Event]) -> None:
    """Let the cache keep what a run that waits will need, as long as it can."""
    cache = app[ENGINE].cache
    for event in events:
        if isinstance(event, RunQueued | RunEdited):
            ticket = app[RUNS].find(event.run)
            cache.want(event.run, ticket.keys if ticket is not None else ())
        elif isinstance(event, RunFinished):
            cache.unwant(event.run)


async def _loading(app: web.Application) -> AsyncIterator[None]:
    """Load node packs, then import torch, while the first requests are answered."""
    loop = asyncio.get_running_loop()
    app[LOADED] = loop.create_future()

    def load() -> None:
        outcome: BaseException | None = None
        try:
            app[ENGINE].load()
        except BaseException as error:
            outcome = error
        with contextlib.suppress(RuntimeError):  # The loop is closed: the server has stopped already.
            loop.call_soon_threadsafe(_settle, app[LOADED], outcome, app[RUNS].start)
            app[ENGINE].warm()

    threading.Thread(target=load, name="loading", daemon=True).start()
    yield


def _settle(loaded: "asyncio.Future[None]", outcome: BaseException | None, start: Callable[[], None]) -> None:
    """Node types are there: what waits in the queue may begin."""
    if outcome is None:
        loaded.set_result(None)
        start()
    else:
        loaded.set_exception(outcome)


async def _stop(app: web.Application) -> None:
    """Interrupt the running run and tell it to the clients before they are sent away."""
    await app[RUNS].close(STOPPING)
    await asyncio.sleep(0)
    await app[HUB].close()


def _execute(engine: Engine, ticket: Ticket, emit: Emit) -> RunFinished:
    """Plan what has waited again, since files and the cache may have changed meanwhile; then run."""
    order = ticket.order or engine.order(ticket.document, targets=ticket.targets, explain=False)
    if not order.plan.ok:
        return RunFinished(ticket.id, "failed", 0.0, order.plan.problems)

    def pass_on(event: Event) -> None:
        if not isinstance(event, RunFinished):  # The queue says it, whatever happens.
            emit(event)

    return engine.executor.run(
        order.plan, run_id=ticket.id, emit=pass_on,
        cancel=ticket.cancel, skips=ticket.skips, document=ticket.document,
    )  # fmt: skip
