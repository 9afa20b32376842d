"""Nodes that change what a model's answers are mixed to: guidance beyond plain classifier-free guidance."""

from typing import Annotated

from graph import Curve, CurveRange, Range, node
from nodes.types import Conditioning, Guider, Latent, LatentOperation, Model

Amount = Annotated[float, Range(0, 100, 0.01)]
Percent = Annotated[float, Range(0, 1, 0.001), "from 0, pure noise, to 1, the picture"]
FALLING = Curve.line(8, 2)
NegativeScale = Annotated[float, Range(0, 100, 0.01), "how strongly the negative prompt counts"]


@node(
    id="PerturbedAttentionGuidance",
    title="PerturbedAttentionGuidance",
    category="model_patches/unet",
    search=("pag", "structure", "quality"),
)
def perturbed_attention_guidance(model: Model, scale: Amount = 3.0) -> Model:
    """Steer away from what the model sees with its middle blind: better structure, one more call a step."""
    from diffusion.features.perturbed_attention import PerturbedAttention

    return model.with_steering(PerturbedAttention(scale))


@node(
    id="SelfAttentionGuidance",
    title="Self-Attention Guidance",
    category="_for_testing",
    search=("sag", "sharpness"),
)
def self_attention_guidance(
    model: Model,
    scale: Annotated[float, Range(-2, 5, 0.01)] = 0.5,
    blur_sigma: Annotated[float, Range(0, 10, 0.1), "of the blur, in latent pixels"] = 2.0,
) -> Model:
    """Steer away from the picture blurred where the model looks: finer details, two more calls a step."""
    from diffusion.features.self_attention import SelfAttention

    return model.with_steering(SelfAttention(scale, blur_sigma))


@node(
    id="PerpNeg",
    title="Perp-Neg (DEPRECATED by PerpNegGuider)",
    category="_for_testing",
    search=("negative prompt",),
)
def perp_neg(
    model: Model,
    empty_conditioning: Annotated[Conditioning, "an empty prompt"],
    neg_scale: NegativeScale = 1.0,
) -> Model:
    """Take away only that part of the negative prompt that the positive does not contain."""
    from diffusion.features.perp_neg import PerpNeg

    return model.with_steering(PerpNeg(empty_conditioning, neg_scale))


@node(id="PerpNegGuider", title="PerpNegGuider", category="_for_testing", search=("negative prompt",))
def perp_neg_guider(
    model: Model,
    positive: Conditioning,
    negative: Conditioning,
    empty_conditioning: Annotated[Conditioning, "an empty prompt"],
    cfg: Annotated[float, Range(0, 100, 0.1)] = 8.0,
    neg_scale: NegativeScale = 1.0,
) -> Guider:
    """Guide from the empty prompt, away from what only the negative prompt contains."""
    from diffusion.features.perp_neg import PerpNeg
    from diffusion.sampling.choices import GuidedModel
    from diffusion.sampling.guidance import Guider

    steered = model.with_steering(PerpNeg(empty_conditioning, neg_scale))
    return GuidedModel(steered, Guider((positive, negative), (cfg,)))


@node(
    id="Mahiro",
    title="Mahiro is so cute that she deserves a better guidance function!! (。・ω・。)",
    category="_for_testing",
    outputs=("patched_model",),
    search=("positive prompt",),
)
def mahiro(model: Model) -> Model:
    """Follow the positive prompt's direction more than its difference to the negative."""
    from diffusion.features.projected import LikenessGuidance

    return model.with_steering(LikenessGuidance())


@node(
    id="APG",
    title="Adaptive Projected Guidance",
    category="sampling/custom_sampling",
    search=("saturation", "high cfg"),
)
def apg(
    model: Model,
    eta: Annotated[
        float, Range(-10, 10, 0.01), "how much of the part that saturates is kept; 1 is all"
    ] = 1.0,
    norm_threshold: Annotated[
        float, Range(0, 50, 0.1), "the longest that guidance may be; 0: no limit"
    ] = 5.0,
    momentum: Annotated[float, Range(-5, 1, 0.01), "of the last step's guidance, negative to slow"] = 0.0,
) -> Model:
    """Guide strongly without oversaturation: limit the guidance and its part along the picture."""
    from diffusion.features.projected import ProjectedGuidance

    return model.with_steering(ProjectedGuidance(eta, norm_threshold, momentum))


