"""Where randomness comes from: unit noise for the start of sampling and for every step after it.

Noise is drawn on the host, so that a seed means the same picture on every device. Two profiles:

`native`: every picture has its own seed; picture k of a batch of seed s equals the only picture of seed
s + k, whatever else is in the batch. Draw 0, the start, is `torch.randn` of that seed: for a single picture
that is ComfyUI's noise, too. Draw n > 0 has a seed of its own, so that a step's noise depends on no step
before it.

`comfy`: one generator draws for the whole batch, and another of seed + 1 for the steps, as ComfyUI does where
it samples on the CPU.
"""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

import torch
from torch import Generator, Tensor

Profile = Literal["native", "comfy"]
SEEDS = 2**64


class NoiseSource(Protocol):
    """Unit noise for a batch: once for the start, then one after another for the intervals of the steps."""

    def start(self) -> Tensor: ...

    def between(self, sigma: float, sigma_next: float) -> Tensor: ...


def noise_source(
    profile: Profile, seed: int, like: Tensor, pictures: Sequence[int] | None = None
) -> NoiseSource:
    """The noise of a profile for a batch shaped and placed as `like`; `pictures` are their batch indices."""
    pictures = range(len(like)) if pictures is None else pictures
    return {"native": NativeNoise, "comfy": ComfyNoise}[profile](seed, like, pictures)


class NativeNoise:
    """Each picture from its own seed, each draw from its own generator."""

    def __init__(self, seed: int, like: Tensor, pictures: Sequence[int]) -> None:
        self._seeds = [(seed + picture) % SEEDS for picture in pictures]
        self._like = like
        self._draws = 0
        self._path = BrownianPath(self._next)

    def start(self) -> Tensor:
        return self._draw(self._seeds)

    def between(self, sigma: float, sigma_next: float) -> Tensor:
        return self._path(sigma, sigma_next)

    def _next(self) -> Tensor:
        self._draws += 1
        return self._draw([scramble(scramble(seed) + self._draws) for seed in self._seeds])

    def _draw(self, seeds: Sequence[int]) -> Tensor:
        rows = [torch.randn(self._like.shape[1:], generator=seeded(seed)) for seed in seeds]
        return to_device(torch.stack(rows), self._like)


class ComfyNoise:
    """One generator for the whole batch; pictures left out are drawn and dropped."""

    def __init__(self, seed: int, like: Tensor, pictures: Sequence[int]) -> None:
        self._seed, self._like, self._pictures = seed, like, pictures
        self._steps = seeded((seed + 1) % SEEDS)

    def start(self) -> Tensor:
        generator, shape = seeded(self._seed), self._like.shape
        if list(self._pictures) == list(range(len(self._like))):
            return to_device(torch.randn(shape, generator=generator), self._like)
        drawn = [torch.randn(shape[1:], generator=generator) for _ in range(max(self._pictures) + 1)]
        return to_device(torch.stack([drawn[picture] for picture in self._pictures]), self._like)

    def between(self, sigma: float, sigma_next: float) -> Tensor:
        return to_device(torch.randn(self._like.shape, generator=self._steps), self._like)


class BrownianPath:
    """Noise of overlapping intervals from one path: the way to a midpoint is part of the way beyond it.

    Samplers for the stochastic equation look at a midpoint first and then go the whole step. An interval that
    starts elsewhere begins a new path, independent of the last.
    """

    def __init__(self, draw: Callable[[], Tensor]) -> None:
        self._draw = draw
        self._origin = self._reached = 0.0
        self._position: Tensor | None = None

    def __call__(self, sigma: float, sigma_next: float) -> Tensor:
        if self._position is None or sigma != self._origin or sigma_next >= self._reached:
            self._origin = self._reached = sigma
            self._position = None
        increment = self._draw() * (self._reached - sigma_next) ** 0.5
        self._position = increment if self._position is None else self._position + increment
        self._reached = sigma_next
        return self._position / (sigma - sigma_next) ** 0.5


def seeded(seed: int) -> Generator:
    """A generator of its own; the global one is never touched."""
    return Generator().manual_seed(seed)


def scramble(number: int) -> int:
    """A whole number below 2^64 that shows no trace of how near its arguments are (SplitMix64)."""
    z = (number + 0x9E3779B97F4A7C15) % SEEDS
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % SEEDS
    z = (z ^ z >> 27) * 0x94D049BB133111EB % SEEDS
    return z ^ z >> 31


def to_device(noise: Tensor, like: Tensor) -> Tensor:
    """The noise where `like` is; pinned on the way to a GPU, since an unpinned copy would wait for it."""
    if like.device.type == "cuda":
        noise = noise.pin_memory()
    return noise.to(like.device, like.dtype, non_blocking=True)
