"""Preparing pictures to be painted anew inside a mask [n, H, W], 1 = paint, of any size.

The mask is scaled to the picture; both are cut around the centre to whole latent pixels.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.errors import Unsuitable
from diffusion.masks import repeat_to, resize_mask
from diffusion.sampling.beside import beside
from diffusion.values import Conditioning, Latent, Vae, crop_to_multiple, rgb

STEP = 8
"""Pixels of the picture in a latent pixel."""


def inpaint_conditioning(
    positive: Conditioning, negative: Conditioning, vae: Vae, image: Tensor, mask: Tensor, *, masked: bool
) -> tuple[Conditioning, Conditioning, Latent]:
    """Both sides with mask and greyed picture for an inpainting model, and the picture to start from.

    `masked` puts the mask on the latent, too, so that everything outside of it stays as it is.
    """
    image, mask = fitted(image, mask, vae.factor)
    hidden = vae.encode(greyed(image, mask))
    # Rounded at the latent's size, as ComfyUI does; the originals take the nearest pixel, which is the same
    # for masks whose edges lie on multiples of 8.
    place = resize_mask(mask, hidden.shape[-2], hidden.shape[-1]).round()[:, None]
    concat = torch.cat([place, hidden], dim=1)
    latent = Latent(vae.encode(image), mask if masked else None)
    return beside(positive, concat), beside(negative, concat), latent


def encode_for_inpainting(vae: Vae, image: Tensor, mask: Tensor, *, grow_by: int) -> Latent:
    """Pictures encoded with what is to be painted greyed out, under a mask that is a little larger."""
    image, mask = fitted(image, mask, vae.factor)
    samples = vae.encode(greyed(image, mask))
    mask = mask.round()
    height, width = mask.shape[-2:]
    if grow_by > 1:
        mask = F.max_pool2d(mask[:, None], grow_by, 1, grow_by // 2)[:, 0, :height, :width]
    return Latent(samples, mask)


def edit_conditioning(
    positive: Conditioning, negative: Conditioning, vae: Vae, image: Tensor
) -> tuple[Conditioning, Conditioning, Latent]:
    """Both sides with the picture for a model that edits by instruction (arXiv 2211.09800); an empty latent.

    The model reads the picture's latent as the VAE gives it, not scaled.
    """
    samples = vae.encode(image)
    concat = samples / vae.scale
    return beside(positive, concat), beside(negative, concat), Latent(torch.zeros_like(samples))


def fitted(image: Tensor, mask: Tensor, factor: int) -> tuple[Tensor, Tensor]:
    """As many RGB pictures as masks, at one size in whole latent pixels: [B, H, W, 3] and [B, H, W]."""
    mask = resize_mask(mask, *image.shape[1:3])
    count = max(len(image), len(mask))
    image, mask = (crop_to_multiple(repeat_to(each, count), factor) for each in (rgb(image), mask[..., None]))
    return image, mask[..., 0]


def greyed(image: Tensor, mask: Tensor) -> Tensor:
    """Pictures [B, H, W, 3] in grey where the rounded mask is 1."""
    return (image - 0.5) * (1 - mask.round())[..., None] + 0.5


def surroundings(mask: Tensor, margin: int, *, square: bool) -> tuple[int, int, int, int]:
    """The place x, y and the width and height of what a mask selects, with some pixels around it.

    It lies inside the picture; its sides are multiples of 8 and, where the picture allows, equal if `square`.
    """
    found = mask.amax(dim=0).nonzero()
    if len(found) == 0:
        raise Unsuitable(
            "the mask selects nothing, expected at least one pixel above 0",
            input="mask",
            remedy="Draw a mask where to paint.",
        )
    spans = [
        (int(low) - margin, int(high) + 1 + margin) for low, high in zip(*found.aminmax(dim=0), strict=True)
    ]
    least = max(high - low for low, high in spans) if square else 0
    (y, height), (x, width) = (
        around(low, high, least, size) for (low, high), size in zip(spans, mask.shape[-2:], strict=True)
    )
    return x, y, width, height


def around(low: int, high: int, least: int, size: int) -> tuple[int, int]:
    """Start and length of a span widened about its middle to a multiple of 8, and shifted into 0..size."""
    length = min(-(-max(high - low, least) // STEP) * STEP, size)
    return min(max((low + high - length) // 2, 0), size - length), length