@node(id="RenormCFG", title="RenormCFG", category="advanced/model", search=("saturation",))
def renorm_cfg(
    model: Model,
    cfg_trunc: Annotated[float, Range(0, 100, 0.01), "no guidance at noise levels from here up"] = 100,
    renorm_cfg: Annotated[
        float, Range(0, 100, 0.01), "the longest, in lengths of the unguided; 0: any"
    ] = 1.0,
) -> Model:
    """Keep the guided picture as long, as a vector, as the one that is not guided."""
    from diffusion.features.projected import RenormGuidance

    return model.with_steering(RenormGuidance(cfg_trunc, renorm_cfg))


@node(id="FreSca", title="FreSca", category="_for_testing", search=("frequency", "details"))
def fre_sca(
    model: Model,
    scale_low: Annotated[float, Range(0, 10, 0.01), "of low frequencies: composition"] = 1.0,
    scale_high: Annotated[float, Range(0, 10, 0.01), "of high frequencies: details"] = 1.25,
    freq_cutoff: Annotated[int, Range(1, 10000, 1), "how many frequencies are low"] = 20,
) -> Model:
    """Scale low and high frequencies of the guidance on their own."""
    from diffusion.features.tuning import FrequencyGuidance

    return model.with_steering(FrequencyGuidance(scale_low, scale_high, freq_cutoff))


@node(id="Epsilon Scaling", title="Epsilon Scaling", category="model_patches/unet", search=("exposure bias",))
def epsilon_scaling(model: Model, scaling_factor: Annotated[float, Range(0.5, 1.5, 0.001)] = 1.005) -> Model:
    """Divide the predicted noise a little, against the error that adds up from step to step."""
    from diffusion.features.tuning import EpsilonScaling

    return model.with_steering(EpsilonScaling(scaling_factor))


@node(
    id="GuidanceInterval",
    title="Guidance Interval",
    category="advanced/model",
    search=("cfg range", "limited interval", "skip cfg"),
)
def guidance_interval(model: Model, start_percent: Percent = 0.2, end_percent: Percent = 0.8) -> Model:
    """Use classifier-free guidance in the middle of the way only: more variety, less saturation."""
    from diffusion.features.tuning import GuidanceInterval

    return model.with_steering(GuidanceInterval(*model.schedule.interval(start_percent, end_percent)))


@node(
    id="GuidanceCurve",
    title="Guidance Curve",
    category="advanced/model",
    search=("cfg schedule", "dynamic cfg", "limited interval", "guidance over time", "cfg curve", "ramp"),
)
def guidance_curve(
    model: Model,
    cfg: Annotated[
        Curve, CurveRange(0, 100, shown=(0, 10)), "guidance from the first step to the last; 1 is none"
    ] = FALLING,
) -> Model:
    """Let guidance follow a curve over the sampler's steps, in the place of its cfg; steps at 1 cost half."""
    from diffusion.features.tuning import GuidanceOverTime

    return model.with_steering(GuidanceOverTime(cfg))


@node(id="LatentApplyOperation", title="LatentApplyOperation", category="latent/advanced/operations")
def latent_apply_operation(samples: Latent, operation: LatentOperation) -> Latent:
    """Apply an operation to a latent."""
    return samples.with_samples(operation(samples.samples))


@node(
    id="LatentApplyOperationCFG",
    title="LatentApplyOperationCFG",
    category="latent/advanced/operations",
)
def latent_apply_operation_cfg(model: Model, operation: LatentOperation) -> Model:
    """Apply an operation to the guidance in every step."""
    from diffusion.features.tuning import OperateOnGuidance

    return model.with_steering(OperateOnGuidance(operation))


@node(id="LatentOperationSharpen", title="LatentOperationSharpen", category="latent/advanced/operations")
def latent_operation_sharpen(
    sharpen_radius: Annotated[int, Range(1, 31, 1), "in latent pixels"] = 9,
    sigma: Annotated[float, Range(0.1, 10, 0.1)] = 1.0,
    alpha: Annotated[float, Range(0, 5, 0.01), "how much"] = 0.1,
) -> LatentOperation:
    """An operation that sharpens latents."""
    from diffusion.features.operations import Sharpen

    return Sharpen(sharpen_radius, sigma, alpha)


@node(
    id="LatentOperationTonemapReinhard",
    title="LatentOperationTonemapReinhard",
    category="latent/advanced/operations",
)
def latent_operation_tonemap_reinhard(
    multiplier: Annotated[float, Range(0, 100, 0.01), "higher compresses less"] = 1.0,
) -> LatentOperation:
    """An operation that compresses extreme latents, so that guidance may be strong."""
    from diffusion.features.operations import ReinhardTonemap

    return ReinhardTonemap(multiplier)
