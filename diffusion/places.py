"""Places: the devices that steps are computed on, each with a memory of its own; a thread computes at one.

A network is not bound to the device it was opened for: its weights are on the host, and whoever computes has
them brought to where the thread is.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import nn

if TYPE_CHECKING:
    from diffusion.residency import Memory

_HERE = threading.local()


@dataclass(frozen=True, eq=False)
class Place:
    """One device, and what brings networks to it."""

    name: str
    device: torch.device
    memory: Memory

    def holds(self, networks: Sequence[nn.Module]) -> int:
        """How many of these networks are there already."""
        return sum(map(self.memory.holds, networks))


def here() -> Place | None:
    """Where this thread computes; None where nobody has said so, and the default device counts."""
    place: Place | None = getattr(_HERE, "place", None)
    return place


@contextmanager
def computing_at(place: Place) -> Iterator[None]:
    """Let this thread compute at a place."""
    before, _HERE.place = here(), place
    try:
        yield
    finally:
        _HERE.place = before


def best_of(places: Sequence[Place], values: Sequence[object]) -> int:
    """The position of the place that holds most of the networks in these values; the first of equals."""
    from diffusion.memory import networks_of

    networks = [network for value in values for network in networks_of(value)]
    return max(range(len(places)), key=lambda position: (places[position].holds(networks), -position))


def places_named(names: Sequence[str]) -> tuple[Place, ...]:
    """A place for each device: `cuda:0`, or `cpu`, which may be named several times. One must be there."""
    from diffusion.residency import Memory, memory_at

    devices = [torch.device(name) for name in names]
    for device in devices:
        torch.empty(0, device=device)
    cards = {
        torch.cuda.get_device_name(device) if device.type == "cuda" else device.type for device in devices
    }
    if len(cards) > 1:
        raise ValueError(f"{' and '.join(sorted(cards))} compute other bits: pictures would depend on chance")
    shared = len(set(devices)) < len(devices)
    return tuple(
        Place(str(device), device, memory_at(device))
        if not shared
        else Place(f"{device}#{number}", device, Memory(device))
        for number, device in enumerate(devices)
    )
