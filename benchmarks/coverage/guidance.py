"""Guidance with and without a classifier, and prompts with places and times: against diffusers' UNet."""

from collections.abc import Callable, Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from benchmarks.coverage.pipelines import measured
from benchmarks.coverage.row import Measured, Run, apart
from diffusion.conditioning import averaged, concatenated, emptied
from diffusion.features.classifier_guidance import ClassifierGuidance
from diffusion.features.perp_neg import PerpNeg
from diffusion.features.perturbed_attention import PerturbedAttention
from diffusion.features.projected import ProjectedGuidance
from diffusion.features.self_attention import SelfAttention
from diffusion.features.tuning import GuidanceInterval
from diffusion.models.classifier import Classifier, ClassifierConfig
from diffusion.sampling.denoiser import Denoiser
from diffusion.sampling.guidance import Guided, Guider
from diffusion.sampling.noise import NoiseChoice
from diffusion.sampling.run import SamplerChoice, sample_custom
from diffusion.sampling.steering import RescaleCfg, Steering
from diffusion.values import Area, Cond, Latent
from tests.diffusion import pipelines
from tests.diffusion.pipelines import CFG, NEGATIVE, POSITIVE, SEED, SIZE, UNET, Compared, Pair, conds, random

SIGMA = 3.0
X = random(11, 2, 4, 8, 12) * SIGMA
EMPTY = random(12, 1, 7, 16)
TOLERANCE = 2e-4
HAND = "diffusers UNet, formula by hand"


@torch.no_grad()
def seen(made: Pair, context: Tensor, x: Tensor = X, sigma: float = SIGMA) -> Tensor:
    """The picture that diffusers' network sees in x under a prompt."""
    step = made.model.schedule.timestep(sigma)
    scaled = x / (sigma**2 + 1) ** 0.5
    return x - sigma * made.parts["unet"](scaled, step, context.expand(len(x), -1, -1)).sample


def guided(
    made: Pair, *steerings: Steering, sides: Sequence[tuple[Cond, ...]] = (), cfg: float = CFG
) -> Tensor:
    """What we step to at one level."""
    guider = Guider(tuple(sides) or conds(), (cfg,))
    schedule = made.model.schedule
    make = Guided(Denoiser(made.model), guider, like=X, schedule=schedule, steerings=steerings)
    return make(X, SIGMA)


def mixed(towards: Tensor, away: Tensor) -> Tensor:
    return away + CFG * (towards - away)


def free(_: Run) -> Iterator[Measured]:
    """Classifier-free guidance and what is added to it, at one level; and whole samplings."""
    made = pipelines.pair(UNET)
    towards, away, nothing = (seen(made, context) for context in (POSITIVE, NEGATIVE, EMPTY))
    yield Measured("CFG", HAND, apart(guided(made), mixed(towards, away)), TOLERANCE)
    yield rescaled(made, towards, away)
    yield projected(made, towards, away)
    against = nothing + CFG * (towards - nothing - 1.5 * perpendicular(away - nothing, towards - nothing))
    yield Measured("PerpNeg", HAND, apart(guided(made, PerpNeg((Cond(EMPTY),), 1.5)), against), TOLERANCE)
    interval = guided(made, GuidanceInterval(SIGMA - 1, 0.0))
    yield Measured("CFG range, outside of it", HAND, apart(interval, towards), TOLERANCE)
    yield calls(made)
    yield from measured("perturbed attention", "StableDiffusionPAGPipeline", perturbed_attention())
    yield from measured("self-attention", "StableDiffusionSAGPipeline", self_attention())


def rescaled(made: Pair, towards: Tensor, away: Tensor) -> Measured:
    """Rescaling of the predicted v by diffusers' own function."""
    from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import rescale_noise_cfg

    scale, still = SIGMA / (SIGMA**2 + 1) ** 0.5, X / (SIGMA**2 + 1)
    v = [(still - each) / scale for each in (mixed(towards, away), towards)]
    expected = still - scale * rescale_noise_cfg(*v, guidance_rescale=0.7)
    return Measured(
        "RescaleCFG", "diffusers rescale_noise_cfg", apart(guided(made, RescaleCfg(0.7)), expected), TOLERANCE
    )


