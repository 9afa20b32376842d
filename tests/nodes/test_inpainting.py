"""Painting inside masks from nodes: what is kept bit by bit, with which models, and what is refused."""

import numpy as np
import pytest
from PIL import Image

from compat.object_info import known_nodes
from compat.reading import read_file
from graph.plan import plan
from graph.workflow import read_document
from tests.nodes.bench import ROOT, changed, template
from tests.nodes.tiny_beside import DEPTH, INPAINT, write

FAST = {"sampler": {"steps": 2}}
SMALL = {
    **FAST,
    "scale": {"width": 64, "height": 64},
    "nothing": {"width": 64, "height": 64},
    "rectangle": {"width": 32, "height": 64},
    "mask": {"x": 32},
}


@pytest.fixture
def models(bench):
    folder = bench.root / "models/checkpoints"
    write(folder / "sd-v1-5-inpainting.ckpt", INPAINT)
    write(folder / "depth.safetensors", DEPTH)
    return folder


def relinked(document, *links, without=()):
    """A document with more links, each instead of the one that led there, and without some nodes."""
    ends = [[end.rsplit(".", 1) for end in link.split(" > ")] for link in links]
    targets = [target for _, target in ends]
    kept = [
        link
        for link in document["links"]
        if link["to"] not in targets and not {link["from"][0], link["to"][0]} & set(without)
    ]
    nodes = [node for node in document["nodes"] if node["id"] not in without]
    return document | {"nodes": nodes, "links": [*kept, *({"from": a, "to": b} for a, b in ends)]}


def added(document, **nodes):
    """A document with more nodes: `a=("Type", {…})`."""
    more = [{"id": name, "type": kind, "inputs": inputs} for name, (kind, inputs) in nodes.items()]
    return document | {"nodes": [*document["nodes"], *more]}


def succeeded(bench, document):
    ran = bench.run(document)
    assert ran.finished.status == "succeeded", ran.finished.problems
    return ran


def picture(bench, document):
    return bench.picture(succeeded(bench, document).names[0])


def found(bench, document):
    """The Problems of a document's plan."""
    workflow, problems = read_document(document)
    assert workflow is not None and not problems
    return plan(workflow, bench.registry, folders=bench.folders, cache=bench.cache).problems


def problems(bench, document):
    """The errors found before or while running, as (node, input, remedy)."""
    told = found(bench, document) or [bench.run(document).failed]
    return [(each.node, each.input, each.remedy) for each in told if each.severity == "error"]


def example():
    with Image.open(ROOT / "input/example.png") as image:
        return np.asarray(image.convert("RGB"))


def test_inpaint_template_keeps_every_pixel_outside_the_mask(bench):
    made = picture(bench, changed(template("inpaint"), **FAST))
    given = example()
    outside = np.ones((128, 128), bool)
    outside[4:124, 8:120] = False
    assert np.array_equal(made[outside], given[outside])
    assert np.abs(made[16:112, 20:108].astype(int) - given[16:112, 20:108]).mean() > 10


def test_outpaint_template_keeps_the_picture_and_paints_the_border(bench):
    made = picture(bench, changed(template("outpaint"), **FAST))
    assert made.shape == (128, 128, 3)
    assert np.array_equal(made[:, :64], example()[:, :64])  # 16 pixels of the 80 fade
    assert made[:, 80:].std() > 3


def test_detail_template_paints_a_part_and_keeps_every_other_pixel(bench):
    document = changed(template("inpaint_detail"), **FAST)
    given = picture(bench, relinked(document, "large.IMAGE > save.images"))
    made = picture(bench, document)
    inside = np.zeros((384, 384), bool)
    inside[16:112, 272:368] = True
    assert np.array_equal(made[~inside], given[~inside])
    assert np.abs(made[inside].astype(int) - given[inside]).mean() > 10


def test_mask_of_nothing_has_no_bounds(bench):
    document = changed(template("inpaint_detail"), rectangle={"value": 0.0})
    ((node, name, remedy),) = problems(bench, document)
    assert (node, name) == ("bounds", "mask") and "Draw a mask" in remedy


@pytest.mark.parametrize("masked", [True, False])
def test_inpaint_model_template_keeps_every_pixel_outside_the_mask(bench, models, masked):
    document = changed(template("inpaint_model"), **SMALL, inpaint={"noise_mask": masked})
    made = picture(bench, document)
    scaled = changed(template("inpaint_model"), **SMALL)
    given = picture(bench, relinked(scaled, "scale.IMAGE > save.images"))
    assert made.shape == given.shape == (64, 64, 3)
    assert np.array_equal(made[:, :32], given[:, :32])
    assert np.abs(made[:, 40:].astype(int) - given[:, 40:]).mean() > 10


def test_model_reads_what_the_conditioning_says(bench, models):
    document = changed(template("inpaint_model"), **SMALL, inpaint={"noise_mask": False})
    document = relinked(document, "decode.IMAGE > save.images", without=["composite"])
    one = picture(bench, document)
    other = picture(bench, changed(document, mask={"x": 0}))
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_masks_of_nothing_and_of_everything_run(bench, models, value):
    document = changed(template("inpaint_model"), **SMALL)
    document = changed(document, nothing={"value": value}, rectangle={"value": 0.0})
    made = picture(bench, document)
    given = picture(bench, relinked(document, "scale.IMAGE > save.images"))
    assert np.array_equal(made, given) == (value == 0.0)


