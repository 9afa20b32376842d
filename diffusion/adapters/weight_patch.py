"""Changes of a network's weights as a value, and copies of networks with such changes merged."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import torch
from torch import Tensor, nn

from diffusion.adapters.weights import Parts, changed

Network = TypeVar("Network", bound=nn.Module)
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class WeightPatch:
    """Changes of a network's weights, and of its biases, by module name, with one strength."""

    name: str
    modules: Mapping[str, Parts]
    strength: float
    biases: Mapping[str, Parts] = field(default_factory=dict)

    def changes(self) -> Iterator[tuple[str, Parts]]:
        """What it changes, by the names of parameters."""
        for parameter, modules in (("weight", self.modules), ("bias", self.biases)):
            for module, parts in modules.items():
                yield f"{module}.{parameter}", parts


@torch.no_grad()
def merged(network: Network, patches: Sequence[object]) -> Network:
    """A network with patched weights that shares all others with the given one, which stays as it is.

    Only patches of weights are merged: what else is done to a network is not in its weights.
    """
    of_weights = [patch for patch in patches if isinstance(patch, WeightPatch)]
    if not of_weights:
        return network
    own = dict(network.named_parameters())
    weights: dict[str, Tensor] = {}
    for patch in of_weights:
        for name, parts in patch.changes():
            weights[name] = changed(weights.get(name, own[name]), parts, patch.strength)
    memo: dict[int, object] = {id(tensor): tensor for tensor in (*own.values(), *network.buffers())}
    for name, weight in weights.items():
        memo[id(own[name])] = nn.Parameter(weight.to(own[name].dtype), requires_grad=False)
    return copy.deepcopy(network, memo)


def beside_weights(patches: Sequence[T]) -> tuple[T, ...]:
    """The patches that change how a network computes, and those that act at some noise levels only."""
    return tuple(patch for patch in patches if not isinstance(patch, WeightPatch))
