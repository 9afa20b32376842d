"""Learned vectors for words that no dictionary has (textual inversion, arXiv 2208.01618), from their files.

A1111's files hold them under `string_to_param`, diffusers' under the name of the word, and files for SDXL
one part for each of its two text encoders, of which SD1 has the first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from torch import Tensor

from diffusion.checkpoint.files import open_weights
from diffusion.checkpoint.header import find_format
from diffusion.checkpoint.pickles import Ignored, load_restricted
from diffusion.errors import Unsuitable
from diffusion.prompt.a1111 import Inversions, mentioned
from diffusion.prompt.embeddings import choose
from diffusion.prompt.schedule import texts_of
from diffusion.prompt.tokens import Find
from diffusion.values import TextEncoder

KEPT = 64
"""Files that stay read: each is some kilobytes."""
WIDTHS = {768: "SD1", 1024: "SD2", 1280: "the second text encoder of SDXL"}
NAMED = ("emb_params", "clip_l", "clip_g")


def finder(names: Callable[[], Sequence[str]], resolve: Callable[[str], Path], width: int) -> Find:
    """Finds embeddings of a width among the files of a folder, which is looked into when one is named."""

    def find(written: str) -> tuple[Tensor, str]:
        file, used = choose(written, names())
        return read_embedding(resolve(file), width), used

    return find


def inversions(
    clip: TextEncoder, prompt: str, names: Sequence[str], resolve: Callable[[str], Path], *, steps: int
) -> Inversions:
    """Embeddings of a folder that a prompt of A1111 mentions, for this text encoder."""

    def read(file: str) -> Tensor:
        vectors = read_embedding(resolve(file), clip.network.config.width)
        if len(vectors) > clip.tokenizer.window_size - 2:
            raise Unsuitable(
                f"the embedding {file} has {len(vectors)} vectors, a window of the text encoder holds "
                f"{clip.tokenizer.window_size - 2}",
                remedy="Take it out of the prompt.",
            )
        return vectors

    return Inversions(clip.tokenizer, mentioned(texts_of(prompt, steps), names) if names else (), read)


def read_embedding(path: Path, width: int) -> Tensor:
    """The vectors [n, width] of a file, float32; Unsuitable if they are made for another text encoder."""
    parts = parts_of(path)
    fitting = [vectors for vectors in parts.values() if vectors.shape[-1] == width]
    if not fitting:
        found = sorted({vectors.shape[-1] for vectors in parts.values()})
        raise Unsuitable(
            f"the embedding {path.name} has vectors of {' and '.join(map(str, found))} numbers"
            f"{made_for(found)}, the text encoder's have {width}{made_for([width])}",
            remedy="Take it out of the prompt, or use an embedding made for this kind of model.",
        )
    if not fitting[0].isfinite().all():
        raise Unsuitable(
            f"the embedding {path.name} holds numbers that are none (NaN or infinity)",
            remedy="Its training failed or the file is damaged: take it out of the prompt.",
        )
    return fitting[0]


def made_for(widths: Sequence[int]) -> str:
    """Which models have text encoders of these widths, in brackets."""
    known = [WIDTHS[width] for width in widths if width in WIDTHS]
    return f" ({' and '.join(known)})" if known else ""


def vector_count(path: Path) -> int:
    """How many vectors a file holds for a text encoder of any width."""
    return len(next(iter(parts_of(path).values())))


def parts_of(path: Path) -> dict[str, Tensor]:
    """What a file holds now."""
    status = path.stat() if path.is_file() else None
    return read_parts(path, *((status.st_size, status.st_mtime_ns) if status else (0, 0)))


@lru_cache(maxsize=KEPT)
def read_parts(path: Path, size: int, time: int) -> dict[str, Tensor]:
    """What a file holds as it was at a time: vectors [n, width] by name."""
    tensors = inverted(path) if find_format(path) != "safetensors" else dict(open_weights(path))
    if any(name in tensors for name in NAMED):
        tensors = {name: tensors[name] for name in NAMED if name in tensors}
    parts = {name: tensor.detach().float() for name, tensor in tensors.items() if tensor.ndim in (1, 2)}
    if not parts or (len(parts) > 1 and not parts.keys() <= set(NAMED)):
        shapes = ", ".join(f"{name} {[*tensor.shape]}" for name, tensor in list(tensors.items())[:3])
        raise Unsuitable(
            f"{path.name} is no embedding: it holds {len(tensors)} tensors ({shapes}), expected one of "
            "one or several vectors",
            remedy="Take it out of the folder embeddings: it may be a LoRA or another kind of file.",
        )
    return {name: part.reshape(-1, part.shape[-1]) for name, part in parts.items()}


def inverted(path: Path) -> dict[str, Tensor]:
    """The tensors of a `torch.save` file, those of `string_to_param` where it has them."""
    content = load_restricted(path, mapped=find_format(path) == "torch zip")
    inner = content.get("string_to_param") if isinstance(content, Mapping) else None
    if isinstance(inner, Ignored):  # a ParameterDict of torch, in the files of the first program
        inner = vars(inner).get("_parameters")
    if isinstance(inner, Mapping):
        return {name: tensor for name, tensor in inner.items() if isinstance(tensor, Tensor)}
    return dict(open_weights(path))
