"""Reads reference files: networks' weights, inputs and outputs made by the original implementations.

Small networks store their weights in the file; those of published-size networks are computed from the
tensors' names by `formula`. Each file's `config_json` says how it was made.
"""

import gzip
import json
import math
import zlib
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

DATA = Path(__file__).parents[1] / "data"


class Golden:
    """One golden .npz: `config`, `weights`, and arrays as tensors by name."""

    def __init__(self, name: str) -> None:
        self.arrays = np.load(DATA / "golden" / f"{name}.npz")

    def __getitem__(self, name: str) -> Tensor:
        return torch.from_numpy(self.arrays[name])

    @property
    def config(self) -> dict:
        return json.loads(bytes(self.arrays["config_json"]))

    @property
    def weights(self) -> dict[str, Tensor]:
        """Tensors stored as 8-bit integers times a power of two, which float32 holds exactly."""
        stored = torch.from_numpy(self.arrays["weights_int8"])
        return {
            name: stored[offset : offset + math.prod(shape)].reshape(shape) * scale
            for name, shape, scale, offset in json.loads(bytes(self.arrays["index_json"]))
        }


def manifest(name: str) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the tensors of a published file."""
    return {key: tuple(shape) for key, (shape, _) in manifest_json(name).items()}


@cache
def manifest_json(name: str) -> dict:
    """A manifest or key map as stored."""
    return json.loads(gzip.decompress((DATA / "manifests" / f"{name}.json.gz").read_bytes()))


def uniform(name: str, shape: tuple[int, ...]) -> Tensor:
    """Numbers in -1..1 that depend on `name` and position only (splitmix64)."""
    with np.errstate(over="ignore"):
        z = np.arange(1, math.prod(shape) + 1, dtype=np.uint64)
        z *= np.uint64(0x9E3779B97F4A7C15)
        z += np.uint64(zlib.crc32(name.encode()) << 32)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            z ^= z >> np.uint64(shift)
            z *= np.uint64(factor)
        z ^= z >> np.uint64(31)
    values = 2 * ((z >> np.uint64(11)).astype(np.float64) * 2.0**-53) - 1
    return torch.from_numpy(values.astype(np.float32)).reshape(shape)


def formula(name: str, shape: tuple[int, ...]) -> Tensor:
    """The weight called `name` of a published-size reference network."""
    u = uniform(name, shape)
    if len(shape) >= 2:
        fan_in = math.prod(shape) // shape[0]
        return u.mul_(math.sqrt(3 / fan_in))
    return u.mul_(0.1).add_(1) if name.endswith("weight") else u.mul_(0.02)


def formula_input(name: str, shape: tuple[int, ...]) -> Tensor:
    """The input called `name` of a published-size reference network."""
    return uniform(name, shape).mul_(math.sqrt(3))


def formula_weights(shapes: dict[str, tuple[int, ...]]) -> dict[str, Tensor]:
    """The weights of a published-size reference network by name."""
    return {name: formula(name, shape) for name, shape in shapes.items()}


def load_formula(network: nn.Module) -> nn.Module:
    """Fill a network built on the meta device with formula weights."""
    shapes = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    network.load_state_dict(formula_weights(shapes), assign=True)
    return network.eval()
