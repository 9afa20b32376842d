"""Merging and saving models in runs."""

import copy
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from compat.object_info import known_nodes
from compat.reading import read_file
from diffusion.models.unet import UNet
from graph.events import StepWarned
from graph.registry import Registry
from nodes.merging import BLOCKS
from tests.nodes import tiny
from tests.nodes.bench import ROOT, changed, template
from tests.nodes.conftest import CHECKPOINT
from tests.nodes.test_adapters import KEY

SMALL = {"size": {"width": 64, "height": 64}, "sampler": {"steps": 2}}
UNET = "model.diffusion_model."
OTHER = "other.safetensors"


@pytest.fixture
def checkpoints(bench):
    """The tensors of the tiny checkpoint and of another, which the second loader loads."""
    first = load_file(bench.root / "models/checkpoints" / CHECKPOINT)
    generator = torch.Generator().manual_seed(5)
    second = {
        name: tensor + 0.05 * torch.randn(tensor.shape, generator=generator) for name, tensor in first.items()
    }
    save_file(second, bench.root / "models/checkpoints" / OTHER)
    return first, second


def merging(**inputs):
    """The template that merges, with the second checkpoint and the saver active."""
    document = changed(template("merge_two_checkpoints"), second={"ckpt_name": OTHER}, **SMALL, **inputs)
    for each in document["nodes"]:
        each["mode"] = "active"
    return document


def saved(bench, ran):
    """The checkpoint that a run wrote."""
    assert ran.finished.status == "succeeded", ran.finished.problems
    (name,) = [name for name in ran.names if name.endswith(".safetensors")]
    return bench.folders.resolve("output", name)


def graph(*nodes, links):
    """A document of nodes (id, type, inputs) and links ("a.X", "b.y")."""
    return {
        "format": "tessera.workflow",
        "version": 1,
        "nodes": [{"id": name, "type": kind, "inputs": inputs} for name, kind, inputs in nodes],
        "links": [{"from": source.split("."), "to": target.split(".", 1)} for source, target in links],
    }


LOAD_BOTH = (
    ("a", "CheckpointLoaderSimple", {"ckpt_name": CHECKPOINT}),
    ("b", "CheckpointLoaderSimple", {"ckpt_name": OTHER}),
)
MODELS = (("a.MODEL", "merge.model1"), ("b.MODEL", "merge.model2"), ("merge.MODEL", "save.model"))
CLIPS = (("a.CLIP", "merge.clip1"), ("b.CLIP", "merge.clip2"), ("merge.CLIP", "save.clip"))


def test_template_blends_and_what_it_saves_draws_the_same_picture(bench, checkpoints):
    ran = bench.run(merging())
    path = saved(bench, ran)
    tensors, (first, second) = load_file(path), checkpoints
    for name in (UNET + "out.2.weight", "cond_stage_model.transformer.text_model.final_layer_norm.weight"):
        torch.testing.assert_close(
            tensors[name].float(), (first[name] + second[name]) / 2, atol=0.01, rtol=0.01
        )
    name = "first_stage_model.quant_conv.weight"
    torch.testing.assert_close(tensors[name].float(), first[name], atol=0.01, rtol=0.01)
    (merged,) = [bench.picture(name) for name in ran.names if name.endswith(".png")]
    path.rename(bench.root / "models/checkpoints/merged.safetensors")
    plain = changed(template("text_to_image"), loader={"ckpt_name": "merged.safetensors"}, **SMALL)
    assert np.array_equal(bench.picture(bench.run(plain).names[0]), merged)


def test_a_ratio_of_one_is_the_first_and_of_zero_the_second(bench, checkpoints):
    def picture(document):
        return bench.picture(next(name for name in bench.run(document).names if name.endswith(".png")))

    for ratio, checkpoint in ((1.0, CHECKPOINT), (0.0, OTHER)):
        merged = merging(merge={"ratio": ratio}, merge_clip={"ratio": ratio})
        plain = changed(template("text_to_image"), loader={"ckpt_name": checkpoint}, **SMALL)
        for link in plain["links"]:
            if link["to"] == ["decode", "vae"]:
                link["from"] = ["vae", "VAE"]
        plain["nodes"].append(
            {"id": "vae", "type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": CHECKPOINT}}
        )
        assert np.array_equal(picture(merged), picture(plain))


def test_saved_file_carries_the_recipe_and_what_it_is(bench, checkpoints):
    document = merging()
    with safe_open(saved(bench, bench.run(document)), framework="pt") as file:
        metadata = file.metadata()
    assert json.loads(metadata["tessera"]) == document
    assert json.loads(metadata["prompt"])["merge"]["class_type"] == "ModelMergeSimple"
    assert metadata["modelspec.architecture"] == "stable-diffusion-v1"
    assert metadata["modelspec.prediction_type"] == "epsilon"


