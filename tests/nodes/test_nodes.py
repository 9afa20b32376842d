"""The nodes in runs: pictures in and out, parts of the way, and errors that name node, input and remedy."""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from graph.plan import plan
from graph.workflow import read_document
from tests.nodes.bench import ROOT, changed, template

FAST = {"steps": 2}


def document(nodes, *links):
    """A document from `{"a": ("Type", {…})}` and links like `"a.IMAGE > b.image"`."""
    ends = [[end.rsplit(".", 1) for end in link.split(" > ")] for link in links]
    return {
        "format": "tessera.workflow",
        "version": 1,
        "nodes": [{"id": name, "type": kind, "inputs": inputs} for name, (kind, inputs) in nodes.items()],
        "links": [{"from": source, "to": target} for source, target in ends],
    }


def through(kind, inputs, *, input="image"):
    """LoadImage -> a node of pictures -> SaveImage."""
    return document(
        {"load": ("LoadImage", {"image": "example.png"}), "node": (kind, inputs), "save": ("SaveImage", {})},
        f"load.IMAGE > node.{input}",
        "node.IMAGE > save.images",
    )


def example():
    return np.asarray(Image.open(ROOT / "input/example.png").convert("RGB"))


# Pictures


def test_loaded_picture_is_saved_unchanged(bench):
    ran = bench.run(
        document(
            {"load": ("LoadImage", {"image": "example.png"}), "save": ("SaveImage", {})},
            "load.IMAGE > save.images",
        )
    )
    assert ran.names == ["Tessera_00001_.png"]
    assert np.array_equal(bench.picture("Tessera_00001_.png"), example())


def test_invert_turns_light_into_dark(bench):
    (name,) = bench.run(through("ImageInvert", {})).names
    assert np.array_equal(bench.picture(name), 255 - example())


def test_scale_takes_the_wanted_size(bench):
    scale = {"upscale_method": "lanczos", "width": 64, "height": 0}
    (name,) = bench.run(through("ImageScale", scale)).names
    assert bench.picture(name).shape == (64, 64, 3)


def test_mask_feeds_a_picture(bench):
    Image.new("RGBA", (8, 8), (1, 2, 3, 0)).save(bench.root / "input/clear.png")
    nodes = {"load": ("LoadImage", {"image": "clear.png"}), "save": ("SaveImage", {})}
    (name,) = bench.run(document(nodes, "load.MASK > save.images")).names
    assert (bench.picture(name) == 255).all()


def test_preview_goes_to_the_temporary_folder(bench):
    nodes = {"load": ("LoadImage", {"image": "example.png"}), "show": ("PreviewImage", {})}
    ran = bench.run(document(nodes, "load.IMAGE > show.images"))
    assert np.array_equal(bench.picture(ran.names[0], "temp"), example())
    assert not (bench.root / "output").exists()


def test_prefix_may_name_a_folder_and_sizes(bench):
    nodes = {
        "load": ("LoadImage", {"image": "example.png"}),
        "save": ("SaveImage", {"filename_prefix": "series/%width%x%height%_%batch_num%"}),
    }
    assert bench.run(document(nodes, "load.IMAGE > save.images")).names == ["series/128x128_0_00001_.png"]


@pytest.mark.parametrize("prefix", ["../outside", "/etc/passwd", "a/../../b"])
def test_prefix_cannot_leave_the_folder(bench, prefix):
    nodes = {
        "load": ("LoadImage", {"image": "example.png"}),
        "save": ("SaveImage", {"filename_prefix": prefix}),
    }
    problem = bench.run(document(nodes, "load.IMAGE > save.images")).failed
    assert (problem.code, problem.node, problem.input) == ("path_refused", "save", "filename_prefix")
    assert problem.remedy


def test_unreadable_picture_is_reported_at_its_node(bench):
    (bench.root / "input/empty.png").touch()
    nodes = {"load": ("LoadImage", {"image": "empty.png"}), "save": ("SaveImage", {})}
    problem = bench.run(document(nodes, "load.IMAGE > save.images")).failed
    assert (problem.code, problem.node, problem.input) == ("unreadable_image", "load", "image")
    assert "empty.png: the file is empty" in problem.message and "PNG" in problem.remedy


