"""Nodes that change how a model is asked and how its answers are mixed."""

from typing import Annotated, Literal

from graph import Range, node
from nodes.types import Model

PREDICTIONS = {"v_prediction": "v"}


@node(
    id="ModelSamplingDiscrete",
    title="ModelSamplingDiscrete",
    category="advanced/model",
    search=("v prediction", "lcm", "zsnr", "zero terminal"),
)
def model_sampling_discrete(
    model: Model,
    sampling: Annotated[
        Literal["eps", "v_prediction", "lcm", "x0", "img_to_img"], "what the network was taught to predict"
    ] = "eps",
    zsnr: Annotated[bool, "begin at pure noise: for models taught so"] = False,
) -> Model:
    """Say what a model predicts, where its file does not."""
    from diffusion.sampling.parametrisation import read_as

    return read_as(model, PREDICTIONS.get(sampling, sampling), ends_in_noise=zsnr)


@node(id="RescaleCFG", title="RescaleCFG", category="advanced/model", search=("contrast", "overexposed"))
def rescale_cfg(
    model: Model,
    multiplier: Annotated[float, Range(0, 1, 0.01), "how much of the added contrast to take away"] = 0.7,
) -> Model:
    """Take away contrast that guidance adds: for models taught to begin at pure noise."""
    from diffusion.sampling.steering import RescaleCfg

    return model.with_steering(RescaleCfg(multiplier))
