"""Where randomness comes from: unit noise for the start of sampling and for every step after it.

Noise is drawn on the host, so that a seed means the same picture on every device, by the rules of a profile:

`native`: every picture has its own seed; picture k of a batch of seed s equals the only picture of seed
s + k, whatever else is in the batch. The start is `torch.randn` of that seed: for a single picture that is
ComfyUI's noise, too. A step's noise depends on no step before it, and that of samplers for the stochastic
equation on their levels alone, not on how many they are.

`comfy`: one generator draws for the whole batch, and another of seed + 1 for the steps.
`a1111`: a generator for each picture, of seed + k, draws the start and then the steps; or another one draws
the steps, whose seed is `eta_seed_delta` higher.
`diffusers`: one generator draws for the whole batch, the start and then the steps.

For samplers for the stochastic equation, `comfy` and `a1111` walk the tree of torchsde, as those programs do.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, Protocol

import numpy as np
import torch
from torch import Generator, Tensor

from diffusion.sampling.brownian import ROOT, BrownianTree, torchsde_seed
from diffusion.sampling.philox import PhiloxGenerator

Profile = Literal["native", "comfy", "a1111", "diffusers"]
Source = Literal["cpu", "nv"]
SEEDS = 2**64
NODES = 2**40
"""Added to the numbers of a path's nodes, so that none is a step's."""


@dataclass(frozen=True)
class NoiseChoice:
    """Which noise to start from, and draw in the steps; `start` False starts without.

    `source` "nv" draws what an NVIDIA GPU would, for pictures that other programs made there; `native` knows
    only "cpu". `variation_strength` turns the start towards that of `variation_seed`, 0..1; then all pictures
    of a batch have the one seed, and picture k the variation seed + k.
    """

    seed: int
    start: bool = True
    profile: Profile = "native"
    source: Source = "cpu"
    variation_seed: int = 0
    variation_strength: float = 0.0
    eta_seed_delta: int = 0


class NoiseSource(Protocol):
    """Unit noise for a batch: once for the start, then one after another for the intervals of the steps."""

    def start(self) -> Tensor: ...

    def between(self, sigma: float, sigma_next: float) -> Tensor: ...


def noise_source(
    profile: Profile, seed: int, like: Tensor, pictures: Sequence[int] | None = None
) -> NoiseSource:
    """The noise of a profile and a seed, without more choice."""
    return chosen_noise(NoiseChoice(seed, profile=profile), like, pictures)


def chosen_noise(
    choice: NoiseChoice, like: Tensor, pictures: Sequence[int] | None = None, *, path: Sequence[float] = ()
) -> NoiseSource:
    """The chosen noise for a batch shaped and placed as `like`; `pictures` are their batch indices.

    `path` are the levels of a sampler whose noise is to come from one path over all of them.
    """
    pictures = range(len(like)) if pictures is None else pictures
    return PROFILES[choice.profile](choice, like, pictures, path)


class SeededNoise:
    """What the profiles with a seed for each picture share."""

    def __init__(
        self, choice: NoiseChoice, like: Tensor, pictures: Sequence[int], path: Sequence[float]
    ) -> None:
        self._choice, self._like, self._pictures = choice, like, pictures
        varied = choice.variation_strength > 0
        self._seeds = [(choice.seed + (0 if varied else picture)) % SEEDS for picture in pictures]
        self._tree = self._path(path) if path else None

    def between(self, sigma: float, sigma_next: float) -> Tensor:
        drawn = self._tree.between(sigma, sigma_next) if self._tree else self._next()
        return to_device(drawn, self._like)

    def _variations(self) -> Tensor:
        seeds = [(self._choice.variation_seed + picture) % SEEDS for picture in self._pictures]
        return self._stacked(seeds)

    def _stacked(self, seeds: Sequence[int]) -> Tensor:
        """The first draw of each seed."""
        shape = tuple(self._like.shape[1:])
        return torch.stack([generator(seed, self._choice.source).randn(shape) for seed in seeds])

    def _path(self, levels: Sequence[float]) -> BrownianTree:
        raise NotImplementedError

    def _next(self) -> Tensor:
        raise NotImplementedError


class NativeNoise(SeededNoise):
    """Each picture from its own seed, each draw from its own generator, on the host."""

    _draws = 0

    def start(self) -> Tensor:
        drawn, strength = self._stacked(self._seeds), self._choice.variation_strength
        if strength > 0:
            pairs = zip(drawn, self._variations(), strict=True)
            drawn = torch.stack([turned(a, b, strength, along=None) for a, b in pairs])
        return to_device(drawn, self._like)

    def _stacked(self, seeds: Sequence[int]) -> Tensor:
        shape = self._like.shape[1:]
        return torch.stack([torch.randn(shape, generator=seeded(seed)) for seed in seeds])

    def _next(self) -> Tensor:
        self._draws += 1
        return self._numbered(self._draws)

    def _numbered(self, number: int) -> Tensor:
        return self._stacked([scramble(scramble(seed) + number) for seed in self._seeds])

    def _path(self, levels: Sequence[float]) -> BrownianTree:
        """A path whose range holds all levels of a model, so that it is the same for any part of its way."""
        high = 2.0 ** max(4, int(np.ceil(np.log2(max(levels)))))

        def draw(depth: int, place: int) -> Tensor:
            return self._numbered(NODES + (0 if (depth, place) == ROOT else 2**depth + place))

        return BrownianTree(draw, 0.0, high, digits=5)


class A1111Noise(SeededNoise):
    """A generator for each picture; pictures follow each other in its draws, the start before the steps."""

    def __init__(
        self, choice: NoiseChoice, like: Tensor, pictures: Sequence[int], path: Sequence[float]
    ) -> None:
        super().__init__(choice, like, pictures, path)
        self._generators = [generator(seed, choice.source) for seed in self._seeds]

    def start(self) -> Tensor:
        drawn, strength = self._next(), self._choice.variation_strength
        if strength > 0:
            pairs = zip(drawn, self._variations(), strict=True)
            drawn = torch.stack([turned(a, b, strength, along=1) for a, b in pairs])
        if self._choice.eta_seed_delta:
            seeds = ((seed + self._choice.eta_seed_delta) % SEEDS for seed in self._seeds)
            self._generators = [generator(seed, self._choice.source) for seed in seeds]
        return to_device(drawn, self._like)

    def _next(self) -> Tensor:
        shape = tuple(self._like.shape[1:])
        return torch.stack([each.randn(shape) for each in self._generators])

    def _path(self, levels: Sequence[float]) -> BrownianTree:
        return torchsde_tree(
            lambda depth, place: self._stacked([torchsde_seed(seed, depth, place) for seed in self._seeds]),
            levels,
        )


class BatchNoise:
    """One generator draws the start of the whole batch, and goes on for the steps, as diffusers does."""

    def __init__(
        self, choice: NoiseChoice, like: Tensor, pictures: Sequence[int], path: Sequence[float]
    ) -> None:
        self._choice, self._like, self._pictures = choice, like, pictures
        self._steps = self._starting = generator(choice.seed, choice.source)
        self._tree = self._path(path) if path else None

    def start(self) -> Tensor:
        drawn, strength = self._batch(self._starting), self._choice.variation_strength
        if strength > 0:
            other = self._batch(generator(self._choice.variation_seed, self._choice.source))
            pairs = zip(drawn, other, strict=True)
            drawn = torch.stack([turned(a, b, strength, along=None) for a, b in pairs])
        return to_device(drawn, self._like)

    def between(self, sigma: float, sigma_next: float) -> Tensor:
        shape = tuple(self._like.shape)
        drawn = self._tree.between(sigma, sigma_next) if self._tree else self._steps.randn(shape)
        return to_device(drawn, self._like)

    def _batch(self, draw: "Draws") -> Tensor:
        """The whole batch; pictures that were left out of it are drawn and dropped."""
        shape = tuple(self._like.shape)
        if list(self._pictures) == list(range(shape[0])):
            return draw.randn(shape)
        return draw.randn((max(self._pictures) + 1, *shape[1:]))[list(self._pictures)]

    def _path(self, levels: Sequence[float]) -> BrownianTree | None:
        return None


class ComfyNoise(BatchNoise):
    """One generator draws the start, on the host, and another the steps."""

    def __init__(
        self, choice: NoiseChoice, like: Tensor, pictures: Sequence[int], path: Sequence[float]
    ) -> None:
        super().__init__(choice, like, pictures, path)
        self._starting = generator(choice.seed, "cpu")
        self._steps = generator((choice.seed + (choice.source == "cpu")) % SEEDS, choice.source)

    def _batch(self, draw: "Draws") -> Tensor:
        if list(self._pictures) == list(range(len(self._like))):
            return draw.randn(tuple(self._like.shape))
        drawn = [draw.randn((1, *self._like.shape[1:])) for _ in range(max(self._pictures) + 1)]
        return torch.cat([drawn[picture] for picture in self._pictures])

    def _path(self, levels: Sequence[float]) -> BrownianTree:
        shape, choice = tuple(self._like.shape), self._choice

        def draw(depth: int, place: int) -> Tensor:
            return generator(torchsde_seed(choice.seed, depth, place), choice.source).randn(shape)

        return torchsde_tree(draw, levels)


PROFILES: dict[Profile, Callable[..., NoiseSource]] = {
    "native": NativeNoise,
    "comfy": ComfyNoise,
    "a1111": A1111Noise,
    "diffusers": BatchNoise,
}


def torchsde_tree(draw: Callable[[int, int], Tensor], levels: Sequence[float]) -> BrownianTree:
    """torchsde's path from the lowest to the highest of the levels above none."""
    noisy = [float(np.float32(level)) for level in levels if level > 0]
    return BrownianTree(draw, min(noisy), max(noisy), digits=6)


