"""Line drawings of pictures without a network, by the difference of two smoothings.

After XDoG: An eXtended difference-of-Gaussians Compendium (Computers & Graphics 36, 2012), but white on
black, and without the tones that would fill dark areas.
"""

import torch
from torch import Tensor

from diffusion.preprocess.gradients import luma, smooth

RATIO = 1.6
"""Of the two smoothings: nearest to the Laplacian of a Gaussian."""


def line_art(image: Tensor, thickness: float, threshold: float, boldness: float) -> Tensor:
    """Lines [B, H, W] in 0..1 of pictures [B, H, W, C]: dark strokes, and the dark sides of edges.

    `threshold` is how much darker than its surroundings a line is, `boldness` how soon it is white.
    """
    brightness = luma(image).float()
    darker = smooth(brightness, RATIO * thickness) - smooth(brightness, thickness)
    return torch.tanh(boldness * (darker - threshold).clamp(min=0))
