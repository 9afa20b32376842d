"""Preprocessors from nodes: the shipped workflow, every node in a document, and bad input."""

import json
import shutil

import numpy as np
import pytest
import torch

from diffusion.images import read_image
from diffusion.models.hed import Hed
from diffusion.preprocess.canny import canny
from diffusion.preprocess.lines import line_art
from tests.diffusion.preprocess.test_pose import PLACES, person
from tests.nodes.bench import ROOT, changed, template


def chain(*steps: tuple[str, str, dict], links: list[tuple[str, str, str, str]]) -> dict:
    """A document of nodes in a row; the last is saved."""
    nodes = [
        {"id": name, "type": kind, "inputs": inputs, "position": [300 * index, 0], "size": [200, 100]}
        for index, (name, kind, inputs) in enumerate(
            (*steps, ("save", "SaveImage", {"filename_prefix": "x"}))
        )
    ]
    made = [{"from": [a, out], "to": [b, into]} for a, out, b, into in links]
    return template("canny_edges") | {"nodes": nodes, "links": made, "parameters": []}


def test_canny_template_saves_the_edges_of_the_shipped_picture(bench):
    ran = bench.run(template("canny_edges"))
    assert ran.finished.status == "succeeded", ran.finished.problems
    image, _ = read_image(bench.root / "input/example.png")
    saved = bench.picture(ran.names[0])
    assert np.array_equal(saved[..., 0] / 255, canny(image, 0.02, 0.05)[0].numpy())
    assert 0.01 < saved.mean() / 255 < 0.3 and (saved[..., 0] == saved[..., 2]).all()


def test_thresholds_in_the_wrong_order_are_told_at_their_node(bench):
    document = changed(template("canny_edges"), edges={"low_threshold": 0.9, "high_threshold": 0.3})
    problem = bench.run(document).failed
    assert (problem.node, problem.input, problem.code) == ("edges", "low_threshold", "unsuitable")


def test_line_art_becomes_a_scribble(bench):
    document = chain(
        ("picture", "LoadImage", {"image": "example.png"}),
        ("lines", "LineArt", {"thickness": 1.5, "threshold": 0.0, "boldness": 200}),
        ("scribble", "ScribbleFromEdges", {"threshold": 0.1, "thickness": 1.0}),
        links=[
            ("picture", "IMAGE", "lines", "image"),
            ("lines", "IMAGE", "scribble", "edges"),
            ("scribble", "IMAGE", "save", "images"),
        ],
    )
    saved = bench.picture(bench.run(document).names[0])
    image, _ = read_image(bench.root / "input/example.png")
    lines = line_art(image, 1.5, 0.0, 200.0)[0].numpy() > 0.5
    assert lines.sum() > 50 and set(np.unique(saved)) == {0, 255}
    assert saved[..., 0][lines].mean() / 255 > 0.8  # strokes cover the lines


def test_soft_edges_of_a_loaded_network(bench):
    (bench.root / "models/edges").mkdir()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        tensors = {name: each for name, each in Hed(4).state_dict().items() if "combine" not in name}
    torch.save(tensors, bench.root / "models/edges/ControlNetHED.pth")
    document = chain(
        ("picture", "LoadImage", {"image": "example.png"}),
        ("loader", "EdgeModelLoader", {"model_name": "ControlNetHED.pth"}),
        ("soft", "SoftEdges", {"resolution": 64}),
        links=[
            ("picture", "IMAGE", "soft", "image"),
            ("loader", "EDGE_MODEL", "soft", "edge_model"),
            ("soft", "IMAGE", "save", "images"),
        ],
    )
    ran = bench.run(document)
    image, _ = read_image(bench.root / "input/example.png")
    assert ran.progress == [("soft", 1, 1)]
    assert bench.picture(ran.names[0]).shape == (*image.shape[1:3], 3)
    shutil.copy(ROOT / "models/segmentation/selfie_segmentation.safetensors", bench.root / "models/edges")
    problem = bench.run(changed(document, loader={"model_name": "selfie_segmentation.safetensors"})).failed
    assert (problem.node, problem.input) == ("loader", "model_name") and "HED" in problem.message


def test_people_of_a_photograph_are_masked(bench):
    (bench.root / "models/segmentation").mkdir()
    shutil.copy(
        ROOT / "models/segmentation/selfie_segmentation.safetensors", bench.root / "models/segmentation"
    )
    shutil.copy(ROOT / "tests/data/astronaut.jpg", bench.root / "input")
    document = chain(
        ("picture", "LoadImage", {"image": "astronaut.jpg"}),
        ("people", "PersonMask", {}),
        links=[("picture", "IMAGE", "people", "image"), ("people", "MASK", "save", "images")],
    )
    ran = bench.run(document)
    assert ran.finished.status == "succeeded", ran.finished.problems
    saved = bench.picture(ran.names[0])
    assert saved.shape == (192, 192, 3) and 0.3 < saved.mean() / 255 < 0.7


def test_pose_is_drawn_from_openpose_json(bench):
    keypoints = json.dumps({"people": [person()], "canvas_width": 100, "canvas_height": 100})
    document = chain(
        ("pose", "PoseSkeleton", {"keypoints": keypoints, "width": 256, "height": 128, "thickness": 3}),
        links=[("pose", "IMAGE", "save", "images")],
    )
    saved = bench.picture(bench.run(document).names[0])
    assert saved.shape == (128, 256, 3)
    x, y = PLACES[10]
    assert saved[round(y * 1.28), round(x * 2.56)].tolist() == [0, 170, 255]  # the right ankle
    problem = bench.run(changed(document, pose={"keypoints": "{}"})).failed
    assert (problem.node, problem.input, problem.code) == ("pose", "keypoints", "unsuitable")


@pytest.mark.parametrize("name", ["canny_edges", "depth_map"])
def test_templates_are_whole(name):
    document = template(name)
    ids = {each["id"] for each in document["nodes"]}
    assert {end for link in document["links"] for end in (link["from"][0], link["to"][0])} == ids
