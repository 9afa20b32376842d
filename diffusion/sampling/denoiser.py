"""From what a network predicts to the picture that it sees: the only place that knows eps from v.

x here is in the variance-exploding form, image + sigma * noise; networks expect it scaled to unit variance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import zip_longest
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from diffusion.memory import device_of, dtype_of
from diffusion.models.unet import NO_RESIDUALS, Residuals, UNet
from diffusion.patches import Patch, active, parted
from diffusion.sampling.fitting import Fitting, bytes_in, rows_of
from diffusion.values import Model
from diffusion.watching import Check, unstopped

if TYPE_CHECKING:
    from diffusion.sampling.parts import PlacedControl


@dataclass(frozen=True, eq=False)
class Inputs:
    """What a network is given beside x [B, 4, h, w]: the prompt and whatever else conditions it.

    `context` [B, L, D]; `concat` [B, c, h, w] more channels; `label` [B] class labels; `controls` all act.
    """

    context: Tensor
    concat: Tensor | None = None
    label: Tensor | None = None
    controls: tuple[PlacedControl, ...] = ()


class Denoiser:
    """Asks a model for the picture in x at `sigma`, under its own patches and any `extra` ones.

    `check` may stop it before every call of the network, and while its weights come to the device.
    """

    def __init__(self, model: Model, check: Check = unstopped) -> None:
        self._model = model
        self._fitting = Fitting(model.network, check)
        self.device, self.dtype = device_of(model.network), dtype_of(model.network)

    @torch.no_grad()
    def __call__(self, x: Tensor, sigma: float, inputs: Inputs, extra: Sequence[Patch] = ()) -> Tensor:
        prediction = self._model.prediction
        scaled = (x if prediction == "img_to_img" else x / (sigma**2 + 1) ** 0.5).to(self.dtype)
        timestep = float(self._model.schedule.timestep(sigma))
        timesteps = torch.full((len(x),), timestep, device=x.device)
        predicted = self._predicted(scaled, timesteps, self._typed(inputs), sigma, extra).to(x.dtype)
        if prediction in ("x0", "img_to_img"):
            return predicted
        if prediction == "v":
            return x / (sigma**2 + 1) - predicted * (sigma / (sigma**2 + 1) ** 0.5)
        denoised = x - predicted * sigma
        return consistent(x, denoised, timestep) if prediction == "lcm" else denoised

    def _predicted(
        self, scaled: Tensor, timesteps: Tensor, inputs: Inputs, sigma: float, extra: Sequence[Patch]
    ) -> Tensor:
        weights, structure = parted(active((*self._model.patches, *extra), sigma))
        control = residuals(scaled, timesteps, inputs, sigma)
        x = scaled if inputs.concat is None else torch.cat([scaled, inputs.concat], dim=1)

        def ask(network: UNet, rows: slice) -> tuple[Tensor]:
            label = None if inputs.label is None else inputs.label[rows]
            part = rows_of(control, rows, len(x))
            return (network(x[rows], timesteps[rows], inputs.context[rows], y=label, control=part),)

        (predicted,) = self._fitting.answers(x, ask, weights, structure, held=bytes_in(control))
        return predicted

    def _typed(self, inputs: Inputs) -> Inputs:
        concat = None if inputs.concat is None else inputs.concat.to(self.dtype)
        return Inputs(inputs.context.to(self.dtype), concat, inputs.label, inputs.controls)


def residuals(scaled: Tensor, timesteps: Tensor, inputs: Inputs, sigma: float) -> Residuals:
    """What controls say; they see what the network sees, without the channels beside the latent."""
    said = (
        shared(control.residuals(scaled, timesteps, inputs.context), control.share(sigma))
        for control in inputs.controls
    )
    return reduce(added, said, None) or NO_RESIDUALS


def shared(said: Residuals, share: float) -> Residuals:
    """As much of what a control says as counts."""
    if share == 1:
        return said
    middle = None if said.middle is None else said.middle * share
    skips, levels = (tuple(each * share for each in part) for part in (said.skips, said.levels))
    return Residuals(skips, middle, levels)


def added(one: Residuals | None, other: Residuals) -> Residuals:
    """Residuals of two controls together."""
    if one is None:
        return other
    middles = [middle for middle in (one.middle, other.middle) if middle is not None]
    return Residuals(
        summed(one.skips, other.skips),
        torch.stack(middles).sum(0) if middles else None,
        summed(one.levels, other.levels),
    )


def summed(one: Sequence[Tensor], other: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Place by place; where one has nothing, the other alone."""
    pairs = zip_longest(one, other)
    return tuple(a + b if a is not None and b is not None else b if a is None else a for a, b in pairs)


def consistent(x: Tensor, denoised: Tensor, timestep: float) -> Tensor:
    """The consistency function of a distilled model: x itself where there is no noise (arXiv 2310.04378)."""
    time, spread = timestep * 10.0, 0.5
    skip = spread**2 / (time**2 + spread**2)
    return denoised * (time / (time**2 + spread**2) ** 0.5) + x * skip
