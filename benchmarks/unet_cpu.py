"""Our UNet, ControlNet and VAE decoder against diffusers' on the CPU: same weights and inputs, in turn.

Times are process CPU time of one thread, the best of several, because the machine may be shared. `--quick`
takes networks of a quarter of the width.
"""

import argparse
import gc
import json
import platform
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from diffusion.checkpoint.control_files import controlnet_recipe
from diffusion.checkpoint.diffusers_names import diffusers_unet, diffusers_vae
from diffusion.checkpoint.keymaps import apply
from diffusion.models.controlnet import ControlNet, ControlNetConfig
from diffusion.models.unet import UNet, UNetConfig
from diffusion.models.vae import Autoencoder, VaeConfig

SD1 = UNetConfig()
SD2 = UNetConfig(head_dim=64, context_dim=1024, linear_projections=True)


@dataclass(frozen=True)
class Case:
    """Two functions that should return the same, one ours and one of diffusers."""

    name: str
    size: int
    ours: Callable[[], Tensor]
    theirs: Callable[[], Tensor]


@dataclass(frozen=True)
class Result:
    """Best CPU seconds of both sides of a case, and how far their results are apart."""

    case: str
    size: int
    ours: float
    theirs: float
    difference: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="narrow networks, within 50 seconds")
    parser.add_argument("--json", type=Path, help="write the numbers to this file")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # diffusers warns about its own future
    print(f"{'what':18} {'ours s':>9} {'diffusers s':>12} {'ratio':>7} {'max diff':>10}  machine")
    results = run_all(quick=arguments.quick)
    if arguments.json:
        arguments.json.write_text(json.dumps(summarise(results), indent=2))


def run_all(*, quick: bool) -> list[Result]:
    """Every comparison; each pair of networks is freed before the next is made."""
    width, channels = (96, 64) if quick else (320, 128)
    # Attention of SD2 has heads of 64 channels, so its narrow network keeps a multiple of that.
    sd1, sd2 = replace(SD1, model_channels=width), replace(SD2, model_channels=64 if quick else width)
    comparisons = (
        lambda: unet_cases("sd1", sd1, sizes=(16, 32)),
        lambda: unet_cases("sd2", sd2, sizes=(16,)),
        lambda: controlnet_cases(sd1, sizes=(16,) if quick else (16, 32)),
        lambda: vae_cases(VaeConfig(channels=channels), sizes=(16,) if quick else (16, 32)),
    )
    results = []
    for cases in comparisons:
        results += [measure(case, repeats=3 if quick else 5) for case in cases()]
        gc.collect()
    return results


def unet_cases(name: str, config: UNetConfig, *, sizes: tuple[int, ...]) -> Iterator[Case]:
    """One guided step, that is two pictures at once, at each latent size."""
    from diffusers import UNet2DConditionModel

    with torch.device("meta"):
        theirs = UNet2DConditionModel(
            block_out_channels=config.widths,
            layers_per_block=config.res_blocks,
            cross_attention_dim=config.context_dim,
            # diffusers' name for the number of heads.
            attention_head_dim=tuple(config.heads_at(width) for width in config.widths),
            use_linear_projection=config.linear_projections,
        )
        ours = UNet(config)
    fill(theirs)
    ours.load_state_dict(apply(diffusers_unet(config), theirs.state_dict()), assign=True)
    ours.eval()
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
    from diffusers import ControlNetModel

    with torch.device("meta"):
        theirs = ControlNetModel(
            block_out_channels=config.widths,
            layers_per_block=config.res_blocks,
            cross_attention_dim=config.context_dim,
            attention_head_dim=tuple(config.heads_at(width) for width in config.widths),
        )
        ours = ControlNet(ControlNetConfig(config))
    fill(theirs)
    ours.load_state_dict(apply(controlnet_recipe(theirs.state_dict()), theirs.state_dict()), assign=True)
    ours.eval()
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
    """Decoding one latent of each size."""
    from diffusers import AutoencoderKL

    levels = len(config.multipliers)
    with torch.device("meta"):
        theirs = AutoencoderKL(
            block_out_channels=config.widths,
            layers_per_block=config.res_blocks,
            latent_channels=config.z_channels,
            down_block_types=("DownEncoderBlock2D",) * levels,
            up_block_types=("UpDecoderBlock2D",) * levels,
        )
        ours = Autoencoder(config)
    fill(theirs)
    ours.load_state_dict(apply(diffusers_vae(levels), theirs.state_dict()), assign=True)
    ours.eval()
    for size in sizes:
        z = normal((1, config.embed_dim, size, size), seed=3)
        yield Case("vae_decode", size, lambda z=z: ours.decode(z), lambda z=z: theirs.decode(z).sample)


def normal(shape: tuple[int, ...], *, seed: int) -> Tensor:
    """Seeded normal numbers."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@torch.no_grad()
def fill(network: nn.Module) -> None:
    """Give a network without memory seeded weights that keep the size of what passes through."""
    network.to_empty(device="cpu")
    generator = torch.Generator().manual_seed(0)
    for name, parameter in network.named_parameters():
        if parameter.ndim > 1:
            bound = (3 * len(parameter) / parameter.numel()) ** 0.5
            parameter.uniform_(-bound, bound, generator=generator)
        else:
            centre = 1.0 if name.endswith("weight") else 0.0
            parameter.uniform_(centre - 0.1, centre + 0.1, generator=generator)
    network.eval().requires_grad_(False)


@torch.inference_mode()
def measure(case: Case, *, repeats: int) -> Result:
    """Both sides in turn, the best of `repeats` after one to warm up."""
    difference = float((case.ours() - case.theirs()).abs().max())
    seconds = [(cpu_seconds(case.ours), cpu_seconds(case.theirs)) for _ in range(repeats)]
    ours, theirs = (min(side) for side in zip(*seconds, strict=True))
    result = Result(case.name, case.size, ours, theirs, difference)
    print_row(result)
    return result


def cpu_seconds(function: Callable[[], Tensor]) -> float:
    """CPU time of one call."""
    start = time.process_time()
    function()
    return time.process_time() - start


def print_row(result: Result) -> None:
    """One line of the table."""
    what = f"{result.case} {result.size}x{result.size}"
    ratio = result.ours / result.theirs
    numbers = f"{result.ours:9.3f} {result.theirs:12.3f} {ratio:7.2f} {result.difference:10.1e}"
    print(f"{what:18} {numbers}  {platform.machine()}, torch {torch.__version__}, 1 thread", flush=True)


def summarise(results: list[Result]) -> dict[str, float]:
    """Ratio over all sizes and the largest difference, for each case."""
    numbers = {}
    for name in dict.fromkeys(result.case for result in results):
        rows = [result for result in results if result.case == name]
        ours, theirs = sum(row.ours for row in rows), sum(row.theirs for row in rows)
        numbers[f"{name}_ratio_vs_diffusers"] = ours / theirs
        numbers[f"{name}_max_abs_diff"] = max(row.difference for row in rows)
    return numbers


if __name__ == "__main__":
    main()
