"""The loaders in runs: which files they take, which they refuse, and when they run again."""

import json
import os

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from graph.plan import plan
from graph.workflow import read_document
from tests.diffusion.checkpoint import test_diffusers_folder as diffusers_folder
from tests.diffusion.checkpoint.test_files import Exploit
from tests.nodes.bench import Bench, changed, template
from tests.nodes.conftest import CHECKPOINT

SMALL = {"size": {"width": 64, "height": 64}, "sampler": {"steps": 2}}
FOLDER = "stable-diffusion-v1-5"


def with_loader(bench, kind, **inputs):
    """Text to image through another loader of whole models."""
    made = changed(template("text_to_image"), **SMALL)
    for each in made["nodes"]:
        if each["id"] == "loader":
            each.update(type=kind, inputs=inputs)
    return made


def with_part(bench, kind, output, to, **inputs):
    """Text to image with one part of the model from a loader of its own."""
    made = changed(template("text_to_image"), **SMALL)
    made["nodes"].append({"id": "part", "type": kind, "inputs": inputs})
    for link in made["links"]:
        if link["from"] == ["loader", output] and link["to"][0] in to:
            link["from"] = ["part", output]
    return made


def picture(bench, document):
    ran = bench.run(document)
    assert ran.finished.status == "succeeded", ran.finished.problems
    return bench.picture(ran.names[0])


def put(bench, folder, name, tensors):
    path = bench.root / "models" / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if name.endswith(".safetensors"):
        save_file(tensors, path)
    else:
        torch.save({"state_dict": tensors}, path)
    return path


@pytest.fixture
def tensors(bench):
    return load_file(bench.root / "models/checkpoints" / CHECKPOINT)


@pytest.fixture
def plain(bench):
    """The picture that the usual loader leads to."""
    return picture(bench, changed(template("text_to_image"), **SMALL))


# --- checkpoints


def test_ckpt_files_give_the_same_picture(bench, tensors, plain):
    put(bench, "checkpoints", "old.ckpt", tensors)
    document = with_loader(bench, "CheckpointLoaderSimple", ckpt_name="old.ckpt")
    assert np.array_equal(picture(bench, document), plain)


def test_old_loader_follows_its_configuration_where_it_fits(bench, plain):
    def document(name):
        return with_loader(bench, "CheckpointLoader", ckpt_name=CHECKPOINT, config_name=name)

    assert np.array_equal(picture(bench, document("v1-inference.yaml")), plain)
    assert not np.array_equal(picture(bench, document("anything_v3.yaml")), plain), "it skips a layer"
    problem = bench.run(document("v2-inference-v.yaml")).failed
    assert (problem.code, problem.input) == ("unsuitable", "config_name")
    assert "v1-inference.yaml" in problem.remedy


def test_averaged_weights_and_precision_can_be_chosen(bench, tensors, plain):
    def document(**inputs):
        return with_loader(bench, "CheckpointLoaderWeights", ckpt_name="whole.safetensors", **inputs)

    prefix = "model.diffusion_model."
    averages = {
        "model_ema." + name.removeprefix("model.").replace(".", ""): tensor * 0.5
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }
    put(bench, "checkpoints", "whole.safetensors", tensors | averages)
    assert np.array_equal(picture(bench, document()), plain)
    assert not np.array_equal(picture(bench, document(weights="averaged")), plain)
    full, half = picture(bench, document(dtype="fp32")), picture(bench, document(dtype="bf16"))
    assert not np.array_equal(full, half)
    assert np.abs(full.astype(int) - half).mean() < 8


def test_averages_that_are_not_there_are_a_problem(bench):
    document = with_loader(bench, "CheckpointLoaderWeights", ckpt_name=CHECKPOINT, weights="averaged")
    problem = bench.run(document).failed
    assert (problem.code, problem.input) == ("unknown_architecture", "ckpt_name")
    assert problem.remedy == "Choose the weights: last."


