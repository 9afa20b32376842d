"""Packs for ComfyUI load beside ours; what one lacks is listed, and touches no other."""

import re
import sys
import threading

import pytest

import nodes
import server
from graph.widgets import TextWidget
from tests.compat.nodes.conftest import PackBench
from tests.graph.sample import document
from tests.nodes.bench import ROOT


def problems(bench: PackBench) -> dict[str, list[str]]:
    """The messages of what did not load, by code."""
    found: dict[str, list[str]] = {}
    for problem in bench.registry.problems:
        if problem.message.startswith("schema_pack"):
            continue  # test_schema.py has those
        found.setdefault(problem.code, []).append(problem.message)
    return found


def test_all_that_can_run_is_there_and_all_else_is_told(bench: PackBench) -> None:
    assert {
        *("Pack Integer Math", "PackCompare", "PackLazySwitch", "PackCounter", "PackProgram", "PackWaiting"),
        *("PackTextReplace", "PackShowText", "PackSplit", "PackJoin", "PackGate", "PackRaw"),
        *("PackInvertInPlace", "PackResize", "PackLoadImage", "PackSaveImage", "HalfShallow", "PackOfOurs"),
        *("PackKSampler", "PackPipe", "PackSample", "PackLatentTouch", "PackChecked", "SchemaThreshold"),
        *("PackRepeat", "PackImages", "PackLoopOpen", "PackLoopClose", "PackWrong", "SchemaExpands"),
        *("SchemaSwitch", "GrowListed", "GrowResized", "GrowStacked", "GrowPicked"),
        *("OddCompare", "OddFiles", "OddSend", "OddImage", "OddMany"),
    } == bench.registry.types.keys() - set(nodes_alone())
    told = problems(bench)
    assert told.keys() == {"pack_failed", "pack_needs_internals", "node_not_taken_in"}
    (broken,) = told["pack_failed"]
    assert "broken.py does not load" in broken and "a_library_that_is_not_installed" in broken
    assert told["pack_needs_internals"] == [
        "half.py: the node 'HalfDeep' needs parts of ComfyUI that are not there: "
        "comfy.sample.sample_custom (half.py:7)",
        "needs_internals.py needs parts of ComfyUI that are not there: "
        "comfy.model_patcher (needs_internals.py:3), "
        "comfy.ldm.modules.attention.CrossAttention (needs_internals.py:5), "
        "comfy.ldm.modules.attention.optimized_attention (needs_internals.py:5), "
        "comfy.model_patcher.ModelPatcher (needs_internals.py:23)",
    ]
    assert [message.partition(": ")[2] for message in told["node_not_taken_in"]] == [
        "the node 'HalfNoComma' cannot be taken in: "
        "its RETURN_TYPES is the text 'INT': a comma is missing, ('INT',)",
        "the node 'HalfNoFunction' cannot be taken in: its FUNCTION names 'take', which it does not have",
    ]


def nodes_alone() -> list[str]:
    from graph.registry import Registry

    registry = Registry()
    registry.load_package("nodes")
    return list(registry.types)


def test_the_names_of_comfyui_are_seen_by_its_packs_alone(bench: PackBench) -> None:
    assert "PackOfOurs" in bench.registry.types  # asserts so for itself when it is loaded
    assert sys.modules["nodes"] is nodes and sys.modules["server"] is server
    assert not {"comfy", "folder_paths", "comfy_execution", "execution"} & sys.modules.keys()
    with pytest.raises(ModuleNotFoundError):
        __import__("folder_paths")
    pack = sys.modules["custom_nodes.sampling_pack"]
    assert pack.nodes.__name__ == "compat.shims.nodes"
    assert sys.modules["custom_nodes.text_pack.nodes"].PromptServer.__module__ == "compat.shims.server"