def test_picture_that_changed_on_disk_is_read_again(bench):
    nodes = {"load": ("LoadImage", {"image": "example.png"}), "save": ("SaveImage", {})}
    again = document(nodes, "load.IMAGE > save.images")
    bench.run(again)
    assert bench.run(again).did_run == set()
    Image.new("RGB", (8, 8)).save(bench.root / "input/example.png")
    assert bench.run(again).did_run == {"load", "save"}


# Latents and sampling


def advanced(**inputs):
    """Text to image through two samplers that share one way."""
    made = changed(template("text_to_image"), size={"width": 64, "height": 64})
    (sampler,) = (each for each in made["nodes"] if each["id"] == "sampler")
    common = {"noise_seed": 1, "steps": 6, "cfg": 2.0, "sampler_name": "euler", "scheduler": "normal"}
    first = {**common, "end_at_step": 3, "return_with_leftover_noise": "enable", **inputs}
    second = {**common, "add_noise": "disable", "start_at_step": 3}
    made["nodes"].append({"id": "second", "type": "KSamplerAdvanced", "inputs": second})
    sampler.update(type="KSamplerAdvanced", inputs=first)
    links = made["links"]
    for name in ("model", "positive", "negative"):
        (link,) = (each for each in links if each["to"] == ["sampler", name])
        links.append({"from": link["from"], "to": ["second", name]})
    (last,) = (each for each in links if each["from"][0] == "sampler")
    last["from"] = ["second", "LATENT"]
    links.append({"from": ["sampler", "LATENT"], "to": ["second", "latent_image"]})
    return made


def test_two_samplers_share_one_way(bench):
    whole = changed(
        template("text_to_image"),
        size={"width": 64, "height": 64},
        sampler={"seed": 1, "steps": 6, "cfg": 2.0, "sampler_name": "euler", "scheduler": "normal"},
    )
    one, two = (bench.picture(bench.run(each).names[0]).astype(int) for each in (whole, advanced()))
    assert np.abs(one - two).max() <= 1


def test_samplers_beyond_the_last_step_pass_the_latent_on(bench):
    ran = bench.run(advanced(start_at_step=9, end_at_step=10))
    assert ran.finished.status == "succeeded"
    assert {step for step, *_ in ran.progress} == {"second"}


def test_upscaled_latent_is_sampled_again(bench):
    made = changed(template("text_to_image"), size={"width": 64, "height": 64}, sampler=FAST)
    upscale = {"upscale_method": "bislerp", "width": 96, "height": 0}
    made["nodes"].append({"id": "large", "type": "LatentUpscale", "inputs": upscale})
    for link in made["links"]:
        if link["from"][0] == "sampler":
            link["from"] = ["large", "LATENT"]
    made["links"].append({"from": ["sampler", "LATENT"], "to": ["large", "samples"]})
    assert bench.picture(bench.run(made).names[0]).shape == (96, 96, 3)


def test_long_and_short_prompts_go_together(bench):
    made = changed(template("text_to_image"), prompt={"text": "a (red:1.3) apple, " * 60}, sampler=FAST)
    assert bench.run(made).finished.status == "succeeded"


def test_combined_conditioning_is_sampled(bench):
    made = changed(template("text_to_image"), sampler=FAST)
    made["nodes"].append({"id": "both", "type": "ConditioningCombine", "inputs": {}})
    for link in made["links"]:
        if link["to"] == ["sampler", "positive"]:
            link["from"] = ["both", "CONDITIONING"]
    for name, source in (("conditioning_1", "prompt"), ("conditioning_2", "negative")):
        made["links"].append({"from": [source, "CONDITIONING"], "to": ["both", name]})
    assert bench.run(made).finished.status == "succeeded"


def test_layer_that_does_not_exist_is_reported(bench):
    made = changed(template("text_to_image"))
    made["nodes"].append({"id": "skip", "type": "CLIPSetLastLayer", "inputs": {"stop_at_clip_layer": -9}})
    for link in made["links"]:
        if link["from"] == ["loader", "CLIP"]:
            link["from"] = ["skip", "CLIP"]
    made["links"].append({"from": ["loader", "CLIP"], "to": ["skip", "clip"]})
    problem = bench.run(made).failed
    assert (problem.code, problem.node, problem.input) == ("unsuitable", "skip", "stop_at_clip_layer")
    assert "from -2 to -1" in problem.remedy
    last = changed(made, skip={"stop_at_clip_layer": -1}, sampler=FAST)
    assert bench.run(last).finished.status == "succeeded"


