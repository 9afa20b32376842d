"""Encodes and decodes pictures, large ones in tiles that fade into each other, so that memory stays small."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product

import torch
from torch import Tensor

from diffusion.copies import parts_of
from diffusion.errors import NotFinite
from diffusion.memory import Network, dtype_of, sent_to
from diffusion.models.vae import Autoencoder
from diffusion.patches import shared_copy
from diffusion.residency import memory_of
from diffusion.values import Vae, crop_to_multiple, rgb
from diffusion.watching import Check, OnTile

DECODING, ENCODING = 4.5, 3.0
"""How much is alive at once at most, in tensors as large as the largest one; docs/performance.md."""
Work = Callable[[Tensor], Tensor]
"""What a VAE makes of a tile."""
TILES = (1024, 512, 256, 128, 64)
"""Sides in pixels that are tried where a picture is too large at once."""


def decode_fitting(vae: Vae, samples: Tensor, *, on_tile: OnTile, check: Check) -> Tensor:
    """The pictures of latents, at once or in the largest tiles that memory allows."""
    height, width = (side * vae.factor for side in samples.shape[-2:])

    def tiled(work: Work, tile: int) -> Tensor:
        return decode_tiled(vae, samples, tile=tile, overlap=tile // 4, on_tile=on_tile, decode=work)

    tiles = sides(max(height, width), len(samples), vae.factor)
    return fitting(vae, samples, decode_whole, tiled, tiles, check)


def encode_fitting(vae: Vae, image: Tensor, *, on_tile: OnTile, check: Check) -> Tensor:
    """The latents of pictures, at once or in the largest tiles that memory allows."""
    image = crop_to_multiple(image, vae.factor)

    def tiled(work: Work, tile: int) -> Tensor:
        return encode_tiled(vae, image, tile=tile, overlap=tile // 4, on_tile=on_tile, encode=work)

    tiles = sides(max(image.shape[1:3]), len(image), vae.factor)
    return fitting(vae, image, encode_whole, tiled, tiles, check)


def sides(side: int, count: int, factor: int) -> list[int]:
    """The tiles to try for pictures whose longer side is given: the picture itself, if there are more."""
    single = [-(-side // factor) * factor] if count > 1 else []
    return [*single, *(tile for tile in TILES if tile < side)]


def fitting(
    vae: Vae,
    x: Tensor,
    whole: Callable[[Vae, Autoencoder, Tensor], Tensor],
    tiled: Callable[[Work, int], Tensor],
    tiles: Sequence[int],
    check: Check,
) -> Tensor:
    """All at once, else in tiles, else with weights that come part by part, too; else OutOfMemory."""
    memory = memory_of(vae.network)

    def way(*, streamed: bool) -> Tensor:
        with memory.use(vae.network, streamed=streamed, check=check) as ready:
            work = partial(whole, vae, stopping(ready, check))
            ways = [partial(work, x), *(partial(tiled, work, tile) for tile in tiles)]
            return memory.first_that_fits(ways)[0]

    return memory.first_that_fits([partial(way, streamed=streamed) for streamed in (False, True)])[0]


def stopping(network: Network, check: Check) -> Network:
    """The network, asking `check` before each of its parts, which may raise to stop it."""
    made = shared_copy(network)
    for part in parts_of(made):
        part.register_forward_pre_hook(lambda module, args: check())
    return made


@torch.no_grad()
def decode_whole(vae: Vae, ready: Autoencoder, samples: Tensor) -> Tensor:
    """The pictures [B, H, W, 3] of latent samples, at once, by the VAE's network made ready."""
    count, height, width = len(samples), *(side * vae.factor for side in samples.shape[-2:])
    size = int(DECODING * largest_bytes(vae, count * height * width))
    with memory_of(vae.network).working(size, f"decoding {count} x {width} x {height} pixels"):
        pixels = ready.decode(sent_to(vae.network, samples) / vae.scale).float().cpu()
    if not pixels.isfinite().all():
        raise NotFinite(
            "decoding ended in numbers that are no picture (NaN or infinity)",
            input="samples",
            remedy="Check what made the latent; if it is sound, the VAE overflows 16 bits or is damaged.",
        )
    return (pixels / 2 + 0.5).clamp(0, 1).movedim(1, -1).contiguous()


@torch.no_grad()
def encode_whole(vae: Vae, ready: Autoencoder, image: Tensor) -> Tensor:
    """The most likely latents of pictures, at once, by the VAE's network made ready."""
    pixels = crop_to_multiple(rgb(image), vae.factor).movedim(-1, 1)
    count, _, height, width = pixels.shape
    size = int(ENCODING * largest_bytes(vae, count * height * width))
    with memory_of(vae.network).working(size, f"encoding {count} x {width} x {height} pixels"):
        mean = ready.encode(sent_to(vae.network, pixels) * 2 - 1).mean
        return (mean * vae.scale).float().cpu()


def largest_bytes(vae: Vae, pixels: int) -> int:
    """The largest tensor of a VAE at work: all pixels with the channels of the second finest level."""
    widths = vae.network.config.widths
    return pixels * widths[min(1, len(widths) - 1)] * dtype_of(vae.network).itemsize


def decode_tiled(
    vae: Vae,
    samples: Tensor,
    *,
    tile: int,
    overlap: int,
    on_tile: OnTile,
    decode: Work | None = None,
) -> Tensor:
    """The pictures of latents; sizes are in pixels of the picture. `decode` is the VAE's, unless given."""
    change = decode or vae.decode
    sizes = (tile // vae.factor, min(overlap, tile // 4) // vae.factor)

    def picture(part: Tensor) -> Tensor:
        return change(part).movedim(-1, 1)

    pictures = in_tiles(samples, picture, *sizes, scales=(1, vae.factor), on_tile=on_tile)
    return pictures.movedim(1, -1).contiguous()


def encode_tiled(
    vae: Vae,
    image: Tensor,
    *,
    tile: int,
    overlap: int,
    on_tile: OnTile,
    encode: Work | None = None,
) -> Tensor:
    """The latents of pictures; sizes are in pixels of the picture. `encode` is the VAE's, unless given."""
    change = encode or vae.encode
    if min(image.shape[1:3]) < vae.factor:
        return change(image)  # which says what is wrong
    pixels = crop_to_multiple(image, vae.factor).movedim(-1, 1)
    sizes = (tile // vae.factor, min(overlap, tile // 4) // vae.factor)

    def latent(part: Tensor) -> Tensor:
        return change(part.movedim(1, -1))

    return in_tiles(pixels, latent, *sizes, scales=(vae.factor, 1), on_tile=on_tile)


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
