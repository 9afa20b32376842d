"""The pictures on the way: what a sampler believed and what was still noise, step by step."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from diffusion.sampling.run import finish
from diffusion.sampling.steps import Step
from diffusion.values import Latent


@dataclass
class Capture:
    """Keeps every `every`-th step that passes through it, and the last; `end` is the level of the last."""

    every: int
    end: float = 0.0
    _steps: list[Step] = field(default_factory=list)
    _levels: list[float] = field(default_factory=list)

    def through(self, steps: Iterator[Step]) -> Iterator[Step]:
        """The steps as they come. What is kept stays on the device, so that no step waits for it."""
        for step in steps:
            if self._steps and self._steps[-1].index % self.every:
                self._steps.pop()
            self._steps.append(step)
            self._levels.append(step.sigma)
            yield step

    def believed(self, latent: Latent) -> Latent:
        """The model's guess of the picture at each kept step; a picture's steps follow each other."""
        return in_rows([step.denoised for step in self._steps], latent)

    def noisy(self, latent: Latent) -> Latent:
        """x after each kept step, scaled to the variance of a picture."""
        levels = [*self._levels[1:], self.end]
        after = [step.x / (levels[step.index] ** 2 + 1) ** 0.5 for step in self._steps]
        return in_rows(after, latent)


def finish_both(latent: Latent, last: Step | None) -> tuple[Latent, Latent]:
    """What sampling made of a latent, and what the model believed at the last level."""
    believed = None if last is None else replace(last, x=last.denoised)
    return finish(latent, last), finish(latent, believed)


def in_rows(pictures: list[Tensor], latent: Latent) -> Latent:
    """Batches [B, C, h, w] one after another as one, all of the first picture first; none: the latent."""
    if not pictures:
        return latent
    return Latent(torch.stack(pictures, dim=1).flatten(0, 1).float().cpu())
