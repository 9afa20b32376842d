"""Opens files of weights: names and shapes at once, tensors when asked for, and no code from the file ever.

`.safetensors` and zipped `torch.save` files are mapped into memory, so that opening costs milliseconds and
untouched weights cost nothing. Which format a file has is read from its first bytes, not from its name.
"""

import json
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from safetensors import SafetensorError, safe_open
from torch import Tensor

from diffusion.checkpoint.errors import DOWNLOAD_AGAIN, DamagedFile, MislabelledFile, MissingFile
from diffusion.checkpoint.pickles import load_pickled

Format = Literal["safetensors", "torch zip", "pickle"]

HEADER_LIMIT = 100_000_000  # bytes of JSON, the limit that safetensors itself sets


@dataclass(frozen=True)
class TensorInfo:
    """Shape and dtype of a stored tensor."""

    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class Header:
    """What a file says about itself without reading any weights."""

    tensors: dict[str, TensorInfo]
    metadata: dict[str, str]


class Weights(Mapping[str, Tensor]):
    """The tensors of a file by name, read when they are asked for."""

    def __init__(self, path: Path, header: Header, read: Callable[[str], Tensor]) -> None:
        self.path = path
        self.header = header
        self._read = read

    def __getitem__(self, name: str) -> Tensor:
        if name not in self.header.tensors:
            raise KeyError(name)
        return self._read(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.header.tensors)

    def __len__(self) -> int:
        return len(self.header.tensors)

    @property
    def metadata(self) -> dict[str, str]:
        """Free text that the file's maker stored."""
        return self.header.metadata


def open_weights(path: Path | str) -> Weights:
    """The weights in a file, of whichever format its content has; raises a `CheckpointError` otherwise."""
    path = Path(path)
    found = find_format(path)
    if found == "safetensors":
        header = read_safetensors_header(path)
        return Weights(path, header, open_safetensors(path).get_tensor)
    tensors = load_pickled(path, zipped=found == "torch zip")
    return Weights(path, header_of(tensors), tensors.__getitem__)


def read_header(path: Path | str) -> Header:
    """Names, shapes, dtypes and metadata of a file, without its weights."""
    path = Path(path)
    found = find_format(path)
    if found == "safetensors":
        return read_safetensors_header(path)
    return header_of(load_pickled(path, zipped=found == "torch zip"))


def header_of(tensors: Mapping[str, Tensor]) -> Header:
    """The header that tensors in memory would have."""
    infos = {
        name: TensorInfo(tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."))
        for name, tensor in tensors.items()
    }
    return Header(infos, {})


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
    if start[:1] == b"\x80" and start[1:2] <= b"\x05":
        return "pickle"
    if len(start) > 8 and start[8:9] == b"{" and struct.unpack("<Q", start[:8])[0] <= HEADER_LIMIT:
        return "safetensors"
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
        infos = {name: TensorInfo(tuple(entry["shape"]), entry["dtype"]) for name, entry in entries.items()}
        ends = [entry["data_offsets"][1] for entry in entries.values()]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedFile(
            path, given="an unreadable header", expected="safetensors", remedy=DOWNLOAD_AGAIN
        ) from error
    needed, size = 8 + length + max(ends, default=0), path.stat().st_size
    if size < needed:
        raise DamagedFile(path, given=f"{size} bytes", expected=f"{needed} bytes", remedy=DOWNLOAD_AGAIN)
    return Header(infos, metadata)


def open_safetensors(path: Path) -> Any:
    """The library's handle on a file; its tensors are views of the mapped file."""
    try:
        return safe_open(path, framework="pt")
    except SafetensorError as error:
        raise DamagedFile(
            path, given=str(error), expected="a whole safetensors file", remedy=DOWNLOAD_AGAIN
        ) from error
