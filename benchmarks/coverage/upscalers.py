"""Pixel upscalers: against BasicSR, in tiles, in every layout of their files; and the x4 upscaler's UNet."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.coverage.checkpoint_files import CPU, FULL, accounted, fits, same, write
from benchmarks.coverage.networks import TINY_ERROR, published_unet, tiny_unet
from benchmarks.coverage.row import Layout, Measured, Run, apart, farthest, loads
from benchmarks.coverage.workflows import ROOT
from diffusion.checkpoint import detect, keymaps
from diffusion.checkpoint.load import load_upscaler
from diffusion.checkpoint.parts import find_unet
from diffusion.models.unet import UNet
from diffusion.models.upscaler import RrdbConfig, build_upscaler
from diffusion.resize import enlarge
from tests.diffusion.golden import Golden, manifest, uniform
from tests.diffusion.models.test_upscaler import TINY

SHIPPED = ROOT / "models/upscale_models/realesr-animevideov3-x4.fp16.safetensors"
PUBLISHED = (
    *("realesrgan-x4plus", "realesrgan-x2plus", "realesrgan-x4plus-anime-6b"),
    *("realesr-general-x4v3", "esrgan-old-layout-x4"),
)


@torch.inference_mode()
def numbers(_: Run) -> Iterator[Measured]:
    """Each kind of network, and tiles against the whole."""
    pairs = []
    for name, config in TINY.items():
        golden, network = Golden(name), build_upscaler(config).eval()
        network.load_state_dict(golden.weights)
        pairs.append((network(golden["x"]), golden["out"]))
    yield Measured("RRDBNet x2 and x4, SRVGG x4, narrow", "BasicSR (golden)", farthest(pairs), TINY_ERROR)
    network = load_upscaler(SHIPPED, device=CPU, dtype=FULL)
    image = uniform("enlarged", (1, 70, 90, 3)) * 0.5 + 0.5
    whole = enlarge(network, image, tile=1000)
    # 18 convolutions of radius 1 look 18 pixels far: tiles that overlap by 32 see all that they need.
    error = apart(enlarge(network, image, tile=40, overlap=32), whole)
    yield Measured("tiles of 40 pixels", "whole picture, shipped network", error, 2e-5)


def files(run: Run) -> Iterator[Layout]:
    """Networks under new, early and numbered names, alone and as they were trained."""
    golden = Golden("tiny_rrdb_x4")
    for name, what in (("new.safetensors", ".safetensors"), ("new.pth", ".pth")):
        path = write(run.path(f"upscalers/{name}"), golden.weights)
        yield loads(what, partial(reads, path, golden.weights))
    trained = run.path("upscalers/params_ema.pth")
    torch.save({"params_ema": golden.weights}, trained)
    yield loads(".pth with params_ema", partial(reads, trained, golden.weights))
    path = write(run.path("upscalers/early.pth"), early(golden.weights))
    yield loads("ESRGAN's early names", partial(reads, path, golden.weights))
    for ups, unshuffle in ((0, 1), (1, 1), (2, 1), (2, 2), (2, 4)):
        config = RrdbConfig(channels=16, blocks=1, growth=8, ups=ups, unshuffle=unshuffle)
        tensors = build_upscaler(config).state_dict()
        kind = f"x{config.scale}" + (f", pixels folded by {unshuffle}" if unshuffle > 1 else "")
        path = write(run.path(f"upscalers/{ups}-{unshuffle}.pth"), tensors)
        yield loads(f"{kind}, new names", partial(reads, path, tensors))
        path = write(run.path(f"upscalers/{ups}-{unshuffle}-old.pth"), numbered(tensors, ups))
        yield loads(f"{kind}, ESRGAN's numbered names", partial(reads, path, tensors))
    for name in PUBLISHED:
        yield loads(f"{name}: {len(manifest(name))} keys", partial(is_upscaler, name))


def reads(path: Path, tensors: dict[str, Tensor]) -> bool:
    return same(load_upscaler(path, device=CPU, dtype=FULL), tensors)


def early(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Tensors under the names of the first ESRGAN."""
    translations = (
        (r"body\.(\d+)\.rdb(\d)", r"RRDB_trunk.\1.RDB\2"),
        ("conv_body", "trunk_conv"),
        ("conv_up", "upconv"),
        ("conv_hr", "HRconv"),
    )
    renamed = dict(tensors)
    for pattern, replacement in translations:
        renamed = {re.sub(pattern, replacement, name): each for name, each in renamed.items()}
    return renamed


def numbered(tensors: dict[str, Tensor], ups: int) -> dict[str, Tensor]:
    """Tensors in the first layout, one numbered sequence in which doubling takes three places."""
    steps = {f"conv_up{step}": 3 * step for step in range(1, ups + 1)}
    places = {"conv_first": 0, **steps, "conv_hr": 3 * ups + 2, "conv_last": 3 * ups + 4}
    blocks = sum(name.endswith("rdb1.conv1.weight") for name in tensors)
    renamed = {}
    for name, each in tensors.items():
        first, _, kind = name.rpartition(".")
        if first in places:
            name = f"model.{places[first]}.{kind}"
        elif first == "conv_body":
            name = f"model.1.sub.{blocks}.{kind}"
        else:
            name = re.sub(r"body\.(\d+)\.rdb(\d)\.conv(\d)", r"model.1.sub.\1.RDB\2.conv\3.0", name)
        renamed[name] = each
    return renamed


def is_upscaler(name: str) -> bool:
    """Whether a published file's tensors fill the network that it is found to be."""
    tensors = {key: torch.empty(shape, device="meta") for key, shape in manifest(name).items()}
    if "model.0.weight" in tensors:
        tensors = keymaps.apply(keymaps.numbered_rrdb(tensors), tensors)
    with torch.device("meta"):
        network = build_upscaler(detect.detect_upscaler(tensors))
    return {key: each.shape for key, each in network.state_dict().items()} == {
        key: each.shape for key, each in tensors.items()
    }


def x4(run: Run) -> Iterator[Measured]:
    """The x4 upscaler's UNet."""
    yield tiny_unet("x4")
    if not run.quick:
        yield published_unet("x4")


def x4_files(_: Run) -> Iterator[Layout]:
    """The x4 upscaler as one file, and its UNet as diffusers has it."""
    yield accounted("x4-upscaler", "x4", "x4")

    def found(tensors: dict[str, Tensor]) -> tuple[dict[str, Tensor], UNet]:
        parts = find_unet(tensors)
        return dict(parts.tensors), UNet(parts.config)

    yield fits("diffusers-unet-x4", "UNet, diffusers", found)
