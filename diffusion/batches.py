"""Lists of batches made into batches of another size; only what is of one size goes into one batch."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import reduce
from itertools import groupby
from typing import TypeVar

import torch
from torch import Tensor

from diffusion.compose import join_images
from diffusion.errors import Unsuitable
from diffusion.latents import take_latents, whole_mask
from diffusion.values import Latent

T = TypeVar("T")


def rebatch_images(images: Sequence[Tensor], size: int) -> list[Tensor]:
    """All pictures [B, H, W, C] in their order, in batches of at most `size`; another shape begins one."""
    single = [picture for batch in images for picture in batch]
    return [torch.stack(group) for group in groups(single, [picture.shape for picture in single], size)]


def rebatch_latents(latents: Sequence[Latent], size: int) -> list[Latent]:
    """The same of latents. Each keeps its noise: those without an index are counted through all batches."""
    single = list(numbered(latents))
    return [joined(group) for group in groups(single, [each.samples.shape for each in single], size)]


def groups(items: Iterable[T], shapes: Sequence[object], size: int) -> Iterator[list[T]]:
    """Neighbours of one shape, at most so many at once."""
    for _, pairs in groupby(zip(items, shapes, strict=True), key=lambda pair: pair[1]):
        alike = [item for item, _ in pairs]
        yield from (alike[start : start + size] for start in range(0, len(alike), size))


def numbered(latents: Iterable[Latent]) -> Iterator[Latent]:
    """Every latent by itself."""
    before = 0
    for batch in latents:
        count = len(batch.samples)
        order = batch.batch_index or tuple(range(before, before + count))
        for place in range(count):
            yield take_latents(replace(batch, batch_index=order), place, 1)
        before += count


def joined(latents: Sequence[Latent]) -> Latent:
    """Latents of one size as one batch."""
    order = tuple(place for each in latents for place in each.batch_index or ())
    sizes = [each.noise_mask.shape[-2:] for each in latents if each.noise_mask is not None]
    masks = torch.cat([whole_mask(each, sizes[0]) for each in latents]) if sizes else None
    return Latent(torch.cat([each.samples for each in latents]), masks, order)


def with_seeds(latent: Latent, seeds: Sequence[int]) -> tuple[int, Latent]:
    """A batch that gets, sampled with one seed, the noise that one picture has with each of these."""
    (index,) = latent.batch_index or (0,)
    first = min(seeds)
    order = tuple(seed - first + index for seed in seeds)
    repeated = latent.samples.repeat(len(seeds), 1, 1, 1)
    return first, replace(latent, samples=repeated, batch_index=order)


def apart(batch: Latent, single: Latent) -> list[Latent]:
    """What became of such a batch, each as it would be of one picture."""
    return [single.with_samples(samples[None].clone()) for samples in batch.samples]


def one_batch(images: Sequence[Tensor]) -> Tensor:
    """All pictures in one batch, at the size of the first."""
    if not images:
        raise Unsuitable(
            "there is no picture in the list", input="images", remedy="Link a list that has pictures."
        )
    return reduce(join_images, images)
