"""Editing by instruction from nodes: the picture and the words are weighed apart, and what is refused."""

import numpy as np
import pytest

from diffusion.checkpoint.detect import detect
from diffusion.checkpoint.traits import checkpoint_traits
from tests.nodes.bench import changed, template
from tests.nodes.conftest import CHECKPOINT
from tests.nodes.test_inpainting import added, found, picture, problems, relinked
from tests.nodes.tiny_beside import INPAINT, INSTRUCT, tensors, write

NAME = "instruct-pix2pix-00-22000.safetensors"
SMALL = {"scale": {"width": 64, "height": 64}, "levels": {"steps": 2}}


@pytest.fixture
def model(bench):
    path = bench.root / "models/checkpoints" / NAME
    write(path, INSTRUCT)
    return path


@pytest.fixture
def document():
    return changed(template("edit_by_instruction"), **SMALL)


def test_checkpoint_of_8_channels_is_for_editing(model):
    assert detect(tensors(INSTRUCT)).role == "instruct"
    assert checkpoint_traits(model)["MODEL"]["role"] == "instruct"


def test_template_reads_the_picture(bench, model, document):
    assert found(bench, document) == ()
    made = picture(bench, document)
    inverted = added(document, invert=("ImageInvert", {}))
    inverted = relinked(inverted, "scale.IMAGE > invert.image", "invert.IMAGE > edit.pixels")
    assert made.shape == (64, 64, 3) and made.std() > 3
    assert not np.array_equal(made, picture(bench, inverted))


def test_picture_and_instruction_are_weighed_apart(bench, model, document):
    scales = ({}, {"cfg_conds": 3.0}, {"cfg_cond2_negative": 1.0})
    made = [picture(bench, changed(document, guider=scale)).tobytes() for scale in scales]
    assert len(set(made)) == 3


def test_editing_model_makes_pictures_from_text_alone(bench, model):
    made = changed(template("text_to_image"), loader={"ckpt_name": NAME}, sampler={"steps": 2})
    assert found(bench, made) == () and picture(bench, made).std() > 3


@pytest.mark.parametrize("other", [CHECKPOINT, "inpaint.safetensors"])
def test_other_models_refuse_a_picture_to_edit(bench, model, document, other):
    write(bench.root / "models/checkpoints/inpaint.safetensors", INPAINT)
    told = problems(bench, changed(document, loader={"ckpt_name": other}))
    assert told[0][:2] == ("guider", "cond1")
    assert ("InpaintModelConditioning" if other == "inpaint.safetensors" else "checkpoint") in told[0][2]
