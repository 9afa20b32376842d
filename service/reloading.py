"""Hot reload: packs whose files are saved are read again while the server runs, and every client hears it."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from aiohttp import web

from graph.events import CatalogChanged
from service.state import ENGINE, LOADED, announce

LOOK = 1.0
"""Seconds between two looks at the files; a look takes about 20 us a file."""
logger = logging.getLogger(__name__)


async def reloading(app: web.Application) -> AsyncIterator[None]:
    """Look after the packs as long as the application lives."""
    task = asyncio.create_task(_look_after_packs(app))
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _look_after_packs(app: web.Application) -> None:
    await asyncio.wait([app[LOADED]])
    if app[LOADED].cancelled() or app[LOADED].exception() is not None:
        return
    while True:
        await asyncio.sleep(LOOK)
        try:
            if await asyncio.to_thread(app[ENGINE].registry.refresh):
                announce(app, [CatalogChanged()])
        except OSError:
            logger.exception("the folder of packs cannot be read")
