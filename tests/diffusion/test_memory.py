"""Where networks compute and in what, and the bytes of values."""

import copy
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from diffusion.memory import (
    Placement,
    bytes_of,
    compute_dtype,
    default_device,
    device_of,
    dtype_of,
    placed,
    placement_of,
    sent_to,
    wide_dtype,
)


@dataclass(frozen=True)
class Value:
    network: nn.Module
    extras: tuple[Tensor, ...] = ()
    names: dict[str, Tensor] = field(default_factory=dict)
    label: str = ""


def test_bytes_count_every_tensor_once() -> None:
    network = nn.Linear(10, 10, bias=False)
    whole = torch.zeros(100)
    assert bytes_of(network) == 400
    assert bytes_of(whole[:3]) == 400, "a view keeps all of its storage"
    assert bytes_of(Value(network, (whole, whole[5:]), {"w": network.weight}, "text")) == 800
    assert bytes_of(("text", 3, None)) == 0


def test_a_network_computes_where_its_weights_are_unless_it_was_told_otherwise() -> None:
    network = nn.Linear(2, 2).half()
    assert (device_of(network), dtype_of(network)) == (torch.device("cpu"), torch.float16)
    elsewhere = Placement(torch.device("cuda"), torch.bfloat16)
    for told in (placed(network, elsewhere), copy.deepcopy(network)):
        assert placement_of(told) is elsewhere
        assert (device_of(told), dtype_of(told)) == (torch.device("cuda"), torch.bfloat16)
    assert network.weight.device.type == "cpu"


def test_tensors_are_sent_to_where_a_network_computes() -> None:
    network = placed(nn.Linear(2, 2), Placement(torch.device("meta"), torch.float64))
    sent = sent_to(network, torch.ones(3))
    assert (sent.device.type, sent.dtype) == ("meta", torch.float64)


def test_only_floats_change_their_kind_where_they_go() -> None:
    there = Placement(torch.device("cpu"), torch.float16)
    whole, count = torch.ones(4), torch.ones(4, dtype=torch.int64)
    assert (there.dtype_for(whole), there.size_of(whole)) == (torch.float16, 8)
    assert (there.dtype_for(count), there.size_of(count)) == (torch.int64, 32)


def test_the_processor_computes_in_a_dtype_that_it_knows() -> None:
    assert default_device().type in ("cpu", "cuda")
    cpu = torch.device("cpu")
    assert compute_dtype(cpu) == wide_dtype(cpu)
    assert compute_dtype(cpu) in (torch.float32, torch.bfloat16)
