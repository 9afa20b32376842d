"""Depth models from nodes: with the estimator of the checkpoint, with drawn depth, and what is refused."""

import numpy as np
import pytest

from tests.nodes.bench import changed, template
from tests.nodes.test_inpainting import added, picture, problems, relinked
from tests.nodes.tiny_beside import DEPTH, INPAINT, write

CHECKPOINT = "512-depth-ema.safetensors"
SMALL = {"scale": {"width": 64, "height": 96}, "sampler": {"steps": 2}}


@pytest.fixture
def models(bench):
    folder = bench.root / "models/checkpoints"
    write(folder / CHECKPOINT, DEPTH)
    write(folder / "inpaint.safetensors", INPAINT)
    return folder


def drawn(document, *, turned=False):
    """With the picture itself as depth instead of an estimate, or turned left to right."""
    if turned:
        document = added(document, turned=("ImageFlip", {"flip_method": "y-axis: horizontally"}))
        links = ("scale.IMAGE > turned.image", "turned.IMAGE > depth.depth")
        return relinked(document, *links, without=["estimator"])
    return relinked(document, "scale.IMAGE > depth.depth", without=["estimator"])


def test_template_estimates_with_the_checkpoints_own_network(bench, models):
    document = changed(template("depth_to_image"), **SMALL)
    estimated = picture(bench, document)
    assert estimated.shape == (96, 64, 3) and estimated.std() > 3
    assert not np.array_equal(estimated, picture(bench, drawn(document)))


def test_drawn_depth_decides_and_needs_no_estimator(bench, models):
    document = changed(template("depth_to_image"), **SMALL)
    one, other = (picture(bench, drawn(document, turned=turned)) for turned in (False, True))
    assert not np.array_equal(one, other)


def test_little_denoising_keeps_the_picture(bench, models):
    document = drawn(changed(template("depth_to_image"), **SMALL))
    given = picture(bench, relinked(document, "depth.latent > decode.samples"))
    little, all_of_it = (
        picture(bench, changed(document, sampler={"denoise": denoise})) for denoise in (0.05, 1.0)
    )
    assert np.abs(little - given.astype(int)).mean() < np.abs(all_of_it - given.astype(int)).mean()


def test_flat_depth_and_odd_sizes_run(bench, models):
    document = changed(template("depth_to_image"), **SMALL)
    document = added(document, flat=("EmptyImage", {"width": 50, "height": 30, "color": 0x808080}))
    document = relinked(document, "flat.IMAGE > depth.depth", without=["estimator"])
    made = picture(bench, changed(document, scale={"width": 69, "height": 75}))
    assert made.shape == (72, 64, 3)


def test_neither_estimator_nor_depth_is_told(bench, models):
    document = relinked(changed(template("depth_to_image"), **SMALL), without=["estimator"])
    ((node, name, remedy),) = problems(bench, document)
    assert (node, name) == ("depth", "depth_model") and "DepthModelFromCheckpoint" in remedy


def test_depth_model_without_depth_is_told(bench, models):
    document = changed(template("text_to_image"), loader={"ckpt_name": CHECKPOINT})
    told = problems(bench, document)
    assert told[0][:2] == ("sampler", "positive") and "DepthToImageConditioning" in told[0][2]


def test_inpainting_model_refuses_depth(bench, models):
    document = changed(template("depth_to_image"), **SMALL, loader={"ckpt_name": "inpaint.safetensors"})
    told = problems(bench, document)
    assert told[0][:2] == ("sampler", "positive") and "InpaintModelConditioning" in told[0][2]


def test_checkpoint_without_an_estimator_is_told(bench, models):
    document = changed(template("depth_to_image"), estimator={"ckpt_name": "inpaint.safetensors"})
    problem = bench.run(document).failed
    assert (problem.node, problem.input) == ("estimator", "ckpt_name")
    assert "tensors of a depth model" in problem.message