@pytest.mark.parametrize(
    ("kind", "inputs", "expected"),
    [
        ("ModelMergeSimple", {"ratio": 0.25}, lambda a, b: 0.25 * a + 0.75 * b),
        ("ModelMergeBlocks", {"input": 0.0, "middle": 0.0, "out": 0.5}, lambda a, b: 0.5 * a + 0.5 * b),
        ("ModelMergeAdd", {}, lambda a, b: a + b),
        ("ModelMergeSubtract", {"multiplier": 2.0}, lambda a, b: 2 * a - 2 * b),
        ("ModelMergeSD1", {"out.": 0.25}, lambda a, b: 0.25 * a + 0.75 * b),
        ("ModelMergeSD2", {"time_embed.": 0.0}, lambda a, b: a),
    ],
)
def test_models_are_merged_as_the_node_says(bench, checkpoints, kind, inputs, expected):
    nodes = (*LOAD_BOTH, ("merge", kind, inputs), ("save", "ModelSave", {}))
    tensors = load_file(saved(bench, bench.run(graph(*nodes, links=MODELS))))
    first, second = (made[UNET + "out.2.weight"] for made in checkpoints)
    given = tensors[UNET + "out.2.weight"]
    # Beside rounding to the working precision of this machine, which may be bfloat16.
    torch.testing.assert_close(given.float(), expected(first, second), atol=4e-3, rtol=1e-2)


@pytest.mark.parametrize(
    ("kind", "inputs", "expected"),
    [
        ("CLIPMergeSimple", {"ratio": 0.25}, lambda a, b: 0.25 * a + 0.75 * b),
        ("CLIPMergeAdd", {}, lambda a, b: a + b),
        ("CLIPMergeSubtract", {"multiplier": 2.0}, lambda a, b: 2 * a - 2 * b),
    ],
)
def test_text_encoders_are_merged_as_the_node_says(bench, checkpoints, kind, inputs, expected):
    nodes = (*LOAD_BOTH, ("merge", kind, inputs), ("save", "CLIPSave", {}))
    tensors = load_file(saved(bench, bench.run(graph(*nodes, links=CLIPS))))
    name = "text_model.encoder.layers.0.mlp.fc1.weight"
    first, second = (made["cond_stage_model.transformer." + name] for made in checkpoints)
    torch.testing.assert_close(tensors[name].float(), expected(first, second), atol=4e-3, rtol=1e-2)


def test_a_patched_model_is_saved_merged(bench, checkpoints):
    (bench.root / "models/loras").mkdir()
    parts = {f"{KEY}.lora_up.weight": torch.ones(64, 1), f"{KEY}.lora_down.weight": torch.ones(1, 64)}
    save_file(parts, bench.root / "models/loras/style.safetensors")
    lora = ("lora", "LoraLoaderModelOnly", {"lora_name": "style.safetensors", "strength_model": 1.0})
    links = (("a.MODEL", "lora.model"), ("lora.MODEL", "save.model"))
    tensors = load_file(
        saved(bench, bench.run(graph(LOAD_BOTH[0], lora, ("save", "ModelSave", {}), links=links)))
    )
    name = UNET + "middle_block.1.transformer_blocks.0.attn1.to_q.weight"
    torch.testing.assert_close(tensors[name].float(), checkpoints[0][name] + 1, atol=0.01, rtol=0.01)


def test_the_difference_of_two_models_is_a_lora_that_makes_one_of_the_other(bench, checkpoints):
    nodes = (*LOAD_BOTH, ("minus", "ModelMergeSubtract", {}), ("text", "CLIPMergeSubtract", {}),
             ("save", "LoraSave", {"rank": 64}))  # fmt: skip
    links = [("b.MODEL", "minus.model1"), ("a.MODEL", "minus.model2"), ("b.CLIP", "text.clip1"),
             ("a.CLIP", "text.clip2"), ("minus.MODEL", "save.model_diff"),
             ("text.CLIP", "save.text_encoder_diff")]  # fmt: skip
    ran = bench.run(graph(*nodes, links=links))
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert ran.names == ["loras/Tessera_extracted_lora_00001_.safetensors"] and len(ran.progress) > 100
    (bench.root / "models/loras").mkdir()
    saved(bench, ran).rename(bench.root / "models/loras/made.safetensors")
    document = changed(template("text_to_image"), **SMALL)
    document["nodes"] += [
        {"id": "lora", "type": "LoraLoader", "inputs": {"lora_name": "made.safetensors"}},
        {"id": "vae", "type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": CHECKPOINT}},
    ]
    for link in document["links"]:
        if link["from"][0] == "loader":
            link["from"][0] = "vae" if link["from"][1] == "VAE" else "lora"
    document["links"] += [
        {"from": ["loader", kind], "to": ["lora", kind.lower()]} for kind in ("MODEL", "CLIP")
    ]
    pictures = {}
    for name, loader, strength in (("a", CHECKPOINT, 0.0), ("made", CHECKPOINT, 1.0), ("b", OTHER, 0.0)):
        strengths = {"strength_model": strength, "strength_clip": strength}
        ran = bench.run(changed(document, loader={"ckpt_name": loader}, lora=strengths))
        pictures[name] = bench.picture(ran.names[0]).astype(int)
    near, far = (np.abs(pictures[name] - pictures["b"]).mean() for name in ("made", "a"))
    assert near < far / 5, (near, far)


