"""Files: pictures out, uploads in, both confined to their folders and bounded."""

import asyncio
import hashlib
import io
import shutil
import uuid
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from graph.events import CatalogChanged
from graph.folders import WORKING, Folders, PathRefused
from service.guard import NO_ROOM, ROOM
from service.protocol import Refusal, answer, check_size, refuse, too_large
from service.state import ENGINE, announce

UPLOAD_BYTES = 64 * 2**20
FIELD_BYTES = 4096
MOST_FIELDS = 32
CHUNK = 2**18
PREVIEW_SIZES = range(16, 1025)
LARGEST_PICTURE = 100_000_000  # pixels that a preview may decode
TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
}
"""What a browser may show; every other file is a download, so that none runs as a page of ours."""


async def get_file(request: web.Request) -> web.StreamResponse:
    """A file of a working folder, or a smaller WebP of it."""
    path = find_file(request.app[ENGINE].folders, request.match_info["folder"], request.match_info["path"])
    if "preview" in request.query:
        return await send_preview(request, path)
    kind = TYPES.get(path.suffix.lower())
    headers = {"Cache-Control": "no-cache", "Content-Type": kind or "application/octet-stream"}
    if kind is None:
        headers["Content-Disposition"] = "attachment"
    return web.FileResponse(path, headers=headers)


def find_file(folders: Folders, folder: str, name: str) -> Path:
    """A file of a working folder; a Refusal says why there is none."""
    if folder not in WORKING:
        raise refuse(404, "unknown_folder", f"there is no folder {folder[:100]!r}: {', '.join(WORKING)}")
    try:
        path = folders.find(folder, name)
    except PathRefused as error:
        raise refuse(400, "outside_folder", str(error)) from None
    if path is None or any(part.startswith(".") for part in name.split("/")):
        raise refuse(404, "file_not_found", f"there is no file {name[:200]!r} in {folder}")
    return path


