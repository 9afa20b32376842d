"""What the built-in nodes say before anything runs, on files with the published shapes; and their fixes."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image

from graph.patch import apply_patch
from graph.plan import Plan, plan
from graph.problems import Problem
from graph.workflow import read_document
from service.terminal import print_plan, print_problems
from tests.diffusion.checkpoint.sparse import sparse
from tests.diffusion.golden import manifest
from tests.graph.sample import document
from tests.nodes.bench import ROOT, Bench, template

FILES = {
    "checkpoints/sd1.safetensors": "sd-v1-5-emaonly",
    "checkpoints/sd1-inpaint.safetensors": "sd-v1-5-inpainting",
    "checkpoints/sd2.safetensors": "sd-v2-1-512-and-768",
    "checkpoints/sd2-depth.safetensors": "sd-v2-depth",
    "checkpoints/x4.safetensors": "x4-upscaler",
    "checkpoints/lora.safetensors": "lora-kohya-sd1-rank4",
    "loras/sd1.safetensors": "lora-kohya-sd1-rank4",
    "loras/sd2.safetensors": "lora-kohya-sd2-rank4",
    "vae/sd.safetensors": "vae-ft-mse-840000-ldm",
    "vae/x4.safetensors": "vae-x4-upscaler-ldm",
    "controlnet/sd1.safetensors": "controlnet-sd15",
    "upscale_models/x4.safetensors": "realesrgan-x4plus",
}
LOADER = "CheckpointLoaderSimple"
Planned = Callable[[dict[str, Any]], Plan]


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planned]:
    root = tmp_path_factory.mktemp("facts")
    for name, published in FILES.items():
        path = root / "models" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        sparse(path, manifest(published))
    with (root / "models/checkpoints/sd1.safetensors").open("rb") as whole:
        (root / "models/checkpoints/cut.safetensors").write_bytes(whole.read(300_000))
    (root / "input").mkdir()
    Image.new("RGB", (500, 300)).save(root / "input/odd.png")
    Image.new("RGB", (512, 320)).save(root / "input/even.jpg")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (64, 32)).save(root / "input/turned.jpg", exif=exif)
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "green")]
    frames[0].save(root / "input/moving.gif", save_all=True, append_images=frames[1:])
    (root / "input/broken.png").write_bytes(b"no picture")
    bench = Bench(root)

    def make(given: dict[str, Any]) -> Plan:
        workflow, problems = read_document(given)
        assert workflow is not None and not problems
        return plan(workflow, bench.registry, folders=bench.folders, cache=bench.cache)

    make.has = lambda type_id: type_id in bench.registry.types  # type: ignore[attr-defined]
    yield make
    bench.executor.close()


def text_to_image(checkpoint: str, **size: object) -> dict[str, Any]:
    """The first workflow with a model of a kind."""
    given = template("text_to_image")
    for node in given["nodes"]:
        node["inputs"].update(
            {"loader": {"ckpt_name": f"{checkpoint}.safetensors"}, "size": size}.get(node["id"], {})
        )
    return given


def with_nodes(
    given: dict[str, Any], nodes: dict[str, tuple[str, dict[str, object]]], *links: str
) -> dict[str, Any]:
    """The document with more nodes, and links in place of what led there."""
    more = document(nodes, *links)
    given["nodes"] += more["nodes"]
    for link in more["links"]:
        given["links"] = [each for each in given["links"] if each["to"] != link["to"]] + [link]
    return given


def only(found: Plan) -> Problem:
    (problem,) = found.problems
    return problem


def repaired(planned: Planned, given: dict[str, Any], problem: Problem) -> Plan:
    """The plan after the problem's one fix; the document still has all that it had."""
    (fix,) = problem.fixes
    after = apply_patch(given, fix.patch)
    assert {node["id"] for node in given["nodes"]} <= {node["id"] for node in after["nodes"]}
    found = planned(after)
    assert found.problems == ()
    return found


# The kinds of models


def model_facts(found: Plan, node: str = "loader") -> tuple[object, ...]:
    facts = found.facts[node]
    names = ("family", "prediction", "role", "context")
    return (*(facts["MODEL"][name] for name in names), facts["CLIP"]["width"], facts["VAE"]["factor"])