def projected(made: Pair, towards: Tensor, away: Tensor) -> Measured:
    """Projected guidance by diffusers' own function."""
    from diffusers.guiders.adaptive_projected_guidance import normalized_guidance

    options = {"eta": 0.3, "norm_threshold": 5.0, "use_original_formulation": True}
    expected = normalized_guidance(towards, away, CFG - 1, None, **options)
    ours = guided(made, ProjectedGuidance(0.3, 5.0, 0.0))
    return Measured("APG", "diffusers normalized_guidance", apart(ours, expected), TOLERANCE)


def perpendicular(away: Tensor, towards: Tensor) -> Tensor:
    """What is left of one without its part along the other, picture by picture, in float64."""
    flat, along = away.flatten(1).double(), towards.flatten(1).double()
    share = (flat * along).sum(1, keepdim=True) / (along * along).sum(1, keepdim=True)
    return (flat - share * along).reshape(away.shape).to(away)


def calls(made: Pair) -> Measured:
    """Calls of the network in a sampling beyond one a step, with and without a negative side."""
    asked: list[int] = []
    hook = made.model.network.register_forward_pre_hook(lambda network, given: asked.append(len(given[0])))
    latent, levels = Latent(torch.zeros(1, 4, 8, 8)), (9.0, 3.0, 1.0, 0.0)
    for cfg in (7.0, 1.0, 0.0):
        guider = Guider(conds(), (cfg,))
        choices = {"sampler": SamplerChoice("euler"), "noise": NoiseChoice(SEED)}
        list(sample_custom(made.model, guider, latent, levels, **choices))
    hook.remove()
    surplus = abs(len(asked) - 9) + (asked[:6] != [2] * 3 + [1] * 3)
    return Measured("calls of the network beyond one a step, both sides in one", "count", surplus, 0)


def on_ddim(pipeline: Callable[..., object], steering: Steering, **options: object) -> Compared:
    """A sampling by diffusers' DDIM, which moves x sqrt(abar), and by our Euler on the same levels."""
    from diffusers import DDIMScheduler

    made = pipelines.pair(UNET)
    config = dict(made.parts["scheduler"].config) | {"timestep_spacing": "leading"}
    made.parts |= {"scheduler": DDIMScheduler.from_config(config, set_alpha_to_one=False, clip_sample=False)}
    made.parts["safety_checker"] = None
    made.parts["scheduler"].set_timesteps(pipelines.STEPS)
    schedule, steps = made.model.schedule, made.parts["scheduler"].timesteps.tolist()
    levels = [float(schedule.sigmas[step]) for step in (*steps, 0)]
    noise = random(SEED, 1, 4, 8, 12)
    guided_model = Pair(made.parts, made.model.with_steering(steering), made.vae)
    start = Latent(noise * (1 + levels[0] ** 2) ** 0.5)
    ours = guided_model.ours(conds(), start, levels, start=False) / (1 + levels[-1] ** 2) ** 0.5
    theirs = made.theirs(
        lambda **parts: pipeline(**parts, requires_safety_checker=False), latents=noise, **SIZE, **options
    )
    return Compared(made, ours, theirs)


def perturbed_attention() -> Compared:
    from diffusers import StableDiffusionPAGPipeline

    return on_ddim(StableDiffusionPAGPipeline, PerturbedAttention(2.5), pag_scale=2.5)


def self_attention() -> Compared:
    from diffusers import StableDiffusionSAGPipeline

    return on_ddim(StableDiffusionSAGPipeline, SelfAttention(0.75, 1.0), sag_scale=0.75)


