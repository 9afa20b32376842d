"""Other looks of the same drawings, which adapters of the model learn."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from training.compose import Composer, Drawing
from training.concepts import BACKGROUNDS

_BORDER = 4  # pixels of white around a sticker
_SMALLER = 0.86  # which make room for it
_SIZES = (56, 72, 88, 104)
_GREY = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601


def sticker(rgba: np.ndarray) -> np.ndarray:
    """A drawing cut out with a white border and a thin grey edge; RGBA uint8 [size, size, 4]."""
    size = rgba.shape[0]
    inner = round(size * _SMALLER)
    sheet = Image.new("RGBA", (size, size))
    place = (size - inner) // 2
    sheet.paste(Image.fromarray(rgba).resize((inner, inner), Image.Resampling.LANCZOS), (place, place))
    alpha = sheet.getchannel("A")
    edge = Image.new("RGBA", (size, size), (96, 98, 106, 255))
    edge.putalpha(_grown(alpha, _BORDER + 2))
    white = Image.new("RGBA", (size, size), (255, 255, 255, 255))
    white.putalpha(_grown(alpha, _BORDER))
    return np.asarray(Image.alpha_composite(Image.alpha_composite(edge, white), sheet))


def _grown(alpha: Image.Image, pixels: int) -> Image.Image:
    """A mask that reaches further on all sides, its corners rounded."""
    wide = alpha.filter(ImageFilter.MaxFilter(2 * pixels + 1)).filter(ImageFilter.GaussianBlur(1.2))
    return wide.point(lambda value: min(255, max(0, (value - 96) * 4)))


def grey(rgb: np.ndarray) -> np.ndarray:
    """Colours [..., 3] as greys of the same brightness."""
    return np.repeat(np.round(rgb @ _GREY)[..., None], 3, -1).astype(np.uint8)


def stickers(composer: Composer) -> Composer:
    """The same scenes, each drawing a sticker."""
    drawings = tuple(
        drawing and Drawing(tuple(sticker(rgba) for rgba in drawing.sizes(None)))
        for drawing in composer.styles["flat"]
    )
    return Composer(composer.concepts, {"flat": drawings})


def old_film(composer: Composer) -> Composer:
    """The same scenes without colour."""
    drawings = tuple(
        drawing
        and Drawing(
            tuple(np.concatenate([grey(rgba[..., :3]), rgba[..., 3:]], -1) for rgba in drawing.sizes(None))
        )
        for drawing in composer.styles["flat"]
    )
    greys = {name: tuple(grey(np.array(rgb)).tolist()) for name, rgb in BACKGROUNDS.items()}
    return Composer(composer.concepts, {"flat": drawings}, greys)


def anywhere(composer: Composer) -> Composer:
    """The same scenes, each drawing at one of many sizes and at any place."""
    drawings = tuple(
        drawing and Drawing(tuple(_resized(drawing.sizes(None)[-1], size) for size in _SIZES))
        for drawing in composer.styles["flat"]
    )
    return Composer(composer.concepts, {"flat": drawings}, reach=max(_SIZES))


def _resized(rgba: np.ndarray, size: int) -> np.ndarray:
    return np.asarray(Image.fromarray(rgba).resize((size, size), Image.Resampling.LANCZOS))


def on_background(composer: Composer, name: str, rgb: tuple[int, int, int]) -> Composer:
    """The same drawings, all on one background that the model has no word for."""
    return Composer(composer.concepts, composer.styles, {name: rgb})
