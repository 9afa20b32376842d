"""Graphs that others saved, against what ComfyUI's own interface makes of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from compat.export import write_api_prompt
from compat.object_info import known_nodes
from compat.ui_graph import read_ui_graph

FILES = Path(__file__).resolve().parent.parent / "data/comfy_workflows"
INFO = known_nodes()


def load(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


GROUP_NODE = "hidream_hidream_e1_example.png.json"
"""ComfyUI's interface shifts this group node's values and loses its reroutes: its answer cannot run."""
PAIRS = [path.name for path in sorted(FILES.glob("converted/*.json")) if path.name != GROUP_NODE]


@pytest.mark.parametrize("name", PAIRS)
def test_a_graph_is_exported_as_its_own_interface_does(name: str) -> None:
    imported = read_ui_graph(load(FILES / "ui" / name), INFO)
    assert imported.document is not None
    assert write_api_prompt(imported.document, INFO) == load(FILES / "converted" / name)
    assert imported.problems == ()


def test_a_group_node_keeps_its_values_and_links_where_the_interface_loses_them() -> None:
    imported = read_ui_graph(load(FILES / "ui" / GROUP_NODE), INFO)
    exported = write_api_prompt(imported.document, INFO)
    theirs = load(FILES / "converted" / GROUP_NODE)
    assert exported.keys() == theirs.keys()
    inner = {own: exported[own]["inputs"] for own in exported if own.startswith("37:")}
    assert inner == {
        "37:0": {"sampler_name": "euler"},
        "37:1": {"noise_seed": 850933585641497},
        "37:3": {"scheduler": "normal", "steps": 20, "denoise": 1, "model": ["41", 0]},
        "37:6": {"positive": ["6", 0], "negative": ["7", 0], "vae": ["43", 0], "pixels": ["44", 0]},
        "37:7": {
            "model": ["41", 0], "cond1": ["37:6", 0], "cond2": ["37:6", 1], "negative": ["7", 0],
            "cfg_conds": 5, "cfg_cond2_negative": 2, "style": "regular",
        },
        "37:8": theirs["37:8"]["inputs"],
    }  # fmt: skip
    outer = {own for own in exported if own not in inner}
    assert {own: exported[own] for own in outer} == {own: theirs[own] for own in outer}
