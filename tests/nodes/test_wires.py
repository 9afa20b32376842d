"""What cannot fit is told, with a fix, to whoever hands a workflow in: a browser, or a command line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from graph.patch import apply_patch
from tests.nodes.published import LOADER, fill, text_to_image, with_nodes
from tests.nodes.test_facts import from_picture
from tests.test_server import serving, stopped, tessera


def with_text_encoder_of_sd2() -> dict[str, Any]:
    other = {"other": (LOADER, {"ckpt_name": "sd2.safetensors"})}
    return with_nodes(text_to_image("sd1"), other, "other.CLIP > prompt.clip")


def with_lora_of_sd1() -> dict[str, Any]:
    lora = {"lora": ("LoraLoaderModelOnly", {"lora_name": "sd1.safetensors"})}
    return with_nodes(text_to_image("sd2"), lora, "loader.MODEL > lora.model", "lora.MODEL > sampler.model")


WIRES = {
    "encoder_mismatch": (with_text_encoder_of_sd2, "sampler", "Encode with the CLIP of loader"),
    "lora_mismatch": (with_lora_of_sd1, "lora", "Bypass the LoRA"),
    "conditioning_mismatch": (
        lambda: text_to_image("sd1-inpaint"), "sampler", "Paint everything, as from text alone",
    ),
    "picture_cropped": (
        lambda: from_picture("sd1", "odd.png"), "encode", "Scale the picture to 496 x 304",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("wires")
    fill(made)
    return made


async def test_the_server_refuses_or_warns_and_its_fix_repairs(root: Path) -> None:
    async with serving(root) as (process, url), aiohttp.ClientSession(url) as session:

        async def problems(given: dict[str, Any]) -> list[dict[str, Any]]:
            async with session.post("/api/v1/plan", json={"workflow": given}) as answer:
                return (await answer.json())["problems"]

        for code, (make, node, label) in WIRES.items():
            found = await problems(make())
            assert {(each["code"], each["node"]) for each in found} == {(code, node)}
            (fix,) = found[0]["fixes"]
            assert fix["label"] == label
            assert await problems(apply_patch(make(), fix["patch"])) == []
        await stopped(process)


@pytest.mark.parametrize("code", WIRES)
def test_the_command_line_says_what_is_wrong_and_what_helps(root: Path, code: str) -> None:
    make, node, label = WIRES[code]
    path = root / f"{code}.json"
    path.write_text(json.dumps(make()))
    done = tessera("plan", path, "--root", root)
    assert done.returncode == (0 if code in ("conditioning_mismatch", "picture_cropped") else 1)
    assert f"{node}." in done.stderr and label in done.stderr
