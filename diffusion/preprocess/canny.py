"""Canny's edges: thin lines where brightness changes steeply.

Follows A Computational Approach to Edge Detection (IEEE PAMI 8, 1986) with the smoothing, scale of thresholds
and ties of kornia, which ComfyUI's node calls.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.errors import Unsuitable
from diffusion.preprocess.gradients import luma, slopes, smooth

SIGMA, RADIUS = 1.0, 2
STEPS = 2**16
AHEAD = ((0, 1), (1, 1), (1, 0), (1, -1))
"""The neighbour (down, right) along each direction of the slope: right, and on clockwise."""


def canny(image: Tensor, low: float, high: float) -> Tensor:
    """Edges [B, H, W], 0 or 1, of pictures [B, H, W, C].

    Thresholds are on Sobel's sums of the smoothed picture: a step from black to white reaches 2.59. What is
    above `high` is an edge, and so is what is above `low` and touches an edge.
    """
    if low > high:
        raise Unsuitable(
            f"low_threshold: {low:g} is above high_threshold, {high:g}",
            input="low_threshold",
            remedy="Lower low_threshold, or raise high_threshold.",
        )
    right, down = slopes(smooth(luma(image).float(), SIGMA, RADIUS))
    steepness = ridges(right, down)
    return connected(steepness > high, steepness > low).float()


def ridges(right: Tensor, down: Tensor) -> Tensor:
    """Steepness [B, H, W] where it is the highest across the edge, else 0; of equal neighbours the first."""
    # In whole steps far above rounding errors: the two sides of a step are exactly as steep.
    steepness = (right**2 + down**2).sqrt().mul(STEPS).round() / STEPS
    direction = (torch.atan2(down, right) * (4 / math.pi)).round().remainder(4)
    height, width = steepness.shape[-2:]
    padded = F.pad(steepness, (1, 1, 1, 1))
    kept = torch.zeros_like(steepness, dtype=torch.bool)
    for index, (dy, dx) in enumerate(AHEAD):
        ahead = padded[:, 1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width]
        behind = padded[:, 1 - dy : 1 - dy + height, 1 - dx : 1 - dx + width]
        # Equal neighbours on a diagonal have the edge's own pixel between them.
        highest = (steepness > behind) & (steepness > ahead if index % 2 else steepness >= ahead)
        kept |= (direction == index) & highest
    return steepness * kept


def connected(seeds: Tensor, within: Tensor) -> Tensor:
    """All of `within` [B, H, W] that neighbours, eight to a pixel, lead to from `seeds`."""
    reached, grown = torch.zeros_like(seeds), seeds & within
    while not torch.equal(reached, grown):
        reached = grown
        grown = F.max_pool2d(reached.float(), 3, stride=1, padding=1).bool() & within
    return reached
