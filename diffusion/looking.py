"""Looking at values: what lies on a wire as plain data for an interface, and as pictures where it holds some.

All of it is bounded: texts and lists are cut, what is nested deeply is named only. Imports torch only where
there are tensors.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from diffusion.loaded import loaded_torch

if TYPE_CHECKING:
    from torch import Tensor, nn

Look = dict[str, Any]

LONGEST_TEXT = 20_000
MOST_ITEMS = 24
MOST_MADE = 4
"""Items that are described of a list that makes them when they are taken, as one that reads files does."""
MOST_NUMBERS = 1000
DEEPEST = 5
AT_ONCE = 2**22
"""Numbers of a tensor that are read at a time."""
MOST_READ = 2**27
"""Of a tensor with more numbers than these, evenly spaced parts are read."""
MASKED = (0.95, 0.2, 0.25)
"""What shows where the mask of a latent is 1."""


def describe(value: object, depth: int = 0) -> Look:
    """What a value is: its kind, and what that kind has to tell."""
    torch = loaded_torch()
    if value is None:
        return {"kind": "nothing"}
    if isinstance(value, bool | int | float):
        return {"kind": "truth" if isinstance(value, bool) else "number", "value": value}
    if isinstance(value, str):
        return {"kind": "text", "value": value[:LONGEST_TEXT], "length": len(value)}
    if torch is not None and isinstance(value, torch.Tensor):
        return _tensor(value)
    if torch is not None and isinstance(value, torch.nn.Module):
        return _network(value)
    if depth >= DEEPEST:
        return {"kind": "other", "class": type(value).__name__}
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return _list(value, depth)
    if _makes_items(value):
        made = [describe(value[place], depth + 1) for place in range(min(MOST_MADE, len(value)))]
        return {"kind": "list", "count": len(value), "items": made, **_shown(count_pictures(value))}
    if isinstance(value, Mapping):
        shown = [(str(name), held) for name, held in list(value.items())[:MOST_ITEMS]]
        return {"kind": "record", "count": len(value), "fields": _fields(shown, depth)}
    if is_dataclass(value) and not isinstance(value, type):
        told = type(value).__str__ is not object.__str__
        return describe(str(value)) if told else _object(value, depth)
    return {"kind": "other", "class": type(value).__name__}


def _list(value: Sequence[object], depth: int) -> Look:
    if value and all(type(item) in (int, float) for item in value):
        return {"kind": "numbers", "count": len(value), "value": list(value[:MOST_NUMBERS])}
    is_conditioning = bool(value) and all(type(item).__name__ == "Cond" for item in value)
    items = [describe(item, depth + 1) for item in value[:MOST_ITEMS]]
    kind = "conditioning" if is_conditioning else "list"
    shown = {} if is_conditioning else _shown(sum(map(count_pictures, value)))
    return {"kind": kind, "count": len(value), "items": items, **shown}


def _object(value: object, depth: int) -> Look:
    held = [(each.name, getattr(value, each.name)) for each in fields(value)]
    told = [(name, each) for name, each in held if each is not None and each != () and each != ""]
    kind = "latent" if type(value).__name__ == "Latent" else "object"
    told_fields = _fields(told, depth)
    return {
        "kind": kind,
        "class": type(value).__name__,
        "fields": told_fields,
        **_shown(count_pictures(value)),
    }


def _fields(held: Sequence[tuple[str, object]], depth: int) -> dict[str, Look]:
    return {name: describe(each, depth + 1) for name, each in held}


def _shown(count: int) -> Look:
    return {"pictures": count} if count else {}


def _network(network: nn.Module) -> Look:
    from diffusion.memory import bytes_of

    weights = list(network.parameters())
    kinds = sorted({str(weight.dtype).removeprefix("torch.") for weight in weights})
    count = sum(weight.numel() for weight in weights)
    return {
        "kind": "network",
        "class": type(network).__name__,
        "weights": count,
        "bytes": bytes_of(network),
        "dtype": ", ".join(kinds),
    }


# Tensors


def _tensor(tensor: Tensor) -> Look:
    kind = {"IMAGE": "image", "MASK": "mask"}.get(_drawn_as(tensor), "tensor")
    return {"kind": kind, "tensor": statistics(tensor), **_shown(count_pictures(tensor))}


def statistics(tensor: Tensor) -> Look:
    """Shape and dtype; of all numbers that are finite, the least, the most, mean and deviation."""
    import torch

    said: Look = {"shape": list(tensor.shape), "dtype": str(tensor.dtype).removeprefix("torch.")}
    if not tensor.numel() or tensor.is_complex() or tensor.is_meta:
        return said
    every = math.ceil(tensor.numel() / MOST_READ)
    numbers = tensor.detach() if every == 1 else tensor.detach()[::every]
    least, most, total, squares, count, nans, infinite = math.inf, -math.inf, 0.0, 0.0, 0, 0, 0
    for part in numbers.reshape(-1).split(AT_ONCE):
        part = part.to("cpu", torch.float32)
        finite = part[part.isfinite()]
        nans += int(part.isnan().sum())
        infinite += int(part.isinf().sum())
        if finite.numel():
            least, most = min(least, float(finite.min())), max(most, float(finite.max()))
            total += float(finite.sum(dtype=torch.float64))
            squares += float(finite.double().square().sum())
            count += finite.numel()
    said |= {"nan": nans, "inf": infinite} | ({"every": every} if every > 1 else {})
    if count:
        mean = total / count
        spread = math.sqrt(max(0.0, squares / count - mean * mean))
        said |= {"min": least, "max": most, "mean": mean, "deviation": spread}
    return said


# Pictures


def _drawn_as(value: object) -> str:
    """What a value is drawn as, by its shape: docs/data.md gives each one its own."""
    torch = loaded_torch()
    if torch is None:
        return ""
    if isinstance(value, torch.Tensor):
        if value.is_complex() or not value.numel() or value.is_meta:
            return ""
        if value.ndim == 4 and value.shape[-1] in (1, 3, 4):
            return "IMAGE"
        return "MASK" if value.ndim == 3 and min(value.shape[1:]) > 1 else ""
    return "LATENT" if type(value).__name__ == "Latent" and value.samples.ndim == 4 else ""


def _makes_items(value: object) -> bool:
    """Whether a list holds none of its items: then all are taken to be as the first."""
    return isinstance(value, Sequence) and not isinstance(value, list | tuple | str | bytes | bytearray)


def count_pictures(value: object) -> int:
    """How many pictures `picture` can make of a value."""
    if _makes_items(value):
        return len(value) if len(value) and _drawn_as(value[0]) else 0
    return sum(count for _, count in _pictured(value))


def _pictured(value: object) -> Iterator[tuple[Any, int]]:
    """The batches in a value, or in the items of a list, and how many pictures each has."""
    for each in value if isinstance(value, list) else [value]:
        drawn = _drawn_as(each)
        if drawn:
            yield each, len(each.samples if drawn == "LATENT" else each)


def picture(value: object, index: int, longest: int | None = None) -> tuple[str, bytes] | None:
    """One picture of a value: its media type and bytes, or None where there is no such picture.

    With `longest`, small and quick to send: no side is longer than that. Without, every pixel.
    """
    if _makes_items(value):
        taken = value[index] if index < count_pictures(value) else None
        return _encoded(_drawn(taken, 0), longest) if _drawn_as(taken) else None
    for batch, count in _pictured(value):
        if index < count:
            return _encoded(_drawn(batch, index), longest)
        index -= count
    return None


def _drawn(batch: Any, index: int) -> Tensor:
    """One picture [H, W, C] of a batch; a mask is grey, of a latent there is a rough sketch."""
    drawn = _drawn_as(batch)
    if drawn == "LATENT":
        return _sketch(batch, index)
    one: Tensor = batch[index].detach().float().nan_to_num()
    return one if drawn == "IMAGE" else one[..., None]


def _sketch(latent: Any, index: int) -> Tensor:
    import torch
    from torch.nn.functional import interpolate

    from diffusion.preview import COLOURS, linear_colours

    samples = latent.samples[index : index + 1].detach().float().nan_to_num()
    if samples.shape[1] == len(COLOURS) - 1:
        colours = linear_colours(samples).clamp(0, 1)
    else:  # channels of another autoencoder: how strong they are together
        strength = samples.square().mean(1, keepdim=True).sqrt()
        colours = (strength / strength.max().clamp(min=1e-6)).expand(-1, 3, -1, -1)
    if latent.noise_mask is not None:
        masks = latent.noise_mask.detach().float()
        mask = masks[min(index, len(masks) - 1)][None, None]
        share = 0.5 * interpolate(mask, size=colours.shape[-2:], mode="bilinear")
        colours = colours * (1 - share) + torch.tensor(MASKED).view(1, 3, 1, 1) * share
    return colours[0].movedim(0, -1)


def _encoded(one: Tensor, longest: int | None) -> tuple[str, bytes]:
    from diffusion.images import encode_png, to_pil

    if longest is None:
        return "image/png", encode_png(one)
    small = to_pil(one)
    small.thumbnail((longest, longest))
    file = io.BytesIO()
    small.save(file, "WEBP", quality=88)
    return "image/webp", file.getvalue()
