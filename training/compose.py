"""Composes training pictures: a drawing, perhaps in another colour, put on a plain named background."""

from __future__ import annotations

import zlib

import numpy as np

from training.captions import Scene
from training.concepts import BACKGROUNDS, COLOURS, Concept

_CANVAS = 128
_REACH = 2  # pixels that a drawing usually lies off the centre at most
_HELD_OUT_SHARE = 0.05
_TURNED = 0.14  # turns of hue around the dominant one that change with it


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


def hue_share(rgba: np.ndarray, hue_now: float) -> float:
    """Return the share of a drawing's saturated area whose hue `recoloured` would turn."""
    hue, saturation, value = _hue_saturation_value(rgba[..., :3] / 255)
    weight = (rgba[..., 3] / 255) * saturation * value
    near = np.abs((hue - hue_now + 0.5) % 1 - 0.5) < _TURNED
    return float((weight * near).sum() / max(weight.sum(), 1e-6))


def recoloured(rgba: np.ndarray, colour: str, hue_now: float) -> np.ndarray:
    """Turn the dominant hue of a drawing to a named one, leaving unlike hues (a green stem) as they are."""
    hue, saturation, value = _hue_saturation_value(rgba[..., :3] / 255)
    distance = np.abs((hue - hue_now + 0.5) % 1 - 0.5)
    turn = distance < _TURNED
    shifted = (COLOURS[colour] + 0.4 * ((hue - hue_now + 0.5) % 1 - 0.5)) % 1
    softer = saturation * (0.6 if colour == "pink" else 1.0)
    dim = colour in ("blue", "green", "purple")
    darker = value * (0.88 if dim else 1.0)
    rgb = np.where(turn[..., None], _from_hue(shifted, softer, darker), rgba[..., :3] / 255)
    return np.concatenate([np.round(rgb * 255).clip(0, 255).astype(np.uint8), rgba[..., 3:]], -1)


class Drawing:
    """One drawing at several sizes, straight-alpha RGBA uint8 [size, size, 4], in colours made on demand."""

    def __init__(self, renders: tuple[np.ndarray, ...]) -> None:
        self._colours: dict[str | None, tuple[np.ndarray, ...]] = {None: renders}

    def sizes(self, colour: str | None) -> tuple[np.ndarray, ...]:
        """Return all sizes in a named colour; None is the natural one."""
        if colour is not None and colour not in self._colours:
            natural = self._colours[None]
            hue_now = dominant_hue(natural[-1])
            self._colours[colour] = tuple(recoloured(rgba, colour, hue_now) for rgba in natural)
        return self._colours[colour]


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
    """Draws seeded random scenes of a list of concepts, leaving out the held-out combinations.

    `styles` holds one drawing per concept for each style; None where a style lacks the concept.
    """

    def __init__(
        self,
        concepts: tuple[Concept, ...],
        styles: dict[str, tuple[Drawing | None, ...]],
        backgrounds: dict[str, tuple[int, int, int]] = BACKGROUNDS,
        reach: int = _REACH,
    ) -> None:
        self.concepts, self.styles, self.backgrounds, self.reach = concepts, styles, backgrounds, reach
        self._backgrounds = tuple(backgrounds)
        self._colours = tuple(COLOURS)

    def random_style(self, concept: int, random: np.random.Generator) -> str:
        """Choose among the styles that have a drawing of the concept; one needs no choice."""
        able = [style for style, drawings in self.styles.items() if drawings[concept] is not None]
        return able[int(random.integers(len(able)))] if len(able) > 1 else able[0]

    def random_scene(self, random: np.random.Generator) -> Scene:
        """Choose concept, colour (natural twice as often as all others) and background (the first often)."""
        while True:
            index = int(random.integers(len(self.concepts)))
            concept = self.concepts[index]
            colour = None
            if concept.recolour and random.random() < 0.45:
                colour = self._colours[int(random.integers(len(self._colours)))]
            background = self._backgrounds[0]
            if random.random() > 0.25:
                background = self._backgrounds[int(random.integers(len(self._backgrounds)))]
            if background != colour and not is_held_out(concept, colour, background):
                return Scene(index, colour, background, self.random_style(index, random))

    def picture(self, scene: Scene, random: np.random.Generator) -> np.ndarray:
        """Render a scene at a random size and place; returns uint8 [128, 128, 3]."""
        renders = self._sizes(scene)
        rgba = renders[int(random.integers(len(renders)))]
        if self.concepts[scene.concept].flip and random.random() < 0.5:
            rgba = rgba[:, ::-1]
        room = _CANVAS - rgba.shape[0]
        middle, reach = room // 2, min(room // 2, self.reach)
        top, left = (middle + random.integers(-reach, reach + 1, 2)).tolist()
        return paste(rgba, self.backgrounds[scene.background], top, left)

    def _sizes(self, scene: Scene) -> tuple[np.ndarray, ...]:
        drawing = self.styles[scene.style][scene.concept]
        if drawing is None:
            noun = self.concepts[scene.concept].noun
            raise ValueError(f"scene.style: {scene.style} has no drawing of {noun}")
        return drawing.sizes(scene.colour)


def held_out_scenes(concepts: tuple[Concept, ...]) -> list[Scene]:
    """List every combination that training never shows."""
    scenes = []
    for index, concept in enumerate(concepts):
        for colour in (None, *(COLOURS if concept.recolour else ())):
            for background in BACKGROUNDS:
                if background != colour and is_held_out(concept, colour, background):
                    scenes.append(Scene(index, colour, background))
    return scenes
