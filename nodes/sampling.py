"""The sampling nodes. Progress, previews and cancellation are here, once for all samplers."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

from graph import Context, Range, Seed, batched, node
from nodes.errors import reported
from nodes.types import Conditioning, Latent, Model

if TYPE_CHECKING:
    from diffusion import values
    from diffusion.preview import Decode
    from diffusion.sampling import steps
    from diffusion.sampling.run import Settings

# The names of diffusion.sampling's tables, which cannot be imported here without torch; a test compares them.
SamplerName = Literal[
    "euler",
    "euler_cfg_pp",
    "euler_ancestral",
    "euler_ancestral_cfg_pp",
    "heun",
    "heunpp2",
    "dpm_2",
    "dpm_2_ancestral",
    "lms",
    "dpm_fast",
    "dpm_adaptive",
    "dpmpp_2s_ancestral",
    "dpmpp_2s_ancestral_cfg_pp",
    "dpmpp_sde",
    "dpmpp_sde_gpu",
    "dpmpp_2m",
    "dpmpp_2m_cfg_pp",
    "dpmpp_2m_sde",
    "dpmpp_2m_sde_gpu",
    "dpmpp_2m_sde_heun",
    "dpmpp_2m_sde_heun_gpu",
    "dpmpp_3m_sde",
    "dpmpp_3m_sde_gpu",
    "ddpm",
    "lcm",
    "ipndm",
    "ipndm_v",
    "deis",
    "res_multistep",
    "res_multistep_cfg_pp",
    "res_multistep_ancestral",
    "res_multistep_ancestral_cfg_pp",
    "gradient_estimation",
    "gradient_estimation_cfg_pp",
    "er_sde",
    "seeds_2",
    "seeds_3",
    "sa_solver",
    "sa_solver_pece",
    "ddim",
    "uni_pc",
    "uni_pc_bh2",
    "plms",
    "restart",
]
SchedulerName = Literal[
    "simple",
    "sgm_uniform",
    "karras",
    "exponential",
    "ddim_uniform",
    "beta",
    "normal",
    "linear_quadratic",
    "kl_optimal",
    "ays",
]
Steps = Annotated[int, Range(1, 10000), "more steps, finer and slower"]
Guidance = Annotated[float, Range(0, 100, 0.1), "how strongly to follow the prompt; 1 ignores the negative"]
Sampler = Annotated[SamplerName, "the algorithm that goes from noise to picture"]
Scheduler = Annotated[SchedulerName, "which noise levels it visits"]
Step = Annotated[int, Range(0, 10000)]
Switch = Literal["enable", "disable"]


def is_one_picture(given: Mapping[str, Any]) -> bool:
    """Whether several seeds may be sampled as one batch: one picture each, of which none waits for others."""
    return len(given["latent_image"].samples) == 1 and given["sampler_name"] != "dpm_adaptive"


def sample_seeds(
    context: Context, *, seed: Sequence[int], latent_image: Latent, **given: Any
) -> list[Latent]:
    """What KSampler makes with each of these seeds, all at once."""
    from diffusion.batches import apart, with_seeds

    first, batch = with_seeds(latent_image, seed)
    return apart(k_sampler(context, seed=first, latent_image=batch, **given), latent_image)


@batched("seed", by=sample_seeds, fits=is_one_picture)
@node(
    id="KSampler",
    title="KSampler",
    category="sampling",
    lane="gpu",
    search=("sample", "denoise", "generate"),
)
def k_sampler(
    context: Context,
    model: Model,
    *,
    seed: Annotated[Seed, "the noise to start from; picture k of a batch has seed + k"] = 0,
    steps: Steps = 20,
    cfg: Guidance = 8.0,
    sampler_name: Sampler = "euler",
    scheduler: Scheduler = "simple",
    positive: Conditioning,
    negative: Conditioning,
    latent_image: Latent,
    denoise: Annotated[float, Range(0, 1, 0.01), "below 1 keeps some of the given latent"] = 1.0,
) -> Latent:
    """Denoise a latent, step by step, towards the positive and away from the negative prompt."""
    from diffusion.sampling.run import Settings

    settings = Settings(
        seed=seed, steps=steps, cfg=cfg, sampler=sampler_name, scheduler=scheduler, denoise=denoise
    )
    return sample_in(context, model, positive, negative, latent_image, settings)


def sample_seeds_advanced(
    context: Context, *, noise_seed: Sequence[int], latent_image: Latent, **given: Any
) -> list[Latent]:
    """What KSamplerAdvanced makes with each of these seeds, all at once."""
    from diffusion.batches import apart, with_seeds

    first, batch = with_seeds(latent_image, noise_seed)
    return apart(k_sampler_advanced(context, noise_seed=first, latent_image=batch, **given), latent_image)


@batched("noise_seed", by=sample_seeds_advanced, fits=is_one_picture)
@node(
    id="KSamplerAdvanced",
    title="KSampler (Advanced)",
    category="sampling",
    lane="gpu",
    search=("sample", "refine", "start at step", "leftover noise"),
)
def k_sampler_advanced(
    context: Context,
    model: Model,
    *,
    add_noise: Switch = "enable",
    noise_seed: Annotated[Seed, "the noise to start from; picture k of a batch has seed + k"] = 0,
    steps: Steps = 20,
    cfg: Guidance = 8.0,
    sampler_name: Sampler = "euler",
    scheduler: Scheduler = "simple",
    positive: Conditioning,
    negative: Conditioning,
    latent_image: Latent,
    start_at_step: Annotated[Step, "the first step to do"] = 0,
    end_at_step: Annotated[Step, "the step to stop before"] = 10000,
    return_with_leftover_noise: Annotated[
        Literal["disable", "enable"], "whether to leave the noise for steps to come"
    ] = "disable",
) -> Latent:
    """Do a part of the steps, so that several samplers can share one way from noise to picture."""
    from diffusion.sampling.run import Settings

    parts = {"start": start_at_step, "end": end_at_step, "add_noise": add_noise == "enable"}
    leftover = return_with_leftover_noise == "enable"
    settings = Settings(
        seed=noise_seed, steps=steps, cfg=cfg, sampler=sampler_name, scheduler=scheduler,
        **parts, leftover_noise=leftover,
    )  # fmt: skip
    return sample_in(context, model, positive, negative, latent_image, settings)


def sample_in(
    context: Context,
    model: "values.Model",
    positive: "values.Conditioning",
    negative: "values.Conditioning",
    latent: "values.Latent",
    settings: "Settings",
) -> "values.Latent":
    """Sample by settings."""
    from diffusion.sampling.run import finish, sample

    with reported():
        way = sample(model, positive, negative, latent, settings, check=context.check_cancelled)
        return finish(latent, followed(context, model, way))


def followed(context: Context, model: "values.Model", way: "Iterator[steps.Step]") -> "steps.Step | None":
    """The last of the steps; tells progress, sends previews and stops within a step of being cancelled."""
    from diffusion.preview import Previewer

    last = None
    with Previewer(decoder_of(context, model), context.preview) as previews:
        context.check_cancelled()
        for last in way:
            context.progress(last.index + 1, last.total)
            context.check_cancelled()
            previews.offer(last.denoised)
    return last


def decoder_of(context: Context, model: "values.Model") -> "Decode":
    """What shows the steps; where its file is bad, plain colours do, with a warning."""
    from diffusion.checkpoint.errors import CheckpointError
    from diffusion.preview import decoder_for, linear_colours

    try:
        return decoder_for(model, partial(context.resolve, "vae_approx"))
    except CheckpointError as error:
        remedy = f"{error.remedy} Or take it out of models/vae_approx."
        context.warn(f"previews are coarse: {error}", code="preview_decoder_failed", remedy=remedy)
        return linear_colours
