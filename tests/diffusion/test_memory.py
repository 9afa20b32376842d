"""Bytes of values, and copies of values in host memory."""

from dataclasses import dataclass, field
from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn

from diffusion.memory import bytes_of, compute_dtype, default_device, to_host, wide_dtype


@dataclass(frozen=True)
class Value:
    network: nn.Module
    extras: tuple[Tensor, ...] = ()
    names: dict[str, Tensor] = field(default_factory=dict)
    label: str = ""


class Pair(NamedTuple):
    first: Tensor
    second: Tensor


def test_bytes_count_every_tensor_once() -> None:
    network = nn.Linear(10, 10, bias=False)
    whole = torch.zeros(100)
    assert bytes_of(network) == 400
    assert bytes_of(whole[:3]) == 400, "a view keeps all of its storage"
    assert bytes_of(Value(network, (whole, whole[5:]), {"w": network.weight}, "text")) == 800
    assert bytes_of(("text", 3, None)) == 0


def test_values_on_the_host_keep_their_networks() -> None:
    value = Value(nn.Linear(2, 2), (torch.ones(1),), {"a": torch.ones(2)}, "text")
    moved = to_host(value)
    assert moved.network is value.network and moved.label == "text"
    assert bytes_of(moved) == bytes_of(value)
    pair = to_host(Pair(torch.ones(1), torch.zeros(1)))
    assert isinstance(pair, Pair)


@pytest.mark.gpu
def test_networks_are_copied_to_the_host_and_stay_on_the_device() -> None:
    if not torch.cuda.is_available():
        pytest.skip("needs a GPU")
    network = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4)).cuda().requires_grad_(False)
    moved = to_host(Value(network)).network
    assert {tensor.device.type for tensor in moved.state_dict().values()} == {"cpu"}
    assert {tensor.device.type for tensor in network.state_dict().values()} == {"cuda"}
    assert torch.equal(moved[0].weight, network[0].weight.cpu())
    assert not moved[0].weight.requires_grad


def test_the_processor_computes_in_a_dtype_that_it_knows() -> None:
    assert default_device().type in ("cpu", "cuda")
    cpu = torch.device("cpu")
    assert compute_dtype(cpu) == wide_dtype(cpu)
    assert compute_dtype(cpu) in (torch.float32, torch.bfloat16)
