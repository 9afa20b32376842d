"""Pictures of other programs become workflows that run, by their rules for words, noise and steps."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compat.api_prompt import read_api_prompt
from compat.infotext import read_infotext
from compat.object_info import known_nodes
from compat.reading import read_found, read_value
from compat.recreation import recreate
from tests.compat.test_reading import anything
from tests.nodes.bench import Bench, changed
from tests.nodes.tiny import write_checkpoint

HEAD = "a (castle:1.2), [fog|sun]\nNegative prompt: people\n"
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