def test_broken_weights_are_reported_at_the_sampler(bench, checkpoint):
    """A weight that is no number, where the loader does not look, ends in numbers that are no picture."""
    tensors = load_file(checkpoint)
    tensors["model.diffusion_model.time_embed.2.weight"][-1, -1] = torch.nan
    save_file(tensors, bench.root / "models/checkpoints/broken.safetensors")
    problem = bench.run(changed(template("text_to_image"), loader={"ckpt_name": "broken.safetensors"})).failed
    assert (problem.code, problem.node) == ("not_finite", "sampler")
    assert "NaN" in problem.message and "cfg" in problem.remedy


def test_damaged_checkpoint_is_reported_at_the_loader(bench, checkpoint):
    data = checkpoint.read_bytes()
    (bench.root / "models/checkpoints/cut.safetensors").write_bytes(data[: len(data) // 2])
    workflow, _ = read_document(changed(template("text_to_image"), loader={"ckpt_name": "cut.safetensors"}))
    (problem,) = plan(workflow, bench.registry, folders=bench.folders).problems
    assert (problem.code, problem.node, problem.input) == ("damaged_file", "loader", "ckpt_name")
    assert "download" in problem.remedy.lower()


def test_picture_smaller_than_a_latent_pixel_is_reported(bench):
    Image.new("RGB", (5, 3)).save(bench.root / "input/small.png")
    made = changed(template("image_to_image"), picture={"image": "small.png"})
    for link in made["links"]:
        if link["to"][0] == "encode" and link["from"][0] == "scale":
            link["from"] = ["picture", "IMAGE"]
    problem = bench.run(made).failed
    assert (problem.code, problem.node, problem.input) == ("unsuitable", "encode", "pixels")
    assert "5 x 3" in problem.message


def test_vae_of_its_own_file_decodes_the_same(bench, checkpoint):
    prefix = "first_stage_model."
    bare = {
        name.removeprefix(prefix): t for name, t in load_file(checkpoint).items() if name.startswith(prefix)
    }
    (bench.root / "models/vae").mkdir()
    save_file(bare, bench.root / "models/vae/own.safetensors")
    made = changed(template("text_to_image"), sampler=FAST)
    first = bench.picture(bench.run(made).names[0])
    made["nodes"].append({"id": "vae", "type": "VAELoader", "inputs": {"vae_name": "own.safetensors"}})
    for link in made["links"]:
        if link["from"] == ["loader", "VAE"]:
            link["from"] = ["vae", "VAE"]
    assert np.array_equal(bench.picture(bench.run(made).names[0]), first)


def test_primitives_feed_inputs(bench):
    made = changed(template("text_to_image"))
    nodes = {
        "seed": ("PrimitiveSeed", 7, "sampler.seed"),
        "steps": ("PrimitiveInt", 2, "sampler.steps"),
        "cfg": ("PrimitiveFloat", 1.5, "sampler.cfg"),
        "words": ("PrimitiveStringMultiline", "a\ncat", "prompt.text"),
        "name": ("PrimitiveString", "fed", "save.filename_prefix"),
    }
    outputs = {"seed": "INT", "steps": "INT", "cfg": "FLOAT", "words": "STRING", "name": "STRING"}
    for name, (kind, value, target) in nodes.items():
        made["nodes"].append({"id": name, "type": kind, "inputs": {"value": value}})
        made["links"].append({"from": [name, outputs[name]], "to": target.split(".")})
    ran = bench.run(made)
    assert ran.names == ["fed_00001_.png"] and len(ran.progress) == 2
    prompt = json.loads(bench.texts(ran.names[0])["prompt"])
    assert prompt["sampler"]["inputs"]["seed"] == ["seed", 0]


def test_values_are_never_changed_in_place(bench):
    """Every tensor that the run kept is as it was made: its version counter never moved after."""
    from diffusion.memory import tensors_of

    made = changed(template("image_to_image"), sampler=FAST)
    bench.run(made)
    kept = [tensor for entry in bench.cache._entries.values() for tensor in tensors_of(entry.outputs)]
    before = [(tensor, tensor._version, tensor.clone()) for tensor in kept]
    bench.run(changed(made, sampler={"seed": 99}))
    assert len(before) > 50
    assert all(tensor._version == version and torch.equal(tensor, copy) for tensor, version, copy in before)
