"""What is wrong with a prompt, in ComfyUI's types of errors."""

from typing import Any

import pytest

from compat.server.literals import without_missing
from tests.compat.server.conftest import CHECKPOINT, Comfy, text_to_image


async def refused(comfy: Comfy, prompt: object) -> tuple[dict[str, Any], dict[str, Any]]:
    answer = await comfy.queue(prompt, status=400)
    assert answer.keys() == {"error", "node_errors"}
    assert answer["error"].keys() == {"type", "message", "details", "extra_info"}
    return answer["error"], answer["node_errors"]


def changed(node: str, **inputs: Any) -> dict[str, Any]:
    prompt = text_to_image()
    prompt[node]["inputs"].update(inputs)
    return prompt


def without(node: str, name: str) -> dict[str, Any]:
    prompt = text_to_image()
    del prompt[node]["inputs"][name]
    return prompt


CASES = {
    "missing": (without("3", "seed"), "3", "required_input_missing", "seed"),
    "missing link": (without("8", "vae"), "8", "required_input_missing", "vae"),
    "bad link": (changed("8", vae=["4"]), "8", "bad_linked_input", "vae"),
    "type": (changed("8", vae=["4", 0]), "8", "return_type_mismatch",
             "vae, received_type(MODEL) mismatch input_type(VAE)"),
    "no number": (changed("3", steps="many"), "3", "invalid_input_type",
                  "steps, many, invalid literal for int() with base 10: 'many'"),
    "small": (changed("3", steps=0), "3", "value_smaller_than_min", "steps"),
    "large": (changed("3", cfg=1000), "3", "value_bigger_than_max", "cfg"),
    "file": (changed("4", ckpt_name="x.ckpt"), "4", "value_not_in_list",
             f"ckpt_name: 'x.ckpt' not in ['{CHECKPOINT}']"),
    "missing node": (changed("9", images=["77", 0]), "9", "exception_during_validation", "'77'"),
    "missing inner node": (changed("8", samples=["77", 0]), "8", "exception_during_inner_validation", "'77'"),
    "missing output": (changed("8", vae=["4", 9]), "8", "exception_during_inner_validation",
                       "node 4 has no output 9"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
async def test_what_is_wrong_with_an_input_is_told_at_its_node(comfy: Comfy, name: str) -> None:
    prompt, node, kind, details = CASES[name]
    error, node_errors = await refused(comfy, prompt)
    assert error["type"] == "prompt_outputs_failed_validation"
    assert list(node_errors) == [node]
    told = node_errors[node]
    (wrong,) = told["errors"]
    assert (wrong["type"], wrong["details"]) == (kind, details)
    assert told["dependent_outputs"] == ["9"]
    assert told["class_type"] == prompt[node]["class_type"]
    assert f"{told['class_type']} {node}" in error["details"] and details in error["details"]


async def test_an_error_says_what_was_given_and_what_the_input_takes(comfy: Comfy) -> None:
    _, errors = await refused(comfy, changed("3", steps=10_001, sampler_name="oiler", denoise="x"))
    steps, sampler, denoise = errors["3"]["errors"]
    assert steps["message"] == "Value 10001 bigger than max of 10000"
    kind, options = steps["extra_info"]["input_config"]
    assert (kind, options["min"], options["max"], options["default"]) == ("INT", 1, 10000, 20)
    assert (steps["extra_info"]["input_name"], steps["extra_info"]["received_value"]) == ("steps", 10_001)
    assert sampler["details"].startswith("sampler_name: 'oiler' not in (list of length ")
    assert sampler["extra_info"]["input_config"] is None
    assert denoise["extra_info"]["exception_message"] == "could not convert string to float: 'x'"


async def test_values_are_made_what_their_inputs_take(comfy: Comfy) -> None:
    prompt = changed("3", seed="5", steps=2.0, cfg="1.5", denoise=True, unknown="passed over")
    prompt["6"]["inputs"]["text"] = 7
    prompt_id, heard = await comfy.run(prompt)
    assert heard.types[-3] == "execution_success"
    assert (await comfy.history(prompt_id))["prompt"][2] == prompt


async def test_a_picture_that_is_missing_fails_a_custom_validation(comfy: Comfy) -> None:
    load = {"class_type": "LoadImage", "inputs": {"image": "gone.png"}}
    save = {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}}
    _, errors = await refused(comfy, {"1": load, "2": save})
    (wrong,) = errors["1"]["errors"]
    assert wrong["type"] == "custom_validation_failed"
    assert wrong["details"] == "image - Invalid image file: gone.png"
    for name in ("../secret.png", "/etc/passwd", "example.png [output]", 7, None):
        load["inputs"]["image"] = name
        _, errors = await refused(comfy, {"1": load, "2": save})
        assert errors["1"]["errors"][0]["type"] == "custom_validation_failed"


async def test_an_embedding_that_is_missing_is_passed_over(comfy: Comfy) -> None:
    prompt = changed("6", text="a cat, embedding:gone.pt, by night (embedding:lost:1.2)")
    prompt["3"]["inputs"]["seed"] = 240
    prompt_id, heard = await comfy.run(prompt)
    assert heard.types[-3] == "execution_success"
    assert (await comfy.history(prompt_id))["prompt"][2] == prompt


def test_embeddings_that_are_there_stay_in_the_text() -> None:
    names = ("style/soft.pt", "bad hand.safetensors")
    there = "(embedding:soft:1.2), ((embedding:style/soft.pt)), embedding:SOFT.pt,, an-embedding:gone"
    assert without_missing(there, names) == there
    gone = "(embedding:gone:1.2), (a, embedding:gone), embedding:gone,, x embedding:gone:0.5"
    assert without_missing(gone, names) == "(:1.2), (a, ), ,, x "


async def test_a_ring_of_links_is_refused_without_a_word_about_nodes(comfy: Comfy) -> None:
    prompt = changed("5", width=["3", 0])
    prompt["3"]["inputs"]["latent_image"] = ["8", 0]
    prompt["8"] = {
        "class_type": "LatentFlip",
        "inputs": {"samples": ["3", 0], "flip_method": "x-axis: vertically"},
    }
    prompt["9"] = {"class_type": "PreviewAny", "inputs": {"source": ["8", 0]}}
    error, errors = await refused(comfy, prompt)
    assert (error["type"], error["details"], errors) == ("prompt_outputs_failed_validation", "", {})


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({}, "no_prompt"),
        ({"prompt": []}, "invalid_prompt"),
        ({"prompt": None}, "invalid_prompt"),
        ({"prompt": {}}, "prompt_no_outputs"),
        ({"prompt": {"1": {"class_type": "Number", "inputs": {"value": 1}}}}, "prompt_no_outputs"),
        ({"prompt": {"1": {"inputs": {}}}}, "invalid_prompt"),
        ({"prompt": {"1": {"class_type": 5}}}, "invalid_prompt"),
        ({"prompt": {"1": 5}}, "invalid_prompt"),
        ({"prompt": {"": {"class_type": "Number"}}}, "invalid_prompt"),
        ({"prompt": {"1": {"class_type": "Number", "inputs": []}}}, "invalid_prompt"),
        ({"prompt": {"1": {"class_type": "NoSuchNode", "inputs": {}}}}, "invalid_prompt"),
        ({"prompt": {}, "partial_execution_targets": "9"}, "invalid_prompt"),
    ],
)
async def test_what_is_no_prompt_is_refused(comfy: Comfy, body: object, kind: str) -> None:
    answer = await comfy.post("/prompt", body, status=400)
    assert (answer["error"]["type"], answer["node_errors"]) == (kind, {})
    assert kind != "invalid_prompt" or answer["error"]["message"]


