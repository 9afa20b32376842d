"""The few hundred tokens that captions use: a small table to train, a whole CLIP table to ship.

Every other token of CLIP's 49,408 shares one row, which is trained on filler words: an unknown word then
means "nothing in particular" and not a random vector.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import torch
from torch import Tensor

from diffusion.models.tokenizer import Tokenizer
from training.concepts import BACKGROUNDS, COLOURS, Concept

UNKNOWN = 0
_GLUE = "a an the , . of on with in background plain picture drawing icon flat emoji vector glossy cartoon"


class SmallVocabulary:
    """Maps between token ids of CLIP and rows of the small table; row 0 is every unknown token."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.tokenizer = Tokenizer()
        known = {id for text in texts for id in self.tokenizer.encode(text)}
        self.ids = (*sorted(known), Tokenizer.begin, Tokenizer.end)
        self._rows = {id: row + 1 for row, id in enumerate(self.ids)}
        self._encode = cache(self.tokenizer.encode)

    def __len__(self) -> int:
        return len(self.ids) + 1

    def rows(self, caption: str, length: int = 77) -> list[int]:
        """Turn a caption into rows of the small table, cut to a window's first `length` places."""
        window = self.tokenizer.window([id for word in caption.split(" ") for id in self._encode(word)])
        return [self._rows.get(id, UNKNOWN) for id in window[:length]]

    def whole_table(self, small: Tensor) -> Tensor:
        """Spread the small table [n, width] over all ids [49408, width]."""
        table = small[UNKNOWN].expand(49408, -1).clone()
        table[torch.tensor(self.ids)] = small[1:]
        return table


def vocabulary_of(concepts: tuple[Concept, ...]) -> SmallVocabulary:
    """Collect the words that captions of these concepts can hold."""
    words = [word for concept in concepts for word in (concept.noun, *concept.synonyms)]
    return SmallVocabulary([*words, *BACKGROUNDS, *COLOURS, _GLUE])
