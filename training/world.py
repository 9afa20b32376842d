"""The whole world: every object, animal, food, place and face of the emoji sets, and its other words."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np

from training.compose import dominant_hue, hue_share
from training.concepts import COLOURS, Concept

_GROUPS = {0: "faces", 3: "animals", 4: "food", 5: "travel", 6: "activities", 7: "objects"}
_SINGLE_HUE = 0.8
_SIDED = ("left", "right", "arrow", "clock", "thirty")


def slug(label: str) -> str:
    """Turn an emoji's label into the name of its drawing: 'T-Rex' -> 't-rex'."""
    return re.sub(r"[^a-z0-9]+", "-", re.sub("['\u2019]", "", label.lower())).strip("-")


def noun_of(label: str) -> str:
    """Turn a label into words for a caption, without the colour that a caption may add."""
    words = re.sub(r"[^a-z0-9 -]+", "", label.lower()).split()
    plain = [word for word in words if word not in COLOURS]
    return " ".join(plain or words)


def can_be_recoloured(group: int, rgba: np.ndarray) -> bool:
    """Say whether one hue makes up most of a drawing; faces keep theirs."""
    return group != 0 and hue_share(rgba, dominant_hue(rgba)) > _SINGLE_HUE


def whole_world(emojibase: Path, renders: dict[str, np.ndarray]) -> tuple[Concept, ...]:
    """List the concepts of emojibase that have a drawing, {name: RGBA}, in the order of Unicode."""
    concepts: dict[str, Concept] = {}
    for entry in json.loads((emojibase / "en/data.json").read_text()):
        name, group = slug(entry["label"]), entry.get("group")
        if group not in _GROUPS or name not in renders:
            continue
        noun = noun_of(entry["label"])
        tags = tuple(tag for tag in entry.get("tags", ()) if usable_tag(tag, noun))
        recolour = can_be_recoloured(group, renders[name])
        sided = any(word in name for word in _SIDED)
        concepts.setdefault(noun, Concept(noun, name, tags, recolour, flip=not sided))
    return tuple(concepts.values())


def usable_tag(tag: str, noun: str) -> bool:
    """Keep tags that are words of their own."""
    return tag.isascii() and len(tag) > 2 and tag != noun and tag not in COLOURS
