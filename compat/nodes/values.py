"""Values on their way into packs and out of them: ours are never changed, theirs are changed at will.

So packs get copies: of tensors such that cost nothing until somebody writes, of dictionaries and lists whole.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from compat.nodes.handles import UNIT, Handle, handle
from graph.artifacts import Blocked
from graph.context import NodeError

if TYPE_CHECKING:
    from torch import Tensor

    from diffusion.values import Cond, Latent

Warn = Callable[[str], None]
KNOWN = {
    *("pooled_output", "area", "mask", "mask_strength", "set_area_to_bounds", "strength"),
    *("start_percent", "end_percent", "control", "control_apply_to_uncond", "concat", "tessera"),
}
"""What of an entry of conditioning is understood here."""


class ExecutionBlocker:
    """What a pack gives in the place of an output that shall lead nowhere."""

    def __init__(self, message: str | None = None) -> None:
        self.message = message


def own(tensor: Tensor) -> Tensor:
    """A tensor that a pack may write to: the memory is shared until then (torch's copy on write)."""
    import torch

    try:
        return torch._lazy_clone(tensor)
    except (RuntimeError, AttributeError):  # memory that is not torch's own, like numpy's
        return tensor.clone()


# Into a pack


def to_pack(value: Any, kind: str = "") -> Any:
    """A value of ours as packs know it; what no packs of ComfyUI know is copied, or handed on as it is."""
    if isinstance(value, str | int | float | bool | None):
        return value
    if isinstance(value, Blocked):
        return ExecutionBlocker(value.reason or None)
    if "torch" not in sys.modules:
        return _copied(value)
    import torch

    from diffusion.values import Cond, Latent

    if isinstance(value, torch.Tensor):
        return own(value)
    if isinstance(value, Latent):
        return _latent_to_pack(value)
    if _is_all(Cond, value, kind):
        return [_cond_to_pack(each) for each in value]
    if kind == "SIGMAS" and isinstance(value, tuple):
        return torch.tensor(value, dtype=torch.float32)
    if type(value).__module__.startswith("diffusion."):
        return handle(value)
    return _copied(value)


def _is_all(entry: type, value: Any, kind: str) -> bool:
    """Whether a value is a tuple of entries; no entries at all are conditioning only where it is expected."""
    some = isinstance(value, tuple) and (value or kind == "CONDITIONING")
    return bool(some) and all(isinstance(each, entry) for each in value)


def _copied(value: Any) -> Any:
    """Containers anew, with the tensors in them."""
    if type(value) is dict:
        return {name: _copied(each) for name, each in value.items()}
    if type(value) in (list, tuple, set):
        return type(value)(_copied(each) for each in value)
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return own(value)
    return value.clone() if isinstance(value, Handle) else value


def _latent_to_pack(latent: Latent) -> dict[str, Any]:
    made: dict[str, Any] = {"samples": latent.samples / UNIT}
    made["samples"].tessera = latent.samples
    if latent.noise_mask is not None:
        height, width = latent.noise_mask.shape[-2:]
        made["noise_mask"] = own(latent.noise_mask).reshape(-1, 1, height, width)
    if latent.batch_index is not None:
        made["batch_index"] = list(latent.batch_index)
    return {**_copied(dict(getattr(latent, "more", {}))), **made}


def _cond_to_pack(cond: Cond) -> list[Any]:
    made: dict[str, Any] = {"pooled_output": cond.pooled, "tessera": Handle(cond)}
    if cond.area is not None:
        sides = (cond.area.height, cond.area.width, cond.area.top, cond.area.left)
        made["area"] = ("percentage", *sides) if cond.area.relative else tuple(map(int, sides))
    if cond.area is not None or cond.mask is not None or cond.strength != 1:
        made["strength"] = cond.strength
    if cond.mask is not None:
        made |= {"mask": own(cond.mask), "mask_strength": 1.0, "set_area_to_bounds": cond.mask_bounds}
    if (cond.start, cond.end) != (0.0, 1.0):
        made |= {"start_percent": cond.start, "end_percent": cond.end}
    if cond.control:
        made["control"] = Handle(cond.control)
    return [own(cond.tensor), {**_copied(dict(getattr(cond, "more", {}))), **made}]


# Out of a pack


def from_pack(value: Any, kind: str, warn: Warn) -> Any:
    """A value of a pack as ours, by the type of the output that it comes from."""
    if isinstance(value, str | int | float | bool | None):
        return value
    if isinstance(value, ExecutionBlocker):
        return Blocked(value.message or "")
    if isinstance(value, Handle):
        return value.value
    if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0:
        return value.item()
    torch = sys.modules.get("torch")
    if torch is None:
        return value
    if isinstance(value, torch.Tensor):
        return _tensor_from_pack(value, kind)
    is_latent = isinstance(value, dict) and isinstance(value.get("samples"), torch.Tensor)
    if is_latent and kind in ("LATENT", "ANY"):
        return _latent_from_pack(value)
    if isinstance(value, list) and (value or kind == "CONDITIONING") and all(map(_is_cond, value)):
        return tuple(_cond_from_pack(tensor, more, warn) for tensor, more in value)
    if kind in ("IMAGE", "MASK", "LATENT", "CONDITIONING", "MODEL", "CLIP", "VAE", "SIGMAS"):
        raise NodeError(f"it gives {type(value).__name__} where {kind} is expected", code="wrong_output")
    return value


def _tensor_from_pack(value: Tensor, kind: str) -> Any:
    """Pictures and masks are numbers of single precision on the host; levels are plain numbers."""
    if kind == "SIGMAS":
        return tuple(value.float().tolist())
    value = value.detach()
    if kind in ("IMAGE", "MASK"):
        value = value.float().cpu()
    return own(value)


def _is_cond(value: Any) -> bool:
    import torch

    pair = isinstance(value, list | tuple) and len(value) == 2
    return pair and isinstance(value[0], torch.Tensor) and isinstance(value[1], dict)


def _latent_from_pack(made: Mapping[str, Any]) -> Latent:
    from compat.nodes.carried import PackLatent
    from diffusion.values import Latent

    scaled = made["samples"].detach().float().cpu() * UNIT
    before = getattr(made["samples"], "tessera", None)
    if before is not None and _are_close(scaled, before):
        scaled = before  # the very numbers, where a pack has only passed them on
    mask, index = made.get("noise_mask"), made.get("batch_index")
    if mask is not None:
        mask = own(mask.detach().float().cpu()).reshape(-1, *mask.shape[-2:])
    more = {name: each for name, each in made.items() if name not in ("samples", "noise_mask", "batch_index")}
    indices = None if index is None else tuple(map(int, index))
    return PackLatent(scaled, mask, indices, more=more) if more else Latent(scaled, mask, indices)


def _are_close(one: Tensor, other: Tensor) -> bool:
    import torch

    return one.shape == other.shape and torch.allclose(one, other, rtol=1e-6, atol=1e-7)


def _cond_from_pack(tensor: Tensor, made: Mapping[str, Any], warn: Warn) -> Cond:
    from compat.nodes.carried import PackCond
    from diffusion.values import Area, Cond

    kept = made.get("tessera")
    base = kept.value if isinstance(kept, Handle) else Cond(tensor)
    more = {name: each for name, each in made.items() if name not in KNOWN}
    for name in (name for name, each in more.items() if each is not None):
        warn(f"the conditioning's {name!r} means nothing here: it is passed on, and has no effect")
    area = made.get("area")
    if area is not None:
        sides = area[1:] if area[0] == "percentage" else area
        area = Area(sides[2], sides[3], sides[0], sides[1], relative=area[0] == "percentage")
    mask, control = made.get("mask"), made.get("control")
    if mask is not None:
        mask = mask.detach().float().cpu().reshape(-1, *mask.shape[-2:])
        mask = mask * float(made.get("mask_strength", 1.0))
    fields = {
        "tensor": own(tensor.detach().float().cpu()),
        "pooled": made.get("pooled_output"),
        "area": area,
        "mask": mask,
        "mask_bounds": bool(made.get("set_area_to_bounds", False)),
        "strength": float(made.get("strength", 1.0)),
        "start": float(made.get("start_percent", 0.0)),
        "end": float(made.get("end_percent", 1.0)),
        "control": control.value if isinstance(control, Handle) else (),
    }
    whole = {name: getattr(base, name) for name in Cond.__dataclass_fields__} | fields
    return PackCond(**whole, more=more) if more else Cond(**whole)
