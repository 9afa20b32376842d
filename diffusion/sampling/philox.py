"""The noise of an NVIDIA GPU, made on the host: Philox4x32-10 (Salmon et al. 2011) as torch.randn uses it.

Element i of a draw is the first of four numbers that thread i of the GPU makes. That holds for draws of up to
as many elements as the GPU runs threads, 10^5 or more; a 1024 x 1024 picture's latent has 65,536.
"""

import math

import numpy as np
import torch
from torch import Tensor

MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
KEY_STEPS = (np.uint32(0x9E3779B9), np.uint32(0xBB67AE85))
ROUNDS = 10
LOW = np.uint64(0xFFFFFFFF)


def philox(counter: np.ndarray, key: tuple[int, int]) -> np.ndarray:
    """Four random words [4, n] for each counter [4, n]; all are 32 bits wide."""
    words = counter.astype(np.uint32)
    keys = [np.uint32(part) for part in key]
    with np.errstate(over="ignore"):
        for _ in range(ROUNDS):
            products = [words[i].astype(np.uint64) * m for i, m in zip((0, 2), MULTIPLIERS, strict=True)]
            (high_0, low_0), (high_1, low_1) = (
                ((p >> np.uint64(32)).astype(np.uint32), (p & LOW).astype(np.uint32)) for p in products
            )
            words = np.stack([high_1 ^ words[1] ^ keys[0], low_1, high_0 ^ words[3] ^ keys[1], low_0])
            keys = [part + step for part, step in zip(keys, KEY_STEPS, strict=True)]
    return words


def box_muller(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Normal numbers from pairs of words, in float32 as CUDA makes them."""
    scale = np.float32(2.0**-32)
    turn = np.float32(2.0**-32 * 2 * math.pi)
    u = first.astype(np.float32) * scale + scale / 2
    v = second.astype(np.float32) * turn + turn / 2
    return np.sqrt(np.float32(-2) * np.log(u)) * np.sin(v)


class PhiloxGenerator:
    """Draws in turn what torch draws on an NVIDIA GPU after a seed."""

    def __init__(self, seed: int) -> None:
        self._key = (seed & 0xFFFFFFFF, seed >> 32 & 0xFFFFFFFF)
        self._draws = 0

    def randn(self, shape: tuple[int, ...]) -> Tensor:
        """Unit noise, float32."""
        count = math.prod(shape)
        counter = np.zeros((4, count), dtype=np.uint32)
        counter[0], counter[2] = self._draws, np.arange(count, dtype=np.uint32)
        self._draws += 1
        words = philox(counter, self._key)
        return torch.from_numpy(box_muller(words[0], words[1]).reshape(shape))
