"""Teaches the text encoder, before any picture, to tell what a caption names: concept, colour, background.

The encoder stays fixed afterwards, so that its vectors can be computed once per caption and the whole of
the remaining time goes to the UNet.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from diffusion.models.clip import ClipText
from training.captions import Scene, random_caption
from training.compose import Composer
from training.concepts import BACKGROUNDS, COLOURS
from training.loop import Chance
from training.vocabulary import SmallVocabulary

LENGTH = 28  # causal attention: places after the caption and a few pads cannot change what was before
_FILLERS = ("beautiful", "cute", "detailed", "nice", "style", "art", "lovely", "simple", "bright", "image")


class CaptionReader(nn.Module):
    """The text encoder with one linear classifier for each thing that a caption tells."""

    def __init__(self, clip: ClipText, concepts: int) -> None:
        super().__init__()
        self.clip = clip
        self.heads = nn.ModuleList(
            nn.Linear(clip.config.width, count) for count in (concepts, len(COLOURS) + 1, len(BACKGROUNDS))
        )

    def forward(self, rows: Tensor, places: Tensor) -> list[Tensor]:
        """Token rows [B, L] and one place for each [B] -> three tables of logits."""
        hidden = self.clip(rows)[torch.arange(len(rows), device=rows.device), places]
        return [head(hidden) for head in self.heads]


def start_small(clip: ClipText) -> None:
    """Start the tables so that words outweigh their places five to one, as about in CLIP."""
    nn.init.normal_(clip.text_model.embeddings.token_embedding.weight, std=0.1)
    nn.init.normal_(clip.text_model.embeddings.position_embedding.weight, std=0.02)


def labels_of(scene: Scene) -> tuple[int, int, int]:
    """Number what a scene shows; colour 0 is the natural one."""
    colour = 0 if scene.colour is None else 1 + list(COLOURS).index(scene.colour)
    return scene.concept, colour, list(BACKGROUNDS).index(scene.background)


def with_fillers(caption: str, random: np.random.Generator) -> str:
    """Mix words that mean nothing to the model into one caption of five."""
    if random.random() > 0.2:
        return caption
    words = caption.split(" ")
    for filler in random.choice(_FILLERS, int(random.integers(1, 4))):
        words.insert(int(random.integers(len(words) + 1)), str(filler))
    return " ".join(words)


def caption_loss(
    reader: CaptionReader, composer: Composer, vocabulary: SmallVocabulary, batch: int
) -> Callable[[Chance], Tensor]:
    """Return the loss of one step: classify at the end token or at a pad after it."""

    def loss(chance: Chance) -> Tensor:
        rows, places, labels = [], [], []
        for _ in range(batch):
            scene = composer.random_scene(chance.numpy)
            caption = random_caption(composer.concepts[scene.concept], scene, chance.numpy)
            row = vocabulary.rows(with_fillers(caption, chance.numpy), LENGTH)
            end = row.index(len(vocabulary) - 1)
            rows.append(row)
            places.append(int(chance.numpy.integers(end, LENGTH)) if chance.numpy.random() < 0.5 else end)
            labels.append(labels_of(scene))
        device = reader.heads[0].weight.device
        logits = reader(torch.tensor(rows, device=device), torch.tensor(places, device=device))
        targets = torch.tensor(labels, device=device).T
        return sum(F.cross_entropy(part, target) for part, target in zip(logits, targets, strict=True))

    return loss


@torch.no_grad()
def reading_accuracy(reader: CaptionReader, composer: Composer, vocabulary: SmallVocabulary) -> list[float]:
    """Return the share of 500 fresh captions whose concept, colour and background are read rightly."""
    random = np.random.default_rng(77)
    scenes = [composer.random_scene(random) for _ in range(500)]
    captions = [random_caption(composer.concepts[scene.concept], scene, random) for scene in scenes]
    rows = torch.tensor([vocabulary.rows(caption, LENGTH) for caption in captions])
    logits = reader(rows, (rows == len(vocabulary) - 1).int().argmax(-1))
    targets = torch.tensor([labels_of(scene) for scene in scenes]).T
    return [
        float((part.argmax(-1) == true).float().mean()) for part, true in zip(logits, targets, strict=True)
    ]
