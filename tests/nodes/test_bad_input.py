"""Odd, empty, too many, or of the wrong kind: a run does what is documented, or says what to do."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from diffusion.models.unet import UNet
from graph.plan import Plan, plan
from graph.problems import Problem
from graph.workflow import read_document
from tests.diffusion.checkpoint.test_files import Exploit
from tests.graph.sample import document
from tests.nodes import tiny
from tests.nodes.bench import Bench

CHECKPOINT = "tiny.safetensors"
Nodes = dict[str, tuple[str, dict[str, Any]]]
LOADER: Nodes = {"loader": ("CheckpointLoaderSimple", {"ckpt_name": CHECKPOINT})}
SIDES: Nodes = {
    "positive": ("CLIPTextEncode", {"text": "a fox"}),
    "negative": ("CLIPTextEncode", {"text": ""}),
}
SIZE = {"width": 64, "height": 64}


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    root = tmp_path_factory.mktemp("input")
    tiny.write_checkpoint(root / "models/checkpoints" / CHECKPOINT)
    (root / "input").mkdir()
    pixels = np.random.default_rng(1).integers(0, 256, (45, 67, 3), np.uint8)
    Image.fromarray(pixels).save(root / "input/odd.png")
    made = Bench(root)
    yield made
    made.executor.close()


def planned(bench: Bench, nodes: Nodes, *links: str, target: str = "node") -> Plan:
    workflow, problems = read_document(document(nodes, *links))
    assert workflow is not None and not problems
    return plan(workflow, bench.registry, targets=[target], folders=bench.folders, cache=bench.cache)


def outputs(bench: Bench, found: Plan, target: str = "node") -> tuple[Any, ...]:
    """What the target gives."""
    assert found.ok, found.problems
    finished = bench.executor.run(found, run_id="r", emit=lambda event: None)
    assert finished.status == "succeeded", finished.problems
    (step,) = (each for each in found.steps if each.id == target)
    entry = bench.cache.peek(step.key)
    assert entry is not None
    return tuple(entry.outputs)


def failure(bench: Bench, found: Plan) -> Problem:
    """The one problem of a run that fails."""
    assert found.ok, found.problems
    (problem,) = bench.executor.run(found, run_id="r", emit=lambda event: None).problems
    assert problem.remedy and problem.node
    return problem


def sampler(
    bench: Bench, *links: str, latent: str = "EmptyLatentImage", more: Nodes | None = None, **inputs: object
) -> Plan:
    """Text to latent by KSampler; `links` add to its own or take their place."""
    size = SIZE if latent == "EmptyLatentImage" else {}
    nodes = {
        **LOADER,
        **SIDES,
        "latent": (latent, size),
        "node": ("KSampler", {"steps": 2, "cfg": 3.0, "seed": 5, **inputs}),
        **(more or {}),
    }
    own = (
        "loader.CLIP > positive.clip", "loader.CLIP > negative.clip", "loader.MODEL > node.model",
        "positive.CONDITIONING > node.positive", "negative.CONDITIONING > node.negative",
        "latent.LATENT > node.latent_image",
    )  # fmt: skip
    taken = {link.partition(" > ")[2] for link in links}
    return planned(bench, nodes, *(link for link in own if link.partition(" > ")[2] not in taken), *links)


# Steps, guidance, denoising


def test_no_steps_are_told_before_running(workbench: Bench) -> None:
    (problem,) = sampler(workbench, steps=0).problems
    assert (problem.code, problem.node, problem.input, problem.given) == (
        "value_out_of_range", "node", "steps", 0,
    )  # fmt: skip
    assert [fix.label for fix in problem.fixes] == ["Set to 1"]


def test_no_steps_from_a_link_are_told_at_the_sampler(workbench: Bench) -> None:
    found = sampler(workbench, "none.INT > node.steps", more={"none": ("PrimitiveInt", {"value": 0})})
    problem = failure(workbench, found)
    assert (problem.code, problem.node, problem.input) == ("value_out_of_range", "node", "steps")
    assert "0 is below 1" in problem.message


@pytest.mark.parametrize(("cfg", "rows"), [(1.0, 1), (0.0, 2), (7.0, 2)])
def test_the_model_is_asked_once_a_step(
    workbench: Bench, monkeypatch: pytest.MonkeyPatch, cfg: float, rows: int
) -> None:
    calls: list[int] = []
    forward = UNet.forward

    def counted(self: UNet, x: torch.Tensor, *rest: Any, **named: Any) -> torch.Tensor:
        calls.append(len(x))
        return forward(self, x, *rest, **named)

    monkeypatch.setattr(UNet, "forward", counted)
    outputs(workbench, sampler(workbench, cfg=cfg, steps=3, sampler_name="euler", seed=int(cfg) + 100))
    assert calls == [rows] * 3


def test_guidance_of_none_is_the_negative_prompt(workbench: Bench) -> None:
    (none,) = outputs(workbench, sampler(workbench, cfg=0.0))
    away = sampler(workbench, "negative.CONDITIONING > node.positive", cfg=1.0)
    torch.testing.assert_close(none.samples, outputs(workbench, away)[0].samples, rtol=0, atol=2e-2)


def test_denoising_of_none_passes_the_latent_on(workbench: Bench) -> None:
    more: Nodes = {"latent": ("VAEEncode", {}), "picture": ("LoadImage", {"image": "odd.png"})}
    links = ("picture.IMAGE > latent.pixels", "loader.VAE > latent.vae")
    found = sampler(workbench, *links, more=more, denoise=0.0)
    (given,) = outputs(workbench, found, "latent")
    assert torch.equal(outputs(workbench, found)[0].samples, given.samples)
    assert (given.samples != 0).any()


# Sizes


def test_sizes_that_are_no_multiples_of_8_are_rounded_with_a_warning(workbench: Bench) -> None:
    found = sampler(workbench, more={"latent": ("EmptyLatentImage", {"width": 77, "height": 41})})
    assert [(each.code, each.severity, each.input) for each in found.problems] == [
        ("size_rounded", "warning", "width"), ("size_rounded", "warning", "height"),
    ]  # fmt: skip
    assert outputs(workbench, found)[0].samples.shape == (1, 4, 5, 9)


@pytest.mark.parametrize("kind", ["VAEEncode", "VAEEncodeTiled"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_pictures_of_any_channels_are_encoded_without_their_borders(
    workbench: Bench, kind: str, channels: int
) -> None:
    nodes: Nodes = {
        **LOADER,
        "picture": ("LoadImage", {"image": "odd.png"}),
        "grey": ("ImageToMask", {}),
        "alpha": ("JoinImageWithAlpha", {}),
        "node": (kind, {}),
    }
    source = {1: "grey.MASK", 3: "picture.IMAGE", 4: "alpha.IMAGE"}[channels]
    links = ("picture.IMAGE > grey.image", "picture.IMAGE > alpha.image", "grey.MASK > alpha.alpha",
             f"{source} > node.pixels", "loader.VAE > node.vae")  # fmt: skip
    found = planned(workbench, nodes, *links)
    assert [each.code for each in found.problems] == ["picture_cropped"]
    assert outputs(workbench, found)[0].samples.shape == (1, 4, 5, 8)


@pytest.mark.parametrize(
    "kind", ["VAEEncode", "VAEEncodeTiled", "VAEEncodeForInpaint", "InpaintModelConditioning"]
)
def test_a_picture_smaller_than_a_latent_pixel_is_told_as_it_is(workbench: Bench, kind: str) -> None:
    nodes: Nodes = {
        **LOADER, **SIDES,
        "picture": ("EmptyImage", {"width": 5, "height": 30}),
        "mask": ("SolidMask", {"width": 5, "height": 30}),
        "node": (kind, {}),
    }  # fmt: skip
    links = ["picture.IMAGE > node.pixels", "loader.VAE > node.vae"]
    links += ["mask.MASK > node.mask"] if "npaint" in kind else []
    if kind == "InpaintModelConditioning":
        for side in ("positive", "negative"):
            links += [f"loader.CLIP > {side}.clip", f"{side}.CONDITIONING > node.{side}"]
    problem = failure(workbench, planned(workbench, nodes, *links))
    assert (problem.code, problem.node, problem.input) == ("unsuitable", "node", "pixels")
    assert "5 x 30 pixels, expected at least 8 x 8" in problem.message


# Masks of another size


MASKED = {
    "SetLatentNoiseMask": ("samples", "latent.LATENT"),
    "VAEEncodeForInpaint": ("pixels", "picture.IMAGE"),
    "ImageCompositeMasked": ("destination", "picture.IMAGE"),
    "LatentCompositeMasked": ("destination", "latent.LATENT"),
    "InpaintPreprocessor": ("image", "picture.IMAGE"),
    "JoinImageWithAlpha": ("image", "picture.IMAGE"),
}


@pytest.mark.parametrize("kind", MASKED)
def test_a_mask_of_another_size_lies_over_the_whole(workbench: Bench, kind: str) -> None:
    """A mask of one value is the same at every size; one that is not says where it lies."""
    given, source = MASKED[kind]
    nodes: Nodes = {
        **LOADER,
        "picture": ("EmptyImage", {"width": 64, "height": 48, "color": 0x336699}),
        "latent": ("EmptyLatentImage", {"width": 64, "height": 48}),
        "other": ("EmptyImage", {"width": 64, "height": 48, "color": 0xFF0000}),
        "encoded": ("VAEEncode", {}),
        "node": (kind, {}),
    }
    links = [f"{source} > node.{given}", "other.IMAGE > encoded.pixels", "loader.VAE > encoded.vae"]
    links += ["loader.VAE > node.vae"] if kind == "VAEEncodeForInpaint" else []
    if kind.endswith("CompositeMasked"):
        links.append("encoded.LATENT > node.source" if kind[0] == "L" else "other.IMAGE > node.source")
    name = "alpha" if kind == "JoinImageWithAlpha" else "mask"

    def made(width: int, height: int) -> Any:
        mask: Nodes = {"mask": ("SolidMask", {"width": width, "height": height, "value": 1.0})}
        found = planned(workbench, {**nodes, **mask}, *links, f"mask.MASK > node.{name}")
        (value,) = outputs(workbench, found)
        return value

    small, fitting = made(9, 5), made(64, 48)
    if hasattr(small, "samples"):
        torch.testing.assert_close(small.samples, fitting.samples, rtol=0, atol=1e-5)
        assert (small.noise_mask is None) == (fitting.noise_mask is None)
    else:
        torch.testing.assert_close(small, fitting, rtol=0, atol=1e-6)


# Prompts


@pytest.mark.parametrize("kind", ["CLIPTextEncode", "PromptEncodeA1111"])
@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("", 1),
        (" \n\t", 1),
        ("(" * 60, 1),
        (" ".join(f"word{number % 97}" for number in range(10_000)), 400),
    ],
    ids=["empty", "blank", "unclosed", "10,000 words"],
)
def test_a_prompt_of_any_length_is_sampled(workbench: Bench, kind: str, text: str, windows: int) -> None:
    prompt: Nodes = {"prompt": (kind, {"text": text})}
    links = ("loader.CLIP > prompt.clip", "prompt.CONDITIONING > node.positive")
    found = sampler(workbench, *links, more=prompt)
    (latent,) = outputs(workbench, found)
    assert latent.samples.isfinite().all()
    (cond, *_), *_ = outputs(workbench, found, "prompt")
    assert cond.tensor.shape[1] % 77 == 0
    assert cond.tensor.shape[1] // 77 in ((1, 2) if windows == 1 else range(windows - 140, windows + 200))


# Latents of other models


@pytest.mark.parametrize(
    ("shape", "given"),
    [((1, 16, 8, 8), "16 channels"), ((4, 8, 8), "without a latent"), ((1, 4, 3, 8, 8), "without")],
)
def test_a_latent_of_another_model_is_refused_where_it_is_read(
    workbench: Bench, shape: tuple[int, ...], given: str
) -> None:
    save_file({"latent_tensor": torch.zeros(shape)}, workbench.root / "input/other.latent")
    problem = failure(workbench, planned(workbench, {"node": ("LoadLatent", {"latent": "other.latent"})}))
    assert (problem.node, problem.input) == ("node", "latent") and given in problem.message


def test_code_in_a_latent_is_refused_and_not_run(workbench: Bench) -> None:
    canary = workbench.root / "canary"
    torch.save({"latent_tensor": Exploit(canary)}, workbench.root / "input/evil.latent")
    problem = failure(workbench, planned(workbench, {"node": ("LoadLatent", {"latent": "evil.latent"})}))
    assert problem.code == "unsafe_file" and not canary.exists()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("kind", ["KSampler", "VAEDecode"])
def test_a_latent_of_no_numbers_is_no_picture(workbench: Bench, kind: str, value: float) -> None:
    save_file({"latent_tensor": torch.full((1, 4, 8, 8), value)}, workbench.root / "input/broken.latent")
    latent: Nodes = {"latent": ("LoadLatent", {"latent": "broken.latent"})}
    if kind == "KSampler":
        found = sampler(workbench, more=latent)
    else:
        nodes: Nodes = {**LOADER, **latent, "node": (kind, {})}
        found = planned(workbench, nodes, "latent.LATENT > node.samples", "loader.VAE > node.vae")
    problem = failure(workbench, found)
    assert (problem.code, problem.node) == ("not_finite", "node")
