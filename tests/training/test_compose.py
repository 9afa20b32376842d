"""Composing: colours, backgrounds and what is held out."""

import numpy as np

from training.captions import Scene, plain_prompt, random_caption
from training.compose import Composer, Drawing, dominant_hue, held_out_scenes, is_held_out, recoloured
from training.concepts import BACKGROUNDS, COLOURS, SMALL_WORLD, Concept

APPLE = Concept("apple", "red-apple", ("fruit",), recolour=True)


def red_with_a_green_leaf() -> np.ndarray:
    """RGBA uint8 [96, 96, 4]: red, its upper eighth green."""
    rgba = np.full((96, 96, 4), 255, np.uint8)
    rgba[..., :3] = (240, 40, 40)
    rgba[:12, :, :3] = (40, 200, 60)
    return rgba


def test_recolouring_turns_the_dominant_hue_and_leaves_the_rest():
    drawing = red_with_a_green_leaf()
    blue = recoloured(drawing, "blue", dominant_hue(drawing))
    assert np.array_equal(blue[:12], drawing[:12])
    assert blue[50, 50, 2] > 2 * blue[50, 50, 0]


def test_a_picture_has_the_named_background_at_its_border():
    composer = Composer((APPLE,), {"flat": (Drawing((red_with_a_green_leaf(),)),)})
    picture = composer.picture(Scene(0, None, "teal"), np.random.default_rng(0))
    assert {tuple(pixel) for pixel in picture[0].tolist()} == {BACKGROUNDS["teal"]}


def test_training_never_shows_a_held_out_combination():
    composer = Composer((APPLE,), {"flat": (Drawing((red_with_a_green_leaf(),)),)})
    random = np.random.default_rng(0)
    shown = {composer.random_scene(random) for _ in range(2000)}
    assert not any(is_held_out(APPLE, scene.colour, scene.background) for scene in shown)
    assert len(shown) > 80


def test_about_a_twentieth_of_all_combinations_is_held_out():
    combinations = sum(
        len(BACKGROUNDS) + (len(BACKGROUNDS) - 1) * len(COLOURS) * concept.recolour for concept in SMALL_WORLD
    )
    assert 0.04 < len(held_out_scenes(SMALL_WORLD)) / combinations < 0.06


def test_captions_name_colour_and_background():
    scene = Scene(0, "blue", "pink")
    assert plain_prompt(APPLE, scene) == "a blue apple, pink background"
    random = np.random.default_rng(1)
    captions = [random_caption(APPLE, scene, random) for _ in range(50)]
    assert all("blue" in caption and "pink" in caption for caption in captions)
    assert any("fruit" in caption for caption in captions)
