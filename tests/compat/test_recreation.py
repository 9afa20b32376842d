"""Pictures of other programs become workflows that run, by their rules for words, noise and steps."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compat.api_prompt import read_api_prompt
from compat.export import View
from compat.infotext import read_infotext
from compat.infotext_export import write_infotext
from compat.object_info import known_nodes
from compat.reading import read_found, read_value
from compat.recreation import recreate
from diffusion.sampling.schedules import NoiseSchedule, denoising_levels
from graph.workflow import read_document
from nodes import sigmas
from tests.compat.test_reading import anything
from tests.nodes.bench import Bench, changed
from tests.nodes.tiny import write_checkpoint

HEAD = "a (castle:1.2), [fog|sun]\nNegative prompt: people\n"
SCHEDULE = NoiseSchedule.scaled_linear()
SETTINGS = "Steps: 2, Sampler: {}, CFG scale: 3, Seed: 7, Size: 64x64, Model: castles"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Any:
    root: Path = tmp_path_factory.mktemp("bench")
    (root / "models/checkpoints").mkdir(parents=True)
    write_checkpoint(root / "models/checkpoints/castles.safetensors")
    made = Bench(root)
    yield made
    made.executor.close()


def document(bench: Bench, text: str) -> Any:
    return read_api_prompt(recreate(read_infotext(text)), known_nodes(bench.registry.types)).document


@pytest.mark.parametrize(
    ("sampler", "more", "found"),
    [
        ("DPM++ 2M Karras", "", ("dpmpp_2m", "karras")),
        ("DPM++ 2M", "", ("dpmpp_2m", "normal")),
        ("DPM++ 2M", ", Schedule type: Automatic", ("dpmpp_2m", "karras")),
        ("DPM++ 3M SDE", ", Schedule type: Automatic", ("dpmpp_3m_sde", "exponential")),
        ("Euler a", ", Schedule type: Automatic", ("euler_ancestral", "normal")),
        ("Euler", ", Schedule type: SGM Uniform", ("euler", "sgm_uniform")),
        ("DPM++ 2M SDE Heun", ", Schedule type: Beta", ("dpmpp_2m_sde_heun", "beta")),
        ("UniPC", "", ("uni_pc", "normal")),
    ],
)
def test_samplers_and_schedules_have_our_names(sampler: str, more: str, found: tuple[str, str]) -> None:
    assert read_infotext(HEAD + SETTINGS.format(sampler) + more).sampler == found


def test_a_picture_is_made_by_a1111s_rules(bench: Bench) -> None:
    made = document(bench, HEAD + SETTINGS.format("Euler a") + ", RNG: CPU, ENSD: 31337")
    ran = bench.run(made)
    assert ran.finished.status == "succeeded", ran.finished.problems
    picture = bench.picture(ran.names[0])
    assert picture.shape == (64, 64, 3)
    for changes in ({"profile": "comfy"}, {"source": "nv"}, {"eta_noise_seed_delta": 0}):
        other = bench.picture(bench.run(changed(made, noise=changes)).names[0])
        assert not np.array_equal(picture, other), changes


def levels_of(prompt: Any, link: Any) -> tuple[float, ...]:
    """What a row of nodes for levels gives, by the nodes' own functions."""
    node = prompt[link[0]]
    inputs = dict(node["inputs"])
    if node["class_type"] == "BasicScheduler":
        return sigmas.basic_scheduler(**{**inputs, "model": SimpleNamespace(schedule=SCHEDULE)})
    functions = {
        **{"SplitSigmas": sigmas.split_sigmas, "FlipSigmas": sigmas.flip_sigmas},
        "SetFirstSigma": sigmas.set_first_sigma,
    }
    before = levels_of(prompt, inputs.pop("sigmas"))
    made: Any = functions[node["class_type"]](before, **inputs)
    return made[link[1]] if node["class_type"] == "SplitSigmas" else made


@pytest.mark.parametrize(
    ("sampler", "more", "dropped"),
    [
        ("DPM2", "", True),
        ("DPM2 a Karras", "", True),
        ("DPM++ 3M SDE Exponential", "", True),
        ("Euler a", "", False),
        ("Euler a", ", Discard penultimate sigma: True", True),
    ],
)
def test_samplers_of_a1111_get_the_levels_that_they_get_there(sampler: str, more: str, dropped: bool) -> None:
    hires = ", Denoising strength: 0.7, Hires upscale: 2, Hires steps: 9"
    said = read_infotext(HEAD + SETTINGS.replace("Steps: 2", "Steps: 12").format(sampler) + hires + more)
    prompt = recreate(said)
    for own, steps, denoise in (("sampler", 12, 1.0), ("hires", 9, 0.7)):
        expected = denoising_levels(
            SCHEDULE, said.sampler[1], steps, denoise=denoise, drop_second_last=dropped
        )
        assert levels_of(prompt, prompt[own]["inputs"]["sigmas"]) == tuple(expected)
    info = known_nodes()
    workflow, _ = read_document(read_api_prompt(prompt, info).document)
    assert workflow is not None
    told = write_infotext(View(workflow, info))
    if more:  # for all samplers: no infotext of ours says so
        assert told is None
    else:
        assert told is not None
        again = recreate(read_infotext(told))
        for own in ("sampler", "hires"):
            link = prompt[own]["inputs"]["sigmas"]
            assert levels_of(again, again[own]["inputs"]["sigmas"]) == levels_of(prompt, link)


