"""Preparing small pictures for a model that paints them four times as large (SD x4 upscaler).

The model works on latents of the small picture's size, which its VAE decodes to four times that.
"""

import torch
from torch import Tensor

from diffusion.errors import Unsuitable
from diffusion.resize import resize
from diffusion.sampling.beside import beside
from diffusion.values import Conditioning, Latent, rgb

FACTOR = 4
MOST_NOISE = 350
"""The highest of the 1000 levels of noise that the model saw small pictures at."""


def upscale_conditioning(
    positive: Conditioning, negative: Conditioning, image: Tensor, *, ratio: float, noise: float
) -> tuple[Conditioning, Conditioning, Latent]:
    """Both sides with small pictures [B, H, W, C], and the empty latent of the enlarged ones.

    They are enlarged `ratio` times: other ratios than 4 first scale the small picture. `noise`, 0 to 1 of the
    most that the model knows, is added when sampling, with that seed; more of it lets more be invented.
    """
    if not 0 <= noise <= 1:
        raise Unsuitable(
            f"the noise is {noise:g}, that is level {noise * MOST_NOISE:.0f}; "
            f"expected 0 to 1, at most level {MOST_NOISE}",
            input="noise_augmentation",
            remedy="Give a number from 0 to 1; 0.057 is the usual level 20.",
        )
    height, width = (max(round(side * ratio), 1) // FACTOR for side in image.shape[1:3])
    if min(height, width) == 0:
        raise Unsuitable(
            f"a picture of {image.shape[2]} x {image.shape[1]} pixels, {ratio:g} times as large, "
            f"has fewer than {FACTOR} pixels on a side",
            input="scale_ratio",
            remedy=f"Take a larger ratio: {FACTOR} is what the model was made for.",
        )
    small = resize(rgb(image).movedim(-1, 1) * 2 - 1, width, height, "bilinear", crop="center")
    level = round(noise * MOST_NOISE)
    latent = Latent(torch.zeros(len(small), 4, height, width))
    return beside(positive, small, label=level), beside(negative, small, label=level), latent
