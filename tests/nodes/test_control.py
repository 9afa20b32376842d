"""The control nodes in runs, on tiny random networks."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from diffusion.memory import compute_dtype, default_device
from diffusion.models.controlnet import ControlNet, ControlNetConfig
from diffusion.models.t2i_adapter import AdapterConfig, build_adapter
from diffusion.models.unet import UNet
from tests.nodes import tiny
from tests.nodes.bench import changed, template

SD1 = "v1-5-pruned-emaonly.safetensors"
CANNY, DEPTH = "control_v11p_sd15_canny_fp16.safetensors", "control_v11f1p_sd15_depth_fp16.safetensors"
SKETCH = "t2iadapter_sketch_sd15v2.pth"
SIZE = {"width": 64, "height": 64}
SMALL = {"size": SIZE, "scale": SIZE, "sampler": {"steps": 3, "cfg": 3.0}}
# Levels of two stages each, as all that adapters fit.
TWO_BLOCKS = replace(tiny.UNET, res_blocks=2)


def random_weights(network, seed, *, prefix=""):
    generator = torch.Generator().manual_seed(seed)
    return {
        prefix + name: 0.1 * torch.randn(tensor.shape, generator=generator)
        for name, tensor in network.state_dict().items()
    }


def controlnet_weights(seed, config=tiny.UNET):
    return random_weights(ControlNet(ControlNetConfig(config)), seed, prefix="control_model.")


@pytest.fixture
def models(bench):
    """The model folders with an SD1 checkpoint, two ControlNets and an adapter, all tiny."""
    folder = bench.root / "models"
    tiny.write_checkpoint(folder / "checkpoints" / SD1)
    (folder / "controlnet").mkdir()
    for seed, name in enumerate((CANNY, DEPTH), start=1):
        save_file(controlnet_weights(seed), folder / "controlnet" / name)
    torch.save(random_weights(build_adapter(AdapterConfig(1, (32, 64))), 3), folder / "controlnet" / SKETCH)
    return folder


@pytest.fixture
def picture(bench, models):
    """Runs a document and gives its picture."""

    def run(document):
        ran = bench.run(document)
        assert ran.finished.status == "succeeded", ran.finished.problems
        (name,) = ran.names
        return bench.picture(name)

    return run


def small(name, **inputs):
    return changed(changed(template(name), **SMALL), **inputs)


def relinked(document, end, start):
    """The document with the link to `end` coming from `start`."""
    links = [link for link in document["links"] if link["to"] != end.split(".")]
    return document | {"links": [*links, {"from": start.split("."), "to": end.split(".")}]}


def added(document, id, type, *links, **inputs):
    """The document with one more node, and links to it."""
    node = {"id": id, "type": type, "inputs": inputs}
    made = document | {"nodes": [*document["nodes"], node]}
    for start, end in links:
        made = relinked(made, end, start)
    return made


@pytest.mark.parametrize(("name", "guide"), [("controlnet", "guide"), ("two_controlnets", "second")])
def test_template_follows_its_pictures(picture, name, guide):
    guided = picture(small(name))
    assert guided.shape == (64, 64, 3)
    assert not np.array_equal(guided, picture(small(name, **{guide: {"strength": 0.0}})))


def test_t2i_adapter_template_follows_its_sketch(models, picture):
    networks = tiny.networks() | {"model.diffusion_model.": UNet(TWO_BLOCKS)}
    tensors = {
        name: tensor
        for seed, (prefix, network) in enumerate(networks.items())
        for name, tensor in random_weights(network, seed, prefix=prefix).items()
    }
    save_file(tensors, models / "checkpoints" / SD1)
    guided = picture(small("t2i_adapter"))
    assert not np.array_equal(guided, picture(small("t2i_adapter", guide={"strength": 0.0})))


def unguided(name):
    """The template with its sampler at the prompts themselves."""
    document = relinked(small(name), "sampler.positive", "prompt.CONDITIONING")
    return relinked(document, "sampler.negative", "negative.CONDITIONING")


@pytest.mark.parametrize("values", [{"strength": 0.0}, {"start_percent": 0.4, "end_percent": 0.4}])
def test_control_that_never_acts_leaves_every_pixel(picture, values):
    assert np.array_equal(picture(small("controlnet", guide=values)), picture(unguided("controlnet")))


def test_both_ranges_of_two_controlnets_have_a_say(picture):
    both = picture(small("two_controlnets"))
    for guide in ("first", "second"):
        assert not np.array_equal(both, picture(small("two_controlnets", **{guide: {"strength": 0.0}})))


def test_changed_strength_loads_nothing_again(bench, models):
    bench.run(small("controlnet"))
    ran = bench.run(small("controlnet", guide={"strength": 0.5}))
    assert ran.did_run == {"guide", "sampler", "decode", "save"}


def test_old_node_guides_the_negative_side_too(picture):
    old = added(
        small("controlnet"), "old", "ControlNetApply",
        ("prompt.CONDITIONING", "old.conditioning"), ("control.CONTROL_NET", "old.control_net"),
        ("edges.IMAGE", "old.image"), ("old.CONDITIONING", "sampler.positive"),
        ("negative.CONDITIONING", "sampler.negative"),
    )  # fmt: skip
    assert np.array_equal(picture(old), picture(small("controlnet")))


def weighted(**inputs):
    """The template with a node for weights behind the loader."""
    return added(
        small("controlnet"), "weights", "ControlNetWeights",
        ("control.CONTROL_NET", "weights.control_net"), ("weights.CONTROL_NET", "guide.control_net"),
        **inputs,
    )  # fmt: skip


def test_weights_of_a_controlnet(picture):
    plain = picture(small("controlnet"))
    assert np.array_equal(picture(weighted(decay=1.0)), plain)
    assert not np.array_equal(picture(weighted(decay=0.5)), plain)
    assert not np.array_equal(picture(weighted(decay=1.0, global_average_pooling="enable")), plain)


def test_adapters_have_no_weights(bench, models):
    problem = bench.run(changed(weighted(), control={"control_net_name": SKETCH})).failed
    assert (problem.code, problem.node, problem.input) == ("unsuitable", "weights", "control_net")
    assert SKETCH in problem.message


def test_differences_are_added_to_the_model(models, picture):
    dtype = compute_dtype(default_device())  # what the model's weights are read to
    unet = tiny.networks()["model.diffusion_model."].to(dtype).float().state_dict()
    difference = controlnet_weights(5)
    save_file(difference | {"difference": torch.zeros(0)}, models / "controlnet/diff.safetensors")
    whole = {
        name: tensor + unet.get(name.removeprefix("control_model."), 0.0)
        for name, tensor in difference.items()
    }
    save_file(whole, models / "controlnet/whole.safetensors")
    document = added(
        small("controlnet"), "diff", "DiffControlNetLoader",
        ("loader.MODEL", "diff.model"), ("diff.CONTROL_NET", "guide.control_net"),
        control_net_name="diff.safetensors",
    )  # fmt: skip
    expected = picture(small("controlnet", control={"control_net_name": "whole.safetensors"}))
    assert np.array_equal(picture(document), expected)


def test_places_to_fill_in_reach_the_controlnet(picture):
    def with_mask(value):
        document = added(
            small("controlnet"), "mask", "SolidMask", value=value, width=64, height=64
        )  # fmt: skip
        return added(
            document, "hint", "InpaintPreprocessor",
            ("edges.IMAGE", "hint.image"), ("mask.MASK", "hint.mask"), ("hint.IMAGE", "guide.image"),
        )  # fmt: skip

    nothing = picture(with_mask(0.0))
    assert np.array_equal(nothing, picture(small("controlnet")))
    assert not np.array_equal(nothing, picture(with_mask(1.0)))


def test_controlnet_of_another_width_is_told_when_sampling(bench, models):
    wide = replace(tiny.UNET, model_channels=64)
    save_file(controlnet_weights(4, wide), models / "controlnet/wide.safetensors")
    problem = bench.run(small("controlnet", control={"control_net_name": "wide.safetensors"})).failed
    assert (problem.code, problem.node, problem.input) == ("unsuitable", "sampler", "positive")
    assert "wide.safetensors is for levels 64, 128 wide, 16 numbers a token" in problem.message
    assert "the model is for levels 32, 64 wide, 16 numbers a token" in problem.message


def test_file_that_is_no_control_is_told_where_it_is_chosen(bench, models):
    save_file({"lora_unet_x.lora_up.weight": torch.ones(4, 4)}, models / "controlnet/style.safetensors")
    problem = bench.run(small("controlnet", control={"control_net_name": "style.safetensors"})).failed
    assert (problem.node, problem.input) == ("control", "control_net_name")
    assert "given a LoRA" in problem.message
