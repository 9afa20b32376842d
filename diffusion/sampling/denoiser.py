"""From what a network predicts to the picture that it sees: the only place that knows eps from v.

x here is in the variance-exploding form, image + sigma * noise; networks expect it scaled to unit variance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, reduce
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from diffusion.models.unet import NO_RESIDUALS, Residuals, UNet
from diffusion.patches import Patch, active, patched
from diffusion.values import Model, device_of, dtype_of

if TYPE_CHECKING:
    from diffusion.sampling.parts import PlacedControl


@dataclass(frozen=True, eq=False)
class Inputs:
    """What a network is given beside x [B, 4, h, w]: the prompt and whatever else conditions it.

    `context` [B, L, D]; `concat` [B, c, h, w] more channels; `label` [B] class labels.
    """

    context: Tensor
    concat: Tensor | None = None
    label: Tensor | None = None
    controls: tuple[PlacedControl, ...] = ()


class Denoiser:
    """Asks a model for the picture in x at `sigma`, under its own patches and any `extra` ones."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._patched = cache(lambda patches: patched(model.network, patches))
        self.device, self.dtype = device_of(model.network), dtype_of(model.network)

    @torch.no_grad()
    def __call__(self, x: Tensor, sigma: float, inputs: Inputs, extra: Sequence[Patch] = ()) -> Tensor:
        prediction = self._model.prediction
        scaled = (x if prediction == "img_to_img" else x / (sigma**2 + 1) ** 0.5).to(self.dtype)
        timestep = float(self._model.schedule.timestep(sigma))
        timesteps = torch.full((len(x),), timestep, device=x.device)
        network: UNet = self._patched(active((*self._model.patches, *extra), sigma))
        predicted = ask(network, scaled, timesteps, self._typed(inputs), sigma).to(x.dtype)
        if prediction in ("x0", "img_to_img"):
            return predicted
        if prediction == "v":
            return x / (sigma**2 + 1) - predicted * (sigma / (sigma**2 + 1) ** 0.5)
        denoised = x - predicted * sigma
        return consistent(x, denoised, timestep) if prediction == "lcm" else denoised

    def _typed(self, inputs: Inputs) -> Inputs:
        concat = None if inputs.concat is None else inputs.concat.to(self.dtype)
        return Inputs(inputs.context.to(self.dtype), concat, inputs.label, inputs.controls)


def ask(network: Any, scaled: Tensor, timesteps: Tensor, inputs: Inputs, sigma: float) -> Tensor:
    """The network's prediction; controls see what it sees, without the channels beside the latent."""
    guides = [control for control in inputs.controls if control.last <= sigma <= control.first]
    control = reduce(added, (guide.residuals(scaled, timesteps, inputs.context) for guide in guides), None)
    x = scaled if inputs.concat is None else torch.cat([scaled, inputs.concat], dim=1)
    return network(x, timesteps, inputs.context, y=inputs.label, control=control or NO_RESIDUALS)


def added(one: Residuals | None, other: Residuals) -> Residuals:
    """Residuals of two controls together."""
    if one is None:
        return other
    both = bool(one.skips and other.skips)
    skips = tuple(a + b for a, b in zip(one.skips, other.skips, strict=True)) if both else ()
    inputs = dict(one.inputs)
    for stage, residual in other.inputs.items():
        inputs[stage] = inputs[stage] + residual if stage in inputs else residual
    middles = [middle for middle in (one.middle, other.middle) if middle is not None]
    return Residuals(
        skips or one.skips or other.skips, torch.stack(middles).sum(0) if middles else None, inputs
    )


def consistent(x: Tensor, denoised: Tensor, timestep: float) -> Tensor:
    """The consistency function of a distilled model: x itself where there is no noise (arXiv 2310.04378)."""
    time, spread = timestep * 10.0, 0.5
    skip = spread**2 / (time**2 + spread**2)
    return denoised * (time / (time**2 + spread**2) ** 0.5) + x * skip
