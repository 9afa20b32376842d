"""LoRAs by tags: what a tag asks for, and a run that is that of the LoRA's own node."""

import copy

import numpy as np
import pytest

from diffusion.prompt.loras import Asked, BadTag, MissingLora, asked_for
from graph.plan import plan
from graph.workflow import read_document
from tests.nodes.bench import changed
from tests.nodes.test_adapters import with_lora

NAMES = ["sub/style.safetensors", "other.pt"]


@pytest.mark.parametrize(
    ("tag", "model", "text"),
    [
        ("<lora:style>", 1.0, 1.0),
        ("<lora:STYLE:0.8>", 0.8, 0.8),
        ("<lora:style:0.8:-1>", -1.0, 0.8),
        ("<lora:style:unet=0.5:te=0>", 0.5, 0.0),
        ("<hypernet:style><lora:style:2>", 2.0, 2.0),
    ],
)
def test_tag_asks_for_a_file_and_its_strengths(tag, model, text):
    assert list(asked_for(f"a {tag} cat", NAMES)) == [Asked(NAMES[0], model, text)]


def test_unknown_names_and_strengths_are_told():
    with pytest.raises(MissingLora, match="there is no LoRA 'styles' in models/loras") as caught:
        list(asked_for("<lora:styles:1>", NAMES))
    assert caught.value.remedy.startswith("Did you mean style?")
    with pytest.raises(BadTag, match="the strength in <lora:style:much> is no number"):
        list(asked_for("<lora:style:much>", NAMES))


def tagged(bench, text):
    """The test's workflow with a LoRA, by a tag, whose prompt goes on to the text's node."""
    made = copy.deepcopy(with_lora(bench, kind="LoraTagLoader"))
    for each in made["nodes"]:
        if each["id"] == "lora":
            each["inputs"] = {"text": text}
    made["links"].append({"from": ["loader", "CLIP"], "to": ["lora", "clip"]})
    made["links"].append({"from": ["lora", "text"], "to": ["prompt", "text"]})
    return made


def picture(bench, document):
    ran = bench.run(document)
    assert ran.finished.status == "succeeded", ran.finished.problems
    return bench.picture(ran.names[0])


def test_tag_does_what_the_loras_own_node_does(bench):
    by_node = changed(with_lora(bench, strength=0.75), prompt={"text": "a cat"})
    assert np.array_equal(picture(bench, tagged(bench, "a cat<lora:style64:0.75>")), picture(bench, by_node))


def test_missing_lora_is_told_before_anything_runs(bench):
    workflow, _ = read_document(tagged(bench, "<lora:style65>"))
    problems = plan(workflow, bench.registry, folders=bench.folders, cache=bench.cache).problems
    assert [(each.code, each.node, each.input) for each in problems] == [("missing_lora", "lora", "text")]
