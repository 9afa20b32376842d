"""The routes of ComfyUI's protocol, each with and without `/api`, and the lives of what they share."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial

from aiohttp import web

from compat.server import (
    folders,
    jobs,
    logs,
    models,
    packs,
    prompts,
    queue,
    system,
    templates,
    upload,
    userdata,
    users,
    view,
)
from compat.server.items import History, Items
from compat.server.narrator import Narrator
from compat.server.socket import Sockets
from compat.server.state import HISTORY, ITEMS, NARRATOR, SOCKETS, find_item
from graph.events import Event, RunFinished
from service.protocol import refuse
from service.state import HUB, RUNS

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
BEAT = 0.5  # s between looks for clients that hear nothing of a run


async def socket(request: web.Request) -> web.StreamResponse:
    if request.headers.get("Upgrade", "").lower() != "websocket":
        raise refuse(400, "not_a_websocket", "this address speaks websocket only")
    narrator = request.app[NARRATOR]
    return await request.app[SOCKETS].serve(request, narrator.status(), narrator.executing)


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/ws", socket),
    ("GET", "/prompt", prompts.get_prompt),
    ("POST", "/prompt", prompts.post_prompt),
    ("GET", "/queue", queue.get_queue),
    ("POST", "/queue", queue.post_queue),
    ("POST", "/interrupt", queue.interrupt),
    ("POST", "/free", queue.free),
    ("GET", "/history", queue.get_history),
    ("POST", "/history", queue.post_history),
    ("GET", "/history/{prompt_id}", queue.get_history_of),
    ("GET", "/jobs", jobs.list_jobs),
    ("POST", "/jobs/cancel", jobs.cancel_jobs),
    ("GET", "/jobs/{id}", jobs.show_job),
    ("POST", "/jobs/{id}/cancel", jobs.cancel_job),
    ("GET", "/object_info", system.object_info),
    ("GET", "/object_info/{node}", system.object_info_of),
    ("GET", "/view", view.view),
    ("POST", "/upload/image", upload.upload_image),
    ("POST", "/upload/mask", upload.upload_mask),
    ("GET", "/models", models.kinds),
    ("GET", "/models/{folder}", models.names),
    ("GET", "/embeddings", models.embeddings),
    ("GET", "/experiment/models", models.folders_of_kinds),
    ("GET", "/experiment/models/{folder}", models.files_of_kind),
    ("GET", "/experiment/models/preview/{folder}/{index}/{filename:.+}", models.preview),
    ("GET", "/view_metadata/{folder}", models.view_metadata),
    ("GET", "/system_stats", system.system_stats),
    ("GET", "/features", system.features),
    ("GET", "/extensions", packs.scripts),
    ("GET", "/extensions/{pack}/{path:.+}", packs.script),
    ("GET", "/i18n", system.nothing_named),
    ("GET", "/workflow_templates", templates.list_templates),
    ("GET", "/workflow_templates/{module}/{file}", templates.template),
    ("GET", "/global_subgraphs", system.nothing_named),
    ("GET", "/node_replacements", packs.replacements),
    ("GET", "/users", users.get_users),
    ("POST", "/users", users.post_users),
    ("GET", "/settings", users.get_settings),
    ("POST", "/settings", users.post_settings),
    ("GET", "/settings/{id}", users.get_setting),
    ("POST", "/settings/{id}", users.post_setting),
    ("GET", "/userdata", userdata.list_files),
    ("GET", "/v2/userdata", userdata.list_tree),
    ("POST", "/userdata/{file:.+}/move/{dest:.+}", userdata.move_file),
    ("GET", "/userdata/{file:.+}", userdata.get_file),
    ("POST", "/userdata/{file:.+}", userdata.post_file),
    ("DELETE", "/userdata/{file:.+}", userdata.delete_file),
)


def add_comfy(app: web.Application) -> None:
    """Let an application of ours speak ComfyUI's protocol, too."""
    for method, path, handler in ROUTES:
        for place in (path, f"/api{path}"):
            if method == "GET":
                app.router.add_get(place, handler)  # answers HEAD, too
            else:
                app.router.add_route(method, place, handler)
    app.router.add_get("/internal/logs", logs.text)
    app.router.add_get("/internal/logs/raw", logs.lines)
    app.router.add_patch("/internal/logs/subscribe", logs.subscribe)
    app.router.add_get("/internal/folder_paths", folders.folder_paths)
    app.router.add_get("/internal/files/{folder}", folders.newest_files)
    app.router.add_route("OPTIONS", "/{path:.*}", system.options)
    app.middlewares.append(packs.routes_of_packs)
    app.cleanup_ctx.append(packs.messages_of_packs)
    app.cleanup_ctx.append(_listening)
    app.cleanup_ctx.append(logs.keep)
    app.on_shutdown.append(_close)


async def _listening(app: web.Application) -> AsyncIterator[None]:
    """Listen to all that happens while the application lives."""

    def remaining(ended: str | None) -> int:
        runs = app[RUNS]
        return len(runs.waiting) + (runs.current is not None and runs.running != ended)

    def hear(events: Sequence[Event]) -> None:
        app[NARRATOR].hear(events)
        for event in events:
            if isinstance(event, RunFinished):
                app[ITEMS].forget(event.run)

    app[HISTORY], app[ITEMS], app[SOCKETS] = History(), Items(), Sockets()
    app[NARRATOR] = Narrator(app[HISTORY], app[SOCKETS], partial(find_item, app), remaining)
    app[HUB].listen(hear)
    beating = asyncio.create_task(_beat(app))
    yield
    beating.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await beating


async def _beat(app: web.Application) -> None:
    while True:
        await asyncio.sleep(BEAT)
        if app[RUNS].current is not None:
            app[NARRATOR].beat()
            app[SOCKETS].break_silence(app[NARRATOR].status)


async def _close(app: web.Application) -> None:
    await app[SOCKETS].close()
