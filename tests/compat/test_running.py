"""Workflows that others saved run, with their models mapped to installed ones and everything small."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from compat.object_info import known_nodes
from compat.reading import read_file
from diffusion.models.t2i_adapter import AdapterConfig, build_adapter
from graph.widgets import FileWidget
from tests.nodes.bench import ROOT, Bench
from tests.nodes.test_control import TWO_BLOCKS, controlnet_weights, random_weights
from tests.nodes.test_family_workflows import write_lora
from tests.nodes.tiny_beside import tensors, write

SAVED = sorted((ROOT / "tests/data/comfy_workflows").glob("[ua]*/*.json"))
NOT_OURS = ("gligen", "hidream", "hunyuan", "unclip")
"""Of networks that are neither SD1's nor SD2's, or not there yet."""
RUNNING = {path.name.partition(".")[0]: path for path in SAVED if not path.name.startswith(NOT_OURS)}
LENGTHS = (
    "width",
    "height",
    "x",
    "y",
    "feather",
    "left",
    "right",
    "top",
    "bottom",
    "feathering",
    "grow_mask_by",
)
UPSCALER = ROOT / "models/upscale_models/realesr-animevideov3-x4.fp16.safetensors"
SHRUNK = 8


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    root = tmp_path_factory.mktemp("saved")
    for folder in ("checkpoints", "vae", "loras", "controlnet", "upscale_models", "embeddings"):
        (root / "models" / folder).mkdir(parents=True)
    models = root / "models"
    for name, beside in (("base", 0), ("inpaint", 5), ("edit", 4)):
        write(models / f"checkpoints/{name}.safetensors", replace(TWO_BLOCKS, in_channels=4 + beside))
    write_files(models)
    (root / "input").mkdir()
    made = Bench(root)
    yield made
    made.executor.close()


def write_files(models: Path) -> None:
    weights = controlnet_weights(1, TWO_BLOCKS)
    save_file(weights, models / "controlnet/control.safetensors")
    save_file(weights | {"difference": torch.zeros(0)}, models / "controlnet/diff.safetensors")
    adapter = build_adapter(AdapterConfig(3, (32, 64)))
    torch.save(random_weights(adapter, 3), models / "controlnet/t2iadapter.pth")
    write_lora(models / "loras/lora.safetensors", "q", "v")
    (models / "upscale_models/x4.safetensors").hardlink_to(UPSCALER)
    words = {"string_to_param": {"*": torch.ones(2, 16)}}
    torch.save(words, models / "embeddings/SDA768.pt")
    parts = tensors(TWO_BLOCKS)
    first = "first_stage_model."
    vae = {name.removeprefix(first): tensor for name, tensor in parts.items() if name.startswith(first)}
    save_file(vae, models / "vae/vae.safetensors")


def mapped(folder: str, name: str) -> str:
    """The installed file that takes the place of another."""
    if folder == "controlnet":
        kinds = {"diff": "diff.safetensors", "t2i": "t2iadapter.pth"}
        return next((file for start, file in kinds.items() if name.startswith(start)), "control.safetensors")
    if folder == "checkpoints":
        kind = "inpaint" if "inpaint" in name else "edit" if "edit" in name else "base"
        return f"{kind}.safetensors"
    files = {"vae": "vae.safetensors", "loras": "lora.safetensors", "upscale_models": "x4.safetensors"}
    return files.get(folder, name)


def small(bench: Bench, document: Any) -> Any:
    """The document with installed models, an eighth as wide and high, and few steps."""
    for node in document["nodes"]:
        inputs, declared = node["inputs"], bench.registry.types[node["type"]]
        for given in declared.inputs:
            value = inputs.get(given.name)
            if isinstance(given.widget, FileWidget) and isinstance(value, str):
                inputs[given.name] = mapped(given.widget.folder, value)
        if node["type"] == "LoadImage":
            hollow = np.full((64, 64, 4), 128, np.uint8)
            hollow[:32, :, 3] = 0
            Image.fromarray(hollow).save(bench.root / "input" / inputs["image"])
        shrunk = {
            name: inputs[name] // SHRUNK // 8 * 8 for name in LENGTHS if isinstance(inputs.get(name), int)
        }
        sides = {name: max(value, 64) for name, value in shrunk.items() if name in ("width", "height")}
        inputs.update({**shrunk, **sides})
        if "steps" in inputs:
            inputs["steps"] = 2 if "start_at_step" in inputs else 1
        if "start_at_step" in inputs:
            inputs["end_at_step"] = 10_000 if inputs["start_at_step"] else 1
            inputs["start_at_step"] = min(inputs["start_at_step"], 1)
    return document


@pytest.mark.parametrize("name", RUNNING)
def test_a_saved_workflow_runs(bench: Bench, name: str) -> None:
    document = read_file(RUNNING[name].read_bytes(), known_nodes(bench.registry.types)).document
    ran = bench.run(small(bench, document))
    assert ran.finished.status == "succeeded", ran.finished.problems
    pictures = [name for name in ran.names if name.endswith(".png")]
    assert pictures and all(bench.picture(name).std() > 0 for name in pictures)