def test_mask_of_another_size_lies_over_the_whole_picture(bench, models):
    document = changed(template("inpaint_model"), **SMALL)
    halved = changed(
        document,
        nothing={"width": 32, "height": 32},
        rectangle={"width": 16, "height": 32},
        mask={"x": 16},
    )
    given = picture(bench, relinked(document, "scale.IMAGE > save.images"))
    one, other = picture(bench, document), picture(bench, halved)
    assert np.array_equal(one[:, :31], given[:, :31]) and np.array_equal(other[:, :31], given[:, :31])
    # Scaled up, its edge is soft over two pixels, and one latent pixel sees that.
    assert np.abs(one[:, 48:].astype(int) - other[:, 48:]).mean() < 20


def test_sides_that_are_no_multiples_of_8_are_cut(bench, models):
    document = changed(changed(template("inpaint_model"), **SMALL), scale={"width": 69, "height": 75})
    document = relinked(document, "decode.IMAGE > save.images", without=["composite"])
    assert picture(bench, document).shape == (72, 64, 3)


# Inpainting models without InpaintModelConditioning, as many saved workflows have them


def test_inpainting_model_takes_a_masked_latent(bench, models):
    """VAEEncodeForInpaint and SetLatentNoiseMask are enough; another mask makes another picture."""
    base = changed(template("inpaint"), **SMALL, feather=dict.fromkeys(("left", "top", "right", "bottom"), 0))
    base = changed(base, loader={"ckpt_name": "sd-v1-5-inpainting.ckpt"}, mask={"y": 0})
    greyed = added(base, fill=("VAEEncodeForInpaint", {"grow_mask_by": 0}))
    links = ("scale.IMAGE > fill.pixels", "loader.VAE > fill.vae", "mask.MASK > fill.mask")
    greyed = relinked(greyed, *links, "fill.LATENT > sampler.latent_image", without=["encode", "masked"])
    given = picture(bench, relinked(base, "scale.IMAGE > save.images"))
    made = [picture(bench, document) for document in (base, greyed)]
    for each in made:
        assert np.array_equal(each[:, :32], given[:, :32])
    assert not np.array_equal(*made)


def test_inpainting_model_makes_pictures_from_text_alone_with_a_warning(bench, models):
    document = changed(template("text_to_image"), loader={"ckpt_name": "sd-v1-5-inpainting.ckpt"}, **FAST)
    assert picture(bench, document).std() > 3
    told = {(each.code, each.input, each.severity) for each in found(bench, document)}
    assert told == {("conditioning_mismatch", side, "warning") for side in ("positive", "negative")}
    masked = changed(template("inpaint"), **SMALL, loader={"ckpt_name": "sd-v1-5-inpainting.ckpt"})
    assert found(bench, masked) == ()


EXAMPLES = sorted((ROOT / "tests/data/comfy_workflows/ui").glob("inpaint_*.json"))
SMALLER = {"KSampler": {"steps": 2}, "ImagePadForOutpaint": {"top": 16, "bottom": 16, "feathering": 8}}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name.partition(".")[0])
def test_comfyuis_examples_of_inpainting_run(bench, path):
    """As its interface saved them, with a picture whose upper half is transparent."""
    document = read_file(path.read_bytes(), known_nodes()).document
    hollow = np.full((64, 64, 4), 128, np.uint8)
    hollow[:32, :, 3] = 0
    for node in document["nodes"]:
        node["inputs"].update(SMALLER.get(node["type"], {}))
        if node["type"] == "LoadImage":
            Image.fromarray(hollow).save(bench.root / "input" / node["inputs"]["image"])
        if node["type"] == "CheckpointLoaderSimple":
            write(bench.root / "models/checkpoints" / node["inputs"]["ckpt_name"], INPAINT)
    made = picture(bench, document)
    assert made.shape == ((96 if "outpaint" in path.name else 64), 64, 3) and made.std() > 3


# Grey masks


def test_differential_diffusion_changes_grey_places_less(bench):
    base = changed(template("inpaint"), **SMALL, feather=dict.fromkeys(("left", "top", "right", "bottom"), 0))
    base = changed(base, sampler={"steps": 6}, nothing={"value": 0.25}, rectangle={"value": 0.75})
    base = changed(base, mask={"y": 0, "x": 32, "operation": "add"})
    base = relinked(base, "decode.IMAGE > save.images", without=["composite"])
    gradual = added(base, gradual=("DifferentialDiffusion", {}))
    gradual = relinked(gradual, "loader.MODEL > gradual.model", "gradual.MODEL > sampler.model")
    untouched = relinked(base, "encode.LATENT > decode.samples")
    plain, opened, given = (picture(bench, each).astype(int) for each in (base, gradual, untouched))
    assert not np.array_equal(plain, opened)
    change = np.abs(opened - given)
    assert change[:, :24].mean() < change[:, 40:].mean()


# What does not fit


def test_base_model_takes_inpaint_conditioning_only_with_a_masked_latent(bench):
    document = changed(
        template("inpaint_model"), **SMALL, loader={"ckpt_name": "tessera-emoji-v1.safetensors"}
    )
    given = picture(bench, relinked(document, "scale.IMAGE > save.images"))
    made = picture(bench, document)
    assert np.array_equal(made[:, :32], given[:, :32]) and not np.array_equal(made, given)
    told = problems(bench, changed(document, inpaint={"noise_mask": False}))
    assert told[0][:2] == ("sampler", "positive") and "checkpoint" in told[0][2]


def test_depth_model_refuses_inpaint_conditioning(bench, models):
    document = changed(template("inpaint_model"), **SMALL, loader={"ckpt_name": "depth.safetensors"})
    told = problems(bench, document)
    assert told[0][:2] == ("sampler", "positive") and "DepthToImageConditioning" in told[0][2]
