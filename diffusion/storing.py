"""Stored values: outputs of nodes as the bytes of a safetensors file, and back.

Tensors lie in the file as they are; what holds them is JSON in its header, under `outputs`. Pictures, masks,
latents, conditioning, numbers and texts can be stored. Models cannot: they are loaded again from their files.

Imports torch only for values that need it: where nobody has, there are no tensors.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from diffusion.loaded import loaded_torch

if TYPE_CHECKING:
    from torch import Tensor

STORABLE = ("Latent", "Cond", "Area")
"""The dataclasses of `diffusion.values` that may be in a file; no other name in one is ever looked up."""
HEADER = "outputs"


class Unstorable(Exception):
    """A value that is not stored."""


def pack(outputs: Sequence[object]) -> bytes | None:
    """A file that holds the outputs; None where one of them is not stored. Equal outputs give equal bytes."""
    tensors: dict[str, Tensor] = {}
    places: dict[int, str] = {}

    def place(tensor: Tensor) -> str:
        if id(tensor) not in places:
            places[id(tensor)] = name = str(len(tensors))
            tensors[name] = tensor.detach().cpu().contiguous().clone()  # a part of another would be refused
        return places[id(tensor)]

    try:
        described = [_described(value, place) for value in outputs]
    except Unstorable:
        return None
    text = json.dumps(described, separators=(",", ":"))
    if not tensors:
        header = json.dumps({"__metadata__": {HEADER: text}}).encode()
        return len(header).to_bytes(8, "little") + header
    from safetensors.torch import save

    return save(tensors, {HEADER: text})


def unpack(data: bytes) -> tuple[object, ...]:
    """The outputs in a file; tensors are on the host."""
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    described = json.loads(header["__metadata__"][HEADER])
    tensors: Mapping[str, Tensor] = {}
    if len(header) > 1:
        from safetensors.torch import load

        tensors = load(data)
    return tuple(_restored(record, tensors) for record in described)


def mark(outputs: Sequence[object]) -> object:
    """The version counters of all tensors: torch raises them when it changes one in place."""
    if loaded_torch() is None:
        return []
    from diffusion.memory import tensors_of

    return [None if tensor.is_inference() else tensor._version for tensor in tensors_of(outputs)]


def _described(value: Any, place: Callable[[Tensor], str]) -> object:
    """JSON for a value: plain where it is plain, else an object of one field that says what it is."""
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return value
    kind = getattr(kind, "stored_as", kind)
    if kind in (list, tuple):
        return {kind.__name__: [_described(item, place) for item in value]}
    if kind is dict and all(type(key) is str for key in value):
        return {"dict": {key: _described(item, place) for key, item in value.items()}}
    torch = loaded_torch()
    if torch is not None:
        if kind is torch.Tensor and value.layout == torch.strided:
            return {"tensor": place(value)}
        if kind.__name__ in STORABLE and kind is _class_of(kind.__name__):
            each = {field.name: _described(getattr(value, field.name), place) for field in fields(value)}
            return {kind.__name__: each}
    raise Unstorable(kind.__name__)


def _class_of(name: str) -> type:
    from diffusion import values

    if name not in STORABLE:
        raise KeyError(name)
    found: type = getattr(values, name)
    return found


def _restored(record: Any, tensors: Mapping[str, Tensor]) -> object:
    if not isinstance(record, dict):
        return record
    ((kind, inner),) = record.items()
    if kind == "tensor":
        return tensors[inner]
    if kind in ("list", "tuple"):
        items = [_restored(item, tensors) for item in inner]
        return items if kind == "list" else tuple(items)
    restored = {name: _restored(item, tensors) for name, item in inner.items()}
    return restored if kind == "dict" else _class_of(kind)(**restored)