# --- parts


@pytest.mark.parametrize("suffix", [".safetensors", ".ckpt"])
def test_unet_alone_gives_the_picture_of_its_checkpoint(bench, tensors, plain, suffix):
    prefix = "model.diffusion_model."
    unet = {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
    put(bench, "diffusion_models", f"unet{suffix}", unet)
    document = with_part(bench, "UNETLoader", "MODEL", {"sampler"}, unet_name=f"unet{suffix}")
    assert np.array_equal(picture(bench, document), plain)
    rounded = changed(document, part={"weight_dtype": "fp8_e4m3fn"})
    assert not np.array_equal(picture(bench, rounded), plain)


@pytest.mark.parametrize("suffix", [".safetensors", ".bin"])
def test_text_encoder_alone_gives_the_picture_of_its_checkpoint(bench, tensors, plain, suffix):
    prefix = "cond_stage_model.transformer."
    text = {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
    put(bench, "text_encoders", f"clip{suffix}", text)
    inputs = {"clip_name": f"clip{suffix}", "device": "cpu"}
    document = with_part(bench, "CLIPLoader", "CLIP", {"prompt", "negative"}, **inputs)
    assert np.array_equal(picture(bench, document), plain)
    problem = bench.run(changed(document, part={"type": "sd3"})).failed
    assert (problem.code, problem.input) == ("unsuitable", "type")
    assert "Choose stable_diffusion" in problem.remedy


# --- folders


@pytest.fixture
def folder(bench):
    made = diffusers_folder.make(bench.root / "models/diffusers" / FOLDER, vae_levels=4)
    yield made.folder


@pytest.mark.filterwarnings("ignore")
def test_template_runs_on_a_folder(bench, folder):
    document = changed(template("diffusers_folder"), **SMALL)
    assert document["nodes"][0]["inputs"] == {"model_path": FOLDER}
    assert picture(bench, document).shape == (64, 64, 3)
    assert bench.run(document).did_run == set()


@pytest.mark.filterwarnings("ignore")
def test_a_changed_file_of_the_folder_is_loaded_again(bench, folder):
    document = changed(template("diffusers_folder"), **SMALL)
    first = picture(bench, document)
    path = folder / "unet/diffusion_pytorch_model.safetensors"
    save_file({name: tensor * 1.5 for name, tensor in load_file(path).items()}, path)
    ran = bench.run(document)
    assert "loader" in ran.did_run and not np.array_equal(bench.picture(ran.names[0]), first)


@pytest.mark.filterwarnings("ignore")
def test_folders_are_offered_by_name_and_others_are_not(bench, folder):
    (bench.root / "models/diffusers/of another program").mkdir()
    (bench.root / "models/diffusers/of another program/model.safetensors").write_bytes(b"")
    (widget,) = [given.widget for given in bench.registry.get("DiffusersLoader").inputs]
    assert widget.to_json(bench.folders)["choices"] == [FOLDER]


@pytest.mark.filterwarnings("ignore")
def test_a_folder_of_another_pipeline_is_a_problem(bench, folder):
    index = {"_class_name": "StableDiffusionXLPipeline", "unet": [1], "text_encoder_2": [1]}
    (folder / "model_index.json").write_text(json.dumps(index))
    problem = bench.run(changed(template("diffusers_folder"), **SMALL)).failed
    assert (problem.code, problem.node, problem.input) == ("unknown_architecture", "loader", "model_path")
    assert "a folder of StableDiffusionXLPipeline" in problem.message


# --- bad files

LOADERS = {
    "CheckpointLoaderSimple": ("ckpt_name", "checkpoints"),
    "UNETLoader": ("unet_name", "diffusion_models"),
    "CLIPLoader": ("clip_name", "text_encoders"),
    "VAELoader": ("vae_name", "vae"),
}


def problem_of(bench: Bench, kind, name):
    """What is said of a loader's file: by the plan, if its header tells, else by the run."""
    given, _ = LOADERS[kind]
    document = {
        "format": "tessera.workflow",
        "version": 1,
        "nodes": [{"id": "loader", "type": kind, "inputs": {given: name}}, *SINKS[kind]["nodes"]],
        "links": SINKS[kind]["links"],
    }
    workflow, _ = read_document(document)
    planned = plan(workflow, bench.registry, folders=bench.folders, cache=bench.cache)
    problem = bench.run(document).failed if planned.ok else planned.problems[0]
    assert (problem.node, problem.input) == ("loader", given) and problem.remedy
    return problem


def sink(kind, output, given):
    return {
        "nodes": [{"id": "sink", "type": kind, "inputs": {}}],
        "links": [{"from": ["loader", output], "to": ["sink", given]}],
    }


SINKS = {
    "CheckpointLoaderSimple": sink("VAESave", "VAE", "vae"),
    "UNETLoader": sink("ModelSave", "MODEL", "model"),
    "CLIPLoader": sink("CLIPSave", "CLIP", "clip"),
    "VAELoader": sink("VAESave", "VAE", "vae"),
}


@pytest.mark.parametrize("kind", LOADERS)
@pytest.mark.parametrize("suffix", [".ckpt", ".pt", ".bin"])
@pytest.mark.parametrize("legacy", [False, True])
def test_code_in_a_file_is_refused_and_not_run(bench, kind, suffix, legacy):
    path = bench.root / "models" / LOADERS[kind][1] / f"evil{suffix}"
    path.parent.mkdir(exist_ok=True)
    content = {"state_dict": {"a": torch.ones(2)}, "extra": Exploit(bench.root / "canary")}
    torch.save(content, path, _use_new_zipfile_serialization=not legacy)
    problem = problem_of(bench, kind, path.name)
    assert problem.code == "unsafe_file" and "was not run" in problem.remedy
    assert not (bench.root / "canary").exists()


@pytest.mark.parametrize("kind", LOADERS)
def test_a_lora_is_named_by_every_loader(bench, kind):
    tensors = {"lora_unet_mid_block_attentions_0_proj_in.lora_down.weight": torch.ones(2)}
    put(bench, LOADERS[kind][1], "style.safetensors", tensors)
    problem = problem_of(bench, kind, "style.safetensors")
    assert problem.code == "unknown_architecture" and "a LoRA" in problem.message


@pytest.mark.parametrize("kind", LOADERS)
def test_a_cut_off_file_is_a_problem(bench, tensors, kind):
    path = put(bench, LOADERS[kind][1], "cut.safetensors", tensors)
    os.truncate(path, path.stat().st_size - 1000)
    problem = problem_of(bench, kind, "cut.safetensors")
    assert problem.code == "damaged_file" and "download the file again" in problem.remedy


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("CheckpointLoaderSimple", "model.diffusion_model.out.2.bias"),
        ("UNETLoader", "model.diffusion_model.out.2.bias"),
        ("CLIPLoader", "cond_stage_model.transformer.text_model.final_layer_norm.bias"),
        ("VAELoader", "first_stage_model.quant_conv.bias"),
    ],
)
def test_weights_that_are_no_numbers_are_a_problem(bench, tensors, kind, name, value):
    tensors[name][0] = value
    put(bench, LOADERS[kind][1], "broken.safetensors", tensors)
    assert problem_of(bench, kind, "broken.safetensors").code == "non_finite_weights"


def test_a_vae_of_sd3_is_named(bench, tensors):
    vae = {name: tensor for name, tensor in tensors.items() if name.startswith("first_stage_model.")}
    vae["first_stage_model.decoder.conv_in.weight"] = torch.zeros(32, 16, 3, 3)
    put(bench, "vae", "sd3.safetensors", vae)
    assert "16 latent channels" in problem_of(bench, "VAELoader", "sd3.safetensors").message
