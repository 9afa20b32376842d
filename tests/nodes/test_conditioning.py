"""Prompts, embeddings and conditioning in runs of the real engine."""

import copy

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from graph.events import StepWarned
from graph.plan import plan
from graph.workflow import read_document
from tests.nodes.bench import changed, template

SMALL = {"sampler": {"steps": 4}, "size": {"width": 64, "height": 64}}
WIDTH = 16
"""Of the tiny checkpoint's text encoder."""


def picture(bench, document):
    ran = bench.run(document)
    assert ran.finished.status == "succeeded", ran.finished.problems
    return bench.picture(ran.names[0])


def embedding(bench, name="example.safetensors", width=WIDTH, seed=0):
    """A file of two vectors in the folder."""
    folder = bench.folders.folder("embeddings")
    folder.mkdir(exist_ok=True)
    vectors = torch.randn(2, width, generator=torch.Generator().manual_seed(seed)) * 3
    save_file({"emb_params": vectors}, folder / name)


def with_example():
    """The template with a word of the tests on both sides."""
    prompt = "a cat in the style of embedding:example, blue background"
    sides = {"prompt": {"text": prompt}, "negative": {"text": "(embedding:example:0.5)"}}
    return changed(template("textual_inversion"), **sides)


def problems_of(bench, document):
    workflow, _ = read_document(document)
    return plan(workflow, bench.registry, folders=bench.folders, cache=bench.cache).problems


def linked_text(document):
    """The prompt's text by a link."""
    document = copy.deepcopy(document)
    text = next(each["inputs"].pop("text") for each in document["nodes"] if each["id"] == "prompt")
    document["nodes"].append({"id": "words", "type": "PrimitiveString", "inputs": {"value": text}})
    document["links"].append({"from": ["words", "STRING"], "to": ["prompt", "text"]})
    return document


# Embeddings


def test_embedding_changes_the_picture_and_its_file_the_key(bench):
    document = changed(with_example(), **SMALL)
    embedding(bench)
    first = picture(bench, document)
    assert bench.run(document).did_run == set()
    embedding(bench, seed=1)
    ran = bench.run(document)
    assert ran.did_run == {"prompt", "negative", "sampler", "decode", "save"}
    assert not np.array_equal(bench.picture(ran.names[0]), first)
    embedding(bench, "another.safetensors")
    assert bench.run(document).did_run == set()


def test_text_that_comes_by_a_link_reads_embeddings_too(bench):
    document = changed(with_example(), **SMALL)
    embedding(bench)
    first = picture(bench, document)
    assert np.array_equal(picture(bench, linked_text(document)), first)
    embedding(bench, seed=1)
    assert not np.array_equal(picture(bench, linked_text(document)), first)


def test_missing_embedding_is_told_before_anything_runs(bench):
    embedding(bench, "examples.safetensors")
    first, second = problems_of(bench, with_example())
    assert (first.code, first.node, first.input, first.severity) == (
        *("missing_embedding", "prompt", "text"),
        "error",
    )
    assert first.message == "CLIPTextEncode.text: there is no embedding 'example' in models/embeddings"
    assert "Did you mean examples?" in first.remedy and second.node == "negative"


def test_missing_embedding_in_a_linked_text_is_told_when_it_runs(bench):
    document = changed(linked_text(with_example()), negative={"text": ""}, **SMALL)
    failed = bench.run(document).failed
    assert (failed.code, failed.node, failed.input) == ("missing_embedding", "prompt", "text")


def test_embedding_for_another_model_is_told_before_anything_runs(bench):
    embedding(bench, width=1024)
    first, _ = problems_of(bench, with_example())
    assert (first.code, first.node, first.input) == ("embedding_mismatch", "prompt", "text")


def test_embedding_for_another_model_in_a_linked_text_is_told_when_it_runs(bench):
    embedding(bench, width=1024)
    document = changed(linked_text(with_example()), negative={"text": ""}, **SMALL)
    failed = bench.run(document).failed
    assert (failed.code, failed.node, failed.input) == ("unsuitable", "prompt", "text")
    assert (
        "example.safetensors has vectors of 1024 numbers (SD2), the text encoder's have 16" in failed.message
    )


def test_names_that_lead_out_of_the_folder_are_not_there(bench):
    save_file({"emb_params": torch.ones(1, WIDTH)}, bench.root / "models/out.safetensors")
    document = changed(with_example(), prompt={"text": "embedding:../out"})
    assert "there is no embedding '../out'" in problems_of(bench, document)[0].message


# A1111's prompts


def scheduled(text):
    return changed(
        template("prompt_scheduling"), prompt={"text": text}, steps={"value": 6}, size=SMALL["size"]
    )