@pytest.mark.parametrize(
    "links",
    [[], [("a.MODEL", "minus.model1"), ("a.MODEL", "minus.model2"), ("minus.MODEL", "save.model_diff")]],
)
def test_no_difference_is_no_lora(bench, checkpoints, links):
    nodes = [LOAD_BOTH[0], ("save", "LoraSave", {})] + [("minus", "ModelMergeSubtract", {})] * bool(links)
    problem = bench.run(graph(*nodes, links=links)).failed
    assert (problem.code, problem.node, problem.input) == ("unsuitable", "save", "model_diff")


def test_what_is_no_weight_is_merged_around_and_told_when_saving(bench, checkpoints):
    nodes = (
        *LOAD_BOTH, ("free", "FreeU", {}), ("scaled", "CLIPAttentionMultiply", {"q": 1.2}),
        ("rescaled", "RescaleCFG", {}), ("sum", "ModelMergeSimple", {"ratio": 0.5}),
        ("texts", "CLIPMergeSimple", {}), ("unet", "ModelSave", {}), ("clip", "CLIPSave", {}),
    )  # fmt: skip
    links = [("a.MODEL", "free.model"), ("free.MODEL", "rescaled.model"), ("rescaled.MODEL", "sum.model1"),
             ("b.MODEL", "sum.model2"), ("sum.MODEL", "unet.model"), ("a.CLIP", "scaled.clip"),
             ("scaled.CLIP", "texts.clip1"), ("b.CLIP", "texts.clip2"), ("texts.CLIP", "clip.clip"),
    ]  # fmt: skip
    ran = bench.run(graph(*nodes, links=links))
    assert ran.finished.status == "succeeded", ran.finished.problems
    told = {event.step: event.problem for event in ran.of(StepWarned)}
    assert {step: (each.code, each.input) for step, each in told.items()} == {
        "unet": ("not_in_file", "model"), "clip": ("not_in_file", "clip"),
    }  # fmt: skip
    assert "FreeU, RescaleCfg" in told["unet"].message and "AttentionScale" in told["clip"].message


def test_saved_unet_and_text_encoder_draw_the_picture_of_their_checkpoint(bench, checkpoints):
    links = [("a.MODEL", "unet.model"), ("a.CLIP", "clip.clip")]
    nodes = (LOAD_BOTH[0], ("unet", "ModelSave", {}), ("clip", "CLIPSave", {}))
    for name in bench.run(graph(*nodes, links=links)).names:
        kind = {"diffusion_models": "diffusion_models", "clip": "text_encoders"}[name.split("/")[0]]
        (bench.root / "models" / kind).mkdir()
        bench.folders.resolve("output", name).rename(bench.root / "models" / kind / "part.safetensors")
    plain = changed(template("text_to_image"), **SMALL)
    parts = copy.deepcopy(plain)
    parts["nodes"] += [
        {"id": "unet", "type": "UNETLoader", "inputs": {"unet_name": "part.safetensors"}},
        {"id": "clip", "type": "CLIPLoader", "inputs": {"clip_name": "part.safetensors"}},
    ]
    for link in parts["links"]:
        link["from"] = {"MODEL": ["unet", "MODEL"], "CLIP": ["clip", "CLIP"]}.get(
            link["from"][1], link["from"]
        )
    first, second = (bench.picture(bench.run(document).names[0]) for document in (plain, parts))
    assert np.array_equal(first, second)


