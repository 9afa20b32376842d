"""Depth from pictures, and how a model reads it: against MiDaS, transformers and diffusers."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import torch

from benchmarks.coverage.checkpoint_files import CPU, accounted, same, write
from benchmarks.coverage.networks import FULL_ERROR
from benchmarks.coverage.row import Layout, Measured, Run, apart, farthest, loads
from diffusion.checkpoint.keymaps import apply
from diffusion.depth import DEPTH, detect_depth, load_depth
from diffusion.models.dpt import DPT_HYBRID, Dpt, DptConfig
from diffusion.models.midas_small import MidasSmall, MidasSmallConfig
from tests.diffusion.golden import Golden, formula_input, formula_weights, load_formula, manifest
from tests.diffusion.models.test_dpt import TINY, renamed, transformers_dpt
from tests.diffusion.models.test_midas_small import published
from tests.diffusion.test_depth import TINY as TINY_PLAIN
from tests.diffusion.test_depth import TINY_HYBRID, tiny


@torch.inference_mode()
def numbers(run: Run) -> Iterator[Measured]:
    """All three networks, and what the model reads of their answers."""
    theirs, ours = transformers_dpt(TINY), Dpt(TINY).eval()
    ours.load_state_dict(renamed(theirs.state_dict()))
    rgbs = [formula_input("rgb", (2, 3, side, side)) for side in (64, 96)]
    pairs = [(ours(rgb), theirs(rgb).predicted_depth) for rgb in rgbs]
    assert min(float(expected.std()) for _, expected in pairs) > 1e-3, "or nothing is shown"
    yield Measured("DPT, narrow", "transformers DPTForDepthEstimation", farthest(pairs), 2e-5)
    if not run.quick:
        yield hybrid()
        yield small()


def hybrid() -> Measured:
    golden = Golden("full_dpt_hybrid")
    with torch.device("meta"):
        network = Dpt(DPT_HYBRID)
    load_formula(network)
    rgb = formula_input("rgb", (1, 3, 64, 96))
    pairs = [(network(rgb), golden["out"])]
    network.scratch.output_conv[4].bias.fill_(5.0)
    pairs.append((network(rgb), golden["out_bias5"]))
    return Measured("DPT-hybrid of published size", "MiDaS (golden)", farthest(pairs), FULL_ERROR)


def small() -> Measured:
    weights = formula_weights(published())
    weights |= {name: 1 + 5 * value for name, value in weights.items() if name.endswith("running_var")}
    weights["scratch.output_conv.4.bias"] = torch.tensor([5.0])  # away from the zero that ReLU makes
    with torch.device("meta"):
        network = MidasSmall(MidasSmallConfig())
    network.load_state_dict(weights, assign=True)
    out = network.eval()(formula_input("rgb", (1, 3, 64, 96)))
    reference = "timm EfficientNet-Lite3 and a decoder by hand (golden)"
    return Measured(
        "MiDaS small of published size", reference, apart(out, Golden("full_midas_small")["out"]), 1e-5
    )


def files(run: Run) -> Iterator[Layout]:
    """Depth models alone and inside of checkpoints."""
    for number, (config, prefix, name, what) in enumerate(
        (
            (TINY_HYBRID, "", "hybrid.pt", "DPT-hybrid .pt"),
            (TINY_PLAIN, "", "large.safetensors", "DPT-large .safetensors"),
            (TINY_HYBRID, "depth_model.model.", "inside.ckpt", "inside a checkpoint"),
        )
    ):
        tensors = tiny(config).state_dict()
        path = write(
            run.path(f"depth/{number}-{name}"), {prefix + key: each for key, each in tensors.items()}
        )
        yield loads(what, partial(reads, path, tensors))
    for name in ("midas-dpt-hybrid", "midas-dpt-large", "midas-v21-small-256", "sd-v2-depth"):
        shapes = manifest(name)
        count = (
            len(shapes) if name != "sd-v2-depth" else sum(key.startswith("depth_model.") for key in shapes)
        )
        yield loads(f"{name}: {count} keys", partial(is_depth, shapes))
    yield accounted("sd-v2-depth", "sd2", "depth")


def reads(path: Path, tensors: dict) -> bool:
    return same(load_depth(path, device=CPU), tensors)


def is_depth(shapes: dict[str, tuple[int, ...]]) -> bool:
    """Whether a published file's tensors fill the network that it is found to be."""
    file = {name: torch.empty(shape, device="meta") for name, shape in shapes.items()}
    tensors = apply(DEPTH, file)
    config = detect_depth(tensors, file)
    with torch.device("meta"):
        network = Dpt(config) if isinstance(config, DptConfig) else MidasSmall(config)
    return {key: each.shape for key, each in network.state_dict().items()} == {
        key: each.shape for key, each in tensors.items()
    }