def test_imports_at_run_time_and_in_threads_of_a_pack_find_the_same(empty: PackBench) -> None:
    empty.add("late.py", LATE)
    empty.load()
    module = sys.modules["custom_nodes.late"]
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(module.later()))
    thread.start()
    thread.join()
    assert found == [("compat.shims.comfy.utils", "nodes.types", 16384, str(empty.root / "output"))]


LATE = """
NODE_CLASS_MAPPINGS = {}
def later():
    import comfy.utils as utils, folder_paths, nodes.types as types
    from nodes import MAX_RESOLUTION
    return utils.__name__, types.__name__, MAX_RESOLUTION, folder_paths.get_output_directory()
"""


def test_what_a_pack_puts_on_the_path_is_a_packs_too(empty: PackBench) -> None:
    folder = empty.root / "custom_nodes/on_path"
    (folder / "inner").mkdir(parents=True)
    (folder / "__init__.py").write_text(
        "import os, sys\nsys.path.insert(0, os.path.join(os.path.dirname(__file__), 'inner'))\n"
        "from a_module_of_the_pack import NODE_CLASS_MAPPINGS"
    )
    (folder / "inner/a_module_of_the_pack.py").write_text(
        "import folder_paths\nNODE_CLASS_MAPPINGS = {}\nhere = folder_paths.__name__"
    )
    before = list(sys.path)
    try:
        empty.load()
        assert not empty.registry.problems
        assert sys.modules["a_module_of_the_pack"].here == "compat.shims.folder_paths"
        assert sys.path == [*before, str(folder / "inner")]
    finally:
        sys.path[:] = before
        sys.modules.pop("a_module_of_the_pack", None)


def test_importlib_of_packs_knows_the_same(empty: PackBench) -> None:
    folder = empty.root / "custom_nodes/by_hand"
    (folder / "parts").mkdir(parents=True)
    (folder / "__init__.py").write_text(BY_HAND)
    (folder / "parts/one.py").write_text("import nodes\nNODE_CLASS_MAPPINGS = {}\nname = nodes.__name__")
    empty.load()
    assert not empty.registry.problems
    found = sys.modules["custom_nodes.by_hand"].found
    assert found == ["compat.shims.comfy.utils", "compat.shims.nodes", "json", "compat.shims.nodes", True]
    import importlib

    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("comfy.utils")


BY_HAND = """
import importlib, importlib.metadata, importlib.util as util, os
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
NODE_CLASS_MAPPINGS = {}
path = os.path.join(os.path.dirname(__file__), "parts", "one.py")
spec = spec_from_file_location("by_hand_one", path)
module = module_from_spec(spec)
spec.loader.exec_module(module)
found = [
    importlib.import_module("comfy.utils").__name__,
    import_module("nodes").__name__,
    importlib.import_module("json").__name__,
    module.name,
    util.spec_from_file_location is spec_from_file_location and callable(importlib.metadata.version),
]
"""


def test_scripts_and_routes_are_recorded(bench: PackBench) -> None:
    pack = bench.packs.packs["text_pack"]
    assert pack.web == bench.root / "custom_nodes/text_pack/js" and "PackShowText" in pack.nodes
    assert [(method, path, handler.__name__) for method, path, handler in bench.packs.host.routes] == [
        ("GET", "/text_pack/hello", "hello"),
        ("POST", "/text_pack/{name}/echo", "echo"),
    ]
    assert bench.packs.packs["logic_math"].web is None
    bench.load()  # once more, as when a file has changed
    assert len(bench.packs.host.routes) == 2 and len(bench.packs.host.prompt_handlers) == 2


def test_a_folder_of_scripts_outside_of_the_pack_is_none(empty: PackBench) -> None:
    folder = empty.root / "custom_nodes/greedy"
    folder.mkdir()
    (folder / "__init__.py").write_text("WEB_DIRECTORY = '../..'\nNODE_CLASS_MAPPINGS = {}")
    empty.load()
    assert empty.packs.packs["greedy"].web is None


