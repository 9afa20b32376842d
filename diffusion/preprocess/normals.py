"""Which way surfaces face, from how near they are."""

import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.preprocess.gradients import slopes


def normals(depth: Tensor, strength: float, background: float) -> Tensor:
    """Depth [B, H, W] in 0..1, 1 nearest -> pictures [B, H, W, 3] of directions as colours.

    Red faces left, green up, blue the viewer, as ControlNet's normal models were trained; grey 0.5 is none.
    A picture as long as its longer side that rises from 0 to 1 leans by atan(strength), whatever its size.
    What is farther than `background` faces the viewer.
    """
    right, down = slopes(depth)
    scale = strength * max(depth.shape[-2:]) / 8
    near = depth >= background
    directions = torch.stack([right * scale * near, down * scale * near, torch.ones_like(depth)], dim=-1)
    return F.normalize(directions, dim=-1) / 2 + 0.5
