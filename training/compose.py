"""Composes training pictures: a drawing, perhaps in another colour, put on a plain named background."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from training.captions import Scene
from training.concepts import BACKGROUNDS, COLOURS, Concept

_CANVAS = 128
_REACH = 2  # pixels that a drawing may lie off the centre
_HELD_OUT_SHARE = 0.05


def is_held_out(concept: Concept, colour: str | None, background: str) -> bool:
    """Say whether a combination is kept from training; a function of its words alone."""
    words = f"tessera 1|{concept.noun}|{colour}|{background}"
    return zlib.crc32(words.encode()) / 2**32 < _HELD_OUT_SHARE


def _hue_saturation_value(rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Split float RGB in [0, 1] into hue in turns, saturation and value."""
    value = rgb.max(-1)
    chroma = value - rgb.min(-1)
    red, green, blue = np.moveaxis(rgb, -1, 0)
    safe = np.where(chroma > 0, chroma, 1)
    hue = np.where(
        value == red,
        ((green - blue) / safe) % 6,
        np.where(value == green, (blue - red) / safe + 2, (red - green) / safe + 4),
    )
    return hue / 6 % 1, np.where(value > 0, chroma / np.where(value > 0, value, 1), 0), value


def _from_hue(hue: np.ndarray, saturation: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Join hue, saturation and value into float RGB."""
    k = (np.array([5.0, 3.0, 1.0]) + hue[..., None] * 6) % 6
    ramp = np.clip(np.minimum(k, 4 - k), 0, 1)
    return value[..., None] * (1 - saturation[..., None] * ramp)


def dominant_hue(rgba: np.ndarray) -> float:
    """Return the hue (turns) that most of a drawing's saturated area has."""
    hue, saturation, value = _hue_saturation_value(rgba[..., :3] / 255)
    weight = (rgba[..., 3] / 255) * saturation * value * (saturation > 0.3)
    counts, edges = np.histogram(hue, bins=36, range=(0, 1), weights=weight)
    smooth = counts + np.roll(counts, 1) + np.roll(counts, -1)
    return float(edges[int(smooth.argmax())] + 1 / 72)


def recoloured(rgba: np.ndarray, colour: str, hue_now: float) -> np.ndarray:
    """Turn the dominant hue of a drawing to a named one, leaving unlike hues (a green stem) as they are."""
    hue, saturation, value = _hue_saturation_value(rgba[..., :3] / 255)
    distance = np.abs((hue - hue_now + 0.5) % 1 - 0.5)
    turn = distance < 0.14
    shifted = (COLOURS[colour] + 0.4 * ((hue - hue_now + 0.5) % 1 - 0.5)) % 1
    softer = saturation * (0.6 if colour == "pink" else 1.0)
    dim = colour in ("blue", "green", "purple")
    darker = value * (0.88 if dim else 1.0)
    rgb = np.where(turn[..., None], _from_hue(shifted, softer, darker), rgba[..., :3] / 255)
    return np.concatenate([np.round(rgb * 255).clip(0, 255).astype(np.uint8), rgba[..., 3:]], -1)


@dataclass(frozen=True)
class Drawing:
    """One drawing at several sizes: straight-alpha RGBA uint8 [size, size, 4] by colour word or None."""

    sizes: dict[str | None, tuple[np.ndarray, ...]]


def prepare_drawing(concept: Concept, renders: tuple[np.ndarray, ...]) -> Drawing:
    """Make every colour that a concept may take; the natural colour is None."""
    sizes: dict[str | None, tuple[np.ndarray, ...]] = {None: renders}
    if concept.recolour:
        hue_now = dominant_hue(renders[-1])
        for colour in COLOURS:
            sizes[colour] = tuple(recoloured(rgba, colour, hue_now) for rgba in renders)
    return Drawing(sizes)


def paste(rgba: np.ndarray, background: tuple[int, int, int], top: int, left: int) -> np.ndarray:
    """Blend a drawing over a plain background; returns uint8 [128, 128, 3]."""
    picture = np.empty((_CANVAS, _CANVAS, 3), np.uint8)
    picture[:] = background
    size = rgba.shape[0]
    alpha = rgba[..., 3:].astype(np.uint16)
    place = picture[top : top + size, left : left + size]
    place[:] = (rgba[..., :3] * alpha + place * (255 - alpha) + 127) // 255
    return picture


class Composer:
    """Draws seeded random scenes of a list of concepts, leaving out the held-out combinations."""

    def __init__(self, concepts: tuple[Concept, ...], drawings: tuple[Drawing, ...]) -> None:
        self.concepts = concepts
        self.drawings = drawings
        self._backgrounds = tuple(BACKGROUNDS)
        self._colours = tuple(COLOURS)

    def random_scene(self, random: np.random.Generator) -> Scene:
        """Choose concept, colour (natural twice as often as all others) and background (white 3 in 10)."""
        while True:
            index = int(random.integers(len(self.concepts)))
            concept = self.concepts[index]
            colour = None
            if concept.recolour and random.random() < 0.45:
                colour = self._colours[int(random.integers(len(self._colours)))]
            background = "white"
            if random.random() > 0.25:
                background = self._backgrounds[int(random.integers(len(self._backgrounds)))]
            if background != colour and not is_held_out(concept, colour, background):
                return Scene(index, colour, background)

    def picture(self, scene: Scene, random: np.random.Generator) -> np.ndarray:
        """Render a scene at a random size and place; returns uint8 [128, 128, 3]."""
        renders = self.drawings[scene.concept].sizes[scene.colour]
        rgba = renders[int(random.integers(len(renders)))]
        if self.concepts[scene.concept].flip and random.random() < 0.5:
            rgba = rgba[:, ::-1]
        room = _CANVAS - rgba.shape[0]
        middle, reach = room // 2, min(room // 2, _REACH)
        top, left = (middle + random.integers(-reach, reach + 1, 2)).tolist()
        return paste(rgba, BACKGROUNDS[scene.background], top, left)

    def reference(self, scene: Scene) -> np.ndarray:
        """Render a scene plainly, centred at the largest size: what the benchmark compares with."""
        rgba = self.drawings[scene.concept].sizes[scene.colour][-1]
        corner = (_CANVAS - rgba.shape[0]) // 2
        return paste(rgba, BACKGROUNDS[scene.background], corner, corner)


def held_out_scenes(concepts: tuple[Concept, ...]) -> list[Scene]:
    """List every combination that training never shows."""
    scenes = []
    for index, concept in enumerate(concepts):
        for colour in (None, *(COLOURS if concept.recolour else ())):
            for background in BACKGROUNDS:
                if background != colour and is_held_out(concept, colour, background):
                    scenes.append(Scene(index, colour, background))
    return scenes
