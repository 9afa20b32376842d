"""TAESD as an autoencoder: both halves in one file, or each in one of two that lie beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from diffusion.checkpoint.build import build
from diffusion.checkpoint.digest import sampled_digest
from diffusion.checkpoint.errors import MissingFile
from diffusion.checkpoint.files import open_weights
from diffusion.checkpoint.keymaps import Recipe, Rule, apply
from diffusion.checkpoint.kinds import unsupported
from diffusion.models.taesd import TaesdConfig, TinyAutoencoder
from diffusion.values import Vae
from diffusion.watching import Check

ENCODER, DECODER = "taesd_encoder.", "taesd_decoder."
LAST = 19
"""The number of the decoder's last layer. diffusers counts from its first convolution, the original's 1."""
TINY: Recipe = (
    Rule(r"(taesd_(?:encoder|decoder)\.\d+\..*)", r"\1"),
    Rule(r"encoder\.layers\.(\d+\..*)", rf"{ENCODER}\1"),
    *(Rule(rf"decoder\.layers\.{layer - 1}\.(.*)", rf"{DECODER}{layer}.\1") for layer in range(1, LAST + 1)),
)
LATENTS = 4


def load_tiny(
    path: Path, tensors: Mapping[str, Tensor], *, device: torch.device, dtype: torch.dtype, check: Check
) -> Vae:
    """The autoencoder of a file's tensors, and of the file beside it where it is one half."""
    found = apply(TINY, tensors) or {**half(tensors), **half(open_weights(other_half(path, tensors)))}
    latents = found[f"{DECODER}1.weight"].shape[1]
    if latents != LATENTS:
        raise unsupported(f"a tiny autoencoder of {latents} latent channels, as that of SD3 and Flux")
    config = TaesdConfig(channels=found[f"{DECODER}1.weight"].shape[0])
    make = partial(TinyAutoencoder, config)
    network = build(make, found, "tiny VAE", device=device, dtype=dtype, check=check)
    # Latents on wires are scaled, which is what it reads and gives.
    return Vae(network, scale=1.0, factor=config.factor, digest=sampled_digest(path))


def half(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """One half's tensors as those of the whole: an encoder begins with a convolution, a decoder with none."""
    prefix = ENCODER if "0.weight" in tensors else DECODER
    return {prefix + name: tensors[name] for name in tensors}


def other_half(path: Path, tensors: Mapping[str, Tensor]) -> Path:
    """The file of the other half: of the same name but for one word, with any ending."""
    mine, other = ("encoder", "decoder") if "0.weight" in tensors else ("decoder", "encoder")
    stem = path.stem.replace(mine, other)
    beside = [stem + ending for ending in (path.suffix, ".safetensors", ".pth", ".pt")]
    found = next((path.with_name(name) for name in beside if path.with_name(name).is_file()), None)
    if found is None or stem == path.stem:
        raise MissingFile(
            path.name,
            given=f"the {mine} of TAESD alone",
            expected=f"its {other} beside it",
            remedy=f"Put taesd_{other}{path.suffix} into the same folder, both under their original names.",
        )
    return found
