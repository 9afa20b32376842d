"""The rendered drawings on disk (data/training/) and the composer made of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.compose import Composer, prepare_drawing
from training.concepts import SMALL_WORLD
from training.pictures import ICON_SETS, fetch_package, read_icons, render_svg
from training.presets import Preset

PACKAGES = Path("data/packages")
RENDERS = Path("data/training")
STRAY_SIZE = 120
_NOT_STRAY = (
    "skin",
    "light",
    "medium",
    "dark",
    "button",
    "clock",
    "thirty",
    "keycap",
    "flag",
    "person",
    "man-",
)


def render_data(preset: Preset) -> Path:
    """Fetch and render everything that a preset needs; returns the folder."""
    RENDERS.mkdir(parents=True, exist_ok=True)
    for style in preset.styles:
        icons = read_icons(fetch_package(ICON_SETS[style], PACKAGES))
        known = {
            f"{concept.drawing}@{size}": render_svg(icons[concept.drawing], size)
            for concept in SMALL_WORLD
            for size in preset.sizes
        }
        strays = [name for name in icons if not any(word in name for word in _NOT_STRAY)]
        np.savez_compressed(RENDERS / f"{style}.npz", **known)
        renders = (render_svg(icons[name], STRAY_SIZE) for name in strays)
        pictures = np.stack([rgba for rgba in renders if rgba.shape[0] == rgba.shape[1]])
        np.savez_compressed(RENDERS / f"{style}-strays.npz", pictures=pictures)
        print(f"{style}: {len(known)} renders of {len(SMALL_WORLD)} concepts, {len(strays)} other drawings")
    return RENDERS


def load_composer(preset: Preset) -> Composer:
    """Make the composer of a preset's first style."""
    renders = np.load(RENDERS / f"{preset.styles[0]}.npz")
    drawings = tuple(
        prepare_drawing(concept, tuple(renders[f"{concept.drawing}@{size}"] for size in preset.sizes))
        for concept in SMALL_WORLD
    )
    return Composer(SMALL_WORLD, drawings)


def load_strays(preset: Preset) -> list[np.ndarray]:
    """Return the drawings outside the small world, RGBA uint8 [120, 120, 4] each."""
    return list(np.load(RENDERS / f"{preset.styles[0]}-strays.npz")["pictures"])
