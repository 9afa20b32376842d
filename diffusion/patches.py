"""Patches: changes of a network that leave it as it is; they act on a copy that shares its weights.

A patch of weights (a LoRA) gives the copy new weights; any other replaces modules of the copy by modules of
its own that wrap them. So a feature lives in one file beside the network, and the network knows none of them.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from torch import nn

from diffusion.adapters.lora import WeightPatch, merged

if TYPE_CHECKING:
    from diffusion.models.unet import Stage, UNet

Network = TypeVar("Network", bound=nn.Module)


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


def patched(network: Network, patches: Sequence[WeightPatch | StructurePatch]) -> Network:
    """The network under patches, weights first; shares all tensors that no patch changes."""
    weights = tuple(patch for patch in patches if isinstance(patch, WeightPatch))
    structure = [patch for patch in patches if not isinstance(patch, WeightPatch)]
    made = merged(network, weights)
    if structure and made is network:
        made = shared_copy(network)
    for patch in structure:
        patch.apply(made)
    return made


def shared_copy(network: Network) -> Network:
    """The same network in modules of its own, with the same tensors."""
    tensors = (*network.parameters(), *network.buffers())
    return copy.deepcopy(network, {id(tensor): tensor for tensor in tensors})


def stages(network: UNet) -> Iterator[tuple[str, int, Stage]]:
    """The stages of a UNet by half and number: input 0 upwards, middle 0, output 0 upwards."""
    yield from (("input", index, stage) for index, stage in enumerate(network.input_blocks))
    yield "middle", 0, network.middle_block
    yield from (("output", index, stage) for index, stage in enumerate(network.output_blocks))
