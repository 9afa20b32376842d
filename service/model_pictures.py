"""How model files look: the picture that lies beside a file, and the last one that was made with it."""

from pathlib import Path
from typing import Any

from aiohttp import web

from graph.folders import Folders, PathRefused
from service.files import send_preview
from service.history import History, Search
from service.protocol import refuse
from service.state import ENGINE

ENDINGS = tuple(
    f"{kind}.{ending}" for kind in ("", ".preview") for ending in ("png", "jpg", "jpeg", "webp")
)  # as users of other programs name them


async def model_picture(request: web.Request) -> web.StreamResponse:
    """The picture that lies beside a model file, made small."""
    folder, name = request.match_info["folder"], request.match_info["name"]
    try:
        path = picture_beside(request.app[ENGINE].folders, folder, name)
    except PathRefused:
        path = None
    if path is None:
        raise refuse(404, "file_not_found", f"there is no picture of {name[:200]!r} in {folder[:100]!r}")
    return await send_preview(request, path)


def picture_beside(folders: Folders, folder: str, name: str) -> Path | None:
    """`name.png` or `name.preview.png` beside the file `name.safetensors`."""
    path = folders.resolve(folder, name)
    beside = (path.with_name(path.stem + ending) for ending in ENDINGS)
    return next((each for each in beside if each.is_file()), None)


def last_result(log: History, name: str) -> dict[str, Any] | None:
    """The last picture of a run that names a file."""
    for run in log.runs(Search(text=name, status="succeeded", limit=3)):
        for artifact in run["artifacts"]:
            if artifact.get("kind") == "image":
                return {field: artifact.get(field) for field in ("folder", "name")}
    return None
