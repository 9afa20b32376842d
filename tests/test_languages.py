"""The Chinese of the editor knows every title, category, socket and help text of the program's own nodes."""

import json
from pathlib import Path
from typing import Any

from graph.registry import Registry

ROOT = Path(__file__).resolve().parent.parent
CHINESE = json.loads((ROOT / "web/languages/zh.json").read_text(encoding="utf-8"))


def test_every_node_of_the_program_is_said_in_chinese() -> None:
    registry = Registry()
    registry.load_package("nodes")
    missing: dict[str, set[str]] = {"titles": set(), "categories": set(), "names": set(), "texts": set()}
    nodes: Any = registry.catalog()["nodes"]
    for declared in nodes:
        sockets = [*declared["inputs"], *declared["outputs"]]
        missing["titles"].add(declared["title"])
        missing["categories"].update(declared["category"].split("/"))
        missing["names"].update(socket["name"] for socket in sockets if is_a_word(socket["name"]))
        missing["texts"].update(said["help"] for said in [declared, *sockets] if said.get("help"))
    left = {section: sorted(found - CHINESE[section].keys()) for section, found in missing.items()}
    assert left == {"titles": [], "categories": [], "names": [], "texts": []}


def is_a_word(name: str) -> bool:
    """Symbols of papers, and names of layers in checkpoints, are the same in every language."""
    return len(name) > 3 and "." not in name
