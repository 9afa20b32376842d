"""The workflows that ship run, on tiny random weights and, where it is there, on the embedded model."""

import json
import re
import shutil
import threading

import numpy as np
import pytest

from graph.events import StepProgress
from graph.instances import types_of
from graph.workflow import read_document
from tests.nodes.bench import ROOT, Bench, changed, template

TEMPLATES = sorted(path.stem for path in (ROOT / "workflows").glob("*.json"))
UPSCALER = ROOT / "models/upscale_models/realesr-animevideov3-x4.fp16.safetensors"
EMBEDDED = ROOT / "models/checkpoints/tessera-emoji-v1.safetensors"
ELSEWHERE = {
    "controlnet_inpaint",
    "hints",
    "model_from_parts",
    "prompt_from_parts",
    "prompt_loras",
    "scribble",
    "lora_stack",
    "lora_strength",
    "sd2_768_v_prediction",
    "vae_file",
    "classifier_guidance",
    "custom_sampling",
    "two_stage_refine",
    "watch_diffusion",
    "hypernetwork",
    "controlnet",
    "diffusers_folder",
    "two_controlnets",
    "t2i_adapter",
    "depth_map",
    "follow_a_sketch",
    "depth_to_image",
    "edit_by_instruction",
    "inpaint_model",
    "x4_upscale",
    "safety_check",
    "sd1_vs_sd2",
    "textual_inversion",
    "picture_for_each_line",
}
"""Need files of their own: tested where these are made."""
SIZES = {
    "add_difference": (128, 128, 3),
    "grow_in_turns": (200, 200, 3),
    "guidance_by_a_curve": (351, 297, 3),
    "one_recipe_twice": (128, 264, 3),
    "image_tools": (527, 696, 3),
    "latent_tools": (710, 1340, 3),
    "merge_by_block": (128, 128, 3),
    "more_steering": (351, 563, 3),
    "samplers_compared": (367, 696, 3),
    "unsample": (191, 430, 3),
    "latent_upscale": (192, 384, 3),
    "noise_grows": (128, 128, 3),
    "prompt_mixing": (128, 128, 3),
    "prompts_from_lines": (559, 297, 3),
    "schedules_compared": (351, 563, 3),
    "steering_compared": (351, 430, 3),
    "two_ways_to_inpaint": (207, 297, 3),
    "canny_edges": (128, 128, 3),
    "attention_maps": None,
    "before_and_after": (128, 264, 3),
    "better_guidance": (128, 128, 3),
    "large_picture": (192, 192, 3),
    "perp_neg": (128, 128, 3),
    "merge_two_checkpoints": (128, 128, 3),
    "compare_cfg_and_seed": (499, 481, 3),
    "prompt_scheduling": (128, 128, 3),
    "regional_prompts": (128, 128, 3),
    "text_to_image": (128, 128, 3),
    "image_to_image": (128, 128, 3),
    "inpaint": (128, 128, 3),
    "inpaint_detail": (384, 384, 3),
    "outpaint": (128, 128, 3),
    "upscale": (512, 512, 3),
}


def shortened(document):
    """The document with at most 4 steps in every sampling: nothing else is left out."""
    steps = {each["id"]: each["inputs"].get("steps") for each in document["nodes"]}
    many = {node: {"steps": 4} for node, count in steps.items() if isinstance(count, int) and count > 4}
    return changed(document, **many)


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name not in ELSEWHERE])
def test_template_runs(bench, name):
    shutil.copy(UPSCALER, bench.root / "models/upscale_models")
    ran = bench.run(shortened(template(name)))
    assert ran.finished.status == "succeeded", ran.finished.problems
    (saved,) = ran.names
    assert bench.picture(saved).shape == SIZES[name] or SIZES[name] is None


@pytest.mark.skipif(not EMBEDDED.exists(), reason="the embedded checkpoint is not there")
@pytest.mark.parametrize("name", ["text_to_image", "image_to_image", "inpaint", "outpaint"])
def test_template_runs_on_the_embedded_model(tmp_path, name):
    shutil.copytree(ROOT / "models", tmp_path / "models")
    shutil.copytree(ROOT / "input", tmp_path / "input")
    bench = Bench(tmp_path)
    ran = bench.run(template(name))
    bench.executor.close()
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert bench.picture(ran.names[0]).std() > 10


def test_a_template_that_maps_saves_every_line_as_it_is_done(bench):
    document = changed(template("picture_for_each_line"), lines={"text": "a red apple\na panda"})
    document["subgraphs"][0]["nodes"][1]["inputs"]["steps"] = 2
    ran = bench.run(document)
    assert ran.names[:2] == ["picture_for_each_line_00001_.png", "picture_for_each_line_00002_.png"]
    again = changed(document, lines={"text": "a red apple\na yellow star"})
    assert {step for step in bench.run(again).did_run if step.endswith("each=0]")} == set()


