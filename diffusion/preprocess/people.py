"""Masks of people, by MediaPipe's selfie segmentation."""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.checkpoint.build import build
from diffusion.checkpoint.kinds import no_checkpoint
from diffusion.checkpoint.load import opened
from diffusion.memory import default_device, sent_to
from diffusion.models.selfie import SIDE, SelfieSegmentation
from diffusion.residency import resident
from diffusion.values import rgb


def load_segmentation(path: Path | str, *, device: torch.device | None = None) -> SelfieSegmentation:
    """The network in the shipped file."""
    device = default_device() if device is None else device
    with opened(path) as weights:
        if "sixteenth.0.widen.weight" not in weights:
            raise no_checkpoint("selfie segmentation", weights)
        tensors = dict(weights)
        return build(SelfieSegmentation, tensors, "selfie segmentation", device=device, dtype=torch.float32)


@torch.no_grad()
def person_mask(network: SelfieSegmentation, image: Tensor) -> Tensor:
    """How surely each pixel is a person's [B, H, W], 0..1, of pictures [B, H, W, C] of any shape."""
    masks = []
    with resident(network) as ready:
        for picture in rgb(image).movedim(-1, 1):
            x = F.interpolate(picture[None].float(), size=(SIDE, SIDE), mode="bilinear", antialias=True)
            mask = ready(sent_to(network, x)).float().cpu()
            masks.append(F.interpolate(mask, size=image.shape[1:3], mode="bilinear", antialias=True))
    return torch.cat(masks)[:, 0].clamp(0, 1)
