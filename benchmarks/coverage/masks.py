"""Masks and what is kept outside of them, against slow definitions and Pillow; models that read a mask."""

from collections.abc import Iterator
from itertools import product

import numpy as np
import torch
from PIL import Image, ImageFilter
from torch import Tensor

from benchmarks.coverage.checkpoint_files import accounted
from benchmarks.coverage.row import Layout, Measured, Run, apart, farthest
from diffusion import compose, masks
from diffusion.sampling.inside import DifferentialMask, opening
from diffusion.sampling.schedules import NoiseSchedule
from tests.diffusion.golden import uniform

LOOPS = "definition, pixel by pixel"
HEIGHT, WIDTH = 21, 30


def numbers(_: Run) -> Iterator[Measured]:
    """Every mask node's library function, and pixels outside of a mask."""
    mask = (uniform("mask", (1, HEIGHT, WIDTH)) > 0.9).float()
    pairs = [(masks.grow(mask, by, tapered=True), grown(mask, by)) for by in (0, 1, 3, -2)]
    yield Measured("GrowMask, tapered", LOOPS, farthest(pairs), 0)
    pairs = [(masks.grow(mask, by, tapered=False), filtered(mask, by)) for by in (1, 3)]
    yield Measured("GrowMask, square", "Pillow MaxFilter", farthest(pairs), 0)
    grey = uniform("grey", (1, HEIGHT, WIDTH)).abs()
    error = apart(masks.feather(grey, 5, 0, 3, 8), feathered(grey, 5, 0, 3, 8))
    yield Measured("FeatherMask", LOOPS, error, 1e-6)
    pairs = [
        (masks.combine(grey, mask[:, :9, :9], 4, 7, name), combined(grey, mask, name)) for name in FORMULAS
    ]
    yield Measured("MaskComposite, six operations", "formulas in numpy", farthest(pairs), 1e-6)
    image = uniform("image", (1, HEIGHT, WIDTH, 3)) * 0.5 + 0.5
    padded, border = compose.pad_for_outpaint(image, 8, 0, 16, 24, feathering=6)
    pairs = [(border[0], outpaint_border(8, 0, 16, 24, 6)), (padded[:, :HEIGHT, 8 : 8 + WIDTH], image)]
    yield Measured("ImagePadForOutpaint", LOOPS, farthest(pairs), 1e-6)
    yield kept(image)
    yield opened()


def grown(mask: Tensor, by: int) -> Tensor:
    """A cross of three pixels laid on every pixel, again and again; narrowing grows what is not selected."""
    selected = mask[0].numpy() if by >= 0 else 1 - mask[0].numpy()
    for _ in range(abs(by)):
        wider = np.pad(selected, 1)
        selected = np.max(
            [wider[1:-1, 1:-1], wider[:-2, 1:-1], wider[2:, 1:-1], wider[1:-1, :-2], wider[1:-1, 2:]], axis=0
        )
    return torch.from_numpy(selected if by >= 0 else 1 - selected)[None].to(mask)


def filtered(mask: Tensor, by: int) -> Tensor:
    image = Image.fromarray((mask[0] * 255).byte().numpy()).filter(ImageFilter.MaxFilter(2 * by + 1))
    return torch.from_numpy(np.asarray(image).copy())[None] / 255


def feathered(mask: Tensor, left: int, top: int, right: int, bottom: int) -> Tensor:
    faded = mask.clone()
    for y, x in product(range(HEIGHT), range(WIDTH)):
        for away, over in ((x, left), (y, top), (WIDTH - 1 - x, right), (HEIGHT - 1 - y, bottom)):
            if away < over:
                faded[0, y, x] *= (away + 1) / over
    return faded


FORMULAS = {
    "multiply": lambda a, b: a * b,
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "and": lambda a, b: np.round(a) * np.round(b),
    "or": lambda a, b: np.maximum(np.round(a), np.round(b)),
    "xor": lambda a, b: np.abs(np.round(a) - np.round(b)),
}


def combined(destination: Tensor, source: Tensor, operation: str) -> Tensor:
    result = destination[0].numpy().copy()
    place = np.s_[7:16, 4:13]
    result[place] = FORMULAS[operation](result[place], source[0, :9, :9].numpy())
    return torch.from_numpy(np.clip(result, 0, 1))[None]


def outpaint_border(left: int, top: int, right: int, bottom: int, feathering: int) -> Tensor:
    """ComfyUI's rule: 1 in the border, ((f - d) / f)^2 at a distance of d pixels inside."""
    border = torch.ones(top + HEIGHT + bottom, left + WIDTH + right)
    for y, x in product(range(HEIGHT), range(WIDTH)):
        away = [
            distance
            for distance, side in ((y, top), (x, left), (HEIGHT - y, bottom), (WIDTH - x, right))
            if side
        ]
        inside = max(feathering - min(away), 0) / feathering
        border[top + y, left + x] = inside**2
    return border


def kept(image: Tensor) -> Measured:
    """How much pixels outside of a mask change when what was painted is laid over the picture."""
    mask = torch.zeros(1, HEIGHT, WIDTH)
    mask[:, 5:15, 5:20] = 1
    over = uniform("painted", tuple(image.shape)) * 0.5 + 0.5
    laid = compose.composite(image, over, 0, 0, mask=mask, stretch=False)
    outside = mask[0] == 0
    assert apart(laid, image) > 0.1
    return Measured(
        "pixels outside of the mask, composited", "the picture", apart(laid[0, outside], image[0, outside]), 0
    )


def opened() -> Measured:
    """DifferentialDiffusion's mask on the way: open from where the grey is as much as what is left of it."""
    schedule = NoiseSchedule.scaled_linear()
    greys = torch.arange(1, 257).reshape(1, 1, 16, 16) / 256
    levels = [schedule.sigma_max, 1.0, 0.0]
    open_at = opening([DifferentialMask()], schedule, levels)
    pairs = []
    for step in range(3, 999, 83):
        # In training steps, of which the lowest is 0; the rest of the way is counted from the first level.
        pairs.append((open_at(greys, schedule.sigma(step)), (greys >= step / 999).float()))
    return Measured("DifferentialDiffusion: open places", "rule of arXiv 2306.00950", farthest(pairs), 0)


def files(_: Run) -> Iterator[Layout]:
    """Published checkpoints for inpainting."""
    yield accounted("sd-v1-5-inpainting", "sd1", "inpaint")
    yield accounted("sd-v2-inpainting", "sd2", "inpaint")
