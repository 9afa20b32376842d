"""What pictures carry for ComfyUI: its client's own words, or the workflow as ComfyUI would say it."""

import json
from typing import Any

from compat.api_prompt import read_api_prompt
from compat.object_info import known_nodes
from compat.recipe import sent, texts, with_sent

INFO = known_nodes()
PROMPT = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "ä.png", "choose": "image"}, "is_changed": ["x"]},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
}
GRAPH = {"nodes": [], "version": 0.4}


def document(**extra: Any) -> Any:
    made = read_api_prompt(PROMPT, INFO).document
    assert made is not None
    return with_sent(made, "p1", PROMPT, extra)


def test_a_clients_prompt_and_graph_are_carried_as_they_were_sent() -> None:
    pnginfo = {"workflow": GRAPH, "note": "ü", "tessera": "not ours", "x" * 80: 1, "ä": 2}
    made = document(extra_pnginfo=pnginfo, client_id="me")
    carried = texts(made, INFO)
    assert {name: json.loads(text) for name, text in carried.items()} == {
        "prompt": PROMPT,
        "workflow": GRAPH,
        "note": "ü",
        "tessera": {name: value for name, value in made.items() if name != "comfy"},
    }
    assert all(text.isascii() for text in carried.values())


def test_a_document_that_was_edited_says_itself() -> None:
    made = document(extra_pnginfo={"workflow": GRAPH})
    assert sent(json.loads(json.dumps(made))) is not None  # it may have been stored
    made["nodes"][1]["inputs"]["filename_prefix"] = "y"
    assert sent(made) is None
    carried = {name: json.loads(text) for name, text in texts(made, INFO).items()}
    assert carried["prompt"]["2"]["inputs"] == {"images": ["1", 0], "filename_prefix": "y"}
    assert [node["type"] for node in carried["workflow"]["nodes"]] == ["LoadImage", "SaveImage"]


def test_a_sweep_is_not_said_in_words_that_have_none() -> None:
    made = document()
    made["nodes"][1]["inputs"]["filename_prefix"] = {"sweep": ["a", "b"]}
    assert texts(made, INFO) == {}


def test_what_only_looks_like_a_clients_words_is_passed_over() -> None:
    for said in ("text", {"prompt": PROMPT}, {"prompt": PROMPT, "extra_data": {}, "prompt_id": 1, "of": ""}):
        assert sent({**document(), "comfy": said}) is None
