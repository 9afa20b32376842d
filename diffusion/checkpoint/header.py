"""What a file of weights says of itself: format, names, shapes and dtypes, without weights and without torch.

A plan reads headers before torch is imported; opening the same file for its weights is `files.py`.
"""

import json
import math
import struct
from pathlib import Path
from typing import Literal

from diffusion.checkpoint.contents import HEADER_LIMIT, Header, TensorInfo
from diffusion.checkpoint.errors import DOWNLOAD_AGAIN, DamagedFile, MislabelledFile, MissingFile
from diffusion.checkpoint.pickled_header import read_pickled_header

Format = Literal["safetensors", "torch zip", "pickle"]


def read_header(path: Path | str) -> Header:
    """Names, shapes, dtypes and metadata of a file, without its weights."""
    path = Path(path)
    found = find_format(path)
    if found == "safetensors":
        return read_safetensors_header(path)
    return read_pickled_header(path, zipped=found == "torch zip")


def find_format(path: Path) -> Format:
    """The format that the first bytes of a file show; refuses what is no weights, or less than it seems."""
    if not path.is_file():
        remedy = "Check the name, or refresh the lists."
        raise MissingFile(path, given="no file", expected="a file of weights", remedy=remedy)
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(64)
    found = format_of(start)
    if found is None:
        raise not_weights(path, start, size)
    if path.suffix == ".safetensors" and found != "safetensors":
        raise MislabelledFile(
            path,
            given=f"a {found} file named .safetensors",
            expected="safetensors, which cannot hold code",
            remedy="Get the file elsewhere, or rename it to .ckpt: it is read without running code.",
        )
    return found


def format_of(start: bytes) -> Format | None:
    """The format whose files begin with these bytes."""
    if start[:4] == b"PK\x03\x04":
        return "torch zip"
    # Before pickles, whose first bytes a length may have; no pickle has the zeros of a length.
    if len(start) > 8 and start[8:9] == b"{" and struct.unpack("<Q", start[:8])[0] <= HEADER_LIMIT:
        return "safetensors"
    if start[:1] == b"\x80" and start[1:2] <= b"\x05":
        return "pickle"
    return None


def not_weights(path: Path, start: bytes, size: int) -> DamagedFile | MislabelledFile:
    """The error for a file of no known format, naming what it is instead where that is known."""
    if size == 0:
        return DamagedFile(path, given="an empty file", expected="weights", remedy=DOWNLOAD_AGAIN)
    text = start.lstrip().lower()
    if text.startswith((b"<!doctype", b"<html", b"<?xml")):
        given, remedy = "a web page", "The link led to a page instead of the file: use its download button."
    elif text.startswith(b"version https://git-lfs"):
        given, remedy = "a git-lfs pointer", "Run `git lfs pull`, or download the file itself."
    elif path.suffix == ".safetensors" and size <= 64:
        return DamagedFile(
            path, given=f"{size} bytes", expected="a safetensors header", remedy=DOWNLOAD_AGAIN
        )
    else:
        given, remedy = f"{size} bytes of an unknown format", DOWNLOAD_AGAIN
    return MislabelledFile(path, given=given, expected="safetensors or a PyTorch checkpoint", remedy=remedy)


def read_safetensors_header(path: Path) -> Header:
    """The JSON at the start of a safetensors file, checked against the size of the file."""
    with path.open("rb") as file:
        length = struct.unpack("<Q", file.read(8))[0]
        text = file.read(length)
    try:
        entries = json.loads(text)
        metadata = entries.pop("__metadata__", {})
        infos = {
            name: TensorInfo(tuple(entry["shape"]), entry["dtype"], 8 + length + entry["data_offsets"][0])
            for name, entry in entries.items()
        }
        ends = [entry["data_offsets"][1] for entry in entries.values()]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedFile(
            path, given="an unreadable header", expected="safetensors", remedy=DOWNLOAD_AGAIN
        ) from error
    needed, size = 8 + length + max(ends, default=0), path.stat().st_size
    if size < needed:
        raise DamagedFile(path, given=f"{size} bytes", expected=f"{needed} bytes", remedy=DOWNLOAD_AGAIN)
    return Header(infos, metadata)


# What `struct` calls the numbers, by their names in safetensors and in torch; bfloat16 has no name there.
NUMBERS = {
    **dict.fromkeys(("F64", "float64"), "d"),
    **dict.fromkeys(("F32", "float32"), "f"),
    **dict.fromkeys(("F16", "float16"), "e"),
    **dict.fromkeys(("BF16", "bfloat16"), "H"),
}


def read_numbers(path: Path, info: TensorInfo) -> tuple[float, ...] | None:
    """The numbers of one small tensor; None where its place or its dtype is unknown."""
    code = NUMBERS.get(info.dtype)
    if code is None or info.start is None:
        return None
    layout = struct.Struct(f"<{math.prod(info.shape)}{code}")
    with path.open("rb") as file:
        file.seek(info.start)
        stored = layout.unpack(file.read(layout.size))
    if code == "H":  # the upper half of a float32
        return struct.unpack(
            f"<{len(stored)}f", struct.pack(f"<{len(stored)}I", *(half << 16 for half in stored))
        )
    return stored
