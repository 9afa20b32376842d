"""The drawings of the small world as one picture in the repository: what pictures are judged against."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from training.compose import dominant_hue, paste, recoloured
from training.concepts import BACKGROUNDS, SMALL_WORLD

SIZE = 124
COLUMNS = 11


def write_atlas(path: Path, drawings: list[np.ndarray]) -> None:
    """Write drawings, RGBA uint8 [124, 124, 4] each, as one PNG."""
    rows = -(-len(drawings) // COLUMNS)
    atlas = np.zeros((rows * SIZE, COLUMNS * SIZE, 4), np.uint8)
    for index, drawing in enumerate(drawings):
        top, left = index // COLUMNS * SIZE, index % COLUMNS * SIZE
        atlas[top : top + SIZE, left : left + SIZE] = drawing
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(atlas).save(path, optimize=True)


class Reference:
    """Pictures of every concept in any colour on any named background."""

    def __init__(self, path: Path) -> None:
        atlas = np.asarray(Image.open(path).convert("RGBA"))
        corners = [(i // COLUMNS * SIZE, i % COLUMNS * SIZE) for i in range(len(SMALL_WORLD))]
        self._drawings = [atlas[top : top + SIZE, left : left + SIZE] for top, left in corners]
        self._drawing = cache(self._in_colour)

    def _in_colour(self, concept: int, colour: str | None) -> np.ndarray:
        drawing = self._drawings[concept]
        if colour is None or not SMALL_WORLD[concept].recolour:
            return drawing
        return recoloured(drawing, colour, dominant_hue(drawing))

    def picture(self, concept: int, colour: str | None, background: str) -> np.ndarray:
        """Show a concept (in its natural colours if it takes no other), uint8 [128, 128, 3]."""
        return paste(self._drawing(concept, colour), BACKGROUNDS[background], 2, 2)
