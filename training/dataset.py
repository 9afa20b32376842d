"""The rendered drawings on disk (data/training/) and the composers made of them."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from training.captions import Scene
from training.compose import Composer, Drawing
from training.concepts import SMALL_WORLD, Concept
from training.pictures import EMOJIBASE, ICON_SETS, fetch_package, read_icons, render_svg
from training.presets import Preset
from training.world import whole_world

PACKAGES = Path("data/packages")
RENDERS = Path("data/training")
STRAY_SIZE = 120
CHUNK = 32
_NOT_STRAY = ("skin", "light", "medium", "dark", "button", "clock", "thirty", "flag", "person", "man-")


def render_data(preset: Preset) -> None:
    """Fetch and render everything that a preset needs."""
    RENDERS.mkdir(parents=True, exist_ok=True)
    icons = {style: read_icons(fetch_package(ICON_SETS[style], PACKAGES)) for style in preset.styles}
    strays = render_strays(icons["flat"])
    np.savez_compressed(RENDERS / "strays.npz", **strays)
    fetch_package(EMOJIBASE, PACKAGES)
    concepts = concepts_of(preset)
    for style, drawings in icons.items():
        renders = {
            f"{concept.drawing}@{size}": render_svg(drawings[concept.drawing], size)
            for concept in concepts
            if concept.drawing in drawings
            for size in preset.sizes
        }
        np.savez_compressed(RENDERS / f"{preset.name}-{style}.npz", **renders)
        print(f"{style}: {len(renders)} renders of {len(concepts)} concepts")


def render_strays(icons: dict[str, str]) -> dict[str, np.ndarray]:
    """Render all square drawings that are no near copies of others, RGBA uint8 [120, 120, 4]."""
    names = [name for name in icons if not any(word in name for word in _NOT_STRAY)]
    renders = {name: render_svg(icons[name], STRAY_SIZE) for name in names}
    return {name: rgba for name, rgba in renders.items() if rgba.shape[0] == rgba.shape[1]}


def load_strays() -> list[np.ndarray]:
    """Return the drawings with which the autoencoder learns more than the concepts."""
    return list(load_renders("strays").values())


def load_renders(name: str) -> dict[str, np.ndarray]:
    """Read one file of renders."""
    with np.load(RENDERS / f"{name}.npz") as file:
        return {key: file[key] for key in file}


def concepts_of(preset: Preset) -> tuple[Concept, ...]:
    """Return the small world or, where a preset says so, the whole one."""
    if not preset.whole_world:
        return SMALL_WORLD
    return whole_world(fetch_package(EMOJIBASE, PACKAGES), load_renders("strays"))


def load_composer(preset: Preset) -> Composer:
    """Make the composer of a preset's concepts and styles."""
    concepts = concepts_of(preset)
    styles = {}
    for style in preset.styles:
        renders = load_renders(f"{preset.name}-{style}")
        styles[style] = tuple(drawing_of(concept, renders, preset.sizes) for concept in concepts)
    return Composer(concepts, styles)


def drawing_of(concept: Concept, renders: dict[str, np.ndarray], sizes: tuple[int, ...]) -> Drawing | None:
    """Collect the sizes of one concept's drawing; None where the style has none."""
    names = [f"{concept.drawing}@{size}" for size in sizes]
    return Drawing(tuple(renders[name] for name in names)) if names[0] in renders else None


def compose_chunk(composer: Composer, seed: int, chunk: int) -> tuple[np.ndarray, list[Scene]]:
    """Compose 32 pictures that depend on seed and chunk alone."""
    random = np.random.default_rng((seed, chunk * CHUNK))
    scenes = [composer.random_scene(random) for _ in range(CHUNK)]
    return np.stack([composer.picture(scene, random) for scene in scenes]), scenes


def compose_pool(composer: Composer, size: int, seed: int) -> tuple[np.ndarray, tuple[Scene, ...]]:
    """Compose about `size` pictures: uint8 [N, 128, 128, 3] and what each shows.

    Threads suffice: numpy gives up the interpreter lock in most of the work, and nothing has to be copied.
    """
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        chunks = list(workers.map(partial(compose_chunk, composer, seed), range(-(-size // CHUNK))))
    pictures = np.concatenate([part for part, _ in chunks])
    return pictures, tuple(scene for _, scenes in chunks for scene in scenes)
