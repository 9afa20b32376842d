"""What sampling, LoRAs and the autoencoder take: `python -m benchmarks.memory [--quick] [--json FILE]`.

Networks of the published width from a file with holes instead of weights, each row in a process of its own.
Memory is what the kernel counts as resident, less what the process held before it opened the file; times are
process CPU time of one thread. `--quick` takes networks of a quarter of the width.
"""

import argparse
import gc
import json
import platform
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Self

import torch
from torch import Tensor

from diffusion.adapters.weight_patch import WeightPatch
from diffusion.checkpoint.build import build
from diffusion.checkpoint.files import open_weights
from diffusion.memory import Placement, placed
from diffusion.models.unet import UNet, UNetConfig
from diffusion.models.vae import Autoencoder, VaeConfig
from diffusion.residency import Memory
from diffusion.sampling import fitting
from diffusion.sampling.denoiser import Denoiser, Inputs
from diffusion.sampling.run import Settings, sample
from diffusion.tiles import DECODING, ENCODING, largest_bytes
from diffusion.values import Cond, Latent, Model, Vae
from tests.diffusion.allocations import Allocated
from tests.diffusion.checkpoint.sparse import sparse

Numbers = dict[str, float]
CPU = torch.device("cpu")
DTYPES = {"fp32": ("F32", torch.float32), "bf16": ("BF16", torch.bfloat16)}
MB, RANK, SIZE = 2**20, 16, 64
MEASURED = ("sampling", "merging", "little_memory", "autoencoding")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="networks of a quarter of the width")
    parser.add_argument("--only", nargs="+", choices=MEASURED, default=MEASURED, help="what to measure")
    parser.add_argument("--json", type=Path, help="write the numbers to this file")
    arguments = parser.parse_args()
    width, channels = (80, 32) if arguments.quick else (320, 128)
    print(f"{'what':44} {'numbers'}  ({platform.machine()}, torch {torch.__version__}, 1 thread)")
    rows: dict[str, list[Callable[[], Numbers]]] = {
        "sampling": [partial(sampling, name, width) for name in DTYPES],
        "merging": [partial(merging, width)],
        "little_memory": [partial(little_memory, width)],
        "autoencoding": [partial(autoencoding, channels)],
    }
    numbers: Numbers = {}
    for name in arguments.only:
        for row in rows[name]:
            numbers |= alone(row)
    if arguments.json:
        arguments.json.write_text(json.dumps(numbers, indent=2))


