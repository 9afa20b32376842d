"""Deep shrink: compute the coarse half of the network at a smaller size, for pictures larger than it knows.

Composition then is that of the trained size, by Kohya's method. The patch acts early in sampling only: wrap
it in `During`.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from diffusion.models.unet import Size, Stage, UNet
from diffusion.resize import Method, resize


class ShrunkStage(nn.Module):
    """A stage whose picture is made smaller, before it or after it."""

    def __init__(self, stage: Stage, factor: float, method: Method, *, before: bool) -> None:
        super().__init__()
        self.stage, self.factor, self.method, self.before = stage, factor, method, before

    def forward(self, x: Tensor, embedding: Tensor, context: Tensor, size: Size) -> Tensor:
        if self.before:
            return self.stage(self._shrunk(x), embedding, context, size)
        return self._shrunk(self.stage(x, embedding, context, size))

    def _shrunk(self, x: Tensor) -> Tensor:
        height, width = (max(1, round(side / self.factor)) for side in x.shape[-2:])
        return resize(x, width, height, self.method)


class ResizedJoin(nn.Module):
    """Brings what comes from below to the size of the skip."""

    def __init__(self, join: nn.Module, method: Method) -> None:
        super().__init__()
        self.join, self.method = join, method

    def forward(self, h: Tensor, skip: Tensor) -> Tensor:
        if h.shape[-2:] != skip.shape[-2:]:
            h = resize(h, skip.shape[-1], skip.shape[-2], self.method)
        return self.join(h, skip)


@dataclass(frozen=True)
class DeepShrink:
    """The patch: from input stage `stage` on, sides are divided by `factor`.

    `after_skip` leaves the skip of that stage as large as it was.
    """

    stage: int
    factor: float
    shrink: Method = "bicubic"
    enlarge: Method = "bicubic"
    after_skip: bool = True

    def apply(self, network: UNet) -> None:
        last = len(network.input_blocks) - 1
        number = min(self.stage, last)
        network.join = ResizedJoin(network.join, self.enlarge)
        if not self.after_skip:
            own = network.input_blocks[number]
            network.input_blocks[number] = ShrunkStage(own, self.factor, self.shrink, before=False)
        elif number < last:
            own = network.input_blocks[number + 1]
            network.input_blocks[number + 1] = ShrunkStage(own, self.factor, self.shrink, before=True)
        else:
            own = network.middle_block
            network.middle_block = ShrunkStage(own, self.factor, self.shrink, before=True)
