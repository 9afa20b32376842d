"""From what a network predicts to the picture that it sees: the only place that knows eps from v.

x here is in the variance-exploding form, image + sigma * noise; networks expect it scaled to unit variance.
"""

import torch
from torch import Tensor

from diffusion.adapters.lora import merged_model
from diffusion.values import Model, device_of, dtype_of


class Denoiser:
    """Asks a model for the picture in x [B, C, h, w] at `sigma` under `context` [B, L, D]."""

    def __init__(self, model: Model) -> None:
        self._model = merged_model(model)
        self.device, self.dtype = device_of(model.network), dtype_of(model.network)

    @torch.no_grad()
    def __call__(self, x: Tensor, sigma: float, context: Tensor) -> Tensor:
        prediction = self._model.prediction
        scaled = (x if prediction == "img_to_img" else x / (sigma**2 + 1) ** 0.5).to(self.dtype)
        timestep = float(self._model.schedule.timestep(sigma))
        timesteps = torch.full((len(x),), timestep, device=x.device)
        predicted = self._model.network(scaled, timesteps, context.to(self.dtype)).to(x.dtype)
        if prediction in ("x0", "img_to_img"):
            return predicted
        if prediction == "v":
            return x / (sigma**2 + 1) - predicted * (sigma / (sigma**2 + 1) ** 0.5)
        denoised = x - predicted * sigma
        return consistent(x, denoised, timestep) if prediction == "lcm" else denoised


def consistent(x: Tensor, denoised: Tensor, timestep: float) -> Tensor:
    """The consistency function of a distilled model: x itself where there is no noise (arXiv 2310.04378)."""
    time, spread = timestep * 10.0, 0.5
    skip = spread**2 / (time**2 + spread**2)
    return denoised * (time / (time**2 + spread**2) ** 0.5) + x * skip
