"""ComfyUI's clients see nodes of packs as the packs declare them, and run them."""

import asyncio
import shutil
import threading
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from PIL import Image
from yarl import URL

from tests.compat.nodes.conftest import HERE
from tests.compat.server.conftest import PATIENCE, Comfy, Running


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A real server with the packs of this folder."""
    root = tmp_path_factory.mktemp("packs")
    for folder in ("models/checkpoints", "input"):
        (root / folder).mkdir(parents=True)
    Image.new("RGB", (8, 8), "red").save(root / "input/small.png")
    shutil.copytree(HERE / "packs", root / "custom_nodes")
    made, ready = Running(root), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(made.serve(ready)), name="packs")
    thread.start()
    assert ready.wait(PATIENCE) and made.url
    yield made
    made.stop()
    thread.join(PATIENCE)
    assert not thread.is_alive()


@pytest.fixture
async def comfy(running: Running) -> AsyncIterator[Comfy]:
    async with aiohttp.ClientSession(running.url) as session:
        yield Comfy(session, running.root)


async def test_object_info_is_what_the_pack_declares(comfy: Comfy) -> None:
    told = await comfy.get("/object_info/Pack Integer Math")
    assert told["Pack Integer Math"] == {
        "input": {
            "required": {
                "a": ["INT", {"default": 3, "min": -100, "max": 100, "step": 1, "tooltip": "the first"}],
                "operation": [["add", "multiply", "power"], {"default": "multiply"}],
            },
            "optional": {"b": ["INT", {"default": 2, "min": 0, "max": 9, "display": "slider"}]},
        },
        "input_order": {"required": ["a", "operation"], "optional": ["b"]},
        "output": ["INT", "FLOAT", "STRING"],
        "output_is_list": [False, False, False],
        "output_name": ["number", "fraction", "text"],
        "name": "Pack Integer Math",
        "display_name": "Integer Math 🔢",
        "description": "Reckons with two whole numbers.",
        "python_module": "custom_nodes.logic_math",
        "category": "logic/math",
        "output_node": False,
        "search_aliases": [],
        "output_tooltips": ["whole", "with a point", "in digits"],
    }


async def test_hidden_inputs_any_types_flags_and_uploads_are_told(comfy: Comfy) -> None:
    told = await comfy.get("/object_info")
    assert told["PackProgram"]["input"]["hidden"] == {
        **{"prompt": "PROMPT", "info": "EXTRA_PNGINFO", "id": "UNIQUE_ID", "graph": "DYNPROMPT"}
    }
    assert told["PackLazySwitch"]["input"]["required"]["on_true"] == ["*", {"lazy": True}]
    assert told["PackLazySwitch"]["output"] == ["*"] and told["PackWaiting"]["experimental"] is True
    assert told["PackLoadImage"]["input"]["required"]["image"] == [["small.png"], {"image_upload": True}]
    assert told["PackSplit"]["output_is_list"] == [True, False]
    assert "HalfDeep" not in told and "PackOfOurs" in told
    (comfy.root / "input/later.png").write_bytes((comfy.root / "input/small.png").read_bytes())
    told = await comfy.get("/object_info/PackLoadImage")
    assert told["PackLoadImage"]["input"]["required"]["image"][0] == ["later.png", "small.png"]
    (comfy.root / "input/later.png").unlink()


async def test_a_prompt_of_packs_runs_and_shows(comfy: Comfy) -> None:
    graph = {"nodes": [], "version": 0.4}
    prompt = {
        "1": {"class_type": "PackLoadImage", "inputs": {"image": "small.png"}},
        "2": {"class_type": "PackInvertInPlace", "inputs": {"image": ["1", 0], "by_numpy": True}},
        "3": {"class_type": "PackSaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "made"}},
        "4": {"class_type": "PackSplit", "inputs": {"text": "one\ntwo"}},
        "5": {"class_type": "PackShowText", "inputs": {"text": ["4", 0]}},
    }
    own, heard = await comfy.run(prompt, extra_data={"extra_pnginfo": {"workflow": graph}})
    shown = {data["node"]: data["output"] for data in heard.of("executed")}
    assert shown["5"] == {"text": ["one", "two"]}
    assert shown["3"] == {"images": [{"filename": "made_00001_.png", "subfolder": "", "type": "output"}]}
    with Image.open(comfy.root / "output/made_00001_.png") as picture:
        assert picture.getpixel((0, 0)) == (0, 255, 255)
        assert picture.text["workflow"] == '{"nodes": [], "version": 0.4}'
    assert (await comfy.history(own))["status"]["status_str"] == "success"


@pytest.mark.parametrize(
    ("even", "error"),
    [(3, "custom_validation_failed"), (12, None)],  # 12 is above the maximum, which the pack checks itself
)
async def test_a_packs_own_checks_are_told_as_such(comfy: Comfy, even: int, error: str | None) -> None:
    prompt = {
        "1": {"class_type": "PackChecked", "inputs": {"even": even, "other": ["2", 0]}},
        "2": {"class_type": "Pack Integer Math", "inputs": {"a": 1, "operation": "add"}},
        "3": {"class_type": "PreviewAny", "inputs": {"source": ["1", 0]}},
    }
    told = await comfy.queue(prompt, status=400 if error else 200)
    errors = [each["type"] for each in told["node_errors"].get("1", {}).get("errors", [])]
    assert errors == ([error] if error else [])
    assert not error or told["node_errors"]["1"]["errors"][0]["details"].endswith("even: 3 is odd")


async def test_paths_of_packs_lead_nowhere_else(comfy: Comfy) -> None:
    prompt = {
        "1": {"class_type": "PackLoadImage", "inputs": {"image": "../../../etc/passwd"}},
        "2": {"class_type": "PackSaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    }
    told = await comfy.queue(prompt, status=400)
    assert told["node_errors"]["1"]["errors"][0]["type"] == "custom_validation_failed"


async def test_scripts_of_packs_are_listed_and_served(comfy: Comfy, running: Running) -> None:
    assert await comfy.get("/extensions") == ["/extensions/text_pack/text.js"]
    async with comfy.session.get("/api/extensions/text_pack/text.js") as got:
        assert got.status == 200 and got.content_type == "text/javascript"
        assert (await got.text()).startswith("// a script")
    for path in (
        "text_pack/none.js",
        "text_pack/..%2f__init__.py",
        "text_pack/%2e%2e/nodes.py",
        "flow/flow.py",
    ):
        async with comfy.session.get(URL(f"{running.url}/extensions/{path}", encoded=True)) as got:
            assert got.status in (403, 404), path


async def test_routes_of_packs_are_served_behind_our_checks(comfy: Comfy) -> None:
    assert await comfy.get("/text_pack/hello") == {"hello": True}
    assert await comfy.get("/api/text_pack/hello") == {"hello": True}
    assert await comfy.post("/text_pack/abc/echo", {"a": 1}) == {"abc": {"a": 1}}
    await comfy.get("/text_pack/elsewhere", status=404)
    for headers in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}):
        async with comfy.session.post("/text_pack/abc/echo", json={}, headers=headers) as got:
            assert got.status == 403


async def test_prompts_are_changed_by_packs_before_they_are_read(comfy: Comfy) -> None:
    prompt = {
        "1": {"class_type": "PackSplit", "inputs": {"text": "%later%"}},
        "2": {"class_type": "PackShowText", "inputs": {"text": ["1", 0]}},
    }
    _, heard = await comfy.run(prompt)
    assert [data["output"] for data in heard.of("executed")] == [{"text": ["filled", "by the pack"]}]
    assert heard.of("text_pack.shown") == [{"node": "2", "count": 2}]
    assert heard.types.index("text_pack.shown") < heard.types.index("executed")


async def test_a_loop_of_a_pack_runs_in_the_server(comfy: Comfy) -> None:
    math = {"class_type": "Pack Integer Math"}
    prompt = {
        "1": {**math, "inputs": {"a": 1, "operation": "multiply", "b": 1}},
        "2": {"class_type": "PackLoopOpen", "inputs": {"goes_on": True, "value": ["1", 0]}},
        "3": {**math, "inputs": {"a": ["2", 1], "operation": "add", "b": 5}},
        "4": {**math, "inputs": {"a": 40, "operation": "multiply", "b": 1}},
        "5": {"class_type": "PackCompare", "inputs": {"a": ["3", 0], "b": ["4", 0], "how": "<"}},
        "6": {
            "class_type": "PackLoopClose",
            "inputs": {"flow": ["2", 0], "goes_on": ["5", 0], "value": ["3", 0]},
        },
        "7": {"class_type": "PreviewAny", "inputs": {"source": ["6", 0]}},
    }
    _, heard = await comfy.run(prompt)
    assert [data["output"] for data in heard.of("executed")] == [{"text": ["41"]}]


async def test_what_a_pack_requires_must_be_in_a_prompt(comfy: Comfy) -> None:
    prompt = {
        "1": {"class_type": "PackLoadImage", "inputs": {"image": "small.png"}},
        "2": {"class_type": "PackSaveImage", "inputs": {"images": ["1", 0]}},
    }
    told = await comfy.queue(prompt, status=400)
    (error,) = told["node_errors"]["2"]["errors"]
    assert (error["type"], error["extra_info"]["input_name"]) == ("required_input_missing", "filename_prefix")


async def test_inputs_that_a_script_adds_are_in_prompts(comfy: Comfy) -> None:
    prompt = {
        "1": {"class_type": "Pack Integer Math", "inputs": {"a": "4", "operation": "add", "b": 1}},
        "2": {"class_type": "OddMany", "inputs": {"count": 2, "input_1": ["1", 0], "input_2": ["1", 1]}},
        "3": {"class_type": "PreviewAny", "inputs": {"source": ["2", 0]}},
    }
    _, heard = await comfy.run(prompt)
    assert [data["output"] for data in heard.of("executed")] == [{"text": ["5 5.0"]}]


async def test_prompts_name_what_grows_by_dots_and_are_held_to_what_is_chosen(comfy: Comfy) -> None:
    prompt = {
        "1": {"class_type": "PackLoadImage", "inputs": {"image": "small.png"}},
        "2": {"class_type": "GrowStacked", "inputs": {"images.image0": ["1", 0], "images.image30": ["1", 0]}},
        "3": {"class_type": "PreviewAny", "inputs": {"source": ["2", 1]}},
    }
    told = await comfy.queue(prompt, status=400)
    (error,) = told["node_errors"]["2"]["errors"]
    assert (error["type"], error["details"]) == ("required_input_missing", "images.image1")
    prompt["2"]["inputs"]["images.image1"] = ["1", 0]
    _, heard = await comfy.run(prompt)
    shown = {data["node"]: data["output"] for data in heard.of("executed")}
    assert shown["3"] == {"text": ["image0,image1,image30"]}
    size = {"class_type": "GrowResized", "inputs": {"resize": "scaled", "resize.unit": "as", "after": 1}}
    prompt = {"1": prompt["1"], "2": size, "3": {**prompt["3"], "inputs": {"source": ["2", 0]}}}
    told = await comfy.queue(prompt, status=400)
    (error,) = told["node_errors"]["2"]["errors"]
    assert (error["type"], error["details"]) == ("required_input_missing", "resize.unit.like")
    size["inputs"] |= {"resize": "exact", "resize.width": 99, "resize.unit.width": 99}
    told = await comfy.queue(prompt, status=400)
    types = {error["extra_info"]["input_name"]: error["type"] for error in told["node_errors"]["2"]["errors"]}
    assert types == {"resize.width": "value_bigger_than_max", "resize.height": "required_input_missing"}


async def test_prompts_of_replaced_nodes_run_as_the_new_ones(comfy: Comfy) -> None:
    (told,) = (await comfy.get("/node_replacements"))["GrowOldResized"]
    assert (told["new_node_id"], told["old_widget_ids"]) == ("GrowResized", ["wide"])
    prompt = {
        "1": {"class_type": "GrowOldResized", "inputs": {"wide": 33}},
        "2": {"class_type": "PreviewAny", "inputs": {"source": ["1", 1]}},
    }
    own, heard = await comfy.run(prompt)
    (shown,) = heard.of("executed")
    assert shown["output"] == {"text": ["{'resize': 'exact', 'width': 33, 'height': 2} 1"]}
    assert (await comfy.history(own))["prompt"][2] == prompt
    gone = await comfy.queue({"1": {"class_type": "GrowNever", "inputs": {}}}, status=400)
    assert gone["error"]["type"] == "invalid_prompt"
