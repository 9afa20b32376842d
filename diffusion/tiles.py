"""Encodes and decodes large pictures in tiles that fade into each other, so that memory stays small."""

from collections.abc import Callable, Iterator
from itertools import product

import torch
from torch import Tensor

from diffusion.values import Vae, crop_to_multiple

OnTile = Callable[[int, int], None]


def decode_tiled(vae: Vae, samples: Tensor, *, tile: int, overlap: int, on_tile: OnTile) -> Tensor:
    """The pictures of latents; sizes are in pixels of the picture."""

    def decode(part: Tensor) -> Tensor:
        return vae.decode(part).movedim(-1, 1)

    sizes = (tile // vae.factor, min(overlap, tile // 4) // vae.factor)
    pictures = in_tiles(samples, decode, *sizes, scales=(1, vae.factor), on_tile=on_tile)
    return pictures.movedim(1, -1).contiguous()


def encode_tiled(vae: Vae, image: Tensor, *, tile: int, overlap: int, on_tile: OnTile) -> Tensor:
    """The latents of pictures; sizes are in pixels of the picture."""
    if min(image.shape[1:3]) < vae.factor:
        return vae.encode(image)  # which says what is wrong

    def encode(part: Tensor) -> Tensor:
        return vae.encode(part.movedim(1, -1))

    pixels = crop_to_multiple(image, vae.factor).movedim(-1, 1)
    sizes = (tile // vae.factor, min(overlap, tile // 4) // vae.factor)
    return in_tiles(pixels, encode, *sizes, scales=(vae.factor, 1), on_tile=on_tile)


def in_tiles(
    x: Tensor,
    change: Callable[[Tensor], Tensor],
    tile: int,
    overlap: int,
    *,
    scales: tuple[int, int],
    on_tile: OnTile,
) -> Tensor:
    """[B, C, H, W] through `change` tile by tile; where tiles overlap, one fades into the next.

    Tiles are counted in latent pixels; `scales` says how many pixels of the input and of the result are one.
    """
    before, after = scales
    height, width = (size // before for size in x.shape[-2:])
    places = list(product(range(len(x)), starts(height, tile, overlap), starts(width, tile, overlap)))
    total, weight = torch.zeros(()), torch.zeros(len(x), 1, height * after, width * after)
    for done, (picture, top, left) in enumerate(places):
        on_tile(done, len(places))
        rows, columns = slice(top, min(top + tile, height)), slice(left, min(left + tile, width))
        part = change(x[picture : picture + 1, :, *(times(span, before) for span in (rows, columns))])
        if done == 0:
            total = torch.zeros(len(x), part.shape[1], *weight.shape[-2:])
        down, across = (fade(size, overlap * after) for size in part.shape[-2:])
        place = (picture, slice(None), times(rows, after), times(columns, after))
        total[place] += part[0] * down[:, None] * across
        weight[place] += down[:, None] * across
    on_tile(len(places), len(places))
    return total / weight


def times(span: slice, scale: int) -> slice:
    """A span counted in finer pixels."""
    return slice(span.start * scale, span.stop * scale)


def starts(size: int, tile: int, overlap: int) -> Iterator[int]:
    """Where tiles begin so that neighbours share at least `overlap`; the last ends with the picture."""
    last = max(size - tile, 0)
    yield from range(0, last, max(tile - overlap, 1))
    yield last


def fade(size: int, over: int) -> Tensor:
    """Weights of a tile's pixels along one side, rising from its ends."""
    ramp = ((torch.arange(size) + 1) / (over + 1)).clamp(max=1)
    return ramp * ramp.flip(0)