def turned(noise: Tensor, other: Tensor, strength: float, *, along: int | None) -> Tensor:
    """Noise turned towards another: by the angle of the whole, or by those of each line `along` a dimension.

    Lines along the height are A1111's rule, with its shortcut for nearly equal noise.
    """
    size = partial(torch.linalg.vector_norm, dim=along, keepdim=True)
    cosine = (noise / size(noise) * (other / size(other))).sum(along, keepdim=True).clamp(-1, 1)
    if cosine.mean() > 0.9995:
        return noise * strength + other * (1 - strength) if along is not None else noise
    angle = torch.acos(cosine)
    mixed = torch.sin((1 - strength) * angle) * noise + torch.sin(strength * angle) * other
    return mixed / torch.sin(angle)


class Draws(Protocol):
    """A generator that draws one tensor after another."""

    def randn(self, shape: tuple[int, ...]) -> Tensor: ...


class HostGenerator:
    """Draws what torch draws on the host after a seed."""

    def __init__(self, seed: int) -> None:
        self._generator = seeded(seed)

    def randn(self, shape: tuple[int, ...]) -> Tensor:
        return torch.randn(shape, generator=self._generator)


def generator(seed: int, source: Source) -> Draws:
    """What draws after a seed, on the host or as an NVIDIA GPU."""
    return HostGenerator(seed) if source == "cpu" else PhiloxGenerator(seed)


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
