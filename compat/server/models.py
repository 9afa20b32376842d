"""/models, /embeddings, /experiment/models and /view_metadata: the files of model folders."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path, PurePosixPath
from typing import Any

from aiohttp import web

from graph.folders import Folders, PathRefused
from service.protocol import answer, refuse
from service.state import ENGINE

KINDS = (
    "checkpoints", "loras", "vae", "text_encoders", "diffusion_models", "clip_vision", "embeddings",
    "controlnet", "upscale_models", "hypernetworks", "vae_approx", "configs",
)  # fmt: skip
LONGEST_HEADER = 2**24


async def kinds(request: web.Request) -> web.Response:
    return answer(await asyncio.to_thread(kinds_of, request.app[ENGINE].folders))


async def names(request: web.Request) -> web.Response:
    return answer(await asyncio.to_thread(_names, request.app[ENGINE].folders, request.match_info["folder"]))


async def embeddings(request: web.Request) -> web.Response:
    found = await asyncio.to_thread(request.app[ENGINE].folders.names, "embeddings")
    return answer([str(PurePosixPath(name).with_suffix("")) for name in found])


async def folders_of_kinds(request: web.Request) -> web.Response:
    folders = request.app[ENGINE].folders
    listed = await asyncio.to_thread(kinds_of, folders)
    return answer([{"name": kind, "folders": [f"models/{kind}"]} for kind in listed])


async def files_of_kind(request: web.Request) -> web.Response:
    found = await asyncio.to_thread(_files, request.app[ENGINE].folders, request.match_info["folder"])
    return answer(found)


async def preview(request: web.Request) -> web.StreamResponse:
    """The picture that lies beside a model under its name."""
    folders, found = request.app[ENGINE].folders, request.match_info
    path = _model(folders, found["folder"], found["filename"])
    for suffix in (".webp", ".png", ".jpg", ".jpeg", ".preview.png"):
        picture = path.with_name(path.stem + suffix)
        if picture.is_file():
            return web.FileResponse(picture)
    raise refuse(404, "file_not_found", f"there is no picture of {found['filename'][:200]!r}")


async def view_metadata(request: web.Request) -> web.Response:
    """What a safetensors file says of itself."""
    name = request.query.get("filename", "")
    if not name:
        raise refuse(404, "file_not_found", "filename says which file")
    path = _model(request.app[ENGINE].folders, request.match_info["folder"], name)
    said = await asyncio.to_thread(_metadata, path) if path.suffix == ".safetensors" else None
    if said is None:
        raise refuse(404, "no_metadata", f"{name[:200]!r} says nothing of itself")
    return answer(said)


def kinds_of(folders: Folders) -> list[str]:
    there = folders.root / "models"
    found = [path.name for path in there.iterdir() if path.is_dir()] if there.is_dir() else []
    return list(dict.fromkeys([*KINDS, *sorted(name for name in found if not name.startswith("."))]))


def _names(folders: Folders, kind: str) -> tuple[str, ...]:
    if kind not in kinds_of(folders):
        raise refuse(404, "unknown_folder", f"there is no model folder {kind[:100]!r}")
    return folders.names(kind)


def _files(folders: Folders, kind: str) -> list[dict[str, Any]]:
    listed = []
    for name in _names(folders, kind):
        path = folders.resolve(kind, name)
        status = path.stat()
        places = folders.directories(kind)
        index = next((place for place, each in enumerate(places) if (each / name).is_file()), 0)
        times = {"modified": status.st_mtime, "created": status.st_ctime}
        listed.append({"name": name, "pathIndex": index, **times, "size": status.st_size})
    return listed


def _model(folders: Folders, kind: str, name: str) -> Path:
    try:
        path = folders.find(kind, name) if kind in kinds_of(folders) else None
    except PathRefused as error:
        raise refuse(403, "outside_folder", str(error)) from None
    if path is None:
        raise refuse(404, "file_not_found", f"there is no file {name[:200]!r} in {kind[:100]!r}")
    return path


def _metadata(path: Path) -> dict[str, Any] | None:
    """The `__metadata__` of the header, which is JSON behind eight bytes of its length."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = file.read(size) if size <= LONGEST_HEADER else b""
    try:
        said = json.loads(header)
    except (ValueError, RecursionError):
        return None
    found = said.get("__metadata__") if isinstance(said, dict) else None
    return found if isinstance(found, dict) else None
