"""A fingerprint differs after any change in place, and only then."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from diffusion.fingerprint import fingerprint_of
from diffusion.values import Cond, Latent


def latent() -> Latent:
    return Latent(torch.zeros(1, 4, 2, 2), noise_mask=torch.zeros(1, 16, 16))


def through_numpy(tensor: Tensor) -> None:
    tensor.numpy()[..., 0] = 1  # no version counter counts this


CHANGES: dict[str, tuple[Callable[[], object], Callable[..., object]]] = {
    "a tensor": (lambda: torch.zeros(3), lambda value: value.add_(1)),
    "part of a tensor": (lambda: torch.zeros(3), lambda value: value[:1].fill_(1)),
    "a tensor's memory": (lambda: torch.zeros(1, 3), through_numpy),
    "a latent's mask": (latent, lambda value: value.noise_mask.mul_(0)),
    "conditioning": (lambda: (Cond(torch.zeros(1, 2, 3)),), lambda value: value[0].tensor.add_(1)),
    "a network's weight": (lambda: nn.Linear(2, 2), lambda value: nn.init.zeros_(value.weight)),
    "a network's hooks": (
        lambda: nn.Sequential(nn.ReLU()),
        lambda value: value[0].register_forward_hook(print),
    ),
    "a network's parts": (lambda: nn.Sequential(nn.ReLU()), lambda value: value.append(nn.ReLU())),
    "an array": (lambda: np.zeros((2, 2)), lambda value: value.fill(1)),
    "a list": (lambda: [1, 2], lambda value: value.append(3)),
    "a dictionary": (lambda: {"samples": torch.zeros(1)}, lambda value: value.update(samples=None)),
    "bytes": (lambda: bytearray(b"a"), lambda value: value.extend(b"b")),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_seen(name: str) -> None:
    make, change = CHANGES[name]
    value = make()
    before = fingerprint_of(value)
    assert fingerprint_of(value) == before
    change(value)
    assert fingerprint_of(value) != before


def test_using_a_value_changes_nothing() -> None:
    network, value = nn.Conv2d(4, 4, 1), latent()
    before = fingerprint_of((network, value))
    with torch.inference_mode():
        made = network(value.samples)
    fingerprint_of(made)  # it has no version counter
    network.to(torch.device("cpu"))
    assert fingerprint_of((network, value)) == before
