"""Workflows that need files of their own, or end in more than a picture; on tiny weights."""

import shutil

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from diffusion.models.controlnet import ControlNet, ControlNetConfig
from graph.events import StepFinished
from tests.diffusion.models.test_hed import published
from tests.nodes import tiny
from tests.nodes.bench import ROOT, changed, template
from tests.nodes.conftest import CHECKPOINT
from tests.nodes.test_adapters import KEY

SMALL = {"width": 64, "height": 64}
SHORT = {"steps": 4}


def put(bench, folder, name):
    """A path for a model's file."""
    path = bench.root / "models" / folder / name
    path.parent.mkdir(exist_ok=True)
    return path


def picture(bench, document):
    ran = bench.run(document)
    assert ran.finished.status == "succeeded", ran.finished.problems
    (name,) = ran.names
    return bench.picture(name)


def test_parts_of_a_model_draw_in_two_stages(bench):
    files = {
        "model.diffusion_model.": ("diffusion_models", "diffusion_pytorch_model.safetensors"),
        "cond_stage_model.transformer.": ("text_encoders", "clip_l.safetensors"),
        "first_stage_model.": ("vae", "vae-ft-mse-840000-ema-pruned.safetensors"),
    }
    for prefix, network in tiny.networks().items():
        save_file(network.state_dict(), put(bench, *files[prefix]))
    stages = {"first": {"end_at_step": 2, **SHORT}, "second": {"start_at_step": 2, **SHORT}}
    document = changed(template("model_from_parts"), size=SMALL, **stages)
    two = picture(bench, document)
    assert two.shape == (64, 64, 3)
    assert not np.array_equal(two, picture(bench, changed(document, second={"start_at_step": 4})))


def controlnet():
    """Random weights of a ControlNet under the names of published files."""
    generator = torch.Generator().manual_seed(1)
    shapes = ControlNet(ControlNetConfig(tiny.UNET)).state_dict()
    return {
        f"control_model.{name}": 0.1 * torch.randn(each.shape, generator=generator)
        for name, each in shapes.items()
    }


def test_scribble_guides_by_what_its_file_adds_to_the_model(bench):
    checkpoint = put(bench, "checkpoints", "v1-5-pruned-emaonly.safetensors")
    tiny.write_checkpoint(checkpoint)
    torch.save(published(), put(bench, "edges", "ControlNetHED.pth"))
    path = put(bench, "controlnet", "diff_control_sd15_scribble_fp16.safetensors")
    save_file(controlnet() | {"difference": torch.zeros(0)}, path)
    document = changed(template("scribble"), size=SMALL, scale=SMALL, sampler=SHORT)
    guided, free = (picture(bench, changed(document, guide={"strength": each})) for each in (0.9, 0.0))
    assert guided.shape == (64, 64, 3) and not np.array_equal(guided, free)


def test_hints_are_drawn_side_by_side_out_of_one_picture(bench):
    shipped = ROOT / "models/segmentation/selfie_segmentation.safetensors"
    shutil.copy(shipped, put(bench, "segmentation", shipped.name))
    sheet = picture(bench, template("hints"))
    assert sheet.shape == (351, 430, 3)
    # Five pictures of 128 x 128; all but the first are drawn on black, each with something on it.
    for left, top in ((151, 18), (284, 18), (18, 178), (151, 178)):
        hint = sheet[top : top + 128, left : left + 128]
        assert hint.min() == 0 and hint.max() > 100 and hint.mean() < 100


