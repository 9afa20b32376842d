"""Hot reload: packs whose files are saved are read again while the server runs, and every client hears it."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncIterator

from aiohttp import web

from graph.events import CatalogChanged
from service.state import ENGINE, LOADED, announce

LOOK = 1.0
"""Seconds between two looks at the files; a look takes about 20 us a file."""
logger = logging.getLogger(__name__)


async def reloading(app: web.Application) -> AsyncIterator[None]:
    """Look after the packs from when they are loaded until the application ends."""
    loop, stop = asyncio.get_running_loop(), threading.Event()

    def tell() -> None:
        if not stop.is_set():
            announce(app, [CatalogChanged()])

    def look() -> None:
        while not stop.wait(LOOK):
            try:
                changed = app[ENGINE].registry.refresh()
            except OSError:
                logger.exception("the folder of packs cannot be read")
                continue
            if changed:
                with contextlib.suppress(RuntimeError):  # The loop is closed: the server has stopped already.
                    loop.call_soon_threadsafe(tell)

    def begin(loaded: "asyncio.Future[None]") -> None:
        if not loaded.cancelled() and loaded.exception() is None:
            # Not one of asyncio's threads: a pack that takes long to import must not keep the server alive.
            threading.Thread(target=look, name="reloading", daemon=True).start()

    app[LOADED].add_done_callback(begin)
    yield
    stop.set()
