"""Hypernetworks: small networks that change what attention takes its keys and values from.

Files are those of AUTOMATIC1111's program: by the width of a context two networks, one for keys and one for
values, each x + strength * layers(x).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from diffusion.checkpoint.errors import CheckpointError, MislabelledFile
from diffusion.checkpoint.files import open_weights
from diffusion.checkpoint.header import find_format
from diffusion.checkpoint.pickles import load_restricted
from diffusion.errors import Unsuitable
from diffusion.features.attention import blocks, replace_attention
from diffusion.models.layers import attention
from diffusion.models.unet import Size, UNet

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "hardswish": nn.Hardswish,
    "hardtanh": nn.Hardtanh,
    "leakyrelu": nn.LeakyReLU,
    "mish": nn.Mish,
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "selu": nn.SELU,
    "sigmoid": nn.Sigmoid,
    "silu": nn.SiLU,
    "softplus": nn.Softplus,
    "softsign": nn.Softsign,
    "swish": nn.Hardswish,
    "tanh": nn.Tanh,
}
"""By the names in files; "linear" and none are no activation."""
LEGACY = {"linear1.": "linear.0.", "linear2.": "linear.1."}


@dataclass(frozen=True, eq=False)
class Hypernetwork:
    """By the width of a context, the networks for keys and for values; also a patch, at its strength."""

    name: str
    pairs: Mapping[int, tuple[nn.Module, nn.Module]]
    strength: float = 1.0

    def apply(self, network: UNet) -> None:
        for _, _, block in blocks(network):
            for which in ("attn1", "attn2"):
                replace_attention(block, which, lambda own: HyperAttention(own, self.pairs, self.strength))


class HyperAttention(nn.Module):
    """Attention whose keys and values come from a changed context."""

    def __init__(
        self, own: nn.Module, pairs: Mapping[int, tuple[nn.Module, nn.Module]], strength: float
    ) -> None:
        super().__init__()
        self.own, self.pairs, self.strength = own, pairs, strength

    def forward(self, x: Tensor, context: Tensor, size: Size) -> Tensor:
        if context.shape[-1] not in self.pairs:
            return self.own(x, context, size)
        for_keys, for_values = (
            context + self.strength * network.to(context)(context)
            for network in self.pairs[context.shape[-1]]
        )
        own = self.own
        return own.to_out(attention(own.to_q(x), own.to_k(for_keys), own.to_v(for_values), heads=own.heads))


def read_hypernetwork(path: Path) -> Hypernetwork:
    """The hypernetwork in a file; raises a CheckpointError that says what is wrong with it."""
    stored = find_format(path) != "safetensors"
    content = load_restricted(path, mapped=False) if stored else open_weights(path)
    entries = content if isinstance(content, Mapping) else {}
    pairs = {width: pair for width, pair in entries.items() if isinstance(width, int)}
    if not pairs or not all(is_pair(pair) for pair in pairs.values()):
        raise MislabelledFile(
            path.name,
            given="a file without pairs of networks by width",
            expected="a hypernetwork as AUTOMATIC1111's program saves it",
            remedy="Choose a hypernetwork; LoRAs and checkpoints have loaders of their own.",
        )
    networks = {
        width: tuple(layers_of(path, width, state, entries) for state in pair)
        for width, pair in pairs.items()
    }
    return Hypernetwork(path.stem, networks)


def is_pair(pair: object) -> bool:
    """Whether something is two networks' tensors by name."""
    return (
        isinstance(pair, Sequence)
        and len(pair) == 2
        and all(isinstance(state, Mapping) for state in pair)
        and all(isinstance(tensor, Tensor) for state in pair for tensor in state.values())
    )


def layers_of(path: Path, width: int, state: Mapping[str, Tensor], settings: Mapping[Any, Any]) -> nn.Module:
    """One network of a file: its layers in the order in which their numbers were given."""
    structure = settings.get("layer_structure") or [1, 2, 1]
    parts = structure if isinstance(structure, Sequence) else [0]
    if not all(isinstance(part, int | float) and part > 0 for part in parts):
        raise CheckpointError(
            path.name,
            given=f"layers of {str(structure)[:60]} times the width",
            expected="a list of numbers above 0, like [1, 2, 1]",
            remedy="The file is damaged or of a variant that is not known.",
        )
    with torch.device("meta"):  # what a file asks for takes no memory before its tensors fit
        network = nn.Sequential(*layers_asked(path, width, structure, settings))
    renamed = {}
    for key, tensor in state.items():
        for old, new in LEGACY.items():
            key = key.replace(old, new)
        renamed[key.removeprefix("linear.")] = tensor.float()
    try:
        network.load_state_dict(renamed, assign=True)
    except RuntimeError as error:
        raise CheckpointError(
            path.name,
            given=str(error).splitlines()[-1].strip(),
            expected=f"layers of {structure} times {width} numbers",
            remedy="The file is damaged or of a variant that is not known.",
        ) from error
    if not all(tensor.isfinite().all() for tensor in renamed.values()):
        raise CheckpointError(
            path.name,
            given="weights with infinities or not-a-numbers",
            expected="finite weights",
            remedy="The file is damaged: get another copy.",
        )
    return network.eval().requires_grad_(False)


def layers_asked(
    path: Path, width: int, structure: Sequence[float], settings: Mapping[Any, Any]
) -> Iterator[nn.Module]:
    """The layers that a file's settings describe, in their order."""
    for index, (inside, outside) in enumerate(pairwise(structure)):
        last = index == len(structure) - 2
        yield nn.Linear(int(width * inside), int(width * outside))
        name = str(settings.get("activation_func") or "linear").lower()
        if name != "linear" and (not last or settings.get("activate_output", True)):
            yield activation(path, name)
        if settings.get("is_layer_norm"):
            yield nn.LayerNorm(int(width * outside))
        if has_dropout(index, len(structure), settings):
            yield nn.Identity()  # dropout: nothing when not training, but it has a number


def has_dropout(index: int, count: int, settings: Mapping[Any, Any]) -> bool:
    """Whether a dropout follows layer `index`, by the newer list of rates or the older switches."""
    rates = settings.get("dropout_structure")
    if rates is not None:
        return index + 1 < len(rates) and 0 < rates[index + 1] < 1
    if not settings.get("use_dropout"):
        return False
    return index < count - 3 or bool(settings.get("last_layer_dropout") and index < count - 2)


def activation(path: Path, name: str) -> nn.Module:
    """The activation of a name; a CheckpointError for one that is not known."""
    if name not in ACTIVATIONS:
        raise CheckpointError(
            path.name,
            given=f"the activation {name!r}",
            expected=f"one of {', '.join(ACTIVATIONS)}",
            remedy="This hypernetwork cannot be used: train or get one with a known activation.",
        )
    return ACTIVATIONS[name]()


def fitting(hypernetwork: Hypernetwork, network: UNet) -> Hypernetwork:
    """The hypernetwork, if it has networks for this UNet's prompts; Unsuitable if it was made for others."""
    config = network.config
    if config.context_dim not in hypernetwork.pairs:
        widths = ", ".join(map(str, sorted(hypernetwork.pairs)))
        raise Unsuitable(
            f"{hypernetwork.name} changes contexts of {widths} numbers, "
            f"the model's prompts have {config.context_dim}",
            input="hypernetwork_name",
            remedy="Choose a hypernetwork for this kind of model: 768 is SD1, 1024 is SD2.",
        )
    return hypernetwork
