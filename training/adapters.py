"""Trains what changes the embedded model beside its file: a LoRA, a hypernetwork, and a word of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn.utils.parametrize import register_parametrization

from diffusion.adapters.hypernetworks import Hypernetwork
from diffusion.adapters.names import flat
from diffusion.features.attention import blocks
from diffusion.models.clip import ClipText
from diffusion.models.t2i_adapter import T2IAdapter
from diffusion.models.unet import Residuals, UNet
from diffusion.preprocess.canny import canny
from training.compose import Composer
from training.diffusion_model import Contexts, Guides, random_captions
from training.loop import Chance

RANK = 8
_EDGES = (0.1, 0.25)
_LINE_WIDTHS = (1, 3, 5)  # pixels
STRUCTURE = (1, 2, 1)
"""Widths of a hypernetwork's layers, in widths of the context."""


class LowRank(nn.Module):
    """What a LoRA (arXiv 2106.09685) adds to one weight [out, in, ...]: up @ down, at first nothing."""

    def __init__(self, weight: Tensor, rank: int = RANK) -> None:
        super().__init__()
        self.down = nn.Parameter(torch.randn(rank, *weight.shape[1:]) / rank)
        self.up = nn.Parameter(torch.zeros(weight.shape[0], rank, *[1] * (weight.ndim - 2)))

    def forward(self, weight: Tensor) -> Tensor:
        return weight + (self.up.flatten(1) @ self.down.flatten(1)).view_as(weight)


def add_low_ranks(unet: UNet) -> nn.ModuleDict:
    """Let every matrix and convolution of the UNet but its ends have a low-rank part: those, by name."""
    wide = [
        (name, module)
        for name, module in unet.named_modules()
        if isinstance(module, nn.Linear | nn.Conv2d)
        and "embed" not in name
        and min(module.weight.shape[:2]) > 4
    ]
    parts = nn.ModuleDict()
    for name, module in wide:
        parts[flat(name)] = part = LowRank(module.weight)
        register_parametrization(module, "weight", part)
    return parts


def write_lora(parts: nn.ModuleDict, path: Path, words: dict[str, str]) -> None:
    """Write low-rank parts under kohya's names, as float16."""
    tensors: dict[str, Tensor] = {}
    for name, part in parts.items():
        key = f"lora_unet_{name}"
        tensors[f"{key}.lora_down.weight"] = part.down.detach().half().contiguous()
        tensors[f"{key}.lora_up.weight"] = part.up.detach().half().contiguous()
        tensors[f"{key}.alpha"] = torch.tensor(float(RANK))
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path, words)


def guided_by(adapter: T2IAdapter, sketches: Tensor) -> Guides:
    """Guides by a T2I-adapter (arXiv 2302.08453) and the sketch of each latent of a pool."""
    return lambda rows: Residuals(levels=tuple(adapter(sketches[rows].float())))


def sketches_of(pictures: np.ndarray, random: np.random.Generator) -> Tensor:
    """White lines along the edges of pictures uint8 [N, H, W, 3], some thick: uint8 [N, 1, H, W], 0 or 1."""
    edges = torch.cat([canny(part / 255, *_EDGES) for part in torch.from_numpy(pictures).split(1)])
    widths = random.choice(_LINE_WIDTHS, len(edges)).tolist()
    return torch.stack(
        [F.max_pool2d(one[None], width, 1, width // 2) for one, width in zip(edges, widths, strict=True)]
    ).byte()


def write_adapter(adapter: T2IAdapter, path: Path) -> None:
    """Write a T2I-adapter under the names of the published ones, as float16."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.half().contiguous() for name, tensor in adapter.state_dict().items()}, path)


class Word(nn.Module):
    """A word of no dictionary (textual inversion, arXiv 2208.01618): a vector in the place of a token."""

    def __init__(self, like: Tensor) -> None:
        super().__init__()
        self.vector = nn.Parameter(like.clone())

    def contexts(self, clip: ClipText, rows_of: Callable[[str], list[int]], composer: Composer) -> Contexts:
        """Contexts of captions in which the word stands for the background, whose name is its token."""
        (name,) = composer.backgrounds
        (token,) = rows_of(name)[1:2]

        def tell(scenes: list, chance: Chance) -> Tensor:
            rows = torch.tensor([rows_of(said) for said in random_captions(composer, scenes, chance)])
            vectors = clip.embed_tokens(rows)
            return clip.encode(torch.where((rows == token)[..., None], self.vector, vectors))

        return tell


def write_word(word: Word, path: Path) -> None:
    """Write the vector as A1111's safetensors files hold it: `emb_params` [1, width]."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({"emb_params": word.vector.detach()[None].contiguous()}, path)


def hypernetwork_layers(width: int) -> nn.Sequential:
    """One network of a hypernetwork, which changes nothing at first."""
    layers: list[nn.Module] = []
    for inside, outside in pairwise(STRUCTURE):
        layers += [nn.Linear(width * inside, width * outside), nn.ReLU()]
    network = nn.Sequential(*layers[:-1])
    nn.init.zeros_(network[-1].weight)
    nn.init.zeros_(network[-1].bias)
    return network


def attention_widths(unet: UNet) -> set[int]:
    """The widths that self-attention of a UNet reads."""
    return {block.attn1.to_q.in_features for _, _, block in blocks(unet)}


def add_hypernetwork(unet: UNet, widths: Iterable[int]) -> nn.ModuleDict:
    """Let the UNet's attention read changed contexts; gives the networks for keys and values, by width."""
    pairs = {width: (hypernetwork_layers(width), hypernetwork_layers(width)) for width in widths}
    Hypernetwork("training", pairs).apply(unet)
    return nn.ModuleDict({str(width): nn.ModuleList(pair) for width, pair in pairs.items()})


def write_hypernetwork(networks: nn.ModuleDict, path: Path) -> None:
    """Write a hypernetwork as AUTOMATIC1111's program does, as float16."""
    content: dict[object, object] = {
        int(width): [
            {f"linear.{name}": tensor.half() for name, tensor in network.state_dict().items()}
            for network in pair
        ]
        for width, pair in networks.items()
    }
    content |= {"layer_structure": list(STRUCTURE), "activation_func": "relu", "activate_output": False}
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(content, path)
