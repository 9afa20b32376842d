"""A denoising network of published structure and almost no size, with random weights."""

import torch

from diffusion.models.unet import UNet, UNetConfig
from diffusion.values import Cond, Model

CONFIG = UNetConfig(
    model_channels=32,
    multipliers=(1, 2),
    res_blocks=1,
    attention_levels=(True, True),
    self_attention_levels=(True, True),
    heads=2,
    context_dim=8,
)


class CountingUNet(UNet):
    """Notes the batch size of every call."""

    def forward(self, x, timesteps, context, **rest):
        self.calls = [*getattr(self, "calls", []), len(x)]
        return super().forward(x, timesteps, context, **rest)


def tiny_model(**changes) -> Model:
    """An eps model of 8-wide context."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return Model(CountingUNet(CONFIG).eval().requires_grad_(False), **changes)


def random_cond(seed: int, *, length: int = 7, **changes) -> Cond:
    """An entry with random vectors [1, length, 8]."""
    return Cond(torch.randn(1, length, 8, generator=torch.Generator().manual_seed(seed)), **changes)


def random_latent(seed: int, *shape: int) -> torch.Tensor:
    """Unit noise of a seed."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))
