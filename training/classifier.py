"""Trains the small classifier that classifier guidance ships with: what is drawn, and on what background."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.models.classifier import Classifier, ClassifierConfig
from training.captions import Scene
from training.compose import Composer
from training.concepts import BACKGROUNDS
from training.loop import Chance

_NOISE = 0.25  # in pixels: what the model sees in the middle of sampling is neither sharp nor clean


def classifier_config(composer: Composer) -> ClassifierConfig:
    """The questions: which concept, which background."""
    nouns = tuple(concept.noun for concept in composer.concepts)
    return ClassifierConfig(heads=(("object", nouns), ("background", tuple(BACKGROUNDS))))


def targets(scenes: list[Scene]) -> dict[str, Tensor]:
    """The right label of every scene by question."""
    backgrounds = list(BACKGROUNDS)
    return {
        "object": torch.tensor([scene.concept for scene in scenes]),
        "background": torch.tensor([backgrounds.index(scene.background) for scene in scenes]),
    }


def blurred(pictures: Tensor, size: int) -> Tensor:
    """Pictures as sharp as ones of `size` pixels a side."""
    small = F.interpolate(pictures, size=(size, size), mode="bilinear", antialias=True)
    return F.interpolate(small, size=pictures.shape[-2:], mode="bilinear")


def classifier_loss(
    classifier: Classifier, pictures: Tensor, scenes: list[Scene], batch: int
) -> Callable[[Chance], Tensor]:
    """Return the loss of one step on pictures [N, 3, H, W]: the right labels of blurred and noisy ones."""
    right = targets(scenes)

    def loss(chance: Chance) -> Tensor:
        chosen = torch.from_numpy(chance.numpy.integers(0, len(pictures), batch))
        shown = blurred(pictures[chosen].float() / 255, int(chance.numpy.integers(10, 65)))
        shown = shown + chance.numpy.uniform(0, _NOISE) * chance.normal_like(shown)
        seen = classifier(shown)
        return sum((F.nll_loss(seen[head], right[head][chosen]) for head in right), torch.zeros(()))

    return loss


@torch.inference_mode()
def accuracy(classifier: Classifier, pictures: Tensor, scenes: list[Scene]) -> dict[str, float]:
    """The share of right answers to each question."""
    right, seen = targets(scenes), classifier(pictures.float() / 255)
    return {head: float((seen[head].argmax(-1) == right[head]).float().mean()) for head in right}
