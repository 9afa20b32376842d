"""Says a picture in words: the sentences from which the model learns its vocabulary."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.concepts import Concept

_PREFIXES = (
    "",
    "",
    "",
    "",
    "",
    "a picture of ",
    "a drawing of ",
    "an icon of ",
    "a flat emoji of ",
    "flat vector, ",
)
_BACKGROUND_FORMS = (
    "{it}, {background} background",
    "{it}, {background} background",
    "{it} on a {background} background",
    "{it} on {background}",
    "{it}, plain {background} background",
    "{background} background, {it}",
)
STYLE_WORDS = {"colour": "glossy", "noto": "cartoon", "twemoji": "flat icon"}
"""How captions tell the styles from `flat`, which goes unsaid."""
_PLURAL_OR_MASS = {"cherries", "fire", "ice cream"}


@dataclass(frozen=True)
class Scene:
    """What one picture shows: `colour` is None for the natural colour."""

    concept: int
    colour: str | None
    background: str
    style: str = "flat"


def with_article(words: str) -> str:
    """Put 'a' or 'an' before a noun phrase."""
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def plain_prompt(concept: Concept, scene: Scene) -> str:
    """Return the canonical sentence of a scene, as the documentation and the benchmark write it."""
    noun = f"{scene.colour} {concept.noun}" if scene.colour else concept.noun
    said = noun if concept.noun in _PLURAL_OR_MASS else with_article(noun)
    return f"{said}, {scene.background} background"


def random_caption(concept: Concept, scene: Scene, random: np.random.Generator) -> str:
    """Return one of the many ways to say a scene; white backgrounds are left unsaid half of the time."""
    noun = concept.noun
    if concept.synonyms and random.random() < 0.3:
        noun = str(random.choice(concept.synonyms))
    said = f"{scene.colour} {noun}" if scene.colour else noun
    if noun not in _PLURAL_OR_MASS and random.random() < 0.75:
        said = with_article(said)
    said = str(random.choice(_PREFIXES)) + said
    if scene.style != "flat" and random.random() < 0.8:
        said = f"{said}, {STYLE_WORDS[scene.style]}"
    if scene.background == "white" and random.random() < 0.5:
        return said
    return str(random.choice(_BACKGROUND_FORMS)).format(it=said, background=scene.background)
