"""From what a network predicts to the picture that it sees: the only place that knows eps from v.

x here is in the variance-exploding form, image + sigma * noise; networks expect it scaled to unit variance.
"""

import torch
from torch import Tensor

from diffusion.values import Model, device_of, dtype_of


class Denoiser:
    """Asks a model for the picture in x [B, C, h, w] at `sigma` under `context` [B, L, D]."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.device, self.dtype = device_of(model.network), dtype_of(model.network)

    @torch.no_grad()
    def __call__(self, x: Tensor, sigma: float, context: Tensor) -> Tensor:
        scaled = (x / (sigma**2 + 1) ** 0.5).to(self.dtype)
        timestep = float(self._model.schedule.timestep(sigma))
        timesteps = torch.full((len(x),), timestep, device=x.device)
        predicted = self._model.network(scaled, timesteps, context.to(self.dtype)).to(x.dtype)
        if self._model.prediction == "v":
            return x / (sigma**2 + 1) - predicted * (sigma / (sigma**2 + 1) ** 0.5)
        return x - predicted * sigma
