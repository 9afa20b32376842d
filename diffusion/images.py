"""Pictures between files and tensors: [B, H, W, C] float32 in 0..1, sRGB, on the host."""

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps, ImageSequence, PngImagePlugin, UnidentifiedImageError
from torch import Tensor

from diffusion.errors import UnreadableImage
from diffusion.outputs import write_numbered

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
"""What is opened; Pillow's other formats include some that start programs."""
MOST_PIXELS = 2**26
MOST_FRAMES_PIXELS = 2**28
COMPRESSION = 4
"""Of PNG files: a fifth larger than the best and many times faster."""


def read_image(path: Path) -> tuple[Tensor, Tensor]:
    """A file as pictures [B, H, W, 3] and masks [B, H, W], 1 where a picture is transparent.

    Each frame of an animation is a picture. The camera's orientation is applied.
    """
    try:
        with Image.open(path, formats=FORMATS) as image:
            check_size(path, image)
            frames = [read_frame(frame) for frame in ImageSequence.Iterator(image)]
    except Image.DecompressionBombError as error:
        raise too_large(path, str(error)) from error
    except UnidentifiedImageError as error:
        given = "the file is empty" if path.stat().st_size == 0 else "the file is no picture"
        remedy = f"Choose a picture of one of the formats {', '.join(FORMATS)}."
        raise UnreadableImage(f"{path.name}: {given}", remedy=remedy) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        remedy = "The file is damaged: get or save it again."
        raise UnreadableImage(f"{path.name} cannot be read: {error}", remedy=remedy) from error
    same = [frame for frame in frames if frame.shape == frames[0].shape]
    pixels = torch.from_numpy(np.stack(same))
    return pixels[..., :3].contiguous(), (1 - pixels[..., 3]).contiguous()


def check_size(path: Path, image: Image.Image) -> None:
    """Refuse what would fill the memory, before any of it is decoded."""
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise too_large(path, f"{width} x {height} pixels")
    frames = getattr(image, "n_frames", 1)
    if width * height * frames > MOST_FRAMES_PIXELS:
        raise too_large(path, f"{frames} frames of {width} x {height} pixels")


def too_large(path: Path, given: str) -> UnreadableImage:
    """The error of a picture beyond the limit."""
    return UnreadableImage(
        f"{path.name} is too large to open: {given}, expected at most {MOST_PIXELS / 1e6:.0f} million pixels",
        remedy="Scale the picture down in another program first.",
    )


def read_frame(frame: Image.Image) -> np.ndarray:
    """One frame upright, as [H, W, 4] in 0..1."""
    frame = ImageOps.exif_transpose(frame)
    if frame.mode.startswith("I"):  # 16 bits of grey, which Pillow would cut at 255
        grey = np.asarray(frame, dtype=np.float32)[..., None] / 65535
        return np.concatenate([grey.repeat(3, axis=-1), np.ones_like(grey)], axis=-1).clip(0, 1)
    return np.asarray(frame.convert("RGBA"), dtype=np.float32) / 255


def to_pil(picture: Tensor) -> Image.Image:
    """One picture [H, W, C] with one, three or four channels, rounded to 8 bits."""
    pixels = (picture.detach().cpu().float().clamp(0, 1) * 255).round().to(torch.uint8).numpy()
    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)


def encode_jpeg(picture: Tensor, *, quality: int = 85) -> bytes:
    """One picture [H, W, 3] as a JPEG."""
    file = io.BytesIO()
    to_pil(picture).save(file, "JPEG", quality=quality)
    return file.getvalue()


def encode_png(picture: Tensor) -> bytes:
    """One picture [H, W, C] as a PNG."""
    file = io.BytesIO()
    to_pil(picture).save(file, "PNG", compress_level=COMPRESSION)
    return file.getvalue()


def png_texts(texts: Mapping[str, str]) -> PngImagePlugin.PngInfo:
    """ASCII as tEXt, which every reader knows; the rest as packed iTXt."""
    chunks = PngImagePlugin.PngInfo()
    for key, text in texts.items():
        if text.isascii():
            chunks.add_text(key, text)
        else:
            chunks.add_itxt(key, text, zip=True)
    return chunks


def save_png(picture: Tensor, folder: Path, stem: str, texts: Mapping[str, str]) -> str:
    """Write stem_00001_.png, or the next number that is free; the file appears complete or not at all.

    Returns the file's name.
    """
    chunks = png_texts(texts)

    def write(path: Path) -> None:
        with path.open("wb") as file:
            to_pil(picture).save(file, "PNG", pnginfo=chunks, compress_level=COMPRESSION)

    return write_numbered(folder, stem, ".png", write)
