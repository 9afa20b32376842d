"""The safety check: networks against their originals, what they flag, and their files."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file

from benchmarks.coverage.checkpoint_files import CPU
from benchmarks.coverage.networks import TINY_ERROR, TRANSFORMERS_4
from benchmarks.coverage.row import Layout, Measured, Run, apart, farthest, loads
from diffusion.checkpoint.files import open_weights
from diffusion.checkpoint.keymaps import apply
from diffusion.models.clip_vision import SafetyChecker
from diffusion.models.mobilenet import PictureClassifier, widened
from diffusion.safety import CHECKER, check, detect_checker, for_checker, load_folder_safety, load_safety
from tests.diffusion.golden import Golden, manifest, uniform
from tests.diffusion.models.test_clip_vision import TINY
from tests.diffusion.models.test_mobilenet import SHIPPED, soft
from tests.diffusion.test_safety import nested, peer, pictures, write_folder


@torch.inference_mode()
def numbers(run: Run) -> Iterator[Measured]:
    """Both judges, what they are shown, and whom they flag."""
    golden, network = Golden("tiny_safety_checker"), SafetyChecker(TINY).eval()
    network.load_state_dict(apply(CHECKER, golden.weights))
    special, concepts = network(golden["x"])
    weights = golden.weights
    pairs = [
        (network.vision_model(golden["x"]), golden["pooled"]),
        (special, golden["special_cos"] - weights["special_care_embeds_weights"]),
        (concepts, golden["concept_cos"] - weights["concept_embeds_weights"]),
    ]
    yield Measured("Stable Diffusion's checker, narrow", TRANSFORMERS_4, farthest(pairs), TINY_ERROR)
    yield flags(run)
    yield shown()
    classifier = PictureClassifier().eval()
    classifier.load_state_dict(widened(dict(open_weights(SHIPPED))))
    x = soft("safety", (3, 3, 14, 14), (224, 224))
    x[2] = uniform("safety noise", (3, 224, 224)) * 0.5 + 0.5
    error = apart(classifier(x), Golden("nsfwjs_mobilenet")["out"])
    yield Measured("shipped classifier", "TensorFlow.js (golden)", error, TINY_ERROR)


def flags(run: Run) -> Measured:
    """Pictures that we flag and diffusers does not, or the reverse, by the same random checker."""
    theirs, x = peer(), pictures()
    path = run.path("safety/model.safetensors")
    save_file({name: each.clone() for name, each in theirs.state_dict().items()}, path)
    ours = [finding.flagged for finding in check(load_safety(path, device=CPU), x)]
    seen = torch.cat([for_checker(picture, 42) for picture in x])
    _, expected = theirs(seen, [np.ones((2, 2, 3)) for _ in x])
    assert 0 < sum(expected) < len(expected), "or nothing is shown"
    wrong = sum(one != other for one, other in zip(ours, expected, strict=True))
    return Measured(
        f"pictures of {len(x)} judged otherwise", "diffusers StableDiffusionSafetyChecker", wrong, 0
    )


def shown() -> Measured:
    """Pictures of several shapes as the checker sees them."""
    from transformers import CLIPImageProcessorPil

    pairs = []
    for size in ((512, 512), (100, 333), (301, 127), (40, 30)):
        values = np.random.default_rng(3).integers(0, 256, (*size, 3), dtype=np.uint8)
        expected = CLIPImageProcessorPil()(images=Image.fromarray(values), return_tensors="pt")[
            "pixel_values"
        ]
        pairs.append((for_checker(torch.from_numpy(values).float() / 255), expected))
    return Measured(
        "pictures as the checker sees them", "transformers CLIPImageProcessor", farthest(pairs), 1e-6
    )


def files(run: Run) -> Iterator[Layout]:
    """The checker alone and in diffusers' folders, under the names of transformers 4 and 5."""
    expected = peer().state_dict()["concept_embeds"]
    for what, naming in (("names of transformers 4", nested), ("names of transformers 5", dict)):
        path = run.path(f"safety/{naming.__name__}.safetensors")
        save_file({name: each.clone() for name, each in naming(peer().state_dict()).items()}, path)
        yield loads(
            what,
            lambda path=path: torch.equal(load_safety(path, device=CPU).network.concept_embeds, expected),
        )
    for name in ("model.safetensors", "pytorch_model.bin", "model.fp16.safetensors"):
        folder = write_folder(run.path(f"safety/{name}-folder/x").parent / "sd15", name)
        yield loads(f"folder with {name}", partial(in_folder, folder, expected))
    shapes = manifest("safety-checker")
    yield loads(f"safety-checker: {len(shapes)} keys", partial(is_checker, shapes))
    yield loads("shipped classifier", lambda: load_safety(SHIPPED, device=CPU) is not None)


def in_folder(folder: Path, expected: torch.Tensor) -> bool:
    return torch.equal(load_folder_safety(folder, device=CPU).network.concept_embeds, expected)


def is_checker(shapes: dict[str, tuple[int, ...]]) -> bool:
    """Whether all of the published file but its list of positions fills the network."""
    tensors = apply(CHECKER, {name: torch.empty(shape, device="meta") for name, shape in shapes.items()})
    with torch.device("meta"):
        network = SafetyChecker(detect_checker(tensors))
    ours = {name: each.shape for name, each in network.state_dict().items()}
    return {name: each.shape for name, each in tensors.items()} == ours and len(shapes) == len(ours) + 1
