"""Small files that do not fit, guiders and folders: what is said of them before anything runs."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from graph.folders import Folders
from tests.diffusion.checkpoint import test_diffusers_folder as diffusers_folder
from tests.nodes.bench import Bench, template
from tests.nodes.published import Planned, fill, only, planner, repaired, text_to_image, with_nodes


@pytest.fixture
def planned(tmp_path: Path) -> Any:
    """Plans over published files in a folder that takes more."""
    fill(tmp_path)
    made = Bench(tmp_path)
    yield planner(made)
    made.executor.close()


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


def embedding(folders: Folders, name: str, tensors: dict[str, torch.Tensor]) -> None:
    """A file of learned words, in the layout that its ending is known for."""
    path = folders.folder("embeddings") / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if name.endswith(".pt"):
        torch.save({"string_to_token": {"*": 265}, "string_to_param": tensors, "name": path.stem}, path)
    else:
        save_file(tensors, path)


def prompted(checkpoint: str, text: str, *, a1111: bool = False) -> dict[str, Any]:
    given = text_to_image(checkpoint)
    (prompt,) = (node for node in given["nodes"] if node["id"] == "prompt")
    prompt.update(type="PromptEncodeA1111" if a1111 else "CLIPTextEncode", inputs={"text": text})
    return given


# Learned words


@pytest.mark.parametrize(
    ("name", "tensors"),
    [
        ("moss.safetensors", {"emb_params": torch.ones(3, 768)}),
        ("moss.pt", {"*": torch.ones(3, 768)}),
        ("moss.bin", {"<moss>": torch.ones(768)}),
    ],
)
def test_an_embedding_of_sd1_is_taken_out_of_a_prompt_for_sd2(
    planned: Planned, folders: Folders, name: str, tensors: dict[str, torch.Tensor]
) -> None:
    if name.endswith(".bin"):
        (folders.root / "models/embeddings").mkdir(parents=True)
        torch.save(tensors, folders.root / "models/embeddings" / name)
    else:
        embedding(folders, name, tensors)
    text = "a fox, (embedding:moss:1.2), on grass, embedding:Moss"
    assert planned(prompted("sd1", text)).problems == ()
    problem = only(planned(prompted("sd2", text)))
    assert (problem.code, problem.node, problem.input, problem.given) == (
        "embedding_mismatch", "prompt", "text", 768,
    )  # fmt: skip
    assert f"{name} was made for Stable Diffusion 1" in problem.message
    repaired(planned, prompted("sd2", text), problem)
    assert [fix.patch[0]["value"] for fix in problem.fixes] == ["a fox, on grass, "]


def test_an_embedding_in_a_prompt_of_a1111_is_told_by_its_bare_name(
    planned: Planned, folders: Folders
) -> None:
    embedding(folders, "moss.safetensors", {"emb_params": torch.ones(3, 1024)})
    assert planned(prompted("sd2", "a fox in moss", a1111=True)).problems == ()
    problem = only(planned(prompted("sd1", "a fox in moss", a1111=True)))
    assert (problem.code, problem.node, problem.given, problem.fixes) == (
        "embedding_mismatch", "prompt", 1024, (),
    )  # fmt: skip


def test_an_embedding_for_both_encoders_of_sdxl_serves_sd1(planned: Planned, folders: Folders) -> None:
    embedding(folders, "both.safetensors", {"clip_l": torch.ones(2, 768), "clip_g": torch.ones(2, 1280)})
    assert planned(prompted("sd1", "embedding:both")).problems == ()
    assert only(planned(prompted("sd2", "embedding:both"))).code == "embedding_mismatch"


# LoRAs


def test_a_lora_of_a_tag_is_told_before_anything_is_loaded(planned: Planned) -> None:
    nodes = {"tags": ("LoraTagLoader", {"text": "a fox <lora:sd1:0.8>"})}
    links = ("loader.MODEL > tags.model", "loader.CLIP > tags.clip", "tags.MODEL > sampler.model",
             "tags.CLIP > prompt.clip", "tags.CLIP > negative.clip")  # fmt: skip
    found = planned(with_nodes(text_to_image("sd1"), dict(nodes), *links))
    assert found.problems == () and found.facts["sampler"]["LATENT"]["factor"] == 8
    problem = only(planned(with_nodes(text_to_image("sd2"), dict(nodes), *links)))
    assert (problem.code, problem.node, problem.input, problem.given) == (
        "lora_mismatch", "tags", "text", 768,
    )  # fmt: skip
    assert problem.message.startswith("LoraTagLoader.text: the LoRA sd1 was made for Stable Diffusion 1")


# Models in diffusers' layout


@pytest.mark.parametrize(("checkpoint", "other"), [("sd1", "sd2"), ("sd2", "sd1")])
def test_a_unet_of_diffusers_says_what_it_is(planned: Planned, checkpoint: str, other: str) -> None:
    unet = {"unet": ("UNETLoader", {"unet_name": f"{checkpoint}.safetensors"})}
    found = planned(with_nodes(text_to_image(checkpoint), dict(unet), "unet.MODEL > sampler.model"))
    assert found.problems == ()
    assert {**found.facts["unet"]["MODEL"], "digest": ""} == {
        **found.facts["loader"]["MODEL"], "digest": "",
    }  # fmt: skip
    problems = planned(with_nodes(text_to_image(other), dict(unet), "unet.MODEL > sampler.model")).problems
    assert {each.code for each in problems} == {"encoder_mismatch"} and len(problems) == 2


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("layout", [{}, {"safe_serialization": False}, {"max_shard_size": "50KB"}])
def test_a_folder_of_diffusers_says_what_it_holds(
    planned: Planned, folders: Folders, layout: dict[str, Any]
) -> None:
    name = "stable-diffusion-v1-5"
    diffusers_folder.make(folders.root / "models/diffusers" / name, sd2=True, vae_levels=4, **layout)
    facts = planned(template("diffusers_folder")).facts
    assert facts["loader"] == {
        "MODEL": {"family": "sd2", "prediction": "v", "role": "base", "context": 32, "channels": 4},
        "CLIP": {"family": "sd1", "width": 32},
        "VAE": {"factor": 8, "channels": 4},
    }


# Guiders


def guided(checkpoint: str) -> dict[str, Any]:
    """Text to image by a guider and the parts of a sampler."""
    given = text_to_image(checkpoint, width=256, height=320)
    given["nodes"] = [node for node in given["nodes"] if node["id"] != "sampler"]
    given["links"] = [link for link in given["links"] if "sampler" not in (link["from"][0], link["to"][0])]
    nodes = {
        "sampler": ("SamplerCustomAdvanced", {}),
        "guider": ("CFGGuider", {}),
        "noise": ("RandomNoise", {}),
        "way": ("KSamplerSelect", {}),
        "levels": ("BasicScheduler", {}),
    }
    links = ("loader.MODEL > guider.model", "prompt.CONDITIONING > guider.positive",
             "negative.CONDITIONING > guider.negative", "noise.NOISE > sampler.noise",
             "guider.GUIDER > sampler.guider", "way.SAMPLER > sampler.sampler",
             "size.LATENT > sampler.latent_image", "levels.SIGMAS > sampler.sigmas",
             "loader.MODEL > levels.model",
             "sampler.output > decode.samples")  # fmt: skip
    return with_nodes(given, nodes, *links)


def test_an_inpainting_model_behind_a_guider_gets_a_mask(planned: Planned) -> None:
    assert planned(guided("sd1")).problems == ()
    problem = only(planned(guided("sd1-inpaint")))
    assert (problem.code, problem.node, problem.input, problem.severity) == (
        "conditioning_mismatch", "sampler", "guider", "warning",
    )  # fmt: skip
    after = repaired(planned, guided("sd1-inpaint"), problem)
    assert after.facts["sampler"]["output"]["masked"] is True
    assert after.facts["everything"]["MASK"] == {"width": 256, "height": 320, "batch": 1}


def test_a_guider_of_a_depth_model_is_told_once(planned: Planned) -> None:
    problems = planned(guided("sd2-depth")).problems
    assert [(each.code, each.node, each.input) for each in problems] == [
        ("conditioning_mismatch", "guider", "positive"), ("conditioning_mismatch", "guider", "negative"),
    ]  # fmt: skip