@pytest.mark.parametrize(
    ("checkpoint", "expected"),
    [
        ("sd1", ("sd1", "eps", "base", 768, 768, 8)),
        ("sd1-inpaint", ("sd1", "eps", "inpaint", 768, 768, 8)),
        ("sd2", ("sd2", "eps", "base", 1024, 1024, 8)),
        ("sd2-depth", ("sd2", "eps", "depth", 1024, 1024, 8)),
        ("x4", ("x4", "v", "x4", 1024, 1024, 4)),
    ],
)
def test_a_checkpoint_says_what_it_is(
    planned: Planned, checkpoint: str, expected: tuple[object, ...]
) -> None:
    found = planned(text_to_image(checkpoint))
    assert model_facts(found) == expected
    assert len(str(found.facts["loader"]["MODEL"]["digest"])) == 32


def test_text_to_image_is_known_from_end_to_end(planned: Planned) -> None:
    found = planned(text_to_image("sd1", width=512, height=768, batch_size=3))
    size = {"width": 512, "height": 768, "batch": 3}
    assert found.facts["prompt"] == {"CONDITIONING": {"width": 768, "role": "base"}}
    assert found.facts["size"] == {"LATENT": {**size, "channels": 4}}
    assert found.facts["sampler"] == {"LATENT": {**size, "channels": 4, "factor": 8}}
    assert found.facts["decode"] == {"IMAGE": {**size, "channels": 3}}
    assert found.problems == ()


def test_what_is_no_checkpoint_and_what_is_damaged_is_told_before_loading(planned: Planned) -> None:
    problem = only(planned(text_to_image("lora")))
    assert (problem.code, problem.node, problem.input) == ("unknown_architecture", "loader", "ckpt_name")
    assert "a LoRA" in problem.message
    problem = only(planned(text_to_image("cut")))
    assert problem.code == "damaged_file" and "300000 bytes" in problem.message


# The four that the design names


def test_a_text_encoder_of_sd2_for_a_model_of_sd1_is_relinked(planned: Planned) -> None:
    given = with_nodes(
        text_to_image("sd1"),
        {"other": (LOADER, {"ckpt_name": "sd2.safetensors"}), "skip": ("CLIPSetLastLayer", {})},
        "other.CLIP > skip.clip", "skip.CLIP > prompt.clip",
    )  # fmt: skip
    problem = only(planned(given))
    assert (problem.code, problem.node, problem.input, problem.given) == (
        "encoder_mismatch",
        "sampler",
        "positive",
        1024,
    )
    assert problem.severity == "error"
    found = repaired(planned, given, problem)
    assert found.facts["prompt"]["CONDITIONING"]["width"] == 768


def test_a_lora_of_sd1_on_sd2_is_bypassed(planned: Planned) -> None:
    lora = {"lora": ("LoraLoader", {"lora_name": "sd1.safetensors"})}
    links = ("loader.MODEL > lora.model", "loader.CLIP > lora.clip", "lora.MODEL > sampler.model",
             "lora.CLIP > prompt.clip")  # fmt: skip
    given = with_nodes(text_to_image("sd2"), lora, *links)
    found = planned(given)
    assert [(each.code, each.node, each.input) for each in found.problems] == [
        ("lora_mismatch", "lora", "lora_name")
    ]
    problem = only(found)
    assert "768" in problem.message and "1024" in problem.message
    repaired(planned, given, problem)
    given["nodes"][-1]["inputs"]["lora_name"] = "sd2.safetensors"
    assert planned(given).problems == ()


def test_an_inpainting_model_without_a_mask_gets_one(planned: Planned) -> None:
    given = text_to_image("sd1-inpaint", width=256, height=512)
    problems = planned(given).problems
    assert {(each.code, each.node, each.input) for each in problems} == {
        ("conditioning_mismatch", "sampler", "positive"),
        ("conditioning_mismatch", "sampler", "negative"),
    }
    if not planned.has("InpaintModelConditioning"):  # type: ignore[attr-defined]
        pytest.skip("there is no node for it")
    found = repaired(planned, given, problems[0])
    assert found.facts["sampler"]["LATENT"]["width"] == 256


def from_picture(checkpoint: str, picture: str) -> dict[str, Any]:
    given = template("image_to_image")
    for node in given["nodes"]:
        change = {"loader": {"ckpt_name": f"{checkpoint}.safetensors"}, "picture": {"image": picture}}
        node["inputs"].update(change.get(node["id"], {}))
    return with_nodes(given, {}, "picture.IMAGE > encode.pixels")


