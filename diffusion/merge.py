"""Arithmetic of models: weighted sums of the weights of two networks of one architecture.

Tensors that a sum does not change are shared with the network that they come from.
"""

import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

import torch
from torch import Tensor, nn

from diffusion.adapters.lora import merged_model, merged_text
from diffusion.errors import Unsuitable
from diffusion.models.clip import ClipTextConfig
from diffusion.models.unet import UNetConfig
from diffusion.values import Model, TextEncoder

Network = TypeVar("Network", bound=nn.Module)
CHUNK = 2**18  # numbers at a time, in the processor's cache: 30 million take 0.1 s instead of 0.7 s
Shares = Callable[[str], tuple[float, float]]
"""By the name of a weight, how much of the first and of the second network's enters the sum."""


def blend(ratio: float) -> Shares:
    """`ratio` of the first and the rest of the second."""
    return lambda name: (ratio, 1.0 - ratio)


def blend_blocks(ratios: Mapping[str, float]) -> Shares:
    """A ratio of the first by the start of the names, the longest that fits; the first one for the others."""
    others = next(iter(ratios.values()))

    def shares(name: str) -> tuple[float, float]:
        fitting = [start for start in ratios if name.startswith(start)]
        ratio = ratios[max(fitting, key=len)] if fitting else others
        return ratio, 1.0 - ratio

    return shares


def add(name: str) -> tuple[float, float]:
    """The sum of both."""
    return 1.0, 1.0


def subtract(multiplier: float) -> Shares:
    """The difference of both, `multiplier` times."""
    return lambda name: (multiplier, -multiplier)


def combine_models(first: Model, second: Model, shares: Shares) -> Model:
    """The first model with weights from both, their LoRAs included; what else was done to the first stays.

    A model for inpainting takes its own first convolution, which has more channels, into the sum unchanged.
    """
    check_unets(first.network.config, second.network.config)
    first, second = merged_model(first), merged_model(second)
    return replace(first, network=combine(first.network, second.network, shares), digest="")


def combine_text_encoders(first: TextEncoder, second: TextEncoder, shares: Shares) -> TextEncoder:
    """The first text encoder with weights from both, their LoRAs included."""
    check_texts(first.network.config, second.network.config)
    first, second = merged_text(first), merged_text(second)
    return replace(first, network=combine(first.network, second.network, shares), digest="")


@torch.no_grad()
def combine(first: Network, second: nn.Module, shares: Shares) -> Network:
    """The sum of two networks; a weight that the second lacks, or has in another shape, is the first's."""
    given = dict(second.named_parameters())
    weights = {}
    for name, weight in first.named_parameters():
        other = given.get(name)
        if other is None or other.shape != weight.shape or shares(name) == (1.0, 0.0):
            continue
        weights[name] = weighted_sum(weight, other, *shares(name))
    return with_weights(first, weights)


def weighted_sum(weight: Tensor, other: Tensor, share: float, other_share: float) -> Tensor:
    """A sum computed in float32 and kept as the first tensor is; the second itself where it is all of it."""
    if (share, other_share) == (0.0, 1.0):
        return other.to(weight.device, weight.dtype)
    total = torch.empty(weight.shape, device=weight.device, dtype=weight.dtype)
    places = (tensor.reshape(-1).split(CHUNK) for tensor in (weight, other))
    for target, mine, given in zip(total.view(-1).split(CHUNK), *places, strict=True):
        target.copy_(share * mine.float() + other_share * given.to(weight.device).float())
    return total


def with_weights(network: Network, weights: Mapping[str, Tensor]) -> Network:
    """A network with other weights that shares all others with the given one, which stays as it is."""
    own = dict(network.named_parameters())
    memo: dict[int, object] = {id(tensor): tensor for tensor in (*own.values(), *network.buffers())}
    for name, weight in weights.items():
        memo[id(own[name])] = nn.Parameter(weight, requires_grad=False)
    return copy.deepcopy(network, memo)


def check_unets(first: UNetConfig, second: UNetConfig) -> None:
    """Only UNets that differ in no more than what they are given beside the latent can be added."""
    check_same(first, second, apart_from=("in_channels",), input="model2")


def check_texts(first: ClipTextConfig, second: ClipTextConfig) -> None:
    """Only text encoders of one family can be added; SD2's may lack the layer that nothing reads."""
    free = ("output_layer", "layers") if {first.layers, second.layers} <= {23, 24} else ("output_layer",)
    check_same(first, second, apart_from=free, input="clip2")


def check_same(
    first: UNetConfig | ClipTextConfig,
    second: UNetConfig | ClipTextConfig,
    *,
    apart_from: Iterable[str],
    input: str,
) -> None:
    """Raise Unsuitable where configurations differ, telling in what."""
    mine, other = vars(first), vars(second)
    differing = [name for name in mine if mine[name] != other[name] and name not in apart_from]
    if differing:
        told = ", ".join(f"{name} {other[name]} instead of {mine[name]}" for name in differing)
        raise Unsuitable(
            f"the two are of different architectures: the second has {told}",
            input=input,
            remedy="Merge models of one family: SD1 with SD1, SD2 with SD2.",
        )
