"""Sampling from token ids to the picture: our functions beside diffusers' pipeline."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from benchmarks.peer.cases import Case, normal
from benchmarks.peer.networks import autoencoders, text_encoders, unets
from diffusion.models.clip import ClipTextConfig
from diffusion.models.unet import UNetConfig
from diffusion.models.vae import VaeConfig
from diffusion.sampling.guidance import Guider
from diffusion.sampling.noise import NoiseChoice, chosen_noise
from diffusion.sampling.run import SamplerChoice, sample_custom
from diffusion.sampling.schedules import NoiseSchedule
from diffusion.values import Cond, Latent, Model, Vae

STEPS, CFG, SEED = 4, 5.0, 7
SCALE = 0.18215


def sampling_cases(
    unet: UNetConfig, vae: VaeConfig, text: ClipTextConfig, *, sizes: tuple[int, ...]
) -> Iterator[Case]:
    """A picture of each size in pixels: two prompts, four guided Euler steps, decoding."""
    from diffusers import EulerDiscreteScheduler, StableDiffusionPipeline

    our_unet, their_unet = unets(unet)
    our_vae, their_vae = autoencoders(vae)
    our_text, their_text = text_encoders(text)
    scheduler = EulerDiscreteScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        timestep_spacing="leading",
        steps_offset=1,
    )
    pipeline = StableDiffusionPipeline(
        vae=their_vae,
        unet=their_unet,
        scheduler=scheduler,
        text_encoder=None,
        tokenizer=None,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    model = Model(our_unet, prediction="eps", schedule=NoiseSchedule.scaled_linear(0.00085, 0.012))
    decoder = Vae(our_vae, scale=SCALE)
    positive, negative = token_ids(text, seed=5), token_ids(text, seed=6)
    scheduler.set_timesteps(STEPS)
    sigmas = scheduler.sigmas.tolist()
    choice = NoiseChoice(SEED, start=True)

    for size in sizes:
        empty = torch.zeros(1, 4, size // 8, size // 8)
        noise = chosen_noise(choice, empty, None, path=()).start()
        # Where the first level is not the highest, diffusers scales by sqrt(1 + sigma²), we by sigma.
        start = noise * sigmas[0] / scheduler.init_noise_sigma

        def ours(empty: Tensor = empty) -> Tensor:
            sides = tuple((Cond(our_text(tokens)),) for tokens in (positive, negative))
            guider, euler = Guider(sides, (CFG,)), SamplerChoice("euler")
            *_, last = sample_custom(model, guider, Latent(empty), sigmas, sampler=euler, noise=choice)
            return decoder.decode(last.x)

        def theirs(size: int = size, start: Tensor = start) -> Tensor:
            made = pipeline(
                prompt_embeds=their_text(positive).last_hidden_state,
                negative_prompt_embeds=their_text(negative).last_hidden_state,
                height=size,
                width=size,
                latents=start,
                num_inference_steps=STEPS,
                guidance_scale=CFG,
                output_type="pt",
            )
            return made.images.permute(0, 2, 3, 1)

        yield Case(f"sample_{size}", size, ours, theirs)


def token_ids(config: ClipTextConfig, *, seed: int) -> Tensor:
    """One window of words between the marks of start and end: [1, positions]."""
    words = normal((1, config.positions), seed=seed).abs().mul(1000).long().clamp(0, 40_000)
    words[:, 0], words[:, -1] = 49406, 49407
    return words
