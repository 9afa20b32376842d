"""Soft edges by HED: loading its files, asking it, and drawing its answers as scribbles."""

from collections.abc import Callable, Mapping
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.checkpoint.build import build
from diffusion.checkpoint.keymaps import Rule, apply
from diffusion.checkpoint.kinds import no_checkpoint
from diffusion.checkpoint.load import opened
from diffusion.memory import default_device, sent_to
from diffusion.models.hed import LAYERS, SMALLEST, Hed
from diffusion.preprocess.gradients import smooth
from diffusion.residency import resident
from diffusion.values import rgb


def flip_channels(weight: Tensor) -> Tensor:
    """A first convolution that reads blue, green, red as one that reads red, green, blue."""
    return weight.flip(1)


PUBLISHED = (Rule(r"(norm|block\d\..*)", r"\1"),)
# network-bsds500: convolutions stand between activations and, from the second block on, after pooling.
BSDS500 = (
    Rule(r"(?:net|module)VggOne\.0\.weight", "block1.convs.0.weight", flip_channels),
    Rule(r"(?:net|module)VggOne\.0\.bias", "block1.convs.0.bias"),
    Rule(r"(?:net|module)VggOne\.2\.(\w+)", r"block1.convs.1.\1"),
    *(
        Rule(rf"(?:net|module)Vgg{name}\.{2 * conv + 1}\.(\w+)", rf"block{block}.convs.{conv}.\1")
        for block, name in enumerate(("Two", "Thr", "Fou", "Fiv"), start=2)
        for conv in range(LAYERS[block - 1])
    ),
    *(
        Rule(rf"(?:net|module)Score{name}\.(\w+)", rf"block{block}.projection.\1")
        for block, name in enumerate(("One", "Two", "Thr", "Fou", "Fiv"), start=1)
    ),
    Rule(r"(?:net|module)Combine\.0\.(\w+)", r"combine.\1"),
)
BSDS500_MEAN = (122.67891434, 116.66876762, 104.00698793)


def load_hed(path: Path | str, *, device: torch.device | None = None) -> Hed:
    """The network in ControlNetHED.pth or network-bsds500.pth."""
    device = default_device() if device is None else device
    with opened(path) as weights:
        tensors = hed_tensors(weights)
        width = len(tensors["block1.convs.0.bias"])
        return build(lambda: Hed(width), tensors, "HED edge detector", device=device, dtype=torch.float32)


def hed_tensors(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a file with what its layout leaves unsaid: how answers are combined, or the mean."""
    tensors = apply(PUBLISHED, weights)
    if "norm" in tensors and "block1.convs.0.bias" in tensors:
        count = len(LAYERS)
        combine = {"combine.weight": torch.full((1, count, 1, 1), 1 / count), "combine.bias": torch.zeros(1)}
        return tensors | combine
    tensors = apply(BSDS500, weights)
    if "block1.convs.0.bias" not in tensors:
        raise no_checkpoint("HED edge detector", weights)
    return tensors | {"norm": torch.tensor(BSDS500_MEAN)[None, :, None, None]}


@torch.no_grad()
def soft_edges(
    network: Hed,
    image: Tensor,
    size: int = 0,
    *,
    on_picture: Callable[[int, int], None] = lambda done, total: None,
) -> Tensor:
    """Edges [B, H, W] in 0..1 of pictures [B, H, W, C].

    The network sees them with `size` pixels on the shorter side; 0 is as they are.
    """
    height, width = image.shape[1:3]
    scale = size / min(height, width) if size else 1
    seen = [max(round(side * scale), SMALLEST) for side in (height, width)]
    edges = []
    with resident(network) as ready:
        for index, picture in enumerate(rgb(image).movedim(-1, 1)):
            x = sent_to(network, scaled(picture[None].float(), *seen))
            edges.append(scaled(ready(x).float().cpu()[:, None], height, width))
            on_picture(index + 1, len(image))
    return torch.cat(edges)[:, 0].clamp(0, 1)


def scaled(x: Tensor, height: int, width: int) -> Tensor:
    """[B, C, H, W] at another size, without aliasing; the same size is left alone."""
    if x.shape[-2:] == (height, width):
        return x
    return F.interpolate(x, size=(height, width), mode="bilinear", antialias=True)


# --- scribbles

LINES = (((0, -1), (0, 1)), ((-1, 0), (1, 0)), ((-1, -1), (1, 1)), ((-1, 1), (1, -1)))
"""Neighbours (down, right) on both sides of a pixel, in four directions."""
INK = 4 / 255


def scribble(edges: Tensor, threshold: float, thickness: float) -> Tensor:
    """Soft edges [B, H, W] as bold strokes of 0 or 1, as ControlNet's scribble models were trained on.

    Smooths, keeps what is above `threshold` and highest in any of four directions, and thickens it.
    """
    smoothed = smooth(edges, thickness)
    height, width = edges.shape[-2:]
    padded = F.pad(smoothed, (1, 1, 1, 1), value=-1)
    highest = torch.zeros_like(edges, dtype=torch.bool)
    for line in LINES:
        one, other = (padded[:, 1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width] for dy, dx in line)
        highest |= (smoothed >= torch.maximum(one, other)) & (smoothed > torch.minimum(one, other))
    strokes = (highest & (smoothed > threshold)).float()
    return (smooth(strokes, thickness) > INK).float()
