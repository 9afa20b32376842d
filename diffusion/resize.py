"""Scaling pictures and latents: by interpolation, and by upscaling networks."""

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from diffusion.memory import sent_to
from diffusion.residency import resident

Method = Literal["nearest-exact", "bilinear", "area", "bicubic", "lanczos", "bislerp"]
Crop = Literal["disabled", "center"]


def resize(x: Tensor, width: int, height: int, method: Method, *, crop: Crop = "disabled") -> Tensor:
    """Scale [B, C, H, W]; `crop` first cuts the centre to the new shape, so that nothing is distorted."""
    if crop == "center":
        x = crop_to_aspect(x, width / height)
    match method:
        case "lanczos":
            return resize_lanczos(x, width, height)
        case "bislerp":
            return slerp_rows(slerp_rows(x, width).mT, height).mT
        case _:
            return F.interpolate(x, size=(height, width), mode=method)


def crop_to_aspect(x: Tensor, aspect: float) -> Tensor:
    """The largest central part of [B, C, H, W] that is `aspect` times as wide as tall, or a row of pixels."""
    height, width = x.shape[-2:]
    left = min(max(round((width - height * aspect) / 2), 0), (width - 1) // 2)
    top = min(max(round((height - width / aspect) / 2), 0), (height - 1) // 2)
    return x[..., top : height - top, left : width - left]


def resize_lanczos(x: Tensor, width: int, height: int) -> Tensor:
    """Lanczos by Pillow, channel by channel in float, so that nothing is rounded to 8 bits."""
    planes = [
        np.asarray(Image.fromarray(plane).resize((width, height), Image.Resampling.LANCZOS))
        for plane in x.float().flatten(0, 1).numpy()
    ]
    return torch.from_numpy(np.stack(planes)).unflatten(0, x.shape[:2])


def slerp_rows(x: Tensor, width: int) -> Tensor:
    """Scale the width of [B, C, H, W], turning channel vectors into their neighbours along great circles."""
    places = (torch.arange(width, device=x.device) + 0.5) * (x.shape[-1] / width) - 0.5
    left = places.clamp(0, x.shape[-1] - 1).floor().long()
    right = (left + 1).clamp(max=x.shape[-1] - 1)
    turned = slerp(x[..., left].float(), x[..., right].float(), (places.clamp(min=0) - left).clamp(0, 1))
    return turned.to(x.dtype)


def slerp(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    """Between vectors along dimension 1: directions on the great circle, lengths in proportion."""
    length_a, length_b = a.norm(dim=1, keepdim=True), b.norm(dim=1, keepdim=True)
    unit_a, unit_b = F.normalize(a, dim=1), F.normalize(b, dim=1)
    cosine = (unit_a * unit_b).sum(dim=1, keepdim=True)
    angle = cosine.clamp(-1, 1).acos()
    turned = (((1 - t) * angle).sin() * unit_a + (t * angle).sin() * unit_b) / angle.sin()
    parallel = cosine.abs() > 1 - 1e-5  # no great circle to follow
    return torch.where(parallel, a * (1 - t) + b * t, turned * (length_a * (1 - t) + length_b * t))


def fit_size(width: int, height: int, given: tuple[int, int], *, least: int = 1) -> tuple[int, int]:
    """The wanted size, where 0 stands for what keeps the shape of the `given` (width, height)."""
    if width == 0 and height == 0:
        return given
    if width == 0:
        width = round(given[0] * max(height, least) / given[1])
    elif height == 0:
        height = round(given[1] * max(width, least) / given[0])
    return max(width, least), max(height, least)


def scale_image(image: Tensor, width: int, height: int, method: Method, *, crop: Crop) -> Tensor:
    """`resize` for pictures [B, H, W, C]."""
    width, height = fit_size(width, height, (image.shape[2], image.shape[1]))
    scaled = resize(image.movedim(-1, 1), width, height, method, crop=crop)
    return scaled.clamp(0, 1).movedim(1, -1).contiguous()


@torch.no_grad()
def enlarge(
    network: torch.nn.Module,
    image: Tensor,
    *,
    tile: int = 512,
    overlap: int = 32,
    on_tile: Callable[[int, int], None] = lambda done, total: None,
) -> Tensor:
    """Pictures [B, H, W, C] through an upscaling network, in tiles whose overlapping borders are dropped."""
    if image.shape[-1] < 3:
        image = image.expand(*image.shape[:-1], 3)
    x, scale = image[..., :3].movedim(-1, 1), network.config.scale
    height, width = x.shape[-2:]
    result = torch.empty(*x.shape[:2], height * scale, width * scale)
    tiles = list(tile_spans(height, width, tile))
    jobs = [(picture, span) for picture in range(len(x)) for span in tiles]
    with resident(network) as ready:
        for done, (picture, (rows, columns)) in enumerate(jobs):
            on_tile(done, len(jobs))
            top, left = max(rows.start - overlap, 0), max(columns.start - overlap, 0)
            seen = x[picture : picture + 1, :, top : rows.stop + overlap, left : columns.stop + overlap]
            large = ready(sent_to(network, seen)).float().cpu()
            inner = (times(rows, scale, top), times(columns, scale, left))
            result[picture, :, times(rows, scale, 0), times(columns, scale, 0)] = large[0, :, *inner]
    on_tile(len(jobs), len(jobs))
    return result.clamp(0, 1).movedim(1, -1).contiguous()


def tile_spans(height: int, width: int, tile: int) -> Iterator[tuple[slice, slice]]:
    """A picture cut into rows and columns of nearly equal tiles."""
    for rows in spans(height, tile):
        for columns in spans(width, tile):
            yield rows, columns


def spans(size: int, tile: int) -> list[slice]:
    """`size` cut into the fewest nearly equal parts of at most `tile`."""
    count = math.ceil(size / tile)
    edges = [size * index // count for index in range(count + 1)]
    return [slice(start, stop) for start, stop in pairwise(edges)]


def times(span: slice, scale: int, origin: int) -> slice:
    """A span of the small picture in the enlarged one, counted from `origin`."""
    return slice((span.start - origin) * scale, (span.stop - origin) * scale)
