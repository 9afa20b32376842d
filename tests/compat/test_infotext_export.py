"""The infotext of a workflow, as A1111 would write it, and back."""

import json
from pathlib import Path
from typing import Any

import pytest

from compat.api_prompt import read_api_prompt
from compat.export import View
from compat.infotext import SAMPLERS, SCHEDULES, read_infotext
from compat.infotext_export import SAMPLER_NAMES, SCHEDULE_NAMES, write_infotext
from compat.object_info import ObjectInfo, known_nodes
from compat.recreation import recreate
from graph.registry import Registry
from graph.workflow import read_document
from tests.nodes.bench import changed

ROOT = Path(__file__).resolve().parents[2]
WORDS = "a castle, (fog:1.2)\non a hill<lora:old stone:0.8>\nNegative prompt: people: none, few\n"
PLAIN = (
    "Steps: 30, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6.5, Seed: 18446744073709551615, "
    "RNG: NV, Size: 640x512, Model: castles, Clip skip: 2"
)
VARIED = PLAIN.replace("RNG: NV", "RNG: CPU, Variation seed: 5, Variation seed strength: 0.25, ENSD: 31337")
HIRES = (
    ", Denoising strength: 0.5, Hires steps: 15, Hires upscaler: Latent (bicubic), Hires resize: 1280x1024"
)
OTHER = ", Hires sampler: Euler a, Hires schedule type: Uniform"


@pytest.fixture(scope="module")
def info() -> ObjectInfo:
    registry = Registry()
    registry.load_package("nodes")
    return known_nodes(registry.types)


def written(document: Any, info: ObjectInfo) -> str | None:
    workflow, problems = read_document(document)
    assert workflow is not None and problems == ()
    return write_infotext(View(workflow, info))


def shipped(name: str) -> Any:
    return json.loads((ROOT / f"workflows/{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("settings", [PLAIN, VARIED, PLAIN + HIRES, PLAIN + HIRES + OTHER])
def test_an_infotext_becomes_a_workflow_and_an_infotext_again(settings: str, info: ObjectInfo) -> None:
    document = read_api_prompt(recreate(read_infotext(WORDS + settings)), info).document
    assert written(document, info) == f"{WORDS}{settings}, Version: Tessera"


def test_names_that_are_written_are_read_as_what_they_were() -> None:
    for ours, theirs in SAMPLER_NAMES.items():
        assert read_infotext(f"a\nSteps: 1, Seed: 1, Sampler: {theirs}").sampler[0] == ours
    for ours, theirs in SCHEDULE_NAMES.items():
        said = read_infotext(f"a\nSteps: 1, Seed: 1, Schedule type: {theirs}").sampler[1]
        assert said == ours
    assert set(SAMPLERS.values()) <= SAMPLER_NAMES.keys() and set(SCHEDULES.values()) <= SCHEDULE_NAMES.keys()


def test_a_sampler_of_comfyui_is_said_too(info: ObjectInfo) -> None:
    document = changed(shipped("text_to_image"), sampler={"seed": 9, "steps": 12})
    text = written(document, info)
    assert text is not None
    said = read_infotext(text)
    assert said.prompt == next(node["inputs"]["text"] for node in document["nodes"] if node["id"] == "prompt")
    given = next(node["inputs"] for node in document["nodes"] if node["id"] == "sampler")
    assert (said.seed, said.integer("Steps", 0), said.decimal("CFG scale", 0)) == (9, 12, given["cfg"])
    assert said.sampler == (given["sampler_name"], given["scheduler"])


@pytest.mark.parametrize(
    "name", ["image_to_image", "inpaint", "controlnet", "regional_prompts", "two_stage_refine", "perp_neg"]
)
def test_what_an_infotext_cannot_say_is_not_said(name: str, info: ObjectInfo) -> None:
    assert written(shipped(name), info) is None


def test_parts_that_differ_are_not_said(info: ObjectInfo) -> None:
    prompt = recreate(read_infotext(WORDS + PLAIN + HIRES))
    for node, change in (
        ("lora_1", {"strength_clip": 0.1}),
        ("levels", {"denoise": 0.9}),
        ("method", {"sampler_name": "seeds_2"}),
        ("enlarge", {"upscale_method": "area"}),
        ("negative", {"clip": ["loader", 1]}),
    ):
        made = json.loads(json.dumps(prompt))
        made[node]["inputs"].update(change)
        assert written(read_api_prompt(made, info).document, info) is None, node
