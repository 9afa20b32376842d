"""Preparing pictures for a model that keeps their depth and paints everything else (SD2 depth)."""

import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.depth import DepthNetwork, estimate
from diffusion.errors import Unsuitable
from diffusion.sampling.beside import beside
from diffusion.values import Conditioning, Latent, Vae, crop_to_multiple, rgb


def depth_conditioning(
    positive: Conditioning,
    negative: Conditioning,
    vae: Vae,
    image: Tensor,
    *,
    network: DepthNetwork | None = None,
    drawn: Tensor | None = None,
) -> tuple[Conditioning, Conditioning, Latent]:
    """Both sides with the depth of pictures [B, H, W, C], and the pictures to start from.

    `drawn` [n, H, W, C], in which light is near, wins over what the network estimates.
    """
    whole, image = image, crop_to_multiple(rgb(image), vae.factor)
    latent = Latent(vae.encode(image))
    if drawn is not None:
        if drawn.shape[1:3] == whole.shape[1:3]:
            drawn = crop_to_multiple(drawn, vae.factor)
        depth = rgb(drawn).mean(dim=-1)
    elif network is not None:
        depth = estimate(network, image)
    else:
        raise Unsuitable(
            "neither a depth model nor a depth picture is given, expected one of them",
            input="depth_model",
            remedy="Connect DepthModelLoader or DepthModelFromCheckpoint, or a picture where light is near.",
        )
    concat = latent_depth(depth, latent.samples.shape[-2], latent.samples.shape[-1])
    return beside(positive, concat), beside(negative, concat), latent


def latent_depth(depth: Tensor, height: int, width: int) -> Tensor:
    """Depth [B, H, W] as a model reads it: [B, 1, height, width], in each picture -1 far to 1 near.

    Where all is equally far, it is far.
    """
    scaled = F.interpolate(depth[:, None].float(), size=(height, width), mode="bicubic")
    low, high = scaled.amin(dim=(1, 2, 3), keepdim=True), scaled.amax(dim=(1, 2, 3), keepdim=True)
    spread = high - low
    return 2 * (scaled - low) / torch.where(spread > 0, spread, 1.0) - 1
