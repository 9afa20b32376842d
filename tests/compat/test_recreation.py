"""Pictures of A1111 become workflows that run, with its rules for words, noise and steps."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from compat.api_prompt import read_api_prompt
from compat.infotext import read_infotext
from compat.object_info import known_nodes
from compat.recreation import recreate
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
