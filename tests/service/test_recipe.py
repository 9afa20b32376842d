"""Recipes out of pictures and JSON files."""

import io
import json
import struct
import zlib
from typing import Any

import pytest
from aiohttp import FormData
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from service.protocol import JSON_BYTES
from tests.service.conftest import Service, chain

WORKFLOW = chain("Nap", value=4) | {"title": "Ein Apfel — 🍎"}


def picture(*, zip: bool = False, international: bool = False, **texts: str) -> bytes:
    info, buffer = PngInfo(), io.BytesIO()
    for name, text in texts.items():
        if international:
            info.add_itxt(name, text, zip=zip)
        else:
            info.add_text(name, text, zip=zip)
    Image.new("RGB", (8, 8)).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


async def read(service: Service, content: bytes, name: str = "x.png") -> tuple[int, dict[str, Any]]:
    form = FormData()
    form.add_field("file", content, filename=name)
    async with service.client.post("/api/v1/recipe", data=form) as answer:
        return answer.status, await answer.json()


@pytest.mark.parametrize("zip", [False, True])
@pytest.mark.parametrize("international", [False, True])
async def test_a_picture_gives_back_its_document(service: Service, zip: bool, international: bool) -> None:
    text = json.dumps(WORKFLOW, ensure_ascii=not international)
    content = picture(zip=zip, international=international, tessera=text)
    assert await read(service, content) == (200, {"workflow": WORKFLOW})


async def test_a_document_beside_its_lock_is_found(service: Service) -> None:
    text = json.dumps({"workflow": WORKFLOW, "lock": {"torch": "2"}})
    assert await read(service, picture(tessera=text)) == (200, {"workflow": WORKFLOW})


async def test_a_json_file_gives_back_its_document(service: Service) -> None:
    assert await read(service, json.dumps(WORKFLOW).encode(), "w.json") == (200, {"workflow": WORKFLOW})


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


BOMB = chunk(b"zTXt", b"tessera\0\0" + zlib.compress(b" " * (JSON_BYTES + 1)))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no picture",
        b"[1, 2]",
        b'{"format": "tessera.workfl',
        json.dumps({"nodes": [], "links": []}).encode(),
        picture(),
        picture(tessera="no json"),
        picture(workflow=json.dumps({"last_node_id": 3, "nodes": []})),
        picture(tessera=json.dumps(WORKFLOW))[:60],
        b"\x89PNG\r\n\x1a\n" + BOMB,
        b"\x89PNG\r\n\x1a\n" + b"\xff\xff\xff\xfftEXttessera",
        b"\x89PNG\r\n\x1a\n" + chunk(b"zTXt", b"tessera\0\0damaged"),
        b"\x89PNG\r\n\x1a\n" + chunk(b"iTXt", b""),
        b"\x89PNG\r\n\x1a\n" + chunk(b"tEXt", b"") * 10_000,
    ],
)
async def test_a_file_without_a_recipe_is_refused(service: Service, content: bytes) -> None:
    status, answer = await read(service, content)
    assert (status, len(answer["problems"])) == (422, 1)
    assert list((service.root / "temp").iterdir()) == []
