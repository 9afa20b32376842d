"""Where weights live, in what precision, and how many bytes a value keeps."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

Value = TypeVar("Value")


def default_device() -> torch.device:
    """The first GPU, or the processor where there is none."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def compute_dtype(device: torch.device) -> torch.dtype:
    """What the UNet and text encoders compute in: 16 bits where the hardware multiplies them natively."""
    if device.type == "cuda":
        return torch.float16  # as the published 16-bit files are; attention sums in float32
    return wide_dtype(device)


def wide_dtype(device: torch.device) -> torch.dtype:
    """The smallest dtype with float32's range, for networks that overflow float16, as the VAE does."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    features = torch.cpu.get_capabilities()
    return torch.bfloat16 if features.get("avx512_bf16") or features.get("amx_bf16") else torch.float32


def tensors_of(value: object) -> Iterator[Tensor]:
    """Every tensor that a value holds, however nested."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, nn.Module):
        yield from value.parameters()
        yield from value.buffers()
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from tensors_of(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from tensors_of(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from tensors_of(item)


def bytes_of(value: object) -> int:
    """The memory that a value keeps alive; a storage that it holds several times counts once."""
    storages = {tensor.untyped_storage().data_ptr(): tensor.untyped_storage() for tensor in tensors_of(value)}
    return sum(storage.nbytes() for storage in storages.values())


def to_host(value: Value) -> Value:
    """An equal value whose tensors are in host memory; the given one stays as it is."""
    return _to_host(value)


def _to_host(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.cpu()
    if isinstance(value, nn.Module):
        return module_to_host(value)
    if is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in fields(value) if field.init]
        return replace(value, **{name: _to_host(getattr(value, name)) for name in names})
    if isinstance(value, Mapping):
        return {key: _to_host(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(_to_host, value))
    if isinstance(value, list | tuple):
        return type(value)(map(_to_host, value))
    return value


def module_to_host(module: nn.Module) -> nn.Module:
    """A copy of a network with its weights in host memory; on the host already, the network itself."""
    tensors = list(tensors_of(module))
    if all(tensor.device.type == "cpu" for tensor in tensors):
        return module
    # The copy meets every weight already "copied": no second copy is ever made on the device.
    memo = {
        id(tensor): nn.Parameter(tensor.detach().cpu(), requires_grad=tensor.requires_grad)
        if isinstance(tensor, nn.Parameter)
        else tensor.cpu()
        for tensor in tensors
    }
    return copy.deepcopy(module, memo)
