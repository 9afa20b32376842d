"""Low-rank changes of one weight: LoRA and LoCon, LoHa, LoKr, whole differences, and DoRA around any.

LoRA is arXiv 2106.09685, LoHa and LoKr are LyCORIS's (arXiv 2309.14859), DoRA is arXiv 2402.09353.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

Parts = Mapping[str, Tensor]
"""The tensors of one module by kohya's and LyCORIS's names for them."""
TUCKER = "ijkl,jr,ip->prkl"
SMALLEST_NORM = torch.finfo(torch.float32).eps


def changed(weight: Tensor, parts: Parts, strength: float) -> Tensor:
    """`weight` with the change that the parts describe, in float32 on the weight's device."""
    own = weight.float()
    parts = {name: part.to(own.device, torch.float32) for name, part in parts.items()}
    change = difference(parts).reshape(own.shape)
    if "dora_scale" not in parts:
        return own.add(change, alpha=strength)
    return own + strength * (rescaled(own, own + change, parts["dora_scale"]) - own)


def rescaled(own: Tensor, weight: Tensor, scale: Tensor) -> Tensor:
    """A weight whose rows, or columns, have the lengths that DoRA learned.

    Rows are measured before the change and columns after it, as ComfyUI does.
    """
    by_row = scale.shape[0] == weight.shape[0]
    others = [dim for dim in range(weight.ndim) if dim != (0 if by_row else 1)]
    lengths = (own if by_row else weight).norm(dim=others, keepdim=True) + SMALLEST_NORM
    return weight * (scale.reshape(lengths.shape) / lengths)


def difference(parts: Parts) -> Tensor:
    """What is added to a weight at strength 1, as many numbers as it has."""
    if "diff" in parts:
        return parts["diff"]
    if "lora_up.weight" in parts:
        return low_rank(parts)
    return hadamard(parts) if "hada_w1_a" in parts else kronecker(parts)


def scale(parts: Parts, rank: int) -> Tensor | float:
    """alpha / rank; without an alpha nothing is scaled."""
    return parts["alpha"] / rank if "alpha" in parts else 1.0


def low_rank(parts: Parts) -> Tensor:
    """LoRA; of convolutions LoCon, with a core in the middle where it has one."""
    down = parts["lora_down.weight"]
    up = parts["lora_up.weight"].flatten(1) * scale(parts, down.shape[0])  # scaled while it is small
    if "lora_mid.weight" in parts:
        return torch.einsum("oa,abkl,bi->oikl", up, parts["lora_mid.weight"], down.flatten(1))
    return up @ down.flatten(1)


def hadamard(parts: Parts) -> Tensor:
    """LoHa: the product, number by number, of two low-rank matrices."""
    first, second = (
        product(parts[f"hada_w{k}_a"], parts[f"hada_w{k}_b"], parts.get(f"hada_t{k}")) for k in (1, 2)
    )
    return first * second * scale(parts, parts["hada_w1_b"].shape[0])


def product(a: Tensor, b: Tensor, core: Tensor | None) -> Tensor:
    """Two factors multiplied, through a core where there is one."""
    return a @ b if core is None else torch.einsum(TUCKER, core, b, a)


def kronecker(parts: Parts) -> Tensor:
    """LoKr: a Kronecker product whose factors may be low-rank themselves; only then alpha counts."""
    rank, factors = None, []
    for k in (1, 2):
        if f"lokr_w{k}" in parts:
            factors.append(parts[f"lokr_w{k}"])
            continue
        a, b = parts[f"lokr_w{k}_a"], parts[f"lokr_w{k}_b"]
        rank = b.shape[0]
        factors.append(product(a, b, parts.get(f"lokr_t{k}")))
    first, second = factors
    first = first.reshape(*first.shape, *[1] * (second.ndim - first.ndim))
    made = torch.kron(first.contiguous(), second.contiguous())
    return made if rank is None else made * scale(parts, rank)
