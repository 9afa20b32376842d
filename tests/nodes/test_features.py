"""Patches, steerings, hypernetworks and attention maps as nodes of workflows."""

import numpy as np
import pytest
import torch
from torch import nn

from diffusion.checkpoint.load import load_checkpoint
from diffusion.features.attention_maps import look
from diffusion.values import Latent
from nodes.attention import attention_maps
from tests.nodes.bench import Bench, changed, template

SHORT = {"steps": 3}


def with_step(document, step, node_type, output="MODEL", **inputs):
    """The document with a model-changing node between the loader and the sampler."""
    document = changed(document, sampler=SHORT)
    document["nodes"].append(
        {"id": step, "type": node_type, "inputs": inputs, "position": [0, 0], "size": [9, 9]}
    )
    for link in document["links"]:
        if link["to"] == ["sampler", "model"]:
            link["from"] = [step, output]
    document["links"].append({"from": ["loader", "MODEL"], "to": [step, "model"]})
    return document


@pytest.mark.parametrize(
    ("node_type", "inputs"),
    [
        ("FreeU", {}),
        ("HyperTile", {"tile_size": 32}),
        ("TomePatchModel", {"ratio": 0.5}),
        ("PatchModelAddDownscale", {"downscale_method": "bislerp", "upscale_method": "bislerp"}),
        ("UNetSelfAttentionMultiply", {"q": 3.0}),
        ("UNetCrossAttentionMultiply", {"v": 3.0}),
        ("SelfAttentionGuidance", {"scale": 3.0}),
        ("APG", {"eta": 0.0, "momentum": -0.5}),
        ("RenormCFG", {"renorm_cfg": 0.5}),
        ("FreSca", {"scale_high": 3.0, "freq_cutoff": 2}),
        ("Epsilon Scaling", {"scaling_factor": 1.2}),
        ("GuidanceInterval", {"start_percent": 0.5, "end_percent": 0.9}),
    ],
)
def test_node_changes_the_picture(bench: Bench, node_type, inputs):
    plain = bench.picture(bench.run(changed(template("text_to_image"), sampler=SHORT)).names[0])
    ran = bench.run(with_step(template("text_to_image"), "patch", node_type, **inputs))
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert not np.array_equal(bench.picture(ran.names[0]), plain)


def test_mahiro_is_wired_by_its_own_output_name(bench: Bench):
    ran = bench.run(with_step(template("text_to_image"), "patch", "Mahiro", "patched_model"))
    assert ran.finished.status == "succeeded", ran.finished.problems


def test_operation_goes_through_the_guidance_and_over_latents(bench: Bench):
    document = with_step(template("text_to_image"), "patch", "LatentApplyOperationCFG")
    for step, node_type, target in (
        ("sharpen", "LatentOperationSharpen", "patch"),
        ("tonemap", "LatentOperationTonemapReinhard", "apply"),
    ):
        document["nodes"].append(
            {"id": step, "type": node_type, "inputs": {}, "position": [0, 0], "size": [9, 9]}
        )
        document["links"].append({"from": [step, "LATENT_OPERATION"], "to": [target, "operation"]})
    document["nodes"].append(
        {"id": "apply", "type": "LatentApplyOperation", "inputs": {}, "position": [0, 0], "size": [9, 9]}
    )
    for link in document["links"]:
        if link["to"] == ["decode", "samples"]:
            link["from"] = ["apply", "LATENT"]
    document["links"].append({"from": ["sampler", "LATENT"], "to": ["apply", "samples"]})
    ran = bench.run(document)
    assert ran.finished.status == "succeeded", ran.finished.problems


def write_hypernetwork(path, width, *, gain=1.0):
    """One pair of networks for prompts of a width."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        network = nn.Sequential(nn.Linear(width, 2 * width), nn.Linear(2 * width, width))
    state = {f"linear.{name}": tensor * gain for name, tensor in network.state_dict().items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({width: (state, state)}, path)


def test_hypernetwork_changes_the_picture_by_its_strength(bench: Bench):
    write_hypernetwork(bench.root / "models/hypernetworks/tessera-old-film.pt", 16, gain=4.0)
    document = changed(template("hypernetwork"), sampler=SHORT)
    pictures = [
        bench.picture(bench.run(changed(document, hyper={"strength": strength})).names[0])
        for strength in (0.0, 0.5, 1.0)
    ]
    without = changed(template("text_to_image"), sampler=SHORT, prompt={"text": "a fox, green background"})
    assert np.array_equal(pictures[0], bench.picture(bench.run(without).names[0]))
    assert not np.array_equal(pictures[0], pictures[1]) and not np.array_equal(pictures[1], pictures[2])


def test_hypernetwork_of_another_width_is_refused_by_name(bench: Bench):
    write_hypernetwork(bench.root / "models/hypernetworks/tessera-old-film.pt", 8)
    failed = bench.run(template("hypernetwork")).failed
    assert (failed.node, failed.input) == ("hyper", "hypernetwork_name")
    assert "changes contexts of 8 numbers, the model's prompts have 16" in failed.message


def test_attention_maps_have_a_picture_for_every_word(checkpoint):
    loaded = load_checkpoint(checkpoint)
    latent = Latent(torch.randn(1, 4, 16, 16, generator=torch.Generator().manual_seed(1)))
    image = torch.full((1, 128, 128, 3), 0.5)
    given = {"text": "a (red:1.2) firetruck, 2 !", "samples": latent}
    maps, words = attention_maps(loaded.model, loaded.clip, **given, image=image)
    assert words.splitlines() == ["a", "red", "firetruck", "2"]
    assert maps.shape == (4, 128, 128, 3) and maps.min() >= 0 and maps.max() <= 1
    assert all((maps[0] - other).abs().max() > 0.05 for other in maps[1:])
    alone, again = (attention_maps(loaded.model, loaded.clip, **given).maps for _ in range(2))
    assert alone.shape == (4, 16, 16, 3) and torch.equal(alone, again)


def test_shares_of_all_tokens_are_one(checkpoint):
    loaded = load_checkpoint(checkpoint)
    latent = Latent(torch.zeros(2, 4, 12, 16))
    share = look(loaded.model, loaded.clip.encode("a fox"), latent, levels=[3.0, 1.0], seed=0)
    torch.testing.assert_close(share.sum(dim=1), torch.ones(2, 12, 16))
