"""What the built-in nodes say before anything runs, on files with the published shapes; and their fixes."""

import re
import subprocess
import sys
from typing import Any

import pytest

from graph.plan import Plan
from service.terminal import print_plan, print_problems
from tests.graph.sample import document
from tests.nodes.bench import ROOT, template
from tests.nodes.published import LOADER, Planned, only, repaired, text_to_image, with_nodes

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


def test_a_controlnet_of_another_family_is_bypassed(planned: Planned) -> None:
    nodes = {
        "control": ("ControlNetLoader", {"control_net_name": "sd1.safetensors"}),
        "apply": ("ControlNetApplyAdvanced", {}),
        "hint": ("EmptyImage", {}),
    }
    links = ("control.CONTROL_NET > apply.control_net", "prompt.CONDITIONING > apply.positive",
             "negative.CONDITIONING > apply.negative", "hint.IMAGE > apply.image",
             "apply.positive > sampler.positive", "apply.negative > sampler.negative")  # fmt: skip
    assert planned(with_nodes(text_to_image("sd1"), dict(nodes), *links)).problems == ()
    given = with_nodes(text_to_image("sd2"), dict(nodes), *links)
    problem = only(planned(given))
    assert (problem.code, problem.node, problem.given) == ("control_mismatch", "apply", 768)
    sides = {link.input: link.source for link in next(
        step for step in repaired(planned, given, problem).steps if step.id == "sampler"
    ).links}  # fmt: skip
    assert (sides["positive"], sides["negative"]) == ("prompt", "negative")


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
    assert len(codes) == 12
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
