"""How well the embedded model draws what it was never shown: `python -m benchmarks.embedded_model [--quick]`.

Prompts are held-out combinations of concept, colour and background. A picture is recalled at k if its concept
is among the k nearest of all concepts drawn in the same colour on the same background, by the features of a
network that had no part in training. The background is obeyed if the median colour of the border is nearest
to the named one. `--quick` draws 20 pictures instead of 100.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from diffusion.checkpoint.load import Checkpoint, load_checkpoint
from diffusion.sampling.run import Settings
from training.autoencoder import psnr, to_unit_range
from training.captions import Scene, plain_prompt
from training.compose import held_out_scenes
from training.concepts import BACKGROUNDS, SMALL_WORLD
from training.judge import Judge, JudgeMissing, load_judge
from training.reference import Reference
from training.sheet import draw, lay_out

CHECKPOINT = Path("models/checkpoints/tessera-emoji-v1.safetensors")
ATLAS = Path("benchmarks/data/emoji_reference.png")
SHEET = Path("docs/images/embedded_model.png")
SETTINGS = Settings(seed=1, steps=20, cfg=4.0, sampler="dpmpp_2m", scheduler="karras")
BATCH = 25


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="20 prompts instead of 100")
    parser.add_argument("--json", type=Path, help="write the numbers to this file")
    parser.add_argument("--checkpoint", type=Path, default=CHECKPOINT)
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # threads that wait for each other are slower where the machine is shared
    try:
        judge = load_judge()
    except JudgeMissing as missing:
        sys.exit(f"the judge's weights are not installed: {missing}")
    scenes = chosen_scenes(20 if arguments.quick else 100)
    checkpoint, reference = load_checkpoint(arguments.checkpoint), Reference(ATLAS)
    begun = time.perf_counter()
    pictures = draw_all(checkpoint, scenes)
    seconds = (time.perf_counter() - begun) / len(scenes)
    numbers = measure(checkpoint, judge, reference, scenes, pictures) | {"seconds_per_picture": seconds}
    for name, value in numbers.items():
        print(f"{name:24} {value:8.3f}")
    if not arguments.quick:
        sheet = lay_out(pictures, columns=10)
        sheet.reduce(2).quantize(256).save(SHEET, optimize=True)  # below 400 kB in the repository
    if arguments.json:
        arguments.json.write_text(json.dumps(numbers, indent=2))


def chosen_scenes(count: int) -> list[Scene]:
    """Choose held-out combinations by a fixed seed.

    Colour and background are drawn together: pictures that share them share the candidates of the judge.
    """
    looks: dict[tuple[str | None, str], list[Scene]] = {}
    for scene in held_out_scenes(SMALL_WORLD):
        looks.setdefault((scene.colour, scene.background), []).append(scene)
    order = np.random.default_rng(0).permutation(len(looks))
    groups = list(looks.values())
    return [scene for index in order for scene in groups[index]][:count]


def draw_all(checkpoint: Checkpoint, scenes: list[Scene]) -> np.ndarray:
    """Draw one picture per scene, uint8 [N, 128, 128, 3]."""
    prompts = [plain_prompt(SMALL_WORLD[scene.concept], scene) for scene in scenes]
    starts = range(0, len(prompts), BATCH)
    return np.concatenate([draw(checkpoint, prompts[at : at + BATCH], SETTINGS) for at in starts])


def measure(
    checkpoint: Checkpoint, judge: Judge, reference: Reference, scenes: list[Scene], pictures: np.ndarray
) -> dict[str, float]:
    """Return the numbers of the table."""
    originals = np.stack([reference.picture(s.concept, s.colour, s.background) for s in scenes])
    ranks = concept_ranks(judge, reference, scenes, pictures)
    return {
        "prompts": float(len(scenes)),
        "recall_at_1": float(np.mean(ranks < 1)),
        "recall_at_5": float(np.mean(ranks < 5)),
        "background_obedience": background_obedience(scenes, pictures),
        "vae_psnr": psnr(checkpoint.vae.network, to_unit_range(originals)),
    }


def features_of(judge: Judge, pictures: np.ndarray) -> Tensor:
    """Judge pictures uint8 [N, 128, 128, 3] -> [N, 1280]."""
    return torch.cat([judge(part / 2 + 0.5) for part in to_unit_range(pictures).split(44)])


def concept_ranks(
    judge: Judge, reference: Reference, scenes: list[Scene], pictures: np.ndarray
) -> np.ndarray:
    """Return how many wrong concepts look more like each picture than the right one does."""
    known: dict[tuple[str | None, str], Tensor] = {}
    ranks = []
    for scene, features in zip(scenes, features_of(judge, pictures), strict=True):
        look = (scene.colour, scene.background)
        if look not in known:
            candidates = [reference.picture(index, *look) for index in range(len(SMALL_WORLD))]
            known[look] = features_of(judge, np.stack(candidates))
        likeness = known[look] @ features
        ranks.append(int((likeness > likeness[scene.concept]).sum()))
    return np.array(ranks)


def background_obedience(scenes: list[Scene], pictures: np.ndarray) -> float:
    """Return the share of pictures whose border is nearest to the background that was asked for."""
    names, table = list(BACKGROUNDS), np.array(list(BACKGROUNDS.values()), float)
    border = np.ones(pictures.shape[1:3], bool)
    border[3:-3, 3:-3] = False
    colours = np.median(pictures[:, border].astype(float), axis=1)
    nearest = np.linalg.norm(colours[:, None] - table, axis=-1).argmin(axis=1)
    return float(np.mean([names[n] == scene.background for n, scene in zip(nearest, scenes, strict=True)]))


if __name__ == "__main__":
    main()
