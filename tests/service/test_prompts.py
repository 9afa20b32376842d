"""What helps to write prompts: tokens by the real tokenizer, and words that were used before."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from diffusion.models.tokenizer import Tokenizer
from diffusion.prompt import a1111, comfy
from graph.cache import Cache
from graph.execute import Executor
from graph.folders import Folders
from graph.registry import Registry
from server import count_tokens
from service.engine import Engine
from service.prompts import phrases
from tests.service.conftest import Service, document

LONG = "a red apple on a (blue:1.2) background, " * 20 + "BREAK a cat"


@pytest.fixture
def engine(root: Path) -> Iterator[Engine]:
    """With the built-in nodes, whose widgets say what is a prompt, and the tokenizer of the command line."""
    folders = Folders(root)
    registry, cache = Registry(folders), Cache(2**24)

    def load() -> None:
        registry.load_package("nodes")
        registry.load_folder(root / "custom_nodes")

    with Executor(cache, folders) as executor:
        made = Engine(registry, folders, cache, executor, load, lambda: None, dict)
        yield replace(made, count_tokens=partial(count_tokens, folders))


async def test_tokens_are_those_that_are_encoded(service: Service) -> None:
    tokenizer = Tokenizer()
    by_comfy = await service.post("tokens", {"text": LONG, "rules": "comfy"})
    assert by_comfy["windows"] == [len(window) for window in comfy.windows(tokenizer, LONG)]
    by_a1111 = await service.post("tokens", {"text": LONG, "rules": "a1111"})
    assert by_a1111["windows"] == [len(chunk) for chunk in a1111.chunks(tokenizer, LONG)]
    assert by_a1111["starts"][-1] == LONG.index("a cat")
    assert len(by_a1111["starts"]) == len(by_a1111["windows"]) - 1


async def test_a_damaged_embedding_counts_nothing_and_stops_nothing(service: Service) -> None:
    folder = service.root / "models/embeddings"
    folder.mkdir()
    (folder / "bad.pt").write_bytes(b"no embedding")
    asked = {"text": "a embedding:bad cat", "rules": "comfy"}
    assert await service.post("tokens", asked) == {"windows": [2], "starts": [], "texts": 1}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"text": 3}, "'text' is 3, not a text"),
        ({"rules": "sdxl"}, "'rules' is 'sdxl', not 'comfy' or 'a1111'"),
        ({"steps": 0}, "'steps' is 0, not a whole number from 1 to 10000"),
        ({"text": "a" * 100_001}, "not a text of at most 100000 letters"),
    ],
)
async def test_what_is_no_prompt_is_refused(service: Service, wrong: dict[str, object], said: str) -> None:
    asked = {"text": "a cat", "rules": "comfy", **wrong}
    (problem,) = (await service.post("tokens", asked, status=422))["problems"]
    assert said in problem["message"]


async def test_the_vocabulary_is_of_prompts_that_ran_or_lie_here(service: Service) -> None:
    def prompting(text: str) -> dict[str, object]:
        return document(
            ("prompt", "CLIPTextEncode", {"text": text}),
            ("number", "Number", {}),
            ("show", "Show", {"value": ("number", "INT")}),
        )

    (service.root / "workflows/mine.json").write_text(json.dumps(prompting("a fox, teal background")))
    (service.root / "models/embeddings").mkdir()
    (service.root / "models/embeddings/better.pt").write_bytes(b"")
    (service.root / "models/checkpoints/own.safetensors").write_bytes(b"")
    (service.root / "models/checkpoints/own.json").write_text('{"concepts": ["ice cream", 3]}')
    (service.root / "models/checkpoints/other.ckpt").write_bytes(b"")
    (service.root / "models/checkpoints/other.json").write_text("{")
    await service.run({**prompting("(a fox:1.3), masterpiece"), "title": "ran"}, targets=["show"])
    said = await service.get("vocabulary")
    assert {**said, "phrases": sorted(map(tuple, said["phrases"]))} == {
        "phrases": [("a fox", 2), ("background", 1), ("masterpiece", 1), ("teal", 1), ("teal background", 1)],
        "concepts": ["ice cream"],
        "embeddings": ["better.pt"],
        "loras": [],
    }


def test_phrases_are_without_weights_tags_and_brackets() -> None:
    prompt = (
        r"<lora:style:0.8> (red (apple:1.2), soft  light:0.9), [cat|dog:fox:0.4], "
        r"\(x\) embedding:bad BREAK sky AND sun:0.5"
    )
    found = phrases([prompt, prompt])
    assert {name for name, times in found.items() if times != 2} == set()
    assert set(found) == {"red", "apple", "soft light", "soft", "light", "cat", "dog", "fox", "sky", "sun"}
