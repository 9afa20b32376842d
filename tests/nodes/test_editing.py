"""The nodes that edit pictures, masks, latents and text, in runs."""

import itertools

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from nodes import text
from tests.nodes.bench import changed, template
from tests.nodes.test_nodes import FAST, document, example, through


@pytest.mark.parametrize(
    ("kind", "inputs", "shape"),
    [
        ("ImageScaleBy", {"scale_by": 0.5}, (64, 64, 3)),
        ("ImageScaleToTotalPixels", {"megapixels": 0.01}, (102, 102, 3)),
        ("ImageCrop", {"width": 30, "height": 20, "x": 120}, (20, 8, 3)),
        ("ImageFlip", {}, (128, 128, 3)),
        ("ImageRotate", {"rotation": "90 degrees"}, (128, 128, 3)),
        ("ImageBlur", {"blur_radius": 3}, (128, 128, 3)),
        ("ImageSharpen", {}, (128, 128, 3)),
        ("ImageQuantize", {"colors": 4, "dither": "bayer-4"}, (128, 128, 3)),
        ("ImageAddNoise", {"seed": 2**63 + 5}, (128, 128, 3)),
        ("Morphology", {"operation": "gradient"}, (128, 128, 3)),
        ("ImageScaleToMaxDimension", {"largest_size": 50}, (50, 50, 3)),
        ("ResizeAndPadImage", {"target_width": 40, "target_height": 64}, (64, 40, 3)),
        ("ImageStitch", {"direction": "up"}, (128, 128, 3)),
        ("RepeatImageBatch", {"amount": 2}, (128, 128, 3)),
        ("ImageFromBatch", {"batch_index": 3}, (128, 128, 3)),
        ("ImagePadForOutpaint", {"left": 16}, (128, 144, 3)),
        ("SplitImageWithAlpha", {}, (128, 128, 3)),
    ],
)
def test_node_of_pictures_runs(bench, kind, inputs, shape):
    ran = bench.run(through(kind, inputs, input="image1" if kind == "ImageStitch" else "image"))
    assert len(ran.names) == inputs.get("amount", 1)
    assert bench.picture(ran.names[0]).shape == shape


def test_colours_apart_and_together_are_the_picture(bench):
    nodes = {
        "load": ("LoadImage", {"image": "example.png"}),
        "apart": ("ImageRGBToYUV", {}),
        "together": ("ImageYUVToRGB", {}),
        "save": ("SaveImage", {}),
    }
    links = [f"apart.{part} > together.{part}" for part in "YUV"]
    made = document(nodes, "load.IMAGE > apart.image", *links, "together.IMAGE > save.images")
    (name,) = bench.run(made).names
    assert np.abs(bench.picture(name).astype(int) - example()).max() <= 1


def test_a_saved_picture_is_loaded_again_and_laid_over_another(bench):
    nodes = {"load": ("LoadImage", {"image": "example.png"}), "save": ("SaveImage", {})}
    (name,) = bench.run(document(nodes, "load.IMAGE > save.images")).names
    nodes = {
        "load": ("LoadImageOutput", {"image": f"{name} [output]"}),
        "plain": ("EmptyImage", {"width": 128, "height": 128, "color": 0xFF8000}),
        "half": ("SolidMask", {"width": 16, "height": 16, "value": 0.5}),
        "solid": ("SolidMask", {"width": 128, "height": 128, "value": 0.0}),
        "laid": ("PorterDuffImageComposite", {"mode": "SRC_OVER"}),
        "save": ("SaveImage", {}),
    }
    links = ("load.IMAGE > laid.source", "half.MASK > laid.source_alpha", "plain.IMAGE > laid.destination",
             "solid.MASK > laid.destination_alpha", "laid.IMAGE > save.images")  # fmt: skip
    (name,) = bench.run(document(nodes, *links)).names
    expected = (example() + np.array([255, 128, 0])) / 2
    assert np.abs(bench.picture(name) - expected).max() <= 1


def test_latents_side_by_side_are_cut_apart_again(bench):
    nodes = {
        "loader": ("CheckpointLoaderSimple", {"ckpt_name": "tessera-emoji-v1.safetensors"}),
        "load": ("LoadImage", {"image": "example.png"}),
        "encode": ("VAEEncode", {}),
        "empty": ("EmptyLatentImage", {"width": 64, "height": 128}),
        "both": ("LatentConcat", {"dim": "-x"}),
        "cut": ("LatentCut", {"dim": "x", "index": -16, "amount": 16}),
        "decode": ("VAEDecode", {}),
        "save": ("SaveImage", {}),
    }
    links = ["load.IMAGE > encode.pixels", "loader.VAE > encode.vae", "encode.LATENT > both.samples1",
             "empty.LATENT > both.samples2", "both.LATENT > cut.samples", "loader.VAE > decode.vae",
             "decode.IMAGE > save.images"]  # fmt: skip
    (there,) = bench.run(document(nodes, *links, "cut.LATENT > decode.samples")).names
    (plain,) = bench.run(document(nodes, *links, "encode.LATENT > decode.samples")).names
    assert np.array_equal(bench.picture(there), bench.picture(plain))