def test_a_picture_that_would_be_cropped_is_scaled(planned: Planned) -> None:
    given = from_picture("sd1", "odd.png")
    found = planned(given)
    problem = only(found)
    assert (problem.code, problem.severity, problem.given) == ("picture_cropped", "warning", "500 x 300")
    assert "496 x 296" in problem.message and "62 x 37" in problem.message
    assert found.ok and found.facts["encode"]["LATENT"]["width"] == 496
    after = repaired(planned, given, problem)
    assert (after.facts["encode"]["LATENT"]["width"], after.facts["encode"]["LATENT"]["height"]) == (496, 304)
    assert planned(from_picture("sd1", "even.jpg")).problems == ()


# The others


def test_a_latent_is_decoded_by_the_models_vae(planned: Planned) -> None:
    given = with_nodes(
        text_to_image("sd1"), {"vae": ("VAELoader", {"vae_name": "x4.safetensors"})}, "vae.VAE > decode.vae"
    )
    problem = only(planned(given))
    assert (problem.code, problem.node, problem.input, problem.given) == ("vae_mismatch", "decode", "vae", 4)
    assert repaired(planned, given, problem).facts["decode"]["IMAGE"]["width"] == 128
    given["nodes"][-1]["inputs"]["vae_name"] = "sd.safetensors"
    assert planned(given).problems == ()


def test_a_latent_is_encoded_by_the_models_vae(planned: Planned) -> None:
    given = with_nodes(
        from_picture("sd1", "even.jpg"),
        {"vae": ("VAELoader", {"vae_name": "x4.safetensors"})},
        "vae.VAE > encode.vae",
    )
    problem = only(planned(given))
    assert (problem.code, problem.node, problem.input) == ("vae_mismatch", "sampler", "latent_image")
    repaired(planned, given, problem)


def test_a_size_that_is_no_multiple_of_8_is_rounded(planned: Planned) -> None:
    given = text_to_image("sd1", width=500, height=512)
    problem = only(planned(given))
    assert (problem.code, problem.severity, problem.input, problem.given) == (
        "size_rounded",
        "warning",
        "width",
        500,
    )
    assert planned(given).facts["size"]["LATENT"]["width"] == 496
    assert repaired(planned, given, problem).facts["size"]["LATENT"]["width"] == 496


def test_a_depth_model_asks_for_depth(planned: Planned) -> None:
    first = planned(text_to_image("sd2-depth")).problems[0]
    assert first.code == "conditioning_mismatch" and "DepthToImageConditioning" in first.remedy


def test_masks_that_are_not_as_many_as_pictures_are_told(planned: Planned) -> None:
    nodes = {
        "pictures": ("EmptyImage", {"batch_size": 3, "width": 64, "height": 64}),
        "two": ("EmptyImage", {"batch_size": 2, "width": 64, "height": 64}),
        "mask": ("ImageToMask", {}),
        "alpha": ("JoinImageWithAlpha", {}),
        "save": ("SaveImage", {}),
    }
    links = (
        "two.IMAGE > mask.image",
        "mask.MASK > alpha.alpha",
        "pictures.IMAGE > alpha.image",
        "alpha.IMAGE > save.images",
    )
    problem = only(planned(document(nodes, *links)))
    assert (problem.code, problem.severity, problem.given, problem.node) == (
        "batch_mismatch",
        "warning",
        2,
        "alpha",
    )


def test_a_controlnet_of_another_family_is_told(planned: Planned) -> None:
    nodes = {
        "control": ("ControlNetLoader", {"control_net_name": "sd1.safetensors"}),
        "apply": ("ControlNetApplyAdvanced", {}),
        "hint": ("EmptyImage", {}),
    }
    links = ("control.CONTROL_NET > apply.control_net", "prompt.CONDITIONING > apply.positive",
             "negative.CONDITIONING > apply.negative", "hint.IMAGE > apply.image",
             "apply.positive > sampler.positive", "apply.negative > sampler.negative")  # fmt: skip
    assert planned(with_nodes(text_to_image("sd1"), dict(nodes), *links)).problems == ()
    problem = only(planned(with_nodes(text_to_image("sd2"), dict(nodes), *links)))
    assert (problem.code, problem.node, problem.given) == ("control_mismatch", "apply", 768)


# Pictures


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("odd.png", {"width": 500, "height": 300, "batch": 1}),
        ("turned.jpg", {"width": 32, "height": 64, "batch": 1}),
        ("moving.gif", {"width": 16, "height": 16}),
        ("broken.png", None),
    ],
)
def test_a_picture_is_known_from_its_header(
    planned: Planned, name: str, facts: dict[str, int] | None
) -> None:
    nodes = {"picture": ("LoadImage", {"image": name}), "save": ("SaveImage", {})}
    found = planned(document(nodes, "picture.IMAGE > save.images"))
    assert found.facts == ({"picture": {"IMAGE": {**facts, "channels": 3}, "MASK": facts}} if facts else {})
    assert found.ok