def test_controlnet_for_inpainting_paints_inside_only_by_weights_that_were_averaged(bench):
    checkpoint = put(bench, "checkpoints", "whole.safetensors")
    tiny.write_checkpoint(checkpoint)
    tensors, prefix = load_file(checkpoint), "model.diffusion_model."
    averages = {
        "model_ema." + name.removeprefix("model.").replace(".", ""): 0.5 * each
        for name, each in tensors.items()
        if name.startswith(prefix)
    }
    save_file(tensors | averages, put(bench, "checkpoints", "v1-5-pruned.safetensors"))
    save_file(controlnet(), put(bench, "controlnet", "control_v11p_sd15_inpaint_fp16.safetensors"))
    inside = {"mask": {"width": 32, "height": 32}, "nothing": SMALL, "placed": {"x": 16, "y": 16}}
    document = changed(template("controlnet_inpaint"), scale=SMALL, sampler=SHORT, **inside)
    seen = [picture(bench, changed(document, weights={"decay": decay})) for decay in (0.825, 0.1)]
    last = picture(bench, changed(document, loader={"weights": "last"}))
    assert seen[0].shape == (64, 64, 3)
    assert not np.array_equal(*seen) and not np.array_equal(seen[0], last)


def test_lora_of_a_tag_changes_the_picture_and_leaves_the_prompt(bench):
    parts = {f"{KEY}.lora_up.weight": torch.ones(64, 2), f"{KEY}.lora_down.weight": torch.ones(2, 64)}
    save_file(parts, put(bench, "loras", "style.safetensors"))
    document = changed(template("prompt_loras"), size=SMALL, sampler=SHORT)
    words = "a lighthouse on a cliff"
    tagged, off, plain = (
        picture(bench, changed(document, written={"value": text}))
        for text in (f"{words} <lora:style:0.8>", f"{words} <lora:style:0>", f"{words} ")
    )
    assert np.array_equal(off, plain) and not np.array_equal(tagged, plain)


def test_prompt_out_of_parts_is_the_prompt_that_they_say(bench):
    ran = bench.run(changed(template("prompt_from_parts"), sampler=SHORT))
    assert ran.finished.status == "succeeded", ran.finished.problems
    (made,) = [name for name in ran.names if name]
    prompt = {"prompt": {"text": "a panda, pink background"}, "negative": {"text": ""}}
    sampler = {"sampler": {"seed": 1, "cfg": 3.0, **SHORT}}
    written = picture(bench, changed(template("text_to_image"), **prompt, **sampler))
    assert np.array_equal(bench.picture(made), written)
    shown = {each.step: each.artifacts[0].text for each in ran.of(StepFinished) if "told" in each.step}
    assert shown == {"told": "24", "told2": "True", "told3": "True"}
    night = changed(template("prompt_from_parts"), sampler=SHORT, night={"value": True})
    assert bench.run(night).finished.status == "succeeded"


def test_parts_of_a_merged_model_are_written_where_their_nodes_are_active(bench):
    document = changed(template("merge_by_block"), size=SMALL, sampler=SHORT)
    for each in document["nodes"]:
        each["mode"] = "active"
    ran = bench.run(document)
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert {name.partition("/")[0] for name in ran.names} >= {"diffusion_models", "clip"}
    written = next(name for name in ran.names if name.startswith("diffusion_models/"))
    given = tiny.networks()["model.diffusion_model."].state_dict()
    tensors = load_file(bench.folders.resolve("output", written))
    assert {name.removeprefix("model.diffusion_model.") for name in tensors} == set(given)


def test_difference_of_two_models_is_added_to_a_third_and_written_as_a_lora(bench):
    folder = bench.root / "models/checkpoints"
    tensors = load_file(folder / CHECKPOINT)
    bias = "model.diffusion_model.out.2.bias"
    save_file(tensors | {bias: tensors[bias] + 0.5}, folder / "tuned.safetensors")
    document = changed(template("add_difference"), size=SMALL, sampler=SHORT)
    same = picture(bench, document)
    document = changed(document, tuned={"ckpt_name": "tuned.safetensors"})
    for each in document["nodes"]:
        each["mode"] = "active"
    ran = bench.run(document)
    assert ran.finished.status == "succeeded", ran.finished.problems
    (made,) = [name for name in ran.names if name.endswith(".png")]
    assert not np.array_equal(bench.picture(made), same)
    assert any(name.startswith("loras/") for name in ran.names)
