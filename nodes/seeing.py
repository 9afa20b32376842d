"""Nodes that show how diffusion works: pictures turning to noise, and schedules as curves."""

from typing import Annotated

from graph import Range, Seed, node
from nodes.errors import reported
from nodes.types import Image, Latent, Model, Sigmas

CATEGORY = "sampling/seeing"


@node(
    id="ForwardDiffusion",
    title="Forward Diffusion",
    category=CATEGORY,
    search=("noise", "q sample", "training", "teach"),
)
def forward_diffusion(
    model: Annotated[Model, "whose noise schedule to use"],
    latent_image: Latent,
    timestep: Annotated[int, Range(0, 999), "0 is nearly the picture, 999 nearly noise"] = 500,
    noise_seed: Seed = 0,
    frames: Annotated[int, Range(1, 200), "more than 1: the way from the picture to there"] = 1,
) -> Latent:
    """Turn a picture into noise: x_t = sqrt(abar_t) * picture + sqrt(1 - abar_t) * noise."""
    from diffusion.sampling.forward import diffused

    with reported():
        return diffused(latent_image, model.schedule, timestep, seed=noise_seed, frames=frames)


@node(
    id="NoiseSchedulePlot",
    title="Noise Schedule Plot",
    category=CATEGORY,
    search=("sigma", "curve", "graph", "log snr", "alpha", "chart"),
)
def noise_schedule_plot(
    sigmas: Sigmas,
    compare: Annotated[Sigmas | None, "other levels to draw beside them"] = None,
    width: Annotated[int, Range(480, 4096, 8)] = 1152,
    height: Annotated[int, Range(240, 4096, 8)] = 416,
) -> Image:
    """Draw noise levels as curves: sigma, the share of the picture that is left, and log SNR."""
    from diffusion.plots import plot_schedules

    with reported():
        return plot_schedules([("sigmas", sigmas), ("compare", compare)], width, height)
