"""Pixels as a saved picture has them: their digest, and how far those of two pictures are apart."""

import hashlib
import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from PIL import Image


class Difference(NamedTuple):
    """How far two pictures are apart: PSNR in dB, infinite for equal ones, and the largest step of 255."""

    psnr: float
    largest: int


def pixel_digest(image: "Image.Image") -> str:
    """The digest of size, channels and pixels; how the file packs them does not matter."""
    digest = hashlib.blake2b(f"{image.mode} {image.width}x{image.height} ".encode(), digest_size=16)
    digest.update(image.tobytes())
    return digest.hexdigest()


def difference(first: "Image.Image", second: "Image.Image") -> Difference | None:
    """None where they have no common size or channels."""
    from PIL import ImageChops, ImageStat  # not before there are pictures: a plan takes none

    if first.size != second.size or first.mode != second.mode:
        return None
    statistics = ImageStat.Stat(ImageChops.difference(first, second))
    mean_square = sum(rms**2 for rms in statistics.rms) / len(statistics.rms)
    largest = max(int(high) for _, high in statistics.extrema)
    return Difference(10 * math.log10(255**2 / mean_square) if mean_square else math.inf, largest)
