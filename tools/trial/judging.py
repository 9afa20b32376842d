"""Judging: what a value of a wire's type must be, and whether two results say the same."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from diffusion.values import Cond, Latent, Model, TextEncoder, Vae
from graph.artifacts import Artifact, Blocked
from graph.building import Wire
from graph.folders import Folders
from graph.keys import code_digest
from graph.lists import LISTS, Deferred
from graph.problems import words
from graph.sockets import Output

SLACK = 1e-4
"""By how much a picture may leave 0..1: what computing in float32 costs."""


def complaint(output: Output, value: object) -> str:
    """What is wrong with a value that a node gives; empty where nothing is."""
    if isinstance(value, Blocked | Wire):  # what a wire brings is judged by its own node's trial
        return ""
    if output.list:
        members = value if isinstance(value, LISTS) else (value,)
        each_one = (complaint(Output(output.name, output.types), each) for each in members)
        return next(filter(None, each_one), "")
    found = [_of_type(member.name, value) for member in output.types]
    return found[0] if all(found) else ""


def _of_type(name: str, value: Any) -> str:
    if name in TENSORS:
        return _of_tensor(name, value)
    kind = KINDS.get(name)
    if kind is not None:
        wrong = not isinstance(value, kind) or (kind is not bool and isinstance(value, bool))
        return f"{_a(name)} is {kind.__name__}, not {words(value)}" if wrong else ""
    if name == "CONDITIONING" and not (
        isinstance(value, tuple) and all(isinstance(each, Cond) for each in value)
    ):
        return f"a CONDITIONING is a tuple of Cond, not {words(value)}"
    if name == "LATENT":
        return _of_tensor("LATENT.samples", value.samples)
    return f"{_a(name)} is None" if value is None and name != "ANY" else ""


def _of_tensor(name: str, value: object) -> str:
    axes, picture = TENSORS[name]
    if not isinstance(value, Tensor):
        return f"{_a(name)} is a tensor, not {words(value)}"
    if value.ndim != len(axes) or value.dtype != torch.float32 or value.device.type != "cpu":
        given = f"{list(value.shape)} of {value.dtype} on {value.device.type}"
        return f"{_a(name)} is [{', '.join(axes)}] of torch.float32 on cpu, not {given}"
    if picture and not bool(torch.isfinite(value).all()):
        return f"{_a(name)} is finite numbers"
    low, high = (float(value.min()), float(value.max())) if value.numel() else (0.0, 0.0)
    if picture and not (low >= -SLACK and high <= 1 + SLACK):
        return f"{_a(name)} lies in 0..1, not in {low:.3g}..{high:.3g}: end it with .clamp(0, 1)"
    if axes[-1] == "C" and value.shape[-1] not in (1, 3, 4):
        return f"{_a(name)} has 1, 3 or 4 channels as its last axis, not {list(value.shape)}"
    return ""


TENSORS: Mapping[str, tuple[tuple[str, ...], bool]] = {
    "IMAGE": (("B", "H", "W", "C"), True),
    "MASK": (("B", "H", "W"), True),
    "LATENT.samples": (("B", "4", "H/8", "W/8"), False),
}
KINDS: Mapping[str, type] = {
    **{"INT": int, "FLOAT": float, "STRING": str, "BOOLEAN": bool},
    **{"LATENT": Latent, "MODEL": Model, "CLIP": TextEncoder, "VAE": Vae},
}


def _a(name: str) -> str:
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"


def missing_file(artifact: Artifact, folders: Folders) -> str:
    """What is wrong with what a sink shows."""
    if folders.has(artifact):
        return ""
    return f"it shows the file {artifact.name!r} of {artifact.folder!r}, which is not there"


def content(value: Any) -> object:
    """Something that is equal for values of equal content, whichever objects hold it."""
    if isinstance(value, Wire):
        nodes = value.node.graph.nodes.values()
        inputs = [
            (each.id, each.type, name, _led(given)) for each in nodes for name, given in each.inputs.items()
        ]
        return *_led(value), inputs
    if isinstance(value, Deferred):
        return tuple(value.keys)
    if isinstance(value, Tensor):
        return tuple(value.shape), str(value.dtype), _checksum(value.detach().cpu())
    if isinstance(value, np.ndarray):
        return value.shape, str(value.dtype), zlib.crc32(value.tobytes())
    if isinstance(value, nn.Module):
        return tuple((name, content(tensor)) for name, tensor in value.state_dict().items())
    if is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__, *(content(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, Mapping):
        return tuple((key, content(item)) for key, item in value.items())
    if isinstance(value, list | tuple):
        return tuple(map(content, value))
    if isinstance(value, str | int | float | bytes | None):
        return repr(value)
    return _of_object(value)


def _led(value: object) -> object:
    """What leads into a node of a graph: of a wire, where it comes from."""
    if isinstance(value, Wire):
        return value.node.id, value.output
    return list(map(_led, value)) if isinstance(value, list) else content(value)


def _of_object(value: Any) -> object:
    """Of a function its code, of any other object what it holds; objects that hide it count as equal."""
    if callable(value) and hasattr(value, "__code__"):
        held: Callable[..., Any] = value
        return code_digest(held)
    state = getattr(value, "__dict__", None)
    return type(value).__name__, content(
        {name: repr(each) for name, each in state.items() if _is_plain(each)}
    ) if state else ()


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float | bool | None)


def _checksum(tensor: Tensor) -> int:
    plain = tensor.contiguous().reshape(-1).view(torch.uint8) if tensor.numel() else None
    return zlib.crc32(plain.numpy().tobytes()) if plain is not None else 0