def test_templates_say_what_they_are_under_topics_that_the_format_names():
    documented = (ROOT / "docs/format.md").read_text().split("`topic` |")[1].split("\n")[0]
    topics = set(re.findall(r"`(\w+)`", documented))
    said = {name: template(name) for name in TEMPLATES}
    assert {document["topic"] for document in said.values()} == topics
    assert [name for name, document in said.items() if not document["description"].endswith(".")] == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_is_laid_out_from_left_to_right_without_overlaps(name):
    document = template(name)
    for graph in (document, *document.get("subgraphs", ())):
        boxes = {each["id"]: (*each["position"], *each["size"]) for each in graph["nodes"]}
        if graph is not document:
            boxes["@in"] = (*graph["input_position"], 180, 200)
            boxes["@out"] = (*graph["output_position"], 180, 100)
        for link in graph["links"]:
            (source, _), (target, _) = link["from"], link["to"]
            assert boxes[source][0] <= boxes[target][0], link
        for a, (ax, ay, aw, ah) in boxes.items():
            for b, (bx, by, bw, bh) in boxes.items():
                apart = ax + aw <= bx or bx + bw <= ax or ay + ah <= by or by + bh <= ay
                assert a == b or apart, (a, b)


@pytest.mark.parametrize("name", TEMPLATES)
def test_parameters_name_inputs(bench, name):
    document = template(name)
    workflow, _ = read_document(document)
    known = types_of(workflow, bench.registry.now)
    types = {each["id"]: known.get(each["type"]) for each in document["nodes"]}
    for parameter in document["parameters"]:
        assert parameter["input"] in types[parameter["node"]].inputs_by_name


def test_same_seed_gives_the_same_picture_and_another_another(bench):
    document = changed(template("text_to_image"), sampler={"steps": 3})
    first = bench.picture(bench.run(document).names[0])
    again = Bench(bench.root)
    same = bench.picture(again.run(document).names[0])
    other = bench.picture(bench.run(changed(document, sampler={"seed": 2})).names[0])
    again.executor.close()
    assert np.array_equal(first, same) and not np.array_equal(first, other)


def test_picture_of_a_batch_is_the_picture_of_its_own_seed(bench):
    document = changed(
        template("text_to_image"), sampler={"steps": 3, "seed": 5, "sampler_name": "euler_ancestral"}
    )
    batch = [bench.picture(name) for name in bench.run(changed(document, size={"batch_size": 3})).names]
    alone = bench.picture(bench.run(changed(document, sampler={"seed": 7})).names[0])
    assert len(batch) == 3
    assert np.abs(batch[2].astype(int) - alone).max() <= 1


def test_changed_prompt_reruns_only_what_follows(bench):
    document = changed(template("text_to_image"), sampler={"steps": 2})
    bench.run(document)
    assert bench.run(changed(document, save={"filename_prefix": "b"})).did_run == {"save"}
    ran = bench.run(changed(document, prompt={"text": "(cat:1.4)"}))
    assert ran.did_run == {"prompt", "sampler", "decode", "save"}
    assert bench.run(document).did_run == set()


def test_progress_counts_the_steps_and_previews_are_jpegs(bench):
    ran = bench.run(changed(template("text_to_image"), sampler={"steps": 6}))
    assert ran.progress == [("sampler", done, 6) for done in range(1, 7)]
    assert ran.previews and all(data.startswith(b"\xff\xd8\xff") for data in ran.previews)


def test_cancelling_stops_within_a_step(bench):
    cancel = threading.Event()

    def on_event(event):
        if isinstance(event, StepProgress) and event.done == 3:
            cancel.set()

    ran = bench.run(template("text_to_image"), cancel=cancel, on_event=on_event)
    assert ran.finished.status == "cancelled"
    assert ran.progress[-1] == ("sampler", 3, 20)
    assert "loader" in ran.did_run and "sampler" not in ran.did_run
    assert "loader" not in bench.run(changed(template("text_to_image"), sampler={"steps": 2})).did_run


def test_saved_picture_carries_the_workflow_and_comfyui_prompt(bench):
    document = changed(template("text_to_image"), sampler={"steps": 2}, prompt={"text": "Äpfel, 苹果"})
    texts = bench.texts(bench.run(document).names[0])
    assert json.loads(texts["tessera"]) == document
    prompt = json.loads(texts["prompt"])
    assert prompt["prompt"] == {
        "class_type": "CLIPTextEncode",
        "inputs": {"text": "Äpfel, 苹果", "clip": ["loader", 1]},
        "_meta": {"title": "Prompt"},
    }
    assert prompt["decode"]["inputs"] == {"samples": ["sampler", 0], "vae": ["loader", 2]}
    assert set(prompt) == {each["id"] for each in document["nodes"]}
    graph = json.loads(texts["workflow"])
    assert {each["type"] for each in graph["nodes"]} == {each["type"] for each in document["nodes"]}
    assert type(texts["prompt"]) is type(texts["workflow"]) is str  # tEXt, which other programs read
    assert texts["parameters"].startswith("Äpfel, 苹果\nSteps: 2, Sampler: ")
