"""Files of weights with the published names and shapes and holes instead of weights: they take no space."""

import json
import math
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

SIZES = {"F32": 4, "F16": 2, "BF16": 2}


def sparse(
    path: Path,
    shapes: Mapping[str, tuple[int, ...]],
    *,
    dtype: str = "F32",
    numbers: Mapping[str, Sequence[float]] | None = None,
    metadata: Mapping[str, str] | None = None,
) -> Path:
    """A .safetensors file of these shapes, all 0 but for the given `numbers`."""
    entries: dict[str, object] = {"__metadata__": dict(metadata)} if metadata else {}
    starts, end = {}, 0
    for name, shape in shapes.items():
        starts[name], length = end, math.prod(shape) * SIZES[dtype]
        entries[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [end, end + length]}
        end += length
    header = json.dumps(entries).encode()
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        file.truncate(8 + len(header) + end)
        for name, values in (numbers or {}).items():
            file.seek(8 + len(header) + starts[name])
            file.write(b"".join(packed(value, dtype) for value in values))
    return path


def packed(value: float, dtype: str) -> bytes:
    """One number, little-endian."""
    if dtype == "BF16":
        return struct.pack("<f", value)[2:]
    return struct.pack("<e" if dtype == "F16" else "<f", value)
