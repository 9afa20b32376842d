"""/upload: pictures into the working folders; other content of a name is kept, unless asked otherwise."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path, PurePosixPath

from aiohttp import web

from graph.events import CatalogChanged
from graph.folders import WORKING, Folders, PathRefused
from service.files import LARGEST_PICTURE, Received, receive, settle, unstorable
from service.protocol import Refusal, answer, parse, refuse
from service.state import ENGINE, announce

YES = ("true", "1")


async def upload_image(request: web.Request) -> web.Response:
    """Store a picture or any other file."""
    folders = request.app[ENGINE].folders
    async with receive(request, folders, file="image", texts=None) as received:
        return await _stored(request, received, folders)


async def upload_mask(request: web.Request) -> web.Response:
    """Store a picture with the alpha of the upload: what a mask editor sends."""
    folders = request.app[ENGINE].folders
    async with receive(request, folders, file="image", texts=None) as received:
        if "original_ref" in received.fields:
            original = _original(folders, received.fields["original_ref"])
            await asyncio.to_thread(_put_alpha, received, original)
        return await _stored(request, received, folders)


async def _stored(request: web.Request, received: Received, folders: Folders) -> web.Response:
    folder = received.fields.get("type", "input")
    folder = folder if folder in WORKING else "input"
    subfolder = received.fields.get("subfolder", "").replace("\\", "/").strip("/")
    target = resolved(folders, folder, subfolder, PurePosixPath(received.name.replace("\\", "/")).name)
    overwrite = received.fields.get("overwrite", "").lower() in YES
    store = _replace if overwrite else _settle
    path = await asyncio.to_thread(store, received, target)
    announce(request.app, [CatalogChanged()])
    return answer({"name": path.name, "subfolder": subfolder, "type": folder})


def resolved(folders: Folders, folder: str, subfolder: str, name: str) -> Path:
    """The path of a name in a folder; a Refusal for what leads out of it or is hidden."""
    place = f"{subfolder}/{name}" if subfolder else name
    hidden = any(part.startswith(".") for part in place.split("/"))
    if not place.isprintable() or hidden:
        raise refuse(400, "outside_folder", f"{place[:200]!r} is not the name of a file in a folder")
    try:
        return folders.resolve(folder, place)
    except PathRefused as error:
        raise refuse(400, "outside_folder", str(error)) from None


def _settle(received: Received, target: Path) -> Path:
    return settle(received, target, "{stem} ({number}){suffix}")


def _replace(received: Received, target: Path) -> Path:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(received.path, target)
    except OSError as error:
        raise unstorable(error, "upload") from None
    return target


def _original(folders: Folders, text: str) -> Path:
    reference = parse(text.encode())
    if not isinstance(reference, dict) or not isinstance(reference.get("filename"), str):
        raise refuse(400, "wrong_field", 'original_ref is {"filename", "type", "subfolder"}')
    folder = reference.get("type") if reference.get("type") in WORKING else "output"
    subfolder = str(reference.get("subfolder") or "").replace("\\", "/").strip("/")
    path = resolved(folders, str(folder), subfolder, reference["filename"].removesuffix(f" [{folder}]"))
    if not path.is_file():
        raise refuse(404, "file_not_found", f"there is no file {reference['filename'][:200]!r} in {folder}")
    return path


def _put_alpha(received: Received, original: Path) -> None:
    """Make the upload the original with the upload's alpha, and keep what the original says in texts."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    try:
        with Image.open(original) as below, Image.open(received.path) as above:
            if max(below.width * below.height, above.width * above.height) > LARGEST_PICTURE:
                raise refuse(422, "too_many_pixels", "the picture is too large")
            kept = PngInfo()
            for name, text in getattr(below, "text", {}).items():
                kept.add_text(name, text)
            masked = below.convert("RGBA")
            masked.putalpha(above.convert("RGBA").getchannel("A"))
    except Refusal:
        raise
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise refuse(422, "not_a_picture", f"the mask or its picture cannot be read: {error}") from None
    except ValueError as error:
        raise refuse(422, "sizes_differ", f"the mask does not fit the picture: {error}") from None
    masked.save(received.path, "PNG", pnginfo=kept)
    received.digest = "remade"
