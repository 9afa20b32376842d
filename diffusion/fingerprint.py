"""Fingerprints: whether a value is still what it was, to catch code that changes what it was given."""

import zlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass

import numpy as np
import torch
from torch import Tensor, nn

WHOLE_BYTES = 2**26
"""Tensors up to this size are read; of larger ones only the version counter is."""


def fingerprint_of(value: object) -> object:
    """Something that is equal as long as nobody has changed the value in place.

    A tensor's version counter tells every change by torch, a checksum those through numpy's view of it. Of a
    network the counters, names and hooks: where its weights lie may change, what they are may not.
    """
    if isinstance(value, Tensor):
        return _of_tensor(value)
    if isinstance(value, nn.Module):
        return _of_module(value)
    if isinstance(value, np.ndarray):
        return value.shape, str(value.dtype), zlib.crc32(np.ascontiguousarray(value).view(np.uint8))
    if is_dataclass(value) and not isinstance(value, type):
        return tuple(fingerprint_of(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, Mapping):
        return tuple((key, fingerprint_of(item)) for key, item in value.items())
    if isinstance(value, list | tuple):
        return tuple(map(fingerprint_of, value))
    if isinstance(value, set | bytearray):
        return repr(value)
    return value if isinstance(value, str | int | float | bool | bytes | None) else id(value)


def _of_tensor(tensor: Tensor) -> object:
    version = None if tensor.is_inference() else tensor._version
    content = None
    if tensor.device.type == "cpu" and tensor.layout == torch.strided and tensor.nbytes <= WHOLE_BYTES:
        plain = tensor.detach().contiguous().reshape(-1).view(torch.uint8)
        content = zlib.crc32(plain.numpy()) if len(plain) else 0
    return tuple(tensor.shape), tensor.dtype, version, content


def _of_module(network: nn.Module) -> object:
    weights = tuple(
        (name, None if tensor.is_inference() else tensor._version)
        for name, tensor in [*network.named_parameters(), *network.named_buffers()]
    )
    modules = tuple(
        (name, type(module), len(module._forward_hooks), len(module._forward_pre_hooks))
        for name, module in network.named_modules()
    )
    return weights, modules