def test_schedule_changes_the_picture_only_if_its_texts_do(bench):
    plain = picture(bench, scheduled("a cat"))
    assert np.array_equal(picture(bench, scheduled("a [cat:cat:0.5]")), plain)
    assert np.array_equal(picture(bench, scheduled("a [cat:dog:6]")), plain)
    later, sooner = (picture(bench, scheduled(f"a [cat:(dog:1.5):{when}]")) for when in (2, 1))
    assert not np.array_equal(later, plain) and not np.array_equal(later, sooner)
    assert not np.array_equal(picture(bench, scheduled("a [cat|dog]")), plain)


def test_and_adds_up_with_weights(bench):
    plain = picture(bench, scheduled("a cat")).astype(int)
    assert np.abs(picture(bench, scheduled("a cat:0.5 AND a cat:0.5")) - plain).max() <= 1
    assert np.abs(picture(bench, scheduled("a cat AND a dog:0")) - plain).max() <= 1
    assert np.abs(picture(bench, scheduled("a cat AND a dog")) - plain).max() > 1


def test_tags_are_told_and_change_nothing(bench):
    plain = picture(bench, scheduled("a cat"))
    ran = bench.run(scheduled("a cat<lora:style:0.8>"))
    assert np.array_equal(bench.picture(ran.names[0]), plain)
    (warned,) = ran.of(StepWarned)
    assert warned.problem.message == "tags of the prompt are not used here: <lora:style:0.8>"


def test_embedding_stands_wherever_its_name_does(bench):
    embedding(bench, "my style.safetensors")
    without = picture(bench, scheduled("a cat in style"))
    document = scheduled("a cat in [My  Style|(my style:1.2)]")
    first = picture(bench, document)
    assert not np.array_equal(first, without)
    embedding(bench, "other.safetensors")
    assert bench.run(document).did_run == set()
    embedding(bench, "my style.safetensors", seed=1)
    assert not np.array_equal(picture(bench, document), first)


# Places and times


def rewired(kind, **inputs):
    """Text to image with a node between the prompt and the sampler."""
    made = changed(template("text_to_image"), **SMALL)
    made["nodes"].append({"id": "between", "type": kind, "inputs": inputs})
    (into,) = (each for each in made["nodes"] if each["id"] == "between")
    name = next(iter(inputs.pop("_", ())), "conditioning")
    for link in made["links"]:
        if link["from"] == ["prompt", "CONDITIONING"]:
            link["from"] = ["between", "CONDITIONING"]
    made["links"].append({"from": ["prompt", "CONDITIONING"], "to": ["between", name]})
    return made, into


def test_what_covers_everything_always_changes_nothing(bench):
    plain = picture(bench, changed(template("text_to_image"), **SMALL))
    for kind, inputs in (
        ("ConditioningSetArea", {"width": 64, "height": 64}),
        ("ConditioningSetAreaPercentage", {}),
        ("ConditioningSetAreaStrength", {"strength": 0.5}),
        ("ConditioningSetTimestepRange", {}),
    ):
        assert np.array_equal(picture(bench, rewired(kind, **inputs)[0]), plain), kind


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("ConditioningSetAreaPercentage", {"width": 0.5}),
        ("ConditioningSetTimestepRange", {"end": 0.4}),
        ("ConditioningZeroOut", {}),
    ],
)
def test_what_leaves_something_out_changes_the_picture(bench, kind, inputs):
    plain = picture(bench, changed(template("text_to_image"), **SMALL))
    assert not np.array_equal(picture(bench, rewired(kind, **inputs)[0]), plain)


def test_area_outside_of_the_picture_and_times_that_never_come_are_refused(bench):
    outside = bench.run(rewired("ConditioningSetArea", x=640)[0]).failed
    assert (outside.code, outside.node) == ("unsuitable", "sampler")
    never = bench.run(rewired("ConditioningSetTimestepRange", start=0.8, end=0.2)[0]).failed
    assert (never.code, never.node, never.input) == ("unsuitable", "between", "start")


def test_scaled_attention_of_the_text_encoder_changes_the_picture(bench):
    def with_scale(**factors):
        made = changed(template("text_to_image"), **SMALL)
        made["nodes"].append({"id": "scale", "type": "CLIPAttentionMultiply", "inputs": factors})
        for link in made["links"]:
            if link["from"] == ["loader", "CLIP"]:
                link["from"] = ["scale", "CLIP"]
        made["links"].append({"from": ["loader", "CLIP"], "to": ["scale", "clip"]})
        return made

    plain = picture(bench, changed(template("text_to_image"), **SMALL))
    assert np.array_equal(picture(bench, with_scale()), plain)
    assert not np.array_equal(picture(bench, with_scale(v=0.0)), plain)


@pytest.mark.parametrize("changes", [{"left_prompt": {"text": "a dog"}}, {"right": {"strength": 0.2}}])
def test_each_place_of_regional_prompts_matters(bench, changes):
    document = changed(template("regional_prompts"), sampler={"steps": 3})
    assert not np.array_equal(picture(bench, changed(document, **changes)), picture(bench, document))
