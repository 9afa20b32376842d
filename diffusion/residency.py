"""Which networks are on a device, under which changes: the memory of one device, within a budget of bytes.

The weights on the host, mapped from their files, are the truth and never change. A copy on a device is made
tensor by tensor; LoRAs are merged into it in place, and undone by copying the original again. On the host
itself nothing is copied but what LoRAs change.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import TypeVar, cast

import torch
from torch import nn

from diffusion.adapters.weight_patch import WeightPatch
from diffusion.copies import Changes, Copy, DeviceCopy, HomeCopy, StreamedCopy, changes_of
from diffusion.errors import OutOfMemory
from diffusion.memory import Network, default_budget, placement_of
from diffusion.patches import StructurePatch, parted, patched
from diffusion.watching import Check, unstopped

Answer = TypeVar("Answer")


class Memory:
    """The memory of one device; all methods may be called from any thread.

    What is used is never taken away; of the rest, the least recently used leaves first. Networks that live
    on the device, as all do on the processor, are used as they are: of these only what LoRAs change counts.
    """

    def __init__(self, device: torch.device, *, budget: int | None = None) -> None:
        self.device = device
        self.budget = default_budget(device) if budget is None else budget
        self.peak = 0
        self._working = 0
        self._copies: list[Copy] = []  # the least recently used first
        self._lock = threading.RLock()

    @property
    def used(self) -> int:
        """Bytes of weights that were copied or changed, and of what is being computed with."""
        return sum(each.bytes for each in self._copies) + self._working

    def holds(self, network: nn.Module) -> bool:
        """Whether a copy of a network is here."""
        return any(each.original() is network for each in list(self._copies))

    # --- networks

    @contextmanager
    def use(
        self,
        network: Network,
        patches: Sequence[WeightPatch] = (),
        *,
        streamed: bool = False,
        check: Check = unstopped,
    ) -> Iterator[Network]:
        """The network with patches in its weights, ready to compute; `check` may stop it at every tensor.

        A `streamed` one, or one larger than the budget, comes part by part, each while it is used. Threads
        take turns; within one thread, uses of one network under different patches must not nest.
        """
        changes = changes_of(patches)
        if lives_here(network) and not changes:
            yield network
            return
        streamed = streamed and not lives_here(network)
        with self._reserved(network, changes, streamed) as found, found.lock:  # in place: one at a time
            with translated(self):
                found.bring(changes, check)
            yield cast(Network, found.module)

    @contextmanager
    def _reserved(self, network: nn.Module, changes: Changes, streamed: bool) -> Iterator[Copy]:
        """A copy that can serve, made if there is none, as the most recently used; it cannot leave."""
        with self._lock:
            found = self._found(network, changes, streamed)
            self._copies = [*(each for each in self._copies if each is not found), found]
            self.peak = max(self.peak, self.used)
            found.users += 1
        try:
            yield found
        finally:
            with self._lock:
                found.users -= 1

    def _found(self, network: nn.Module, changes: Changes, streamed: bool) -> Copy:
        mine = [each for each in self._copies if each.original() is network]
        for each in mine:
            if each.streamed == streamed and each.serves(changes):
                return each
        kind, placement = self._kind(network, streamed), placement_of(network)
        self._dismiss([each for each in mine if not each.users][: max(0, len(mine) - kind.kept + 1)])
        self.make_room(kind.needs(network, placement, changes), f"the weights of {type(network).__name__}")
        with translated(self):
            return kind(network, placement, changes, streamed=streamed)

    def _kind(self, network: nn.Module, streamed: bool) -> type[Copy]:
        if lives_here(network):
            return HomeCopy
        whole = DeviceCopy.needs(network, placement_of(network), {})
        return StreamedCopy if streamed or whole > self.budget else DeviceCopy

    def _dismiss(self, copies: Sequence[Copy]) -> None:
        for each in copies:
            each.free()
        self._copies = [each for each in self._copies if each.module is not None]

    # --- room

    def make_room(self, size: int, what: str) -> None:
        """Let networks leave until `size` more bytes fit; OutOfMemory if all that can leave is too little."""
        with self._lock:
            while self.used + size > self.budget:
                idle = next((each for each in self._copies if not each.users), None)
                if idle is None:
                    raise OutOfMemory.over_budget(what, size, self.budget - self.used, self.budget)
                self._dismiss([idle])

    def release(self) -> None:
        """Let every network leave that is not used now."""
        with self._lock:
            self._dismiss([each for each in self._copies if not each.users])
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    @contextmanager
    def working(self, size: int, what: str) -> Iterator[None]:
        """Compute with about `size` bytes beside the weights; OutOfMemory where they do not fit."""
        with self._lock:
            self.make_room(size, what)
            self._working += size
            self.peak = max(self.peak, self.used)
        try:
            with translated(self):
                yield
        finally:
            with self._lock:
                self._working -= size

    def first_that_fits(self, ways: Sequence[Callable[[], Answer]], start: int = 0) -> tuple[Answer, int]:
        """The answer of the first way that there is memory for, from number `start` on, and its number."""
        for number in range(start, len(ways) - 1):
            with suppress(OutOfMemory):
                return ways[number](), number
            self.release()
        return ways[-1](), len(ways) - 1


def lives_here(network: nn.Module) -> bool:
    """Whether a network computes where its weights are."""
    return getattr(network, "placement", None) is None


@contextmanager
def translated(memory: Memory) -> Iterator[None]:
    """Say of what torch could not allocate that memory ran out."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise OutOfMemory.of_device(memory.device) from error
    except RuntimeError as error:
        if "DefaultCPUAllocator" not in str(error):
            raise
        raise OutOfMemory.of_device(memory.device) from error


@cache
def memory_at(device: torch.device) -> Memory:
    """The memory of a device: there is one, as there is one device."""
    return Memory(device)


def memory_of(network: nn.Module) -> Memory:
    """The memory that brings a network to where it computes."""
    placement = placement_of(network)
    return placement.memory or memory_at(placement.device)


@contextmanager
def resident(
    network: Network, patches: Sequence[WeightPatch | StructurePatch] = (), *, check: Check = unstopped
) -> Iterator[Network]:
    """The network under patches where it computes, for one use."""
    weights, structure = parted(patches)
    with memory_of(network).use(network, weights, check=check) as ready:
        yield patched(ready, structure)
