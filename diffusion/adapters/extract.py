"""Makes LoRAs of differences between models: of every weight the best approximation of a rank.

By Eckart and Young (Psychometrika 1, 1936), that is the part of a matrix along its largest singular vectors.
Files are those of ComfyUI's node of the name: its own names, float16.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

import torch
from torch import Tensor, nn

from diffusion.adapters.lora import merged_model, merged_text
from diffusion.values import Model, TextEncoder

Kind = Literal["standard", "full_diff"]
CLIPS = {"sd1": "clip_l", "sd2": "clip_h"}


def networks_of(model: Model | None, clip: TextEncoder | None) -> Iterator[tuple[str, nn.Module]]:
    """The networks of differences, LoRAs included, by the start of their keys."""
    if model is not None:
        yield "diffusion_model.", merged_model(model).network
    if clip is not None:
        yield f"text_encoders.{CLIPS.get(clip.family, 'clip_l')}.transformer.", merged_text(clip).network


def extracted(
    model: Model | None,
    clip: TextEncoder | None,
    rank: int,
    kind: Kind,
    *,
    biases: bool,
    on_weight: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Tensor]:
    """The tensors of a LoRA that adds the differences that these networks hold; none for what is the same.

    Norms have no rank: theirs are whole differences, left out with the biases if these are not wanted.
    """
    given = [
        (prefix + name, parameter)
        for prefix, network in networks_of(model, clip)
        for name, parameter in network.named_parameters()
    ]
    made: dict[str, Tensor] = {}
    for done, (name, parameter) in enumerate(given, start=1):
        made |= {
            key: part.half().cpu().contiguous()
            for key, part in parts_of(name, parameter, rank, kind, biases).items()
        }
        on_weight(done, len(given))
    return made


@torch.no_grad()
def parts_of(name: str, difference: Tensor, rank: int, kind: Kind, biases: bool) -> Mapping[str, Tensor]:
    """What stands in the file for one difference."""
    module, _, parameter = name.rpartition(".")
    if not difference.any() or parameter not in ("weight", "bias"):
        return {}
    if parameter == "bias":
        return {f"{module}.diff_b": difference} if biases else {}
    if kind == "full_diff":
        return {f"{module}.diff": difference}
    if difference.ndim < 2:
        return {f"{module}.diff": difference} if biases else {}
    up, down = low_rank(difference.flatten(1), rank)
    if difference.ndim == 4:
        up, down = up[..., None, None], down.unflatten(1, difference.shape[1:])
    return {f"{module}.lora_up.weight": up, f"{module}.lora_down.weight": down}


def low_rank(matrix: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """Two matrices [m, r] and [r, n] of equal size whose product is nearest to [m, n].

    The singular vectors of the shorter side are eigenvectors of its Gram matrix, which is small.
    """
    matrix = matrix.double()
    if matrix.shape[0] > matrix.shape[1]:
        up, down = low_rank(matrix.mT, rank)
        return down.mT, up.mT
    _, vectors = torch.linalg.eigh(matrix @ matrix.mT)
    up = vectors[:, -rank:].flip(1)
    down = up.mT @ matrix
    root = down.norm(dim=1).sqrt().clamp(min=torch.finfo(torch.float32).tiny)
    return up * root, down / root[:, None]
