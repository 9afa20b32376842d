"""/workflow_templates: workflows that ship or were saved, as graphs of ComfyUI's interface."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from compat.formats import write_as
from compat.object_info import known_nodes
from service.protocol import answer, refuse
from service.state import PLACES, Places, loaded_engine
from service.workflows import read_workflows

OURS, SAVED = "tessera", "saved"


async def list_templates(request: web.Request) -> web.Response:
    """Names by module, as ComfyUI lists those of packs."""
    found = await asyncio.to_thread(_found, request.app[PLACES])
    return answer({module: list(documents) for module, documents in found.items() if documents})


async def template(request: web.Request) -> web.StreamResponse:
    """A graph, or the picture that is shown for it."""
    module, file = request.match_info["module"], Path(request.match_info["file"])
    found, places = await asyncio.to_thread(_found, request.app[PLACES]), request.app[PLACES]
    document = found.get(module, {}).get(file.stem)
    if document is None:
        raise refuse(404, "unknown_workflow", f"there is no workflow {file.stem[:100]!r} of {module[:100]!r}")
    if file.suffix == ".json":
        engine = await loaded_engine(request)
        return answer(await asyncio.to_thread(write_as, "ui", document, known_nodes(engine.registry.types)))
    picture = places.web / "templates" / f"{file.stem}.webp"
    if module != OURS or not picture.is_file():
        raise refuse(404, "file_not_found", f"there is no picture of {file.stem[:100]!r}")
    return web.FileResponse(picture, headers={"Content-Type": "image/webp"})


def _found(places: Places) -> Mapping[str, Mapping[str, Any]]:
    folders = {OURS: places.workflows, SAVED: places.saved}
    return {
        module: {path.stem: document for path, document in read_workflows(folder)}
        for module, folder in folders.items()
    }
