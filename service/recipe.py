"""Recipes: the workflow document that a saved picture or a JSON file holds."""

import asyncio
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from graph.workflow import FORMAT
from service.files import receive
from service.protocol import JSON_BYTES, Refusal, answer, parse, refuse
from service.state import ENGINE

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHUNKS = 4096  # that are looked at


async def recipe(request: web.Request) -> web.Response:
    """The workflow of an uploaded file: our own, or one of another program."""
    engine = request.app[ENGINE]
    async with receive(request, engine.folders) as received:
        document = await asyncio.to_thread(_read, received.path, engine.import_file)
    return answer({"workflow": document})


def _read(path: Path, import_file: Callable[[Path], Mapping[str, Any] | None]) -> Mapping[str, Any]:
    try:
        return read_recipe(path)
    except Refusal:
        document = import_file(path)
        if document is None:
            raise
        return document


def read_recipe(path: Path) -> dict[str, Any]:
    """The document in a file; a Refusal says why there is none."""
    with path.open("rb") as file:
        is_picture = file.read(len(SIGNATURE)) == SIGNATURE
    if is_picture:
        texts = [text for name, text in text_chunks(path) if name in ("tessera", "workflow")]
    elif path.stat().st_size <= JSON_BYTES:
        texts = [path.read_bytes()]
    else:
        raise refuse(422, "too_large", f"a workflow is not larger than {JSON_BYTES // 2**20} MB")
    for text in texts:
        document = _document(text, strict=not is_picture)
        if document is not None:
            return document
    what = "this picture" if is_picture else "this file"
    raise refuse(422, "no_recipe", f"{what} holds no Tessera workflow")


def _document(text: bytes, *, strict: bool) -> dict[str, Any] | None:
    """The workflow in a JSON text, bare or in a field of its own."""
    try:
        value = parse(text)
    except Refusal as refusal:
        if strict:
            raise Refusal(422, refusal.problems) from None
        return None
    inner = value.get("workflow", value) if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) and inner.get("format") == FORMAT else None


def text_chunks(path: Path) -> Iterator[tuple[str, bytes]]:
    """Keyword and text of a PNG's text chunks, each of bounded size; a torn file ends the list."""
    with path.open("rb") as file:
        file.seek(len(SIGNATURE))
        for _ in range(CHUNKS):
            head = file.read(8)
            size, kind = int.from_bytes(head[:4], "big"), head[4:]
            if len(head) < 8 or kind == b"IEND":
                return
            if kind in (b"tEXt", b"zTXt", b"iTXt") and size <= JSON_BYTES:
                keyword, _, rest = file.read(size).partition(b"\0")
                text = _text(kind, rest)
                if text is not None:
                    yield keyword.decode("latin-1"), text
                file.seek(4, 1)
            else:
                file.seek(size + 4, 1)


def _text(kind: bytes, rest: bytes) -> bytes | None:
    """The text in UTF-8; None for what is damaged or grows beyond bounds."""
    if kind == b"tEXt":
        return rest.decode("latin-1").encode()
    if kind == b"zTXt":
        inflated = _inflate(rest[1:])
        return None if inflated is None else inflated.decode("latin-1").encode()
    compressed, text = rest[:1] == b"\1", rest[2:].split(b"\0", 2)[-1]
    return _inflate(text) if compressed else text


def _inflate(data: bytes) -> bytes | None:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(data, JSON_BYTES)
    except zlib.error:
        return None
    return text if unpacker.eof else None
