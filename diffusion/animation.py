"""Pictures [B, H, W, C] as the frames of one file, WebP or animated PNG, with texts inside."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from PIL import Image
from torch import Tensor

from diffusion.images import png_texts, to_pil
from diffusion.outputs import write_numbered

Method = Literal["default", "fastest", "slowest"]
METHODS: dict[Method, int] = {"default": 4, "fastest": 0, "slowest": 6}
EXIF_TEXTS = (0x010F, 0x0110, 0x010E)
"""Where a WebP keeps texts, each as name:text, as ComfyUI writes them: it has no texts by name."""


def save_webp(
    images: Tensor,
    folder: Path,
    stem: str,
    texts: Mapping[str, str],
    *,
    fps: float,
    lossless: bool = True,
    quality: int = 80,
    method: Method = "default",
) -> str:
    """Write stem_00001_.webp, or the next number that is free; returns the file's name."""
    exif = Image.Exif()
    for tag, (name, text) in zip(EXIF_TEXTS, texts.items(), strict=False):
        exif[tag] = f"{name}:{text}".encode()
    how = {"lossless": lossless, "quality": quality, "method": METHODS[method], "exif": exif.tobytes()}
    return save_frames(images, folder, stem, "WEBP", fps, how)


def save_apng(
    images: Tensor, folder: Path, stem: str, texts: Mapping[str, str], *, fps: float, compress_level: int = 4
) -> str:
    """Write stem_00001_.png, or the next number that is free; returns the file's name."""
    how = {"pnginfo": png_texts(texts), "compress_level": compress_level}
    return save_frames(images, folder, stem, "PNG", fps, how)


def save_frames(
    images: Tensor, folder: Path, stem: str, kind: str, fps: float, how: Mapping[str, Any]
) -> str:
    """Write all pictures as frames that repeat forever; a single one is a still."""
    first, *rest = (to_pil(picture) for picture in images)
    timed = {"save_all": True, "append_images": rest, "duration": durations(len(images), fps), "loop": 0}

    def write(path: Path) -> None:
        with path.open("wb") as file:
            first.save(file, kind, **(timed if rest else {}), **how)

    return write_numbered(folder, stem, f".{kind.lower()}", write)


def durations(frames: int, fps: float) -> list[int]:
    """Milliseconds of each frame; their sum is right within one, however many there are."""
    ends = [round(frame * 1000 / fps) for frame in range(frames + 1)]
    return [end - start for start, end in pairwise(ends)]
