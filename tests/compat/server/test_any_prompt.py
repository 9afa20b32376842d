"""Whatever a client sends, it is judged: nothing that JSON can say breaks the validation."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compat.object_info import known_nodes
from compat.server.validation import Rules, validate
from graph.folders import Folders
from graph.registry import Registry
from service.protocol import dump
from tests.compat.test_reading import anything

KINDS = ["KSampler", "LoadImage", "SaveImage", "VAEDecode", "CLIPTextEncode", "PreviewAny", "ImageScale"]
NAMES = ["seed", "steps", "cfg", "model", "image", "images", "text", "clip", "samples", "vae", "source"]
OWN = st.sampled_from(["1", "2", "3"])
link = st.tuples(OWN, st.integers(-1, 3)).map(list)
inputs = st.dictionaries(st.sampled_from([*NAMES, "width", "crop", "sampler_name"]), link | anything)
node = st.fixed_dictionaries(
    {"class_type": st.sampled_from(KINDS)}, optional={"inputs": inputs | anything, "_meta": anything}
)
prompts = st.dictionaries(OWN | st.text(max_size=2), node | anything, max_size=5)


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Rules:
    root: Path = tmp_path_factory.mktemp("root")
    registry = Registry(Folders(root))
    registry.load_package("nodes")
    return Rules(registry.types, registry.conversions, known_nodes(registry.types), Folders(root))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(prompts, st.none() | st.lists(OWN, max_size=2))
def test_every_prompt_is_judged(rules: Rules, prompt: Any, targets: Any) -> None:
    verdict = validate(prompt, rules, targets)
    dump([verdict.error, verdict.node_errors])
    assert bool(verdict.outputs) == (verdict.error is None)
    assert set(verdict.outputs) <= set(prompt)
    for own, wrong in verdict.node_errors.items():
        assert wrong["errors"] and wrong["class_type"] == prompt[own]["class_type"]
        assert set(wrong["dependent_outputs"]) <= set(prompt) - set(verdict.outputs)
