"""Where weights live, in what precision, and how many bytes a value keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Self, TypeVar

import torch
from torch import Tensor, nn

from diffusion.host import allowed_bytes, stated_budget
from diffusion.places import here

if TYPE_CHECKING:
    from diffusion.residency import Memory

Network = TypeVar("Network", bound=nn.Module)


@dataclass(frozen=True, eq=False)
class Placement:
    """Where a network computes and in what, while its own weights stay mapped on the host.

    `memory` is what brings it there; None is the one of the device.
    """

    device: torch.device
    dtype: torch.dtype
    memory: Memory | None = None

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self  # copies of a network compute at the same place

    def dtype_for(self, tensor: Tensor) -> torch.dtype:
        """What a tensor becomes there: numbers that are no floats stay as they are."""
        return self.dtype if tensor.is_floating_point() else tensor.dtype

    def size_of(self, tensor: Tensor) -> int:
        """The bytes that a tensor takes there."""
        return tensor.numel() * self.dtype_for(tensor).itemsize


def placed(network: Network, placement: Placement) -> Network:
    """The network, told where to compute."""
    network.placement = placement  # a plain attribute: copies of the network keep it
    return network


def placement_of(network: nn.Module) -> Placement:
    """Where a network computes: where its weights are, unless it was told otherwise.

    Of several devices of its kind, at that of this thread.
    """
    told: Placement | None = getattr(network, "placement", None)
    if told is None:
        weight = next(network.parameters())
        told = Placement(weight.device, weight.dtype)
    place = here()
    if place is None or told.memory is not None or place.device.type != told.device.type:
        return told
    return Placement(place.device, told.dtype, place.memory)


def device_of(network: nn.Module) -> torch.device:
    """Where a network computes."""
    return placement_of(network).device


def dtype_of(network: nn.Module) -> torch.dtype:
    """What a network computes in."""
    return placement_of(network).dtype


def sent_to(network: nn.Module, tensor: Tensor) -> Tensor:
    """A tensor where a network computes, in what it computes in."""
    placement = placement_of(network)
    return tensor.to(placement.device, placement.dtype)


def default_device() -> torch.device:
    """That of this thread; else the first GPU, or the processor where there is none."""
    if (place := here()) is not None:
        return place.device
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def default_budget(device: torch.device) -> int:
    """Bytes that networks and computing may take: as stated, nearly all of a GPU, or half of the host's."""
    if (stated := stated_budget()) is not None:
        return stated
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[1] * 0.94)
    return allowed_bytes() // 2


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


def tensors_by_name(network: nn.Module) -> dict[str, Tensor]:
    """Parameters and buffers."""
    return {**dict(network.named_parameters()), **dict(network.named_buffers())}


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


def networks_of(value: object) -> Iterator[nn.Module]:
    """Every network that a value holds, however nested."""
    if isinstance(value, nn.Module):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from networks_of(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from networks_of(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from networks_of(item)


def bytes_of(value: object) -> int:
    """The memory that a value keeps alive; a storage that it holds several times counts once."""
    storages = {tensor.untyped_storage().data_ptr(): tensor.untyped_storage() for tensor in tensors_of(value)}
    return sum(storage.nbytes() for storage in storages.values())
