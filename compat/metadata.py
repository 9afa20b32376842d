"""Texts that files carry beside their content: PNG chunks, EXIF of WebP and JPEG, safetensors headers."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator

from compat.loose import record

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8"
LARGEST, MOST = 16 * 2**20, 4096
COMMENT, EXIF_POINTER = 0x9286, 0x8769
NAMED = ("workflow", "prompt", "parameters", "tessera")


def read_texts(data: bytes) -> dict[str, str]:
    """The texts of a picture or a model file by name; none for any other or damaged file. Never raises."""
    if data.startswith(PNG):
        return dict(_png(data))
    if data.startswith(JPEG):
        return dict(_exif(_jpeg_exif(data)))
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return dict(_exif(_webp_exif(data)))
    return _safetensors(data)


def is_picture(data: bytes) -> bool:
    return data.startswith((PNG, JPEG)) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")


def _png(data: bytes) -> Iterator[tuple[str, str]]:
    at = len(PNG)
    for _ in range(MOST):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if len(kind) < 4 or kind == b"IEND":
            return
        if kind in (b"tEXt", b"zTXt", b"iTXt") and size <= LARGEST:
            keyword, _, rest = data[at + 8 : at + 8 + size].partition(b"\0")
            text = _png_text(kind, rest)
            if text is not None:
                yield keyword.decode("latin-1"), text
        at += size + 12


def _png_text(kind: bytes, rest: bytes) -> str | None:
    if kind == b"tEXt":
        return _utf8_or_latin1(rest)
    if kind == b"zTXt":
        inflated = _inflate(rest[1:])
        return None if inflated is None else _utf8_or_latin1(inflated)
    body = rest[2:].split(b"\0", 2)[-1]
    plain = _inflate(body) if rest[:1] == b"\1" else body
    return None if plain is None else plain.decode("utf-8", "replace")


def _utf8_or_latin1(data: bytes) -> str:
    """Programs write UTF-8 where the format wants Latin-1."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _inflate(data: bytes) -> bytes | None:
    unpacker = zlib.decompressobj()
    try:
        inflated = unpacker.decompress(data, LARGEST)
    except zlib.error:
        return None
    return inflated if unpacker.eof else None


def _jpeg_exif(data: bytes) -> bytes:
    at = 2
    for _ in range(MOST):
        marker, size = data[at : at + 2], int.from_bytes(data[at + 2 : at + 4], "big")
        if len(marker) < 2 or marker[0] != 0xFF or marker[1] in (0xD9, 0xDA) or size < 2:
            return b""
        if marker[1] == 0xE1 and data[at + 4 : at + 10] == b"Exif\0\0":
            return data[at + 10 : at + 2 + size]
        at += 2 + size
    return b""


def _webp_exif(data: bytes) -> bytes:
    at = 12
    for _ in range(MOST):
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if len(kind) < 4:
            return b""
        if kind == b"EXIF":
            return data[at + 8 : at + 8 + size].removeprefix(b"Exif\0\0")
        at += 8 + size + size % 2
    return b""


def _exif(data: bytes) -> Iterator[tuple[str, str]]:
    """Texts `name:…` of any tag, and the user's comment, where A1111 writes its parameters."""
    if data[:2] not in (b"II", b"MM"):
        return
    order = "little" if data[:2] == b"II" else "big"
    waiting, seen = [_number(data, 4, 4, order)], set()
    while waiting and len(seen) < 8:
        directory = waiting.pop()
        if directory in seen:
            continue
        seen.add(directory)
        for tag, kind, count, at in _entries(data, directory, order):
            if tag == EXIF_POINTER:
                waiting.append(_number(data, at, 4, order))
            elif kind in (1, 2, 7):  # bytes, text, undefined
                start = at if count <= 4 else _number(data, at, 4, order)
                yield from _named(tag, data[start : start + count], order)


def _entries(data: bytes, directory: int, order: str) -> Iterator[tuple[int, int, int, int]]:
    """Tag, kind, count and place of the value."""
    for place in range(min(_number(data, directory, 2, order), 256)):
        at = directory + 2 + 12 * place
        if at + 12 > len(data):
            return
        yield (
            _number(data, at, 2, order),
            _number(data, at + 2, 2, order),
            _number(data, at + 4, 4, order),
            at + 8,
        )


def _number(data: bytes, at: int, size: int, order: str) -> int:
    return int.from_bytes(data[at : at + size], "little" if order == "little" else "big")


def _named(tag: int, value: bytes, order: str) -> Iterator[tuple[str, str]]:
    if tag == COMMENT:
        yield "parameters", _comment(value, order)
        return
    name, colon, text = _utf8_or_latin1(value.rstrip(b"\0")).partition(":")
    if colon and name.strip().lower() in NAMED:
        yield name.strip().lower(), text


def _comment(value: bytes, order: str) -> str:
    """Text behind eight bytes that name its encoding."""
    encoding, text = value[:8], value[8:]
    if encoding.startswith(b"UNICODE"):
        # Programs write UTF-16 in either order, whatever the directory's own order is.
        zeros = (text[0::2].count(0), text[1::2].count(0))
        big = zeros[0] > zeros[1] if zeros[0] != zeros[1] else order == "big"
        return text.decode("utf-16-be" if big else "utf-16-le", "replace").strip("\0")
    return _utf8_or_latin1(text).strip("\0")


def _safetensors(data: bytes) -> dict[str, str]:
    size = int.from_bytes(data[:8], "little")
    if not 2 <= size <= min(len(data) - 8, LARGEST) or data[8:9] != b"{":
        return {}
    try:
        header = json.loads(data[8 : 8 + size])
    except (ValueError, RecursionError):
        return {}
    metadata = record(record(header).get("__metadata__"))
    return {name: text for name, text in metadata.items() if isinstance(text, str)}
