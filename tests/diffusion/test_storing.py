"""Stored values come back as they were, to the bit; models are not stored."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load, save

from diffusion.storing import mark, pack, unpack
from diffusion.values import Area, Cond, Latent

ROOT = Path(__file__).parents[2]


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal to the bit, and of the same types."""
    if type(one) is not type(other):
        return False
    if isinstance(one, torch.Tensor):
        equal = one.dtype == other.dtype and one.shape == other.shape
        bits = [each.contiguous().reshape(-1).view(torch.uint8) for each in (one, other)]
        return equal and bits[0].equal(bits[1])
    if is_dataclass(one):
        return all(same(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Mapping):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    return bool(one == other)


PICTURE = torch.rand(2, 5, 3, 3)
COND = Cond(
    torch.randn(1, 77, 8, dtype=torch.bfloat16),
    pooled=torch.randn(1, 8),
    area=Area(0, 1, 0.5, 0.25, relative=True),
    mask=torch.rand(1, 4, 4),
    strength=0.1 + 0.2,
    steps=(3, 9),
    term=(1, -0.5),
    label=7,
)


@pytest.mark.parametrize(
    "value",
    [
        PICTURE,
        PICTURE[..., 0],
        PICTURE[:1].expand(4, -1, -1, -1),
        torch.zeros(0, 4, 4, 3),
        torch.tensor(3.5, dtype=torch.float16),
        torch.tensor([float("nan"), float("inf"), -0.0]),
        torch.tensor([True, False]),
        Latent(torch.randn(1, 4, 8, 8), torch.rand(1, 64, 64), (3,)),
        (COND, Cond(torch.randn(1, 154, 8))),
        ((1.5, float("inf"), 0.0), [1, "é\ud800", None, True], {"a": {"b": PICTURE}}),
        2**80,
        1e-320,
        "",
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_comes_back_as_it_was(value: object) -> None:
    data = pack((value, PICTURE))
    assert data is not None
    assert same(unpack(data), (value, PICTURE))


def test_a_kind_of_list_that_says_so_comes_back_as_a_list() -> None:
    class Marked(list[int]):
        stored_as = list

    packed = pack((Marked([1, 2]),))
    assert packed is not None and packed == pack(([1, 2],))


def test_equal_values_are_equal_bytes_and_others_are_not() -> None:
    first, again = pack((PICTURE, 1)), pack((PICTURE.clone(), 1))
    other, as_float = pack((PICTURE + 1e-6, 1)), pack((PICTURE, 1.0))
    assert first == again
    assert len({first, other, as_float}) == 3


class Picture(torch.Tensor):
    """A kind of tensor that no file can promise to give back."""


class Yes(int):
    """Nor this."""


class Ours(list[int]):
    """Nor this."""


@pytest.mark.parametrize(
    "value",
    [
        torch.nn.Linear(2, 2),
        torch.nn.Parameter(torch.zeros(2)),
        Cond(torch.zeros(1, 77, 8), control=(torch.nn.Linear(2, 2),)),  # type: ignore[arg-type]
        object(),
        len,
        {1: 2},
        {"a", "b"},
        b"bytes",
        Yes(1),
        Ours([1]),
        torch.zeros(2).as_subclass(Picture),
        torch.zeros(2).to_sparse(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_models_and_strangers_are_not_stored(value: object) -> None:
    assert pack((PICTURE, [value])) is None


def test_a_file_names_no_classes_but_ours() -> None:
    evil = save({}, {"outputs": json.dumps([{"Popen": {"args": "true"}}])})
    with pytest.raises(KeyError, match="Popen"):
        unpack(evil)


def test_a_change_in_place_changes_the_mark() -> None:
    latent = Latent(torch.zeros(1, 4, 2, 2))
    before = mark((latent,))
    assert mark((latent,)) == before
    latent.samples.add_(1)
    assert mark((latent,)) != before


def test_plain_values_need_no_torch() -> None:
    code = (
        "import sys\nfrom diffusion.storing import mark, pack, unpack\n"
        "value = (1, 'text', [2.5, None], {'a': True})\n"
        "data = pack(value)\n"
        "assert unpack(data) == value\n"
        "assert (mark(value), pack((object(),)), 'torch' in sys.modules) == ([], None, False)\n"
        "print(data.hex())"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    data = bytes.fromhex(ran.stdout)
    assert data == pack((1, "text", [2.5, None], {"a": True}))
    assert load(data) == {}  # a file that others can read
