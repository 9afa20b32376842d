"""Nodes that choose noise and add it: by a seed, by another program's rules, or none."""

from typing import Annotated, Literal

from graph import Range, Seed, node
from nodes.errors import reported
from nodes.types import Latent, Model, Noise, Sigmas

CATEGORY = "sampling/custom_sampling/noise"


@node(id="RandomNoise", title="RandomNoise", category=CATEGORY, search=("seed",))
def random_noise(
    noise_seed: Annotated[Seed, "the noise to start from; picture k of a batch has seed + k"] = 0,
) -> Noise:
    """Noise of a seed."""
    from diffusion.sampling.noise import NoiseChoice

    return NoiseChoice(noise_seed)


@node(id="DisableNoise", title="DisableNoise", category=CATEGORY, search=("no noise", "refine"))
def disable_noise() -> Noise:
    """No noise to start from: to go on from a latent that still has its own."""
    from diffusion.sampling.noise import NoiseChoice

    return NoiseChoice(0, start=False)


@node(
    id="NoiseProfile",
    title="Noise Profile",
    category=CATEGORY,
    search=("seed", "a1111", "diffusers", "comfyui", "variation", "subseed", "gpu", "nv"),
)
def noise_profile(
    noise_seed: Annotated[Seed, "the noise to start from"] = 0,
    profile: Annotated[
        Literal["native", "comfy", "a1111", "diffusers"],
        "whose rules: comfy and diffusers draw whole batches",
    ] = "native",
    source: Annotated[
        Literal["cpu", "nv"], "nv draws what an NVIDIA GPU would; native is always cpu"
    ] = "cpu",
    variation_seed: Annotated[Seed, "another noise to turn towards"] = 0,
    variation_strength: Annotated[float, Range(0, 1, 0.01), "0 is the seed alone, 1 the variation"] = 0.0,
    eta_noise_seed_delta: Annotated[
        int, Range(0, 2**31), "of a1111: steps draw from seed + this; 31337 is usual"
    ] = 0,
) -> Noise:
    """Noise by another program's rules, so that its seeds give its pictures; and variations of a seed."""
    from diffusion.sampling.noise import NoiseChoice

    return NoiseChoice(
        noise_seed, profile=profile, source=source, variation_seed=variation_seed,
        variation_strength=variation_strength, eta_seed_delta=eta_noise_seed_delta,
    )  # fmt: skip


@node(id="AddNoise", title="AddNoise", category="_for_testing/custom_sampling/noise", search=("forward",))
def add_noise(
    model: Annotated[Model, "not needed here: every model takes noise alike"],
    noise: Noise,
    sigmas: Annotated[Sigmas, "the noise is as strong as from the first to the last"],
    latent_image: Latent,
) -> Latent:
    """Add the noise that sampling over these levels takes away."""
    from diffusion.sampling.forward import with_noise

    with reported():
        return with_noise(latent_image, noise, sigmas)


@node(id="LatentBatchSeedBehavior", category="latent/advanced", search=("batch", "same noise"))
def latent_batch_seed_behavior(
    samples: Latent,
    seed_behavior: Annotated[Literal["random", "fixed"], "fixed: all have the first one's noise"] = "fixed",
) -> Latent:
    """Give every latent of a batch its own noise, or all the same."""
    from dataclasses import replace

    first = (samples.batch_index or (0,))[0]
    fixed = (first,) * len(samples.samples)
    return replace(samples, batch_index=fixed if seed_behavior == "fixed" else None)