def test_pictures_of_comfyui_get_the_levels_of_its_own_sampler() -> None:
    said = read_infotext(HEAD + SETTINGS.format("UniPC"))
    prompt = recreate(said, "comfy")
    expected = denoising_levels(SCHEDULE, said.sampler[1], 2, drop_second_last=True)
    assert levels_of(prompt, prompt["sampler"]["inputs"]["sigmas"]) == tuple(expected)


@pytest.mark.parametrize(
    ("upscaler", "kinds"),
    [
        ("Latent (bicubic)", ["LatentUpscale"]),
        ("Lanczos", ["VAEDecode", "ImageScale", "VAEEncode"]),
    ],
)
def test_a_second_pass_enlarges_as_it_was_said(bench: Bench, upscaler: str, kinds: list[str]) -> None:
    hires = f", Denoising strength: 0.6, Hires upscale: 2, Hires steps: 3, Hires upscaler: {upscaler}"
    more = ", Hires sampler: DPM++ 2M, Hires schedule type: Karras"
    made = document(bench, HEAD + SETTINGS.format("Euler") + hires + more)
    types = {node["id"]: node for node in made["nodes"]}
    between = [types[own]["type"] for own in ("first", "enlarge", "scale") if own in types]
    assert sorted(between) == sorted(kinds)
    assert types["hires_method"]["inputs"] == {"sampler_name": "dpmpp_2m"}
    assert types["hires_levels"]["inputs"] == {"scheduler": "karras", "steps": 3, "denoise": 0.6}
    ran = bench.run(made)
    assert bench.picture(ran.names[0]).shape == (128, 128, 3)


def test_an_upscaling_network_is_loaded_by_its_name() -> None:
    hires = ", Denoising strength: 0.6, Hires resize: 96x128, Hires upscaler: 4x_foolhardy"
    made = recreate(read_infotext(HEAD + SETTINGS.format("Euler") + hires))
    assert made["upscaler"]["inputs"] == {"model_name": "4x_foolhardy.pth"}
    assert made["scale"]["inputs"]["image"] == ["upscaled", 0]
    assert (made["scale"]["inputs"]["width"], made["scale"]["inputs"]["height"]) == (96, 128)


SWARM = {
    "prompt": "a castle", "negativeprompt": "fog", "model": "sub/castles.safetensors", "seed": 2**63 + 1,
    "steps": 12, "cfgscale": 6.5, "width": 640, "height": 512, "sampler": "dpmpp_2m", "scheduler": "karras",
    "loras": ["stone"], "loraweights": ["0.7"],
}  # fmt: skip
INVOKE = {
    "generation_mode": "txt2img", "positive_prompt": "a castle", "negative_prompt": "fog", "seed": 5,
    "rand_device": "cpu", "steps": 12, "cfg_scale": 6.5, "width": 640, "height": 512, "clip_skip": 1,
    "scheduler": "euler_a", "model": {"name": "castles", "base": "sd-1"},
    "loras": [{"model": {"name": "stone"}, "weight": 0.7}], "vae": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "profile", "method", "schedule", "skip"),
    [
        ({"parameters": json.dumps({"sui_image_params": SWARM})}, "comfy", "dpmpp_2m", "karras", []),
        ({"invokeai_metadata": json.dumps(INVOKE)}, "diffusers", "euler_ancestral", "normal", [-2]),
        (
            {"invokeai_metadata": json.dumps({**INVOKE, "scheduler": "dpmpp_2m_k", "clip_skip": 0})},
            "diffusers", "dpmpp_2m", "karras", [],
        ),
    ],
)  # fmt: skip
def test_pictures_of_other_programs_are_recreated_by_their_rules(
    texts: Any, profile: str, method: str, schedule: str, skip: list[int]
) -> None:
    document = read_found(texts, known_nodes(), "x").document
    assert document is not None
    made = {node["id"]: node["inputs"] for node in document["nodes"]}
    types = {node["id"]: node["type"] for node in document["nodes"]}
    assert (made["prompt"]["text"], made["negative"]["text"]) == ("a castle", "fog")
    assert types["prompt"] == "CLIPTextEncode"
    assert (made["noise"]["profile"], made["noise"]["source"]) == (profile, "cpu")
    assert made["noise"]["noise_seed"] in (2**63 + 1, 5)
    assert (made["method"]["sampler_name"], made["levels"]["scheduler"]) == (method, schedule)
    assert (made["levels"]["steps"], made["guider"]["cfg"]) == (12, 6.5)
    assert (made["latent"]["width"], made["latent"]["height"]) == (640, 512)
    assert made["loader"]["ckpt_name"].endswith("castles.safetensors")
    assert made["lora_1"]["lora_name"] == "stone.safetensors" and made["lora_1"]["strength_clip"] == 0.7
    assert [node["stop_at_clip_layer"] for own, node in made.items() if own == "clip_skip"] == skip
    assert "vae" not in made


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from([*SWARM, *INVOKE]), anything, max_size=8),
    st.sampled_from(["sui_image_params", "invoke"]),
)
def test_no_strange_values_break_the_reading(values: Any, kind: str) -> None:
    whole = {kind: values} if kind != "invoke" else {**values, "positive_prompt": "", "scheduler": ""}
    imported = read_value(whole, known_nodes())
    assert imported is None or imported.document is not None
