"""What the protocol holds while the application lives, under typed keys."""

from __future__ import annotations

from aiohttp import web

from compat.object_info import known_nodes
from compat.server.items import History, Item, Items
from compat.server.narrator import Narrator
from compat.server.socket import Sockets
from compat.server.validation import Rules
from service.engine import Engine
from service.queue import Ticket
from service.state import ENGINE, RUNS

HISTORY: web.AppKey[History] = web.AppKey("comfy_history", History)
ITEMS: web.AppKey[Items] = web.AppKey("comfy_items", Items)
NARRATOR: web.AppKey[Narrator] = web.AppKey("comfy_narrator", Narrator)
SOCKETS: web.AppKey[Sockets] = web.AppKey("comfy_sockets", Sockets)


def rules_of(engine: Engine) -> Rules:
    """What prompts are held against."""
    types = engine.registry.types
    return Rules(types, engine.registry.conversions, known_nodes(types), engine.folders)


def item_of(app: web.Application, ticket: Ticket) -> Item:
    return app[ITEMS].of(ticket, app[ENGINE].registry.types)


def find_item(app: web.Application, run: str) -> Item | None:
    """The prompt of a run that waits or works."""
    runs = app[RUNS]
    ticket = runs.current if runs.running == run else runs.find(run)
    return item_of(app, ticket) if ticket is not None else None