def test_models_of_different_shape_are_a_problem(bench, checkpoints):
    wide = UNet(replace(tiny.UNET, model_channels=64)).state_dict()
    tensors = {name: tensor for name, tensor in checkpoints[1].items() if not name.startswith(UNET)}
    tensors |= {UNET + name: tensor for name, tensor in wide.items()}
    save_file(tensors, bench.root / "models/checkpoints" / OTHER)
    nodes = (*LOAD_BOTH, ("merge", "ModelMergeSimple", {"ratio": 0.5}), ("save", "ModelSave", {}))
    problem = bench.run(graph(*nodes, links=MODELS)).failed
    assert (problem.code, problem.node, problem.input) == ("unsuitable", "merge", "model2")
    assert "model_channels 64 instead of 32" in problem.message
    assert "SD1 with SD1" in problem.remedy


def test_a_prefix_cannot_leave_the_output_folder(bench, checkpoints):
    nodes = (LOAD_BOTH[0], ("save", "ModelSave", {"filename_prefix": "../outside"}))
    problem = bench.run(graph(*nodes, links=[("a.MODEL", "save.model")])).failed
    assert (problem.code, problem.input) == ("path_refused", "filename_prefix")


def test_blocks_are_those_of_published_unets():
    from tests.diffusion.golden import manifest

    names = [name.removeprefix(UNET) for name in manifest("sd-v1-5-emaonly") if name.startswith(UNET)]
    assert all(name.startswith(BLOCKS) for name in names)
    used = {block for block in BLOCKS if any(name.startswith(block) for name in names)}
    assert set(BLOCKS) - used == {"label_emb."}


def test_nodes_of_blocks_stay_the_same_from_one_process_to_the_next():
    code = (
        "from graph.registry import Registry; r = Registry(); r.load_package('nodes');"
        "print(r.types['ModelMergeSD1'].key_prefix)"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    registry = Registry()
    registry.load_package("nodes")
    assert told.stdout.strip() == registry.types["ModelMergeSD1"].key_prefix


# --- ComfyUI's own examples of merging, as its interface saved them

EXAMPLES = sorted((ROOT / "tests/data/comfy_workflows/ui").glob("model_merging_*.json"))
SMALLER = {"EmptyLatentImage": {"width": 64, "height": 64, "batch_size": 1}, "KSampler": {"steps": 2}}
SMALLER |= {"RepeatLatentBatch": {"amount": 1}, "VAEEncodeForInpaint": {"grow_mask_by": 0}}


def write_files(bench, document, checkpoints):
    """The files that a document names: checkpoints and a VAE of almost no size, a LoRA and a picture."""
    models, (first, second) = bench.root / "models", checkpoints
    for folder in ("vae", "loras"):
        (models / folder).mkdir(exist_ok=True)
    for number, name in enumerate(files_of(document, "CheckpointLoaderSimple", "ckpt_name")):
        tensors = dict((first, second)[number % 2])
        if "inpainting" in name:
            conv = UNET + "input_blocks.0.0.weight"
            tensors[conv] = torch.cat([tensors[conv], torch.zeros(32, 5, 3, 3)], dim=1)
        if name.endswith(".ckpt"):
            torch.save({"state_dict": tensors}, models / "checkpoints" / name)
        else:
            save_file(tensors, models / "checkpoints" / name)
    for name in files_of(document, "VAELoader", "vae_name"):
        vae = {key: tensor for key, tensor in second.items() if key.startswith("first_stage_model.")}
        torch.save({"state_dict": vae}, models / "vae" / name)
    for name in files_of(document, "LoraLoader", "lora_name"):
        parts = {f"{KEY}.lora_up.weight": torch.ones(64, 1), f"{KEY}.lora_down.weight": torch.ones(1, 64)}
        save_file(parts, models / "loras" / name)
    for name in files_of(document, "LoadImage", "image"):
        picture = np.full((64, 64, 4), 128, np.uint8)
        picture[:32, :, 3] = 0
        Image.fromarray(picture).save(bench.root / "input" / name)


def files_of(document, kind, given):
    """The files that the nodes of a type name."""
    return [each["inputs"][given] for each in document["nodes"] if each["type"] == kind]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name.partition(".")[0])
def test_comfyuis_examples_draw_and_save(bench, checkpoints, path):
    document = read_file(path.read_bytes(), known_nodes()).document
    for each in document["nodes"]:
        each["mode"] = "active"
        each["inputs"].update(SMALLER.get(each["type"], {}))
    write_files(bench, document, checkpoints)
    ran = bench.run(document)
    assert ran.finished.status == "succeeded", ran.finished.problems
    (picture,) = [name for name in ran.names if name.endswith(".png")]
    (written,) = [name for name in ran.names if name.endswith(".safetensors")]
    assert bench.picture(picture).shape == (64, 64, 3)
    conv = load_file(bench.folders.resolve("output", written))[UNET + "input_blocks.0.0.weight"]
    assert conv.shape[1] == (9 if "inpaint" in path.name else 4)