async def send_preview(request: web.Request, path: Path) -> web.Response:
    """A smaller WebP of a picture, again only where it has changed."""
    asked = request.query.get("preview", "256")
    if not asked.isdecimal() or len(asked) > 4 or int(asked) not in PREVIEW_SIZES:
        raise refuse(400, "wrong_preview", "preview is a whole number of pixels from 16 to 1024")
    status = path.stat()
    tag = f"{status.st_mtime_ns:x}-{status.st_size:x}-{asked}"
    headers = {"Cache-Control": "no-cache", "ETag": f'"{tag}"'}
    if any(known.value == tag for known in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    body = await asyncio.to_thread(make_preview, path, int(asked))
    return web.Response(body=body, content_type="image/webp", headers=headers)


def make_preview(path: Path, size: int) -> bytes:
    """The picture as WebP, upright, no side longer than `size`."""
    from PIL import Image, ImageOps

    try:
        with Image.open(path, formats=("PNG", "JPEG", "WEBP", "GIF", "BMP")) as picture:
            if picture.width * picture.height > LARGEST_PICTURE:
                raise refuse(422, "too_many_pixels", f"{path.name} is too large for a preview")
            picture.draft("RGB", (size, size))
            small = ImageOps.exif_transpose(picture)
            if small.mode.startswith("I"):  # 16 bits of grey, which Pillow would cut at 255
                small = small.convert("I").point(lambda value: value / 257).convert("L")
            small = small.convert("RGBA" if small.has_transparency_data else "RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise refuse(422, "not_a_picture", f"{path.name} is no picture that can be read: {error}") from None
    small.thumbnail((size, size))
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=80, method=2)
    return buffer.getvalue()


@dataclass
class Received:
    """An upload that lies in a temporary file."""

    path: Path
    name: str = ""
    digest: str = ""
    fields: dict[str, str] = field(default_factory=dict)


async def upload(request: web.Request) -> web.Response:
    """Put a file into `input`; other content of the same name is never overwritten."""
    folders = request.app[ENGINE].folders
    async with receive(request, folders) as received:
        folder = received.fields.get("folder", "input")
        if folder != "input":
            raise refuse(400, "outside_folder", f"uploads go to 'input', not to {folder[:100]!r}")
        target = _target(folders, received.fields.get("subfolder", ""), received.name)
        path = await asyncio.to_thread(settle, received, target)
        name = path.relative_to(folders.folder("input").resolve()).as_posix()
    announce(request.app, [CatalogChanged()])
    return answer({"folder": folder, "name": name}, status=201)


def _target(folders: Folders, subfolder: str, name: str) -> Path:
    printable = name.isprintable() and subfolder.isprintable()
    if not printable or "/" in name or "\\" in name or name.startswith("."):
        raise refuse(400, "outside_folder", f"{name[:200]!r} is not the name of a file in a folder")
    try:
        return folders.resolve("input", f"{subfolder}/{name}" if subfolder else name)
    except PathRefused as error:
        raise refuse(400, "outside_folder", str(error), "Name a folder inside 'input'.") from None


@asynccontextmanager
async def receive(
    request: web.Request,
    folders: Folders,
    *,
    file: str = "file",
    texts: Collection[str] | None = ("folder", "subfolder"),
) -> AsyncIterator[Received]:
    """The one file of a multipart body, in a temporary file that is gone afterwards, and the text fields.

    Without `texts`, every field is taken.
    """
    check_size(request, UPLOAD_BYTES + FIELD_BYTES)
    if request.content_type != "multipart/form-data":
        raise refuse(415, "not_multipart", "send the file as multipart/form-data")
    folder = folders.folder("temp")
    folder.mkdir(parents=True, exist_ok=True)
    received = Received(folder / f".upload-{uuid.uuid4().hex}")
    try:
        try:
            await _read_parts(request, received, file, texts)
        except (ValueError, HttpProcessingError) as error:
            raise refuse(400, "malformed_upload", f"the multipart body cannot be read: {error}") from None
        if not received.digest:
            raise refuse(400, "no_file", f"the upload has no part named {file!r} with a file name")
        yield received
    finally:
        received.path.unlink(missing_ok=True)


async def _read_parts(
    request: web.Request, received: Received, file: str, texts: Collection[str] | None
) -> None:
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise refuse(400, "malformed_upload", "a multipart body inside another is not read")
        if part.name == file and part.filename and not received.digest:
            received.name = part.filename
            received.digest = await _store(part, received.path)
        elif part.name is not None and (part.name in texts if texts is not None else not part.filename):
            received.fields[part.name] = await _text(part)
            if len(received.fields) > MOST_FIELDS:
                raise refuse(400, "malformed_upload", f"the upload has more than {MOST_FIELDS} fields")
        else:
            raise refuse(400, "malformed_upload", f"the part {str(part.name)[:100]!r} is not expected")


async def _text(part: BodyPartReader) -> str:
    value = b""
    while chunk := await part.read_chunk(FIELD_BYTES):
        value += chunk
        if len(value) > FIELD_BYTES:
            raise refuse(413, "too_large", f"the field {part.name!r} is longer than {FIELD_BYTES} bytes")
    return value.decode("utf-8")


async def _store(part: BodyPartReader, path: Path) -> str:
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        while chunk := await part.read_chunk(CHUNK):
            size += len(chunk)
            if size > UPLOAD_BYTES:
                raise too_large(UPLOAD_BYTES)
            digest.update(chunk)
            await asyncio.to_thread(file.write, chunk)
    return digest.hexdigest()


def settle(received: Received, target: Path, numbered: str = "{stem}_{number}{suffix}") -> Path:
    """Move the upload to its name, or to a free one beside it; the same content is taken as it is."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        for path in _names_like(target, numbered):
            try:
                path.open("xb").close()  # Reserves the name.
            except FileExistsError:
                if _digest(path) == received.digest:
                    return path
                continue
            try:
                shutil.move(received.path, path)
            except OSError:
                path.unlink()
                raise
            return path
    except OSError as error:
        raise unstorable(error, "upload") from None
    raise refuse(409, "no_free_name", f"there are too many files like {target.name!r}")


def unstorable(error: OSError, what: str) -> Refusal:
    """The client's fault where the name cannot be; else the machine's."""
    told = f"the {what} cannot be stored: {error.strerror}"
    if error.errno in NO_ROOM:
        return refuse(507, "not_stored", told, ROOM)
    return refuse(400, "cannot_store", told)


def _names_like(path: Path, numbered: str) -> Iterator[Path]:
    yield path
    for number in range(1, 1000):
        yield path.with_name(numbered.format(stem=path.stem, number=number, suffix=path.suffix))


def _digest(path: Path) -> str | None:
    """None for what is no file, or larger than any upload."""
    if not path.is_file() or path.stat().st_size > UPLOAD_BYTES:
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
