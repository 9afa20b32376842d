"""What a value on a wire is, in words: for people who look at a graph."""

from dataclasses import fields, is_dataclass

import torch
from torch import Tensor, nn

from diffusion.memory import bytes_of

LONGEST = 8
"""So many entries of a list are described."""


def described(value: object, indent: str = "") -> str:
    """A text of one or more lines; text itself is shown as it is."""
    match value:
        case str():
            return value
        case Tensor():
            return tensor_line(value)
        case nn.Module():
            count = sum(parameter.numel() for parameter in value.parameters())
            return (
                f"{type(value).__name__} of {count / 1e6:.2f} million weights, {bytes_of(value) / 1e6:.1f} MB"
            )
        case list() | tuple() if len(value) > 0 and not all(isinstance(v, int | float | str) for v in value):
            lines = [f"{indent}{n}: {described(v, indent + '  ')}" for n, v in enumerate(value[:LONGEST])]
            more = [f"{indent}… and {len(value) - LONGEST} more"] if len(value) > LONGEST else []
            return "\n".join([f"{len(value)} of", *lines, *more])
        case _ if (
            is_dataclass(value) and not isinstance(value, type) and type(value).__str__ is object.__str__
        ):
            shown = [(field.name, getattr(value, field.name)) for field in fields(value)]
            lines = [
                f"{indent}{name}: {described(held, indent + '  ')}"
                for name, held in shown
                if held is not None and not (isinstance(held, str | tuple) and not held)
            ]
            return "\n".join([type(value).__name__, *lines])
        case _:
            return str(value)


def tensor_line(tensor: Tensor) -> str:
    """Shape, type and range of a tensor."""
    shape = " x ".join(map(str, tensor.shape)) or "one number"
    kind = str(tensor.dtype).removeprefix("torch.")
    if not tensor.numel() or tensor.is_complex():
        return f"{shape} {kind}"
    numbers = tensor.detach().float()
    finite = numbers[numbers.isfinite()]
    strange = f", {numbers.numel() - finite.numel()} not finite" if finite.numel() < numbers.numel() else ""
    if not finite.numel():
        return f"{shape} {kind}{strange}"
    spread = float(torch.std(finite, correction=0))
    return (
        f"{shape} {kind}, {float(finite.min()):.4g} to {float(finite.max()):.4g}, "
        f"mean {float(finite.mean()):.4g}, deviation {spread:.4g}{strange}"
    )
