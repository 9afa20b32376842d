"""The x4 upscaler from nodes: sizes, noise and seeds, and what is refused."""

import numpy as np
import pytest

from tests.nodes.bench import changed, template
from tests.nodes.conftest import CHECKPOINT
from tests.nodes.test_inpainting import added, picture, problems, relinked
from tests.nodes.tiny_beside import X4, X4_VAE, write

NAME = "x4-upscaler-ema.safetensors"


@pytest.fixture
def model(bench):
    write(bench.root / "models/checkpoints" / NAME, X4, X4_VAE)


def upscaled(**changes):
    """The template on a picture of 32 x 24 pixels."""
    document = added(
        changed(template("x4_upscale"), sampler={"steps": 2}),
        little=("ImageScale", {"upscale_method": "area", "width": 32, "height": 24, "crop": "disabled"}),
    )
    links = ("picture.IMAGE > little.image", "little.IMAGE > small.images")
    return changed(relinked(document, *links), **changes)


def test_template_makes_four_times_as_many_pixels_a_side(bench, model):
    made = picture(bench, upscaled())
    assert made.shape == (96, 128, 3) and made.std() > 3


def test_tiled_decoding_of_factor_4_is_that_of_the_whole_picture(bench, model):
    tiled = picture(bench, upscaled(decode={"tile_size": 64, "overlap": 32}))
    document = upscaled()
    for node in document["nodes"]:
        if node["id"] == "decode":
            node.update(type="VAEDecode", inputs={})
    whole = picture(bench, document)
    assert tiled.shape == whole.shape
    assert np.abs(tiled.astype(int) - whole).mean() < 12
    assert np.array_equal(picture(bench, upscaled(decode={"tile_size": 512})), whole)


def test_noise_hides_the_small_picture(bench, model):
    clear, hidden = (picture(bench, upscaled(small={"noise_augmentation": noise})) for noise in (0.0, 0.057))
    assert not np.array_equal(clear, hidden)


def test_sizes_that_are_no_multiples_of_8_are_enlarged_whole(bench, model):
    assert picture(bench, upscaled(little={"width": 21, "height": 13})).shape == (52, 84, 3)


def test_other_ratio_scales_the_small_picture_first(bench, model):
    assert picture(bench, upscaled(small={"scale_ratio": 2.0})).shape == (48, 64, 3)


# What does not fit


def test_noise_above_level_350_is_told_before_running(bench, model):
    ((node, name, _),) = problems(bench, upscaled(small={"noise_augmentation": 1.5}))
    assert (node, name) == ("small", "noise_augmentation")


def test_latent_of_another_size_is_told(bench, model):
    document = added(upscaled(), normal=("EmptyLatentImage", {"width": 128, "height": 96}))
    document = relinked(document, "normal.LATENT > sampler.latent_image")
    told = problems(bench, document)
    assert told[0][:2] == ("sampler", "latent_image") and "SD_4XUpscale_Conditioning" in told[0][2]


def test_upscaler_without_a_small_picture_is_told(bench, model):
    told = problems(bench, changed(template("text_to_image"), loader={"ckpt_name": NAME}))
    assert told[0][:2] == ("sampler", "positive") and "SD_4XUpscale_Conditioning" in told[0][2]


def test_base_model_refuses_a_small_picture(bench):
    told = problems(bench, upscaled(loader={"ckpt_name": CHECKPOINT}))
    assert told[0][1] == "positive" and "checkpoint" in told[0][2]
