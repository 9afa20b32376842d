"""Nodes that ComfyUI has, too: their sockets against its own list, their results against definitions."""

from collections.abc import Callable, Iterator

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from benchmarks.coverage.row import Measured, Run, apart, farthest
from benchmarks.coverage.workflows import built_in
from diffusion import compose, effects, latents
from diffusion.resize import resize
from diffusion.values import Latent
from tests.diffusion.golden import uniform
from tests.diffusion.test_effects import convolved, kernel
from tests.nodes import test_signatures
from tests.nodes.test_signatures import COMFY


def signatures(_: Run) -> Iterator[Measured]:
    """Ids, titles, categories, inputs, outputs; then defaults, ranges and choices."""
    registry, _ = built_in()
    for what, check in (
        ("names, order, types", test_signatures.test_names_order_and_types_are_comfyuis),
        ("defaults, ranges, choices", test_signatures.test_defaults_and_ranges_are_comfyuis),
    ):
        wrong = sum(not passes(check, registry, name) for name in COMFY)
        yield Measured(f"nodes of {len(COMFY)} with other {what}", "ComfyUI's object_info", wrong, 0)


def passes(check: Callable[..., None], *given: object) -> bool:
    """Whether a check of the tests finds nothing wrong."""
    try:
        check(*given)
    except (AssertionError, KeyError):
        return False
    return True


def pictures(_: Run) -> Iterator[Measured]:
    """Scaling, blurring, mixing and turning of pictures."""
    image = uniform("image", (2, 18, 25, 3)) * 0.5 + 0.5
    plane = image[:1, ..., 0]
    shrunk = Image.fromarray(plane[0].numpy()).resize((10, 30), Image.Resampling.LANCZOS)
    ours = resize(plane[:, None], 10, 30, "lanczos")[:, 0]
    yield Measured(
        "ImageScale, lanczos", "Pillow", apart(ours, torch.from_numpy(np.array(shrunk))[None]), 1e-6
    )
    areas = F.avg_pool2d(image[:, :, :24].movedim(-1, 1), (3, 4))
    ours = resize(image[:, :, :24].movedim(-1, 1), 6, 6, "area")
    yield Measured("ImageScale, area", "means of blocks", apart(ours, areas), 1e-6)
    pairs = [
        (effects.blur(image, radius, sigma), convolved(image, kernel(radius, sigma), radius))
        for radius, sigma in ((1, 1.0), (3, 0.4), (5, 10.0))
    ]
    yield Measured("ImageBlur", "convolution with the whole kernel", farthest(pairs), 2e-6)
    first, second = image[:1], image[1:]
    pairs = [
        (effects.blend(first, second, 0.4, mode), 0.6 * first + 0.4 * formula(first, second))
        for mode, formula in BLENDS.items()
    ]
    pairs = [(ours, theirs.clamp(0, 1)) for ours, theirs in pairs]
    yield Measured("ImageBlend, six modes", "W3C's formulas, difference as ComfyUI's", farthest(pairs), 1e-6)
    pairs = [
        (
            compose.rotate(image, f"{90 * turns} degrees", height=1, width=2),
            torch.from_numpy(np.rot90(image.numpy(), -turns, (1, 2)).copy()),
        )
        for turns in (1, 2, 3)
    ]
    yield Measured("ImageRotate", "numpy rot90", farthest(pairs), 0)


def soft_light(a: Tensor, b: Tensor) -> Tensor:
    """The W3C's, number by number."""

    def one(a: float, b: float) -> float:
        if b <= 0.5:
            return a - (1 - 2 * b) * a * (1 - a)
        root = ((16 * a - 12) * a + 4) * a if a <= 0.25 else a**0.5
        return a + (2 * b - 1) * (root - a)

    made = [one(x, y) for x, y in zip(a.flatten().tolist(), b.flatten().tolist(), strict=True)]
    return torch.tensor(made).reshape(a.shape)


BLENDS: dict[effects.BlendMode, Callable[[Tensor, Tensor], Tensor]] = {
    "normal": lambda a, b: b,
    "multiply": lambda a, b: a * b,
    "screen": lambda a, b: a + b - a * b,
    "overlay": lambda a, b: torch.where(a <= 0.5, 2 * a * b, 2 * (a + b - a * b) - 1),
    "soft_light": soft_light,
    "difference": lambda a, b: a - b,
}


def of_latents(_: Run) -> Iterator[Measured]:
    """Scaling along great circles, mixing, and laying one over another."""
    samples = uniform("samples", (1, 4, 6, 9))
    turned = resize(samples, 18, 6, "bislerp").norm(dim=1)
    lengths = resize(samples.norm(dim=1, keepdim=True), 18, 6, "bilinear")[:, 0]
    yield Measured("LatentUpscale, bislerp: lengths along one axis", "linear", apart(turned, lengths), 1e-5)
    first, second = (Latent(uniform(name, (1, 4, 6, 9))) for name in ("first", "second"))
    laid = latents.composite_masked(first, second, 16, 8, mask=None, stretch=False).samples
    expected = first.samples.clone()
    expected[..., 1:, 2:] = second.samples[..., :5, :7]
    yield Measured("LatentCompositeMasked", "slices", apart(laid, expected), 0)
