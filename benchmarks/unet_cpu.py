"""Our networks against diffusers' on the CPU: same weights and inputs, in turn.

Times are process CPU time of one thread, the best of several, because the machine may be shared. `--quick`
takes networks of a quarter of the width; `--sampling` adds whole pictures, which takes minutes.
"""

import argparse
import gc
import json
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.peer.cases import Case, Result, header, measure, normal, summarise
from benchmarks.peer.networks import autoencoders, controlnets, text_encoders, unets
from benchmarks.peer.sampling import sampling_cases, token_ids
from diffusion.models.clip import ClipTextConfig
from diffusion.models.unet import UNetConfig
from diffusion.models.vae import VaeConfig

SD1 = UNetConfig()
SD2 = UNetConfig(head_dim=64, context_dim=1024, linear_projections=True)
CLIP = ClipTextConfig()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="narrow networks, within 50 seconds")
    parser.add_argument("--sampling", action="store_true", help="whole pictures of 64 to 256 pixels, too")
    parser.add_argument("--only", nargs="+", default=(), help="names of what to measure, such as sd2")
    parser.add_argument("--json", type=Path, help="write the numbers to this file")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # diffusers warns about its own future
    comparisons = made(quick=arguments.quick, sampling=arguments.sampling or arguments.quick)
    chosen = [cases for name, cases in comparisons.items() if name in (arguments.only or comparisons)]
    print(header())
    results: list[Result] = []
    for cases in chosen:
        results += [measure(case, repeats=3 if arguments.quick else 5) for case in cases()]
        gc.collect()  # each pair of networks is freed before the next is made
    if arguments.json:
        arguments.json.write_text(json.dumps(summarise(results), indent=2))


def made(*, quick: bool, sampling: bool) -> dict[str, Callable[[], Iterator[Case]]]:
    """Every comparison by name."""
    width, channels = (96, 64) if quick else (320, 128)
    # Attention of SD2 has heads of 64 channels, so its narrow network keeps a multiple of that.
    sd1, sd2 = replace(SD1, model_channels=width), replace(SD2, model_channels=64 if quick else width)
    vae, sizes = VaeConfig(channels=channels), (16,) if quick else (16, 32)
    comparisons: dict[str, Callable[[], Iterator[Case]]] = {
        "clip": lambda: clip_cases(CLIP),
        "sd1": lambda: unet_cases("sd1", sd1, sizes=(16, 32)),
        "sd2": lambda: unet_cases("sd2", sd2, sizes=sizes),
        "controlnet": lambda: controlnet_cases(sd1, sizes=sizes),
        "vae": lambda: vae_cases(vae, sizes=sizes),
    }
    if sampling:
        pixels = (64, 128) if quick else (64, 128, 256)
        comparisons["sample"] = lambda: sampling_cases(sd1, vae, CLIP, sizes=pixels)
    return comparisons


def clip_cases(config: ClipTextConfig) -> Iterator[Case]:
    """Two windows of a prompt."""
    ours, theirs = text_encoders(config)
    tokens = torch.cat([token_ids(config, seed=1), token_ids(config, seed=2)])
    yield Case("clip", config.positions, lambda: ours(tokens), lambda: theirs(tokens).last_hidden_state)


def unet_cases(name: str, config: UNetConfig, *, sizes: tuple[int, ...]) -> Iterator[Case]:
    """One guided step, that is two pictures at once, at each latent size."""
    ours, theirs = unets(config)
    context, timesteps = normal((2, 77, config.context_dim), seed=2), torch.tensor([601, 601])
    for size in sizes:
        x = normal((2, config.in_channels, size, size), seed=1)
        yield Case(
            name,
            size,
            lambda x=x: ours(x, timesteps, context),
            lambda x=x: theirs(x, timesteps, context).sample,
        )


def controlnet_cases(config: UNetConfig, *, sizes: tuple[int, ...]) -> Iterator[Case]:
    """All answers for two pictures at once; then without the hint's block, which we run once per sampling."""
    ours, theirs = controlnets(config)
    context, timesteps = normal((2, 77, config.context_dim), seed=2), torch.tensor([601, 601])
    for size in sizes:
        x = normal((2, config.in_channels, size, size), seed=1)
        hint = normal((2, 3, 8 * size, 8 * size), seed=4).sigmoid()
        with torch.inference_mode():
            features = ours.features(hint)

        def expected(x: Tensor = x, hint: Tensor = hint) -> Tensor:
            down, middle = theirs(x, timesteps, context, hint, return_dict=False)
            return flat([*down, middle])

        def answers(features: Tensor, x: Tensor = x) -> Tensor:
            return flat(ours(x, features, timesteps, context))

        yield Case(
            "controlnet", size, lambda hint=hint, answers=answers: answers(ours.features(hint)), expected
        )
        yield Case("controlnet_step", size, lambda f=features, answers=answers: answers(f), expected)


def flat(tensors: list[Tensor]) -> Tensor:
    """All numbers of tensors in one."""
    return torch.cat([tensor.flatten() for tensor in tensors])


def vae_cases(config: VaeConfig, *, sizes: tuple[int, ...]) -> Iterator[Case]:
    """Decoding one latent of each size, and encoding the picture of that latent's size."""
    ours, theirs = autoencoders(config)
    for size in sizes:
        z = normal((1, config.embed_dim, size, size), seed=3)
        yield Case("vae_decode", size, lambda z=z: ours.decode(z), lambda z=z: theirs.decode(z).sample)
        x = normal((1, 3, 8 * size, 8 * size), seed=4).clamp(-1, 1)
        yield Case(
            "vae_encode",
            size,
            lambda x=x: ours.encode(x).mean,
            lambda x=x: theirs.encode(x).latent_dist.mean,
        )


if __name__ == "__main__":
    main()