def test_planning_a_checkpoint_imports_no_torch() -> None:
    code = (
        "import sys, server, json; from pathlib import Path;"
        "folders = server.make_folders(Path('.').resolve());"
        "engine = server.make_engine(folders, custom_nodes=False); engine.load();"
        "found = engine.order(json.load(open('workflows/text_to_image.json'))).plan;"
        "assert found.ok and found.facts['decode'], found; print(*sys.modules)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert not {"torch", "numpy", "safetensors", "PIL"} & set(answer.stdout.split())


def test_every_code_of_the_facts_is_named_in_the_protocol() -> None:
    sources = (path.read_text("utf-8") for path in (ROOT / "nodes/facts").glob("*.py"))
    codes = {code for text in sources for code in re.findall(r'seen\.problem\(\s*"(\w+)"', text)}
    assert len(codes) == 8
    assert codes <= set(re.findall(r"`(\w+)`", (ROOT / "docs/protocol.md").read_text("utf-8")))


def test_the_terminal_shows_what_is_known_and_how_to_repair(
    capsys: pytest.CaptureFixture[str], planned: Planned
) -> None:
    answer: dict[str, Any] = planned(text_to_image("sd1", width=500, height=512)).to_json()
    print_plan(answer["steps"], answer["facts"])
    print_problems(answer["problems"])
    said = capsys.readouterr()
    assert "\n    LATENT: width 496, height 512, batch 1, channels 4, factor 8\n" in said.out
    assert "    MODEL: family sd1, prediction eps, role base, context 768, channels 4\n" in said.out
    assert said.err.startswith("warning: size.width: EmptyLatentImage.width: 500 is no multiple of 8")
    assert "  the editor can: Set to 496\n" in said.err


# The truth: what is said is what a run makes

CHAINS: dict[str, tuple[tuple[str, dict[str, object]], ...]] = {
    "IMAGE": (
        ("ImageScale", {"width": 100, "height": 0}),
        ("ImageScale", {"width": 61, "height": 47, "crop": "center"}),
        ("ImageScaleBy", {"scale_by": 0.37}),
        ("ImageScaleToTotalPixels", {"megapixels": 0.013}),
        ("ImageCrop", {"width": 50, "height": 70, "x": 30, "y": 500}),
        ("ImageRotate", {"rotation": "90 degrees"}),
        ("ImageRotate", {"rotation": "180 degrees"}),
        ("RepeatImageBatch", {"amount": 3}),
        ("ImageFromBatch", {"batch_index": 1, "length": 9}),
        ("ImageInvert", {}),
        ("ImageFlip", {}),
        ("ImageBlur", {}),
        ("ImageQuantize", {"colors": 4}),
    ),
    "LATENT": (
        ("LatentUpscale", {"width": 100, "height": 0}),
        ("LatentUpscale", {"width": 200, "height": 90}),
        ("LatentUpscaleBy", {"scale_by": 0.6}),
        ("LatentCrop", {"width": 64, "height": 72, "x": 80, "y": 8}),
        ("LatentRotate", {"rotation": "270 degrees"}),
        ("RepeatLatentBatch", {"amount": 3}),
        ("LatentFromBatch", {"batch_index": 2, "length": 4}),
        ("LatentFlip", {}),
        ("LatentMultiply", {}),
    ),
    "MASK": (
        ("CropMask", {"width": 50, "height": 70, "x": 30, "y": 20}),
        ("GrowMask", {}),
        ("InvertMask", {}),
    ),
}
FIRST = {"IMAGE": "image", "LATENT": "samples", "MASK": "mask"}
PAIRED = (
    ("ImageBatch", ("pictures.IMAGE > {}.image1", "wide.IMAGE > {}.image2")),
    ("ImageBlend", ("pictures.IMAGE > {}.image1", "wide.IMAGE > {}.image2")),
    ("ImageCompositeMasked", ("pictures.IMAGE > {}.destination", "wide.IMAGE > {}.source")),
    ("JoinImageWithAlpha", ("pictures.IMAGE > {}.image", "mask.MASK > {}.alpha")),
    ("SplitImageWithAlpha", ("pictures.IMAGE > {}.image",)),
    ("ImagePadForOutpaint", ("pictures.IMAGE > {}.image",)),
    ("ImageToMask", ("pictures.IMAGE > {}.image",)),
    ("ImageColorToMask", ("pictures.IMAGE > {}.image",)),
    ("MaskToImage", ("mask.MASK > {}.mask",)),
    ("MaskComposite", ("mask.MASK > {}.destination", "full.MASK > {}.source")),
    ("GetImageSize", ("pictures.IMAGE > {}.image",)),
    ("VAEEncode", ("wide.IMAGE > {}.pixels", "loader.VAE > {}.vae")),
    ("VAEEncodeTiled", ("wide.IMAGE > {}.pixels", "loader.VAE > {}.vae")),
    ("VAEEncodeForInpaint", ("wide.IMAGE > {}.pixels", "loader.VAE > {}.vae", "mask.MASK > {}.mask")),
    ("VAEDecode", ("latent.LATENT > {}.samples", "loader.VAE > {}.vae")),
    ("LatentBatch", ("latent.LATENT > {}.samples1", "other.LATENT > {}.samples2")),
    ("LatentAdd", ("latent.LATENT > {}.samples1", "other.LATENT > {}.samples2")),
    ("LatentComposite", ("latent.LATENT > {}.samples_to", "other.LATENT > {}.samples_from")),
    ("SetLatentNoiseMask", ("latent.LATENT > {}.samples", "full.MASK > {}.mask")),
)


def everything() -> dict[str, Any]:
    """Each node of pictures, masks and latents at least once."""
    nodes: dict[str, tuple[str, dict[str, object]]] = {
        "loader": (LOADER, {"ckpt_name": "tessera-emoji-v1.safetensors"}),
        "file": ("LoadImage", {"image": "example.png"}),
        "pictures": ("EmptyImage", {"width": 96, "height": 80, "batch_size": 2}),
        "wide": ("EmptyImage", {"width": 77, "height": 45}),
        "full": ("SolidMask", {"width": 96, "height": 80}),
        "mask": ("ImageToMask", {}),
        "latent": ("EmptyLatentImage", {"width": 125, "height": 96, "batch_size": 2}),
        "other": ("EmptyLatentImage", {"width": 64, "height": 64}),
    }
    links = ["pictures.IMAGE > mask.image"]
    ends = {"IMAGE": "file", "LATENT": "latent", "MASK": "full"}
    for kind, chain in CHAINS.items():
        for place, (type_id, literals) in enumerate(chain):
            name = f"{kind}{place}"
            nodes[name] = (type_id, literals)
            links.append(f"{ends[kind]}.{kind} > {name}.{FIRST[kind]}")
            ends[kind] = name
    for type_id, sources in PAIRED:
        nodes[type_id] = (type_id, {})
        links += [source.format(type_id) for source in sources]
    return document(nodes, *links)


def real(value: Any, kind: str) -> dict[str, object]:
    """What a value really is, in the words of facts."""
    if kind == "INT":
        return {"value": value}
    if kind == "LATENT":
        batch, channels, rows, columns = value.samples.shape
        size = {"width": columns * 8, "height": rows * 8, "batch": batch, "channels": channels, "factor": 8}
        return {**size, "masked": True} if value.noise_mask is not None else size
    batch, height, width = value.shape[:3]
    size = {"width": width, "height": height, "batch": batch}
    return {**size, "channels": value.shape[3]} if kind == "IMAGE" else size


def test_what_is_said_is_what_a_run_makes(bench: Bench) -> None:
    workflow, _ = read_document(everything())
    assert workflow is not None
    targets = [node.id for node in workflow.nodes]
    found = plan(workflow, bench.registry, targets=targets, folders=bench.folders, cache=bench.cache)
    assert found.ok, found.problems
    assert bench.executor.run(found, run_id="r", emit=lambda event: None).status == "succeeded"
    compared = 0
    for step in found.steps:
        entry = bench.cache.peek(step.key)
        assert entry is not None and step.node_type is not None
        for output, value in zip(step.node_type.outputs, entry.outputs, strict=True):
            if output.type_name in ("IMAGE", "MASK", "LATENT", "INT"):
                said = found.facts[step.id][output.name]
                truth = real(value, output.type_name)
                assert said == {name: truth[name] for name in said}, (step.id, output.name)
                missing = truth.keys() - said.keys() - {"factor"}
                assert missing <= ({"batch", "channels"} if step.type == "ImageBlend" else set()), step.id
                compared += 1
    assert compared > 50
