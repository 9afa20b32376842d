"""Depth from the nodes: the shipped workflow on tiny real weights, and files that are something else."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from diffusion.depth import depth_map, estimate, load_depth
from diffusion.images import read_image
from diffusion.preprocess.normals import normals
from tests.diffusion.test_depth import tiny
from tests.nodes.bench import changed, template
from tests.nodes.tiny import write_checkpoint

NAME = "dpt_hybrid-midas-501f0c75.pt"


@pytest.fixture
def depth_folder(bench):
    folder = bench.root / "models/depth"
    folder.mkdir()
    torch.save(tiny().state_dict(), folder / NAME)
    return folder


def test_depth_map_template_saves_depth_and_normals(bench, depth_folder):
    ran = bench.run(template("depth_map"))
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert ran.progress == [("depth", 1, 1)]
    (depth_name,) = [name for name in ran.names if "depth" in name]
    (normals_name,) = [name for name in ran.names if "normals" in name]
    image, _ = read_image(bench.root / "input/example.png")
    network = load_depth(depth_folder / NAME, device=torch.device("cpu"))
    expected = depth_map(estimate(network, image), *image.shape[1:3])
    saved = bench.picture(depth_name)
    assert (saved.min(), saved.max()) == (0, 255) and saved.std() > 5
    assert np.abs(saved / 255 - expected[0, ..., None].numpy()).max() <= 0.5 / 255 + 1e-4
    directions = normals(expected, 4.0, 0.1)[0].numpy()
    assert np.abs(bench.picture(normals_name) / 255 - directions).max() <= 0.5 / 255 + 1e-3


def test_resolution_changes_what_the_network_sees(bench, depth_folder):
    bench.run(template("depth_map"))
    ran = bench.run(changed(template("depth_map"), depth={"resolution": 64}))
    assert ran.did_run == {"depth", "normals", "save", "save_normals"}


def test_a_file_of_another_kind_says_what_it_is(bench, depth_folder):
    write_checkpoint(depth_folder / "model.safetensors")
    problem = bench.run(changed(template("depth_map"), loader={"model_name": "model.safetensors"})).failed
    assert (problem.node, problem.input, problem.code) == ("loader", "model_name", "unknown_architecture")
    assert "a UNet" in problem.message and "tensors of a depth model" in problem.message


def test_a_depth_file_in_another_loader_says_what_it_is(bench):
    save_file(tiny().state_dict(), bench.root / "models/upscale_models/depth.safetensors")
    document = changed(template("upscale"), loader={"model_name": "depth.safetensors"})
    assert "a depth model" in bench.run(document).failed.message
