"""What the application holds while it lives, under typed keys."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from graph.events import Event
from service.engine import Engine
from service.log import Log
from service.protocol import refuse
from service.runs import Runs
from service.socket import Hub

if TYPE_CHECKING:
    from service.metrics import Metrics


@dataclass(frozen=True)
class Places:
    """Where the service finds what it serves and keeps."""

    web: Path
    node_modules: Path
    package: Path
    workflows: Path
    log: Path

    @property
    def saved(self) -> Path:
        """Where users' workflows lie: beside the log."""
        return self.log.parent / "workflows"

    @property
    def subgraphs(self) -> Path:
        """Where sub-graphs lie that users keep as nodes."""
        return self.log.parent / "subgraphs"

    @property
    def trash(self) -> Path:
        """Where deleted files wait."""
        return self.log.parent / "trash"


ENGINE: web.AppKey[Engine] = web.AppKey("engine", Engine)
PLACES: web.AppKey[Places] = web.AppKey("places", Places)
LOADED: web.AppKey["asyncio.Future[None]"] = web.AppKey("loaded", asyncio.Future)
LOG: web.AppKey[Log] = web.AppKey("log", Log)
RUNS: web.AppKey[Runs] = web.AppKey("runs", Runs)
HUB: web.AppKey[Hub] = web.AppKey("hub", Hub)
LOCAL_ONLY: web.AppKey[bool] = web.AppKey("local_only", bool)
METRICS: web.AppKey["Metrics"] = web.AppKey("metrics")


async def loaded_engine(request: web.Request) -> Engine:
    """The engine, once its node packs are loaded."""
    await asyncio.shield(request.app[LOADED])
    return request.app[ENGINE]


def announce(app: web.Application, events: Sequence[Event]) -> None:
    """Put events that no run causes into the log and before every client."""
    app[LOG].append(events)
    app[HUB].tell(events)


def find_run(request: web.Request, part: str = "run") -> dict[str, Any]:
    """The run that an address names."""
    name = request.match_info[part]
    run = request.app[LOG].run(name)
    if run is None:
        raise refuse(404, "unknown_run", f"there is no run {name[:100]!r}")
    return run
