"""Two functions that should return the same, timed in turn; and seeded weights and inputs for both."""

import platform
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn


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


def header() -> str:
    """The first line of the table."""
    return f"{'what':18} {'ours s':>9} {'diffusers s':>12} {'ratio':>7} {'max diff':>10}  machine"


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
