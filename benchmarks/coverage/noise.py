"""Noise by every program's rules, and pictures of a batch that are those of their own seeds."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from benchmarks.coverage.row import Measured, Run, apart, farthest
from diffusion.sampling.noise import NoiseChoice, chosen_noise
from diffusion.sampling.philox import PhiloxGenerator
from diffusion.sampling.samplers import SAMPLERS
from tests.diffusion.golden import DATA
from tests.diffusion.sampling.test_invariance import picture
from tests.diffusion.sampling.test_noise import LIKE, PATH, drawn, torch_draws
from tests.diffusion.sampling.test_philox import ON_A_GPU

BIT = "each picture alone, to the bit"


def profiles(_: Run) -> Iterator[Measured]:
    """Starts and steps of `comfy`, `a1111` and `diffusers`, and paths of stochastic samplers."""
    shape = tuple(LIKE.shape)
    comfy = drawn(NoiseChoice(42, profile="comfy"))
    generator = torch.Generator().manual_seed(43)
    expected = [*torch_draws(42, shape), *(torch.randn(shape, generator=generator) for _ in comfy[1:])]
    yield Measured(
        "comfy: start and steps",
        "torch's generator by ComfyUI's rule",
        apart(comfy, torch.stack(expected)),
        0,
    )
    ours = drawn(NoiseChoice(40, profile="a1111"))
    pairs = [
        (ours[:, number], torch.stack(torch_draws(40 + number, *[shape[1:]] * len(ours))))
        for number in range(len(LIKE))
    ]
    yield Measured("a1111: start and steps", "torch's generators by A1111's rule", farthest(pairs), 0)
    yield diffusers_profile()
    golden = np.load(DATA / "golden/samplers.npz")
    for profile in ("comfy", "a1111"):
        source = chosen_noise(NoiseChoice(1234, profile=profile), torch.zeros(1, 4, 4, 4), path=PATH)
        path = torch.stack([source.between(*map(float, pair)) for pair in golden["brownian_pairs"]])
        error = apart(path, torch.from_numpy(golden["brownian_torchsde_seed1234"]))
        yield Measured(f"{profile}: path of stochastic samplers", "torchsde (golden)", error, 3e-6)
    error = apart(PhiloxGenerator(0).randn((3, 4)), torch.tensor(ON_A_GPU))
    yield Measured("noise as drawn on a GPU", "torch on CUDA, published numbers", error, 1e-6)


def diffusers_profile() -> Measured:
    from diffusers.utils.torch_utils import randn_tensor

    generator = torch.Generator().manual_seed(9)
    ours = drawn(NoiseChoice(9, profile="diffusers"))
    expected = [randn_tensor(tuple(LIKE.shape), generator=generator) for _ in ours]
    return Measured(
        "diffusers: start and steps", "diffusers randn_tensor", apart(ours, torch.stack(expected)), 0
    )


def batches(run: Run) -> Iterator[Measured]:
    """Picture k of a batch of eight with seed s, and the picture of seed s + k alone."""
    pairs: list[tuple[Tensor, Tensor]] = []
    for source in ("cpu", "nv"):
        eight = drawn(NoiseChoice(40, source=source), torch.zeros(8, 4, 8, 8))
        pairs += [
            (eight[:, k : k + 1], drawn(NoiseChoice(40 + k, source=source), LIKE[:1])) for k in (0, 3, 7)
        ]
    yield Measured("native: noise of a picture of eight", BIT, farthest(pairs), 0)
    # dpm_adaptive takes steps that suit the whole batch.
    names = sorted(set(SAMPLERS) - {"dpm_adaptive"})
    chosen = names[::5] if run.quick else names
    pairs = [(picture(name, 40, batch=8)[5:6], picture(name, 45)) for name in chosen]
    yield Measured(f"native: {len(chosen)} samplers on a model of numbers", BIT, farthest(pairs), 0)