def test_a_latent_that_does_not_fit_beside_another_is_reported(bench):
    nodes = {
        "one": ("EmptyLatentImage", {"width": 64, "height": 64}),
        "other": ("EmptyLatentImage", {"width": 64, "height": 128}),
        "both": ("LatentConcat", {}),
        "save": ("SaveLatent", {}),
    }
    links = ("one.LATENT > both.samples1", "other.LATENT > both.samples2", "both.LATENT > save.samples")
    problem = bench.run(document(nodes, *links)).failed
    assert (problem.code, problem.node, problem.input) == ("unsuitable", "both", "samples2")


def test_every_way_of_two_pictures(bench):
    nodes = {
        "load": ("LoadImage", {"image": "example.png"}),
        "plain": ("EmptyImage", {"width": 64, "height": 32, "color": 0xFF8000}),
        "laid": ("ImageCompositeMasked", {"x": 8, "y": 16}),
        "mixed": ("ImageBlend", {"blend_factor": 0.0}),
        "both": ("ImageBatch", {}),
        "save": ("SaveImage", {}),
    }
    made = document(
        nodes,
        "load.IMAGE > laid.destination",
        "plain.IMAGE > laid.source",
        "load.IMAGE > mixed.image1",
        "plain.IMAGE > mixed.image2",
        "laid.IMAGE > both.image1",
        "mixed.IMAGE > both.image2",
        "both.IMAGE > save.images",
    )
    laid, mixed = (bench.picture(name) for name in bench.run(made).names)
    assert (laid[16:48, 8:72] == [255, 128, 0]).all() and np.array_equal(laid[48:], example()[48:])
    assert np.array_equal(mixed, example())


def test_masks_through_every_node(bench):
    nodes = {
        "load": ("LoadImageMask", {"image": "example.png", "channel": "red"}),
        "invert": ("InvertMask", {}),
        "threshold": ("ThresholdMask", {"value": 0.25}),
        "grow": ("GrowMask", {"expand": 2}),
        "feather": ("FeatherMask", {"left": 8}),
        "solid": ("SolidMask", {"value": 0.5, "width": 64, "height": 64}),
        "combine": ("MaskComposite", {"x": 32, "operation": "multiply"}),
        "crop": ("CropMask", {"width": 64, "height": 64}),
        "show": ("MaskToImage", {}),
        "back": ("ImageToMask", {"channel": "green"}),
        "preview": ("MaskPreview", {}),
    }
    chain = ["load", "invert", "threshold", "grow", "feather"]
    links = [f"{a}.MASK > {b}.mask" for a, b in itertools.pairwise(chain)]
    links += ["feather.MASK > combine.destination", "solid.MASK > combine.source", "combine.MASK > crop.mask"]
    links += ["crop.MASK > show.mask", "show.IMAGE > back.image", "back.MASK > preview.mask"]
    ran = bench.run(document(nodes, *links))
    picture = bench.picture(ran.names[0], "temp")
    assert picture.shape == (64, 64, 3) and set(np.unique(picture[:, 8:32])) <= {0, 255}
    assert picture[:, 32:].max() <= 128


def test_missing_alpha_is_reported(bench):
    nodes = {
        "load": ("LoadImage", {"image": "example.png"}),
        "mask": ("ImageToMask", {"channel": "alpha"}),
        "show": ("MaskPreview", {}),
    }
    problem = bench.run(document(nodes, "load.IMAGE > mask.image", "mask.MASK > show.mask")).failed
    assert (problem.code, problem.node, problem.input) == ("unsuitable", "mask", "channel")


def inserted(kind, inputs, source, target, output, given):
    """Text to image with one more node between two others."""
    made = changed(template("text_to_image"), size={"width": 64, "height": 64}, sampler=FAST)
    made["nodes"].append({"id": "new", "type": kind, "inputs": inputs})
    (link,) = (each for each in made["links"] if each["from"][0] == source and each["to"][0] == target)
    made["links"].append({"from": ["new", output], "to": link["to"]})
    link["to"] = ["new", given]
    return made


@pytest.mark.parametrize(
    ("kind", "inputs", "size"),
    [
        ("LatentUpscaleBy", {"scale_by": 2.0}, (128, 128)),
        ("LatentFromBatch", {}, (64, 64)),
        ("RepeatLatentBatch", {"amount": 2}, (64, 64)),
        ("LatentFlip", {}, (64, 64)),
        ("LatentRotate", {"rotation": "90 degrees"}, (64, 64)),
        ("LatentCrop", {"width": 64, "height": 64}, (64, 64)),
        ("LatentMultiply", {"multiplier": 0.5}, (64, 64)),
    ],
)
def test_node_of_latents_runs(bench, kind, inputs, size):
    ran = bench.run(inserted(kind, inputs, "sampler", "decode", "LATENT", "samples"))
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert bench.picture(ran.names[0]).shape[:2] == size


