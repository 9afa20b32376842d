"""/view: a file of the working folders, whole, smaller, or one channel of it."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

from aiohttp import web

from graph.folders import WORKING, Folders, PathRefused, located
from service.files import LARGEST_PICTURE, TYPES
from service.protocol import refuse
from service.state import ENGINE

PREVIEWS = {"webp": "image/webp", "jpeg": "image/jpeg"}
READABLE = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")


async def view(request: web.Request) -> web.StreamResponse:
    """The file that an image of the history names."""
    path = find(request.app[ENGINE].folders, request)
    headers = {"Content-Disposition": f'filename="{_header(path.name)}"', "Cache-Control": "no-cache"}
    channel, preview = request.query.get("channel", "rgba"), request.query.get("preview", "")
    if preview:
        kind, _, quality = preview.partition(";")
        kind = kind if kind in PREVIEWS else "webp"
        size = int(quality) if quality.isascii() and quality.isdecimal() and len(quality) <= 3 else 90
        body = await asyncio.to_thread(_encoded, path, kind, min(size, 100), channel)
        return web.Response(body=body, content_type=PREVIEWS[kind], headers=headers)
    if channel in ("rgb", "a"):
        body = await asyncio.to_thread(_encoded, path, "png", 0, channel)
        return web.Response(body=body, content_type="image/png", headers=headers)
    kind = TYPES.get(path.suffix.lower(), "application/octet-stream")
    return web.FileResponse(path, headers={**headers, "Content-Type": kind})


def find(folders: Folders, request: web.Request) -> Path:
    """The path that filename, type and subfolder name, inside its folder."""
    name, subfolder = request.query.get("filename", ""), request.query.get("subfolder", "")
    if not name:
        raise refuse(404, "file_not_found", "filename says which file")
    if name.startswith("/") or ".." in name:
        raise refuse(400, "outside_folder", f"{name[:200]!r} is not the name of a file")
    folder, name = located(request.query.get("type", "output"), name.replace("\\", "/"))
    if folder not in WORKING:
        raise refuse(400, "unknown_folder", f"type is one of {', '.join(WORKING)}")
    place = "/".join(part for part in (subfolder.replace("\\", "/"), name) if part)
    if any(part.startswith(".") and part != ".." for part in place.split("/")):
        raise refuse(404, "file_not_found", "hidden files are not shown")
    try:
        path = folders.find(folder, place)
    except PathRefused as error:
        raise refuse(403, "outside_folder", str(error)) from None
    if path is None:
        raise refuse(404, "file_not_found", f"there is no file {place[:200]!r} in {folder}")
    return path


def _header(name: str) -> str:
    """A name that may stand between quotes in a header."""
    return "".join(letter if letter.isascii() and letter.isprintable() else "_" for letter in name).replace(
        '"', "_"
    )


def _encoded(path: Path, kind: str, quality: int, channel: str) -> bytes:
    """The picture as a file of another kind; of channel `a`, opacity as transparency."""
    from PIL import Image

    try:
        with Image.open(path, formats=READABLE) as picture:
            if picture.width * picture.height > LARGEST_PICTURE:
                raise refuse(422, "too_many_pixels", f"{path.name} is too large to be encoded anew")
            full = picture.convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise refuse(422, "not_a_picture", f"{path.name} is no picture: {error}") from None
    if channel == "a":
        opacity = full.getchannel("A")
        full = Image.new("RGBA", full.size)
        full.putalpha(opacity)
    elif channel == "rgb" or kind == "jpeg":
        full = full.convert("RGB")
    written = io.BytesIO()
    options = {} if kind == "png" else {"quality": quality}
    full.save(written, kind, **options)
    return written.getvalue()
