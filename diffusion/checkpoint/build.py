"""Builds a network without memory and gives it the tensors of a file, after checking that they fit."""

import math
from collections.abc import Callable, Mapping
from typing import TypeVar

import torch
from torch import Tensor, nn

from diffusion.checkpoint.errors import MismatchedWeights, NonFiniteWeights

Network = TypeVar("Network", bound=nn.Module)

SHOWN = 4  # names per kind of mistake in a message
CHECKED = 4096  # leading elements of every tensor that are looked at for infinities: 16 kB, not 4 GB


def build(
    make: Callable[[], Network],
    tensors: Mapping[str, Tensor],
    subject: str,
    *,
    device: torch.device,
    dtype: torch.dtype,
) -> Network:
    """The network that `make` describes with the given weights, frozen and in evaluation mode."""
    with torch.device("meta"):
        network = make()
    tensors = dict(tensors)
    check_names(network, tensors, subject)
    check_finite(tensors, subject)
    network.load_state_dict({name: tensor.to(device, dtype) for name, tensor in tensors.items()}, assign=True)
    return network.eval().requires_grad_(False)


def check_names(network: nn.Module, tensors: dict[str, Tensor], subject: str) -> None:
    """All names and shapes of the network, and no others; tells every kind of difference at once."""
    wanted = network.state_dict()
    reshaped = [
        f"{name} {[*tensors[name].shape]} instead of {[*tensor.shape]}"
        for name, tensor in wanted.items()
        if name in tensors and tensors[name].shape != tensor.shape
    ]
    kinds = {
        "missing": [name for name in wanted if name not in tensors],
        "unexpected": [name for name in tensors if name not in wanted],
        "of another shape": reshaped,
    }
    given = "; ".join(f"{len(names)} {kind} ({shorten(names)})" for kind, names in kinds.items() if names)
    if given:
        remedy = "The file is incomplete or was made for a variant that is not supported."
        expected = f"the {len(wanted)} tensors of this network"
        raise MismatchedWeights(subject, given=given, expected=expected, remedy=remedy)


def check_finite(tensors: dict[str, Tensor], subject: str) -> None:
    """No infinity or not-a-number among the leading elements of any tensor: enough to see a broken merge."""
    # A sum is finite only if every summand is, and is many times faster than asking for each.
    sums = {
        name: float(tensor.flatten()[:CHECKED].sum(dtype=torch.float32)) for name, tensor in tensors.items()
    }
    bad = [name for name, total in sums.items() if not math.isfinite(total)]
    if bad:
        raise NonFiniteWeights(
            subject,
            given=f"{len(bad)} tensors with infinities or not-a-numbers ({shorten(bad)})",
            expected="finite weights",
            remedy="The file was damaged by a merge or conversion: get another copy.",
        )


def shorten(names: list[str]) -> str:
    """The first few of a list of names."""
    return ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
