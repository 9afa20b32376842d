"""What shows diffusion at work: noised pictures, steps on the way, charts, attention and animations."""

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageSequence
from torch import Tensor, nn

from benchmarks.coverage.row import Measured, Run, apart, farthest
from diffusion.animation import save_apng, save_webp
from diffusion.features.attention_maps import look
from diffusion.plots import CHARTS, points
from diffusion.sampling.capture import Capture
from diffusion.sampling.forward import diffused
from diffusion.sampling.guidance import Guider
from diffusion.sampling.noise import NoiseChoice
from diffusion.sampling.run import SamplerChoice, sample_custom
from diffusion.sampling.schedules import NoiseSchedule
from diffusion.values import Cond, Latent
from tests.diffusion import pipelines
from tests.diffusion.golden import uniform
from tests.diffusion.pipelines import (
    CFG,
    NEGATIVE,
    NO_CHECK,
    POSITIVE,
    SEED,
    SIZE,
    STEPS,
    UNET,
    conds,
    random,
)

SCHEDULE = NoiseSchedule.scaled_linear()
BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}


def numbers(run: Run) -> Iterator[Measured]:
    """Everything that the nodes for seeing show."""
    from diffusers import DDPMScheduler

    theirs = DDPMScheduler(**BETAS)
    samples, pairs = random(1, 1, 4, 8, 8), []
    for step in (0, 400, 999):
        noised = theirs.add_noise(samples, random(SEED, *samples.shape), torch.tensor([step]))
        pairs.append((diffused(Latent(samples), SCHEDULE, step, seed=SEED, frames=1).samples, noised))
    yield Measured("ForwardDiffusion", "diffusers add_noise", farthest(pairs), 2e-6)
    yield captured()
    yield curves(theirs.alphas_cumprod.double().numpy())
    yield from animations(run)
    yield attended()


def captured() -> Measured:
    """x after every step of a sampling."""
    from diffusers import StableDiffusionPipeline

    made, capture, expected = pipelines.pair(UNET), Capture(1), []
    made.parts["safety_checker"] = None
    nothing = Latent(torch.zeros(1, 4, 8, 12))
    levels = made.sigmas

    def keep(pipeline: object, step: int, time: object, given: dict[str, Tensor]) -> dict[str, Tensor]:
        expected.append(given["latents"] / (levels[step + 1] ** 2 + 1) ** 0.5)
        return {}

    choices = {"sampler": SamplerChoice("euler"), "noise": NoiseChoice(SEED)}
    list(capture.through(sample_custom(made.model, Guider(conds(), (CFG,)), nothing, levels, **choices)))
    pipeline = StableDiffusionPipeline(**made.parts, **NO_CHECK)
    pipeline.set_progress_bar_config(disable=True)
    pipeline(
        prompt_embeds=POSITIVE,
        negative_prompt_embeds=NEGATIVE,
        latents=made.start(random(SEED, *nothing.samples.shape)),
        num_inference_steps=STEPS,
        guidance_scale=CFG,
        output_type="latent",
        callback_on_step_end=keep,
        **SIZE,
    )
    error = apart(capture.noisy(nothing).samples, torch.cat(expected))
    return Measured(
        f"StepCapture: x after each of {STEPS} steps", "diffusers StableDiffusionPipeline", error, 2e-4
    )


def curves(kept: np.ndarray) -> Measured:
    """The three curves of a chart, at levels whose place in diffusers' table is known."""
    steps = np.arange(999, -1, -37)
    levels = [float(SCHEDULE.sigmas[step]) for step in steps]
    sigma = np.sqrt((1 - kept) / kept)[steps]
    expected = (np.log10(sigma), kept[steps], np.log(kept / (1 - kept))[steps])
    pairs = [
        (torch.tensor([height for _, height in points(chart, levels)]), torch.from_numpy(curve))
        for chart, curve in zip(CHARTS, expected, strict=True)
    ]
    # diffusers keeps its table in float32: of a share of 0.9991, log SNR loses 6e-8 / 0.0009.
    return Measured("NoiseSchedulePlot: three curves", "diffusers alphas_cumprod", farthest(pairs), 2e-4)


def animations(run: Run) -> Iterator[Measured]:
    """Frames as another program reads them back, in 8 bits."""
    frames = uniform("frames", (4, 16, 24, 3)) * 0.5 + 0.5
    expected = (frames * 255).round().byte()
    for save in (save_webp, save_apng):
        folder = run.path("animations/x").parent
        name = save(frames, folder, "film", {}, fps=6.0)
        with Image.open(folder / name) as image:
            read = [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(image)]
        error = apart(torch.from_numpy(np.stack(read)), expected)
        yield Measured(f"frames of {name.partition('.')[2]}, in 255ths", "Pillow", error, 0)


class Probabilities:
    """diffusers' attention, which also keeps how much every token looks at every other, mean of the heads."""

    def __init__(self, kept: list[Tensor]) -> None:
        self._kept = kept

    def __call__(
        self, attn: nn.Module, hidden_states: Tensor, encoder_hidden_states: Tensor | None = None, **_: object
    ) -> Tensor:
        context = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        q, k, v = (
            attn.head_to_batch_dim(each)
            for each in (attn.to_q(hidden_states), attn.to_k(context), attn.to_v(context))
        )
        share = attn.get_attention_scores(q, k)
        if encoder_hidden_states is not None:
            self._kept.append(share.unflatten(0, (len(hidden_states), -1)).mean(1))
        return attn.to_out[0](attn.batch_to_head_dim(share @ v))


@torch.no_grad()
def attended() -> Measured:
    """How much each place looks at each token, in all layers and at several levels."""
    made, kept = pipelines.pair(UNET), []
    made.parts["unet"].set_attn_processor(Probabilities(kept))
    latent, levels = Latent(random(1, 1, 4, 8, 12)), (6.0, 1.5)
    ours = look(made.model, (Cond(POSITIVE),), latent, levels=levels, seed=SEED)
    generator = torch.Generator().manual_seed(SEED)
    for sigma in levels:
        x = latent.samples + sigma * torch.randn(latent.samples.shape, generator=generator)
        step = made.model.schedule.timestep(sigma)
        made.parts["unet"](x / (sigma**2 + 1) ** 0.5, step, POSITIVE)
    total = sum(placed(share) for share in kept)
    error = apart(ours, total / total.sum(1, keepdim=True))
    return Measured("AttentionMaps", "attention of diffusers UNet", error, 2e-5)


def placed(share: Tensor) -> Tensor:
    """Shares [B, N, M] of a picture of 8 x 12 or of half of that, at 8 x 12."""
    size = (8, 12) if share.shape[1] == 96 else (4, 6)
    return F.interpolate(share.mT.unflatten(-1, size), size=(8, 12), mode="bicubic").clamp(min=0)