def places(_: Run) -> Iterator[Measured]:
    """Areas, masks, strengths and times: what the network sees under each, put together by hand."""
    made = pipelines.pair(UNET)
    first, second, third = POSITIVE, NEGATIVE, EMPTY
    mask = random(13, 1, 8, 12, uniform=True)
    sides = (
        Cond(first),
        Cond(second, area=Area(0, 0, 8, 8), strength=0.5),
        Cond(third, mask=mask, strength=2.0),
        Cond(first.flip(1), start=0.9),
        Cond(second.flip(1), end=0.9),
    )
    ours = guided(made, sides=(sides,), cfg=1.0)
    fade = torch.ones(8)
    fade[6:] = torch.tensor(
        [1.0, 0.5]
    )  # an area fades over an eighth of it, at least, where the picture goes on
    total, count = seen(made, first) + seen(made, second.flip(1)), torch.full((1, 1, 8, 12), 2.0)
    total[..., :8] += 0.5 * fade * seen(made, second, X[..., :8])
    count[..., :8] += 0.5 * fade
    total += 2.0 * mask * seen(made, third)
    count += 2.0 * mask
    yield Measured("areas, masks, strengths, times", HAND, apart(ours, total / count), TOLERANCE)
    combined = {
        "ConditioningAverage": (averaged((Cond(first),), (Cond(second),), 0.3), 0.3 * first + 0.7 * second),
        "ConditioningConcat": (concatenated((Cond(first),), (Cond(second),)), torch.cat([first, second], 1)),
        "ConditioningZeroOut": (emptied((Cond(first),)), torch.zeros_like(first)),
    }
    errors = [apart(cond.tensor, expected) for (cond,), expected in combined.values()]
    yield Measured(", ".join(combined), "formula by hand", max(errors), 1e-6)


def by_classifier(_: Run) -> Iterator[Measured]:
    """The gradient of a classifier through the decoder, against autograd through diffusers' decoder."""
    made = pipelines.pair(UNET)
    with torch.random.fork_rng():
        torch.manual_seed(2)
        heads = (("object", ("cat", "dog", "fox")),)
        classifier = Classifier(ClassifierConfig(heads, widths=(8, 16), size=32)).eval().requires_grad_(False)
    samples = random(14, 2, 4, 8, 8)
    steering = ClassifierGuidance(classifier, made.vae, "object", 1, 30.0, 99.0, 0.0)
    theirs = gradient(made.parts["vae"], classifier, samples, made.vae.scale)
    unit = theirs.abs().max()
    error = apart(steering.gradient(samples) / unit, theirs / unit)
    yield Measured("gradient, part of its largest", "autograd through diffusers AutoencoderKL", error, 1e-3)
    small = X[..., :8]
    network = Guided(
        Denoiser(made.model),
        Guider(conds(), (CFG,)),
        like=small,
        schedule=made.model.schedule,
        steerings=(steering,),
    )
    plain = mixed(seen(made, POSITIVE, small), seen(made, NEGATIVE, small))
    spread = SIGMA**2 / (1 + SIGMA**2)
    expected = plain + 30.0 * spread * gradient(made.parts["vae"], classifier, plain, made.vae.scale)
    assert apart(expected, plain) > 10 * TOLERANCE, "or nothing is shown"
    yield Measured(
        "guided picture",
        "diffusers UNet and AutoencoderKL",
        apart(network(small, SIGMA), expected),
        TOLERANCE,
    )
    yield Measured("classifier", "torch.nn.functional by hand", apart(*by_hand(classifier)), 1e-5)


def gradient(decoder: nn.Module, classifier: Classifier, samples: Tensor, scale: float) -> Tensor:
    """Of log p("dog") by latent samples."""
    asked = samples.clone().requires_grad_()
    with torch.enable_grad():
        likely = classifier(decoder.decode(asked / scale).sample / 2 + 0.5)["object"][:, 1]
        (found,) = torch.autograd.grad(likely.sum(), asked)
    return found


@torch.no_grad()
def by_hand(classifier: Classifier) -> tuple[Tensor, Tensor]:
    """A classifier's answer, and that of plain operations on its tensors."""
    x = random(15, 2, 3, 48, 48, uniform=True)
    tensors = classifier.state_dict()
    h = 2 * F.interpolate(x, size=(32, 32), mode="bilinear", antialias=True) - 1
    for place, width in zip((0, 3), (8, 16), strict=True):
        h = F.conv2d(h, tensors[f"body.{place}.weight"], tensors[f"body.{place}.bias"], stride=2, padding=1)
        norm = tensors[f"body.{place + 1}.weight"], tensors[f"body.{place + 1}.bias"]
        h = F.silu(F.group_norm(h, width, *norm, eps=1e-5))
    answers = h.mean(dim=(2, 3)) @ tensors["heads.object.weight"].T + tensors["heads.object.bias"]
    return classifier(x)["object"], answers.log_softmax(-1)
