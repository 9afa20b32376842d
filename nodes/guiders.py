"""Nodes that choose how a model is guided: by one prompt, away from another, or by two."""

from typing import Annotated, Literal

from graph import Range, node
from nodes.types import Conditioning, Guider, Model

CATEGORY = "sampling/custom_sampling/guiders"
Scale = Annotated[float, Range(0, 100, 0.1)]


@node(id="BasicGuider", title="BasicGuider", category=CATEGORY, search=("no negative",))
def basic_guider(model: Model, conditioning: Conditioning) -> Guider:
    """Follow one prompt, without a negative one: half the work."""
    from diffusion.sampling.choices import GuidedModel
    from diffusion.sampling.guidance import Guider

    return GuidedModel(model, Guider((conditioning,)))


@node(id="CFGGuider", title="CFGGuider", category=CATEGORY, search=("classifier-free guidance",))
def cfg_guider(
    model: Model,
    positive: Conditioning,
    negative: Conditioning,
    cfg: Annotated[
        float, Range(0, 100, 0.1), "how strongly to follow the prompt; 1 ignores the negative"
    ] = 8.0,
) -> Guider:
    """Go towards one prompt and away from another."""
    from diffusion.sampling.choices import GuidedModel
    from diffusion.sampling.guidance import Guider

    return GuidedModel(model, Guider((positive, negative), (cfg,)))


@node(id="DualCFGGuider", title="DualCFGGuider", category=CATEGORY, search=("two prompts",))
def dual_cfg_guider(
    model: Model,
    cond1: Conditioning,
    cond2: Conditioning,
    negative: Conditioning,
    cfg_conds: Annotated[Scale, "how strongly to prefer the first prompt to the second"] = 8.0,
    cfg_cond2_negative: Annotated[Scale, "how strongly to prefer the second (nested: both)"] = 8.0,
    style: Annotated[
        Literal["regular", "nested"], "nested multiplies the two, regular adds them"
    ] = "regular",
) -> Guider:
    """Go towards two prompts, each as strongly as wanted, and away from a third."""
    from diffusion.sampling.choices import GuidedModel
    from diffusion.sampling.guidance import Guider

    sides, scales = (cond1, cond2, negative), (cfg_conds, cfg_cond2_negative)
    return GuidedModel(model, Guider(sides, scales, nested=style == "nested"))
