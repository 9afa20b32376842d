"""The LoRA nodes in runs."""

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from graph.events import StepWarned
from graph.plan import plan
from graph.workflow import read_document
from tests.nodes.bench import changed, template

KEY = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q"


def with_lora(bench, *, width=64, strength=1.0, kind="LoraLoader"):
    """Text to image through a LoRA."""
    folder = bench.root / "models/loras"
    folder.mkdir(exist_ok=True)
    tensors = {f"{KEY}.lora_up.weight": torch.ones(width, 2), f"{KEY}.lora_down.weight": torch.ones(2, width)}
    save_file(tensors, folder / f"style{width}.safetensors")
    made = changed(template("text_to_image"), size={"width": 64, "height": 64}, sampler={"steps": 2})
    inputs = {"lora_name": f"style{width}.safetensors", "strength_model": strength}
    made["nodes"].append({"id": "lora", "type": kind, "inputs": inputs})
    for link in made["links"]:
        if link["from"] == ["loader", "MODEL"]:
            link["from"] = ["lora", "MODEL"]
    made["links"].append({"from": ["loader", "MODEL"], "to": ["lora", "model"]})
    if kind == "LoraLoader":
        made["links"].append({"from": ["loader", "CLIP"], "to": ["lora", "clip"]})
    return made


def test_strength_changes_the_picture_and_loads_no_checkpoint_again(bench):
    def picture(ran):
        assert ran.finished.status == "succeeded", ran.finished.problems
        return bench.picture(ran.names[0])

    plain = picture(bench.run(with_lora(bench, strength=0.0)))
    ran = bench.run(with_lora(bench, strength=1.0))
    assert "loader" not in ran.did_run and not np.array_equal(picture(ran), plain)
    assert np.array_equal(
        picture(bench.run(with_lora(bench, strength=0.0, kind="LoraLoaderModelOnly"))), plain
    )


def test_lora_of_another_architecture_is_reported(bench):
    problem = bench.run(with_lora(bench, width=48)).failed
    assert (problem.code, problem.node, problem.input) == ("unsuitable", "lora", "lora_name")
    assert "made for the kind of model" in problem.remedy


def test_keys_that_match_nothing_are_told_and_the_rest_is_used(bench):
    document = with_lora(bench)
    path = bench.root / "models/loras/style64.safetensors"
    save_file({**load_file(path), "lora_unet_nowhere.alpha": torch.tensor(1.0)}, path)
    ran = bench.run(document)
    assert ran.finished.status == "succeeded", ran.finished.problems
    (warned,) = ran.of(StepWarned)
    assert (warned.step, warned.problem.code, warned.problem.severity) == (
        "lora",
        "unmatched_keys",
        "warning",
    )
    assert "1 of its keys match nothing in the model, like unet nowhere" in warned.problem.message
    assert (warned.problem.node, warned.problem.input) == ("lora", "lora_name")


def test_biases_and_norms_change_the_picture_and_leave_no_trace(bench):
    """The plain picture comes out to the bit after the same weights were changed in place."""

    def picture(document):
        ran = bench.run(document)
        assert ran.finished.status == "succeeded" and not ran.of(StepWarned), ran.finished.problems
        return bench.picture(ran.names[0])

    document = with_lora(bench, kind="LoraLoaderModelOnly")
    block = KEY.removesuffix("_attn1_to_q")
    tensors = {
        f"{block}_norm1.w_norm": torch.ones(64),
        f"{block}_attn1_to_out_0.diff_b": torch.full((64,), 0.5),
    }
    save_file(tensors, bench.root / "models/loras/style64.safetensors")
    without = changed(document, lora={"strength_model": 0.0})
    plain, styled = picture(without), picture(document)
    assert not np.array_equal(styled, plain)
    workflow, _ = read_document(without)
    for step in plan(workflow, bench.registry, folders=bench.folders, cache=bench.cache).steps:
        if step.id in ("sampler", "decode", "save"):
            bench.cache.discard(step.key)
    ran = bench.run(without)
    assert "sampler" in ran.did_run and "loader" not in ran.did_run
    assert np.array_equal(bench.picture(ran.names[0]), plain)
