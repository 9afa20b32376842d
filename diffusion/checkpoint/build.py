"""Builds a network without memory and gives it the tensors of a file, after checking that they fit.

Weights stay on the host, mapped from the file where its dtype is what the host computes in. A network for
another device keeps the file's dtype, and is told where to compute: diffusion.residency brings it there.
"""

import math
from collections.abc import Callable, Mapping
from typing import TypeVar

import torch
from torch import Tensor, nn

from diffusion.checkpoint.errors import MismatchedWeights, NonFiniteWeights
from diffusion.memory import Placement, placed
from diffusion.watching import Check, unstopped

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
    check: Check = unstopped,
) -> Network:
    """The network that `make` describes with the given weights, frozen and in evaluation mode.

    `check` is called before every tensor that is read, and may raise to stop.
    """
    with torch.device("meta"):
        network = make()
    tensors = dict(tensors)
    check_names(network, tensors, subject)
    check_finite(tensors, subject)
    at_home = device.type == "cpu"
    network.load_state_dict(converted(tensors, dtype, check) if at_home else tensors, assign=True)
    network.eval().requires_grad_(False)
    return network if at_home else placed(network, Placement(device, dtype))


def converted(tensors: Mapping[str, Tensor], dtype: torch.dtype, check: Check) -> dict[str, Tensor]:
    """The same tensors in another dtype; those that have it already are not touched."""
    made = {}
    for name, tensor in tensors.items():
        check()
        made[name] = tensor.to(dtype)
    return made


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