def test_tiled_decoding_in_one_tile_is_plain_decoding(bench):
    made = changed(template("text_to_image"), size={"width": 64, "height": 64}, sampler=FAST)
    plain = bench.picture(bench.run(made).names[0]).astype(int)
    (decode,) = (each for each in made["nodes"] if each["id"] == "decode")
    decode.update(type="VAEDecodeTiled")
    tiled = bench.run(made)
    assert np.abs(bench.picture(tiled.names[0]).astype(int) - plain).max() <= 1
    assert ("decode", 1, 1) in tiled.progress


def test_inpainting_changes_only_what_is_selected(bench):
    nodes = {
        "loader": ("CheckpointLoaderSimple", {"ckpt_name": "tessera-emoji-v1.safetensors"}),
        "load": ("LoadImage", {"image": "example.png"}),
        "mask": ("SolidMask", {"width": 128, "height": 128}),
        "encode": ("VAEEncodeForInpaint", {}),
        "save": ("SaveLatent", {"filename_prefix": "kept/a"}),
    }
    made = document(
        nodes,
        "load.IMAGE > encode.pixels",
        "loader.VAE > encode.vae",
        "mask.MASK > encode.mask",
        "encode.LATENT > save.samples",
    )
    assert bench.run(made).names == ["kept/a_00001_.latent"]


def test_latent_is_read_as_it_was_written(bench):
    samples = torch.rand(1, 4, 8, 8)
    save_file({"latent_tensor": samples}, bench.root / "input/old.latent")
    nodes = {"load": ("LoadLatent", {"latent": "old.latent"}), "save": ("SaveLatent", {})}
    (name,) = bench.run(document(nodes, "load.LATENT > save.samples")).names
    assert name == "latents/Tessera_00001_.latent"
    written = load_file(bench.root / "output" / name)
    torch.testing.assert_close(written["latent_tensor"], samples / 0.18215)
    assert "latent_format_version_0" in written


def test_file_without_a_latent_is_reported(bench):
    save_file({"x": torch.zeros(1)}, bench.root / "input/no.latent")
    nodes = {"load": ("LoadLatent", {"latent": "no.latent"}), "save": ("SaveLatent", {})}
    problem = bench.run(document(nodes, "load.LATENT > save.samples")).failed
    assert (problem.code, problem.node, problem.input) == ("mislabelled_file", "load", "latent")


def test_saved_vae_can_be_loaded(bench):
    from diffusion.checkpoint.load import load_vae

    nodes = {
        "loader": ("CheckpointLoaderSimple", {"ckpt_name": "tessera-emoji-v1.safetensors"}),
        "save": ("VAESave", {}),
    }
    (name,) = bench.run(document(nodes, "loader.VAE > save.vae")).names
    assert load_vae(bench.root / "output" / name).factor == 8


def test_size_of_a_picture_feeds_numbers(bench):
    nodes = {
        "load": ("LoadImage", {"image": "example.png"}),
        "size": ("GetImageSize", {}),
        "plain": ("EmptyImage", {"height": 8}),
        "save": ("SaveImage", {}),
    }
    made = document(nodes, "load.IMAGE > size.image", "size.width > plain.width", "plain.IMAGE > save.images")
    assert bench.picture(bench.run(made).names[0]).shape == (8, 128, 3)


def test_texts():
    assert text.string_concatenate("a", "b", ", ") == "a, b"
    assert text.string_replace("a cat", "cat", "dog") == "a dog"
    assert [text.string_trim(" a ", mode) for mode in ("Both", "Left", "Right")] == ["a", "a ", " a"]
    assert text.string_substring("abcd", 1, -1) == "bc" and text.string_length("abc") == 3
    assert text.case_converter("a cat", "Title Case") == "A Cat"
    assert text.string_contains("A cat", "CAT", False) and not text.string_contains("A cat", "CAT")
    assert text.string_compare("A cat", "a", "Starts With", False)
    assert text.regex_match("A\ncat", "^CAT$", multiline=True)
    assert text.regex_replace("a cat, a dog", r"a (\w+)", r"the \1", count=1) == "the cat, a dog"
    assert text.regex_extract("a1 b2", r"([a-z])(\d)", "All Groups", group_index=2) == "1\n2"
    assert text.regex_extract("a1 b2", r"[a-z]\d", "All Matches") == "a1\nb2"
    assert text.regex_extract("a1", "x") == "" == text.regex_extract("a1", "a", "First Group", group_index=3)


@pytest.mark.parametrize(
    ("pattern", "replace", "input"), [("(", "", "regex_pattern"), ("a", r"\2", "replace")]
)
def test_wrong_pattern_is_an_error_of_its_input(pattern, replace, input):
    from graph import NodeError

    with pytest.raises(NodeError) as caught:
        text.regex_replace("abc", pattern, replace)
    assert caught.value.input == input and caught.value.remedy