def test_what_is_missing_says_so_when_it_is_used(bench: PackBench) -> None:
    shims = sys.modules["custom_nodes.sampling_pack"].nodes
    with pytest.raises(AttributeError, match=r"ComfyUI's nodes\.StyleModelApply is not there in Tessera"):
        _ = shims.StyleModelApply
    assert not hasattr(shims, "StyleModelApply") and "StyleModelApply" not in shims.NODE_CLASS_MAPPINGS
    assert shims.NODE_CLASS_MAPPINGS["PackGate"].CATEGORY == "flow"


def test_the_pages_example_runs_and_the_page_names_the_shims(empty: PackBench) -> None:
    page = (ROOT / "docs/comfy_nodes.md").read_text("utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    empty.add("brighter.py", example)
    empty.load()
    nodes = {
        "e": ("EmptyImage", {"width": 8, "height": 8, "color": 0x808080}),
        "b": ("Brighter", {"by": 0.25}),
    }
    nodes |= {
        "one": ("SaveImage", {"filename_prefix": "one"}),
        "two": ("SaveImage", {"filename_prefix": "two"}),
    }
    given = document(nodes, "e.IMAGE > b.image", "b.IMAGE > one.images", "e.IMAGE > two.images")
    assert empty.run(given).finished.status == "succeeded"
    assert empty.picture("one_00001_.png")[0, 0].tolist() == [192, 192, 192]
    assert empty.picture("two_00001_.png")[0, 0].tolist() == [128, 128, 128]
    shims = [path for path in (ROOT / "compat/shims").iterdir() if not path.name.startswith("_")]
    assert {path.stem for path in shims} - set(re.findall(r"\w+", page)) == {"comfyui_version"}


PROMPTING = """
class Prompting:
    @classmethod
    def INPUT_TYPES(cls):
        given = {"multiline": True, "dynamicPrompts": True}
        return {"required": {"words": ("STRING", given), "notes": ("STRING", {"multiline": True})}}

    RETURN_TYPES = ("STRING",)
    FUNCTION = "run"

    def run(self, words, notes):
        return (words,)

NODE_CLASS_MAPPINGS = {"Prompting": Prompting}
"""


def test_a_text_that_comfyui_puts_together_is_a_prompt(empty: PackBench) -> None:
    empty.add("prompting.py", PROMPTING)
    empty.load()
    inputs = empty.registry.types["Prompting"].inputs
    rules = {each.name: each.widget.prompt for each in inputs if isinstance(each.widget, TextWidget)}
    assert rules == {"words": "comfy", "notes": None}


SAVED = """
from aiohttp import web
from server import PromptServer

@PromptServer.instance.routes.get("/saved")
async def saved(request):
    return web.Response()

class Saved:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {}}

    RETURN_TYPES = ("INT",)
    FUNCTION = "run"

    def run(self):
        return (1,)

NODE_CLASS_MAPPINGS = {"Saved": Saved}
"""


def test_a_saved_pack_is_read_again_and_a_broken_one_keeps_what_it_had(empty: PackBench) -> None:
    def code() -> str:
        assert empty.registry.refresh()
        assert [route[1] for route in empty.packs.host.routes] == ["/saved"]
        assert empty.packs.packs["saved"].nodes == ("Saved",)
        return empty.registry.types["Saved"].code

    empty.add("saved.py", SAVED)
    empty.load()
    first = empty.registry.types["Saved"].code
    empty.add("saved.py", SAVED.replace("(1,)", "(2,)"))
    second = code()
    empty.add("saved.py", SAVED + "1 / 0")
    assert (first != second, code()) == (True, second)
    assert [each.code for each in empty.registry.problems] == ["pack_failed"]
    (empty.root / "custom_nodes/saved.py").unlink()
    assert empty.registry.refresh()
    assert (empty.packs.host.routes, empty.packs.packs, empty.registry.get("Saved")) == ([], {}, None)