async def test_an_unknown_node_is_named(comfy: Comfy) -> None:
    node = {"class_type": "NoSuchNode", "inputs": {}, "_meta": {"title": "My node"}}
    error, _ = await refused(comfy, {"5": node})
    assert "NoSuchNode" in error["message"] and "#5" in error["details"]
    assert error["extra_info"] == {"node_id": "5", "class_type": "NoSuchNode", "node_title": "My node"}


@pytest.mark.parametrize("text", ["", "no JSON", "[1]", '{"prompt": ' + "[" * 100_000])
async def test_what_is_no_json_object_is_refused(comfy: Comfy, text: str) -> None:
    async with comfy.session.post("/prompt", data=text) as answer:
        assert answer.status == 400


async def test_fields_of_strange_types_harm_nobody(comfy: Comfy) -> None:
    odd = {"client_id": 5, "prompt_id": ["x"], "number": "first", "front": 0, "extra_data": "none"}
    body = {"prompt": {"1": {"class_type": "Show", "inputs": {"value": 230}}}, **odd}
    sent = await comfy.post("/prompt", body)
    await comfy.until(0)
    entry = await comfy.history(sent["prompt_id"])
    assert entry["outputs"] == {"1": {"text": ["230"]}} and entry["prompt"][3].keys() == {"create_time"}
