"""Sampling put together from nodes: noise, guider, sampler and levels, each of one's own choice."""

from typing import Annotated

from graph import Context, Range, Seed, node
from nodes.errors import reported
from nodes.sampling import Guidance, followed
from nodes.types import Conditioning, Guider, Latent, Model, Noise, Sampler, Sigmas

CATEGORY = "sampling/custom_sampling"
OPTIONS = dict.fromkeys(("rtol", "atol", "r"), "sampler")
GUIDED = OPTIONS | dict.fromkeys(("model", "positive", "middle", "negative"), "guider")


@node(
    id="SamplerCustom",
    title="SamplerCustom",
    category=CATEGORY,
    lane="gpu",
    outputs=("output", "denoised_output"),
    search=("sample", "sigmas"),
)
def sampler_custom(
    context: Context,
    model: Model,
    *,
    add_noise: Annotated[bool, "whether to start from noise added to the latent"] = True,
    noise_seed: Annotated[Seed, "the noise to start from; picture k of a batch has seed + k"] = 0,
    cfg: Guidance = 8.0,
    positive: Conditioning,
    negative: Conditioning,
    sampler: Sampler,
    sigmas: Sigmas,
    latent_image: Latent,
) -> tuple[Latent, Latent]:
    """Denoise a latent over given noise levels; also gives what the model believed at the last."""
    from diffusion.sampling.capture import finish_both
    from diffusion.sampling.guidance import Guider
    from diffusion.sampling.noise import NoiseChoice
    from diffusion.sampling.run import sample_custom

    guider = Guider((positive, negative), (cfg,))
    noise = NoiseChoice(noise_seed, start=add_noise)
    with reported(names=OPTIONS):
        way = sample_custom(
            model, guider, latent_image, sigmas, sampler=sampler, noise=noise, check=context.check_cancelled
        )
        return finish_both(latent_image, followed(context, model, way))


@node(
    id="SamplerCustomAdvanced",
    title="SamplerCustomAdvanced",
    category=CATEGORY,
    lane="gpu",
    outputs=("output", "denoised_output"),
    search=("sample", "guider", "sigmas"),
)
def sampler_custom_advanced(
    context: Context, noise: Noise, guider: Guider, sampler: Sampler, sigmas: Sigmas, latent_image: Latent
) -> tuple[Latent, Latent]:
    """Denoise a latent as a guider says; also gives what the model believed at the last level."""
    from diffusion.sampling.capture import finish_both
    from diffusion.sampling.run import sample_custom

    with reported(names=GUIDED):
        way = sample_custom(
            guider.model,
            guider.guider,
            latent_image,
            sigmas,
            sampler=sampler,
            noise=noise,
            check=context.check_cancelled,
        )
        return finish_both(latent_image, followed(context, guider.model, way))


@node(
    id="StepCapture",
    title="Step Capture",
    category=CATEGORY,
    lane="gpu",
    outputs=("output", "denoised_steps", "noisy_steps"),
    search=("watch", "see", "intermediate", "animation", "progress"),
)
def step_capture(
    context: Context,
    noise: Noise,
    guider: Guider,
    sampler: Sampler,
    sigmas: Sigmas,
    latent_image: Latent,
    every_n: Annotated[int, Range(1, 1000), "keep every n-th step, and the last"] = 1,
) -> tuple[Latent, Latent, Latent]:
    """Denoise, and keep the way: what the model believed, and what was still noise, step by step."""
    from diffusion.sampling.capture import Capture
    from diffusion.sampling.run import finish, sample_custom

    capture = Capture(every_n, end=sigmas[-1] if sigmas else 0.0)
    with reported(names=GUIDED):
        way = sample_custom(
            guider.model,
            guider.guider,
            latent_image,
            sigmas,
            sampler=sampler,
            noise=noise,
            check=context.check_cancelled,
        )
        output = finish(latent_image, followed(context, guider.model, capture.through(way)))
    return output, capture.believed(latent_image), capture.noisy(latent_image)
