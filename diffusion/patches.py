"""Patches: changes of a network that leave it as it is; they act on a copy that shares its weights.

A patch of weights (a LoRA) gives the copy new weights; any other replaces modules of the copy by modules of
its own that wrap them. So a feature lives in one file beside the network, and the network knows none of them.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar, cast
from weakref import WeakKeyDictionary

from torch import nn

from diffusion.adapters.weight_patch import WeightPatch

if TYPE_CHECKING:
    from diffusion.models.unet import Stage, UNet

Network = TypeVar("Network", bound=nn.Module)
KEPT = 4
"""Structures of one network that are kept: some features patch it anew in every step."""


class StructurePatch(Protocol):
    """Replaces modules of a network, whose modules belong to the patch and whose tensors do not."""

    def apply(self, network: UNet) -> None: ...


@dataclass(frozen=True, eq=False)
class During:
    """A patch that acts at noise levels from `first` down to `last` only."""

    patch: WeightPatch | StructurePatch
    first: float = math.inf
    last: float = 0.0


Patch = WeightPatch | StructurePatch | During


def active(patches: Sequence[Patch], sigma: float) -> tuple[WeightPatch | StructurePatch, ...]:
    """The patches that act at a noise level."""
    return tuple(
        patch.patch if isinstance(patch, During) else patch
        for patch in patches
        if not isinstance(patch, During) or patch.last <= sigma <= patch.first
    )


def parted(
    patches: Sequence[WeightPatch | StructurePatch],
) -> tuple[tuple[WeightPatch, ...], tuple[StructurePatch, ...]]:
    """Patches of weights, and all others."""
    weights = tuple(patch for patch in patches if isinstance(patch, WeightPatch))
    return weights, tuple(patch for patch in patches if not isinstance(patch, WeightPatch))


def patched(network: Network, patches: Sequence[StructurePatch]) -> Network:
    """The network under patches of its structure, with the same tensors."""
    if not patches:
        return network
    made = shared_copy(network)
    for patch in patches:
        patch.apply(made)
    return made


class Structures:
    """The last few networks under patches of their structure, for as long as those without are kept."""

    def __init__(self) -> None:
        self._made: WeakKeyDictionary[nn.Module, dict[tuple[StructurePatch, ...], nn.Module]]
        self._made = WeakKeyDictionary()

    def of(self, network: Network, patches: tuple[StructurePatch, ...]) -> Network:
        """The network under patches."""
        if not patches:
            return network
        known = self._made.setdefault(network, {})
        known[patches] = known.pop(patches, None) or patched(network, patches)  # the last one used is last
        while len(known) > KEPT:
            del known[next(iter(known))]
        return cast(Network, known[patches])


def shared_copy(network: Network) -> Network:
    """The same network in modules of its own, with the same tensors."""
    tensors = (*network.parameters(), *network.buffers())
    return copy.deepcopy(network, {id(tensor): tensor for tensor in tensors})


def stages(network: UNet) -> Iterator[tuple[str, int, Stage]]:
    """The stages of a UNet by half and number: input 0 upwards, middle 0, output 0 upwards."""
    yield from (("input", index, stage) for index, stage in enumerate(network.input_blocks))
    yield "middle", 0, network.middle_block
    yield from (("output", index, stage) for index, stage in enumerate(network.output_blocks))