def alone(measure: Callable[[], Numbers]) -> Numbers:
    """What a function measures in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        numbers = pool.submit(measure).result()
    for name, number in numbers.items():
        print(f"{name:44} {number:10.3f}", flush=True)
    return numbers


# --- rows


def sampling(name: str, width: int) -> Numbers:
    """One guided step of 512x512 pixels by a UNet mapped from its file."""
    with Resident() as resident:
        model = unet_from_file(name, width)
        weights = sum(tensor.nbytes for tensor in model.network.parameters())
        with Allocated() as tensors:
            positive, negative = ((Cond(torch.zeros(1, 77, 768)),) for _ in range(2))
            settings = Settings(seed=0, steps=1, cfg=7.0, sampler="euler", scheduler="normal")
            steps = sample(model, positive, negative, Latent(torch.zeros(1, 4, SIZE, SIZE)), settings)
            seconds = timed(partial(list, steps))
    row = f"unet_{name}"
    return {
        f"{row}_weights_mb": weights / MB,
        f"{row}_activations_mb": tensors.peak / MB,
        f"{row}_estimated_mb": fitting.working_bytes(model.network.config, latents(2, name), 1) / MB,
        f"{row}_peak_rss_mb": resident.bytes / MB,
        f"{row}_peak_over_needed": resident.bytes / (weights + tensors.peak),
        f"{row}_s": seconds,
    }


def merging(width: int) -> Numbers:
    """A LoRA of rank 16 on all attention and feed-forward of a UNet: at home, and in place as on a device."""
    numbers: Numbers = {}
    for place in ("home", "device"):
        network = unet_from_file("fp32", width).network
        memory = Memory(CPU, budget=2**40)
        if place == "device":
            placed(network, Placement(CPU, torch.float32, memory))
        use, lora = partial(brought, memory, network), low_rank(network)
        if place == "device":
            numbers["lora_device_copied_s"] = use()
        for step, strength in (("first", 1.0), ("repeated", 1.0), ("changed", 0.5), ("changed_back", 1.0)):
            numbers[f"lora_{place}_{step}_s"] = use(WeightPatch("lora", lora, strength))
        numbers[f"lora_{place}_taken_away_s"] = use()
        numbers[f"lora_{place}_ledger_mb"] = memory.peak / MB
    return numbers


def little_memory(width: int) -> Numbers:
    """One call for two pictures of 256 pixels, under budgets that allow one way after another."""
    x, inputs = latents(2, "fp32", SIZE // 2), Inputs(torch.zeros(2, 77, 768))
    model, numbers = unet_from_file("fp32", width), Numbers()
    weights = sum(tensor.nbytes for tensor in model.network.parameters())
    for name, pictures, slices in (
        ("whole", 2, 1),
        ("one_by_one", 1, 1),
        ("slices_16", 1, 16),
        ("parts", 2, 1),
    ):
        working = fitting.working_bytes(model.network.config, x[:pictures], slices)
        memory = Memory(CPU, budget=working + weights // (3 if name == "parts" else 1))
        placed(model.network, Placement(CPU, torch.float32, memory))
        denoiser = Denoiser(model)
        if name != "parts":
            denoiser(x, 3.0, inputs)  # the weights come once; parts come in every call
        numbers[f"call_{name}_s"] = timed(partial(denoiser, x, 3.0, inputs))
        numbers[f"call_{name}_ledger_mb"] = memory.peak / MB
        memory.release()
    return numbers


def autoencoding(channels: int) -> Numbers:
    """A picture of 256 pixels decoded and encoded in float32; what it takes, in tensors as the largest."""
    torch.set_num_threads(1)
    with torch.device("meta"):
        network = Autoencoder(VaeConfig(channels=channels))
    vae = Vae(network.to_empty(device="cpu").eval().requires_grad_(False))
    for tensor in network.parameters():
        tensor.fill_(0.01)
    largest = largest_bytes(vae, (4 * SIZE) ** 2)
    numbers: Numbers = {}
    work: dict[str, tuple[float, Callable[[], Tensor]]] = {
        "decode": (DECODING, lambda: vae.decode(latents(1, "fp32", SIZE // 2))),
        "encode": (ENCODING, lambda: vae.encode(torch.zeros(1, 4 * SIZE, 4 * SIZE, 3))),
    }
    for name, (estimated, ask) in work.items():
        gc.collect()
        with Resident() as resident, Allocated() as tensors:
            numbers[f"vae_{name}_s"] = timed(ask)
        numbers[f"vae_{name}_peak_rss_mb"] = resident.bytes / MB
        numbers[f"vae_{name}_peak_over_largest"] = resident.bytes / largest
        numbers[f"vae_{name}_tensors_over_largest"] = tensors.peak / largest
        numbers[f"vae_{name}_estimated_over_largest"] = estimated
    return numbers


# --- how it is measured


class Resident:
    """The most memory that the process held inside of the block, less what it held before, in `bytes`."""

    def __enter__(self) -> Self:
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5")  # forget the peak
        self._before = stated("VmRSS")
        return self

    def __exit__(self, *error: object) -> None:
        self.bytes = stated("VmHWM") - self._before


def stated(name: str) -> int:
    """A size that the kernel states of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def timed(work: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def brought(memory: Memory, network: UNet, *patches: WeightPatch) -> float:
    """CPU seconds until a network is ready under patches."""

    def bring() -> None:
        with memory.use(network, patches):
            pass

    return timed(bring)


def unet_from_file(name: str, width: int) -> Model:
    """SD1's UNet, of a width, mapped from a file that ends with the process."""
    torch.set_num_threads(1)
    config = UNetConfig(model_channels=width)
    letter, dtype = DTYPES[name]
    with torch.device("meta"):
        shapes = {key: tuple(tensor.shape) for key, tensor in UNet(config).state_dict().items()}
    with tempfile.TemporaryDirectory() as folder:
        weights = open_weights(sparse(Path(folder) / "unet.safetensors", shapes, dtype=letter))
        return Model(build(partial(UNet, config), weights, "UNet", device=CPU, dtype=dtype))


def latents(count: int, name: str, size: int = SIZE) -> Tensor:
    """Noise for so many pictures."""
    return torch.randn(
        count, 4, size, size, generator=torch.Generator().manual_seed(0), dtype=DTYPES[name][1]
    )


def low_rank(network: UNet) -> dict[str, dict[str, Tensor]]:
    """A LoRA's parts for every linear layer of the transformers."""
    return {
        name: {
            "lora_down.weight": torch.randn(RANK, layer.in_features),
            "lora_up.weight": torch.randn(layer.out_features, RANK),
        }
        for name, layer in network.named_modules()
        if isinstance(layer, torch.nn.Linear) and "transformer_blocks" in name
    }


if __name__ == "__main__":
    main()
