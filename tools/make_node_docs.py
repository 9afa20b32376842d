"""Write docs/nodes.md from the catalogue: `python -m tools.make_node_docs`. A test holds it current."""

from itertools import groupby
from pathlib import Path

from graph.doc import section
from graph.registry import Registry

PAGE = Path(__file__).resolve().parent.parent / "docs/nodes.md"
HEAD = (
    "# Nodes\n\n"
    "Every built-in node, by category. The ids, inputs and outputs are those of ComfyUI where it has the "
    "same node, so that its workflows replay. [data.md](data.md) says what the types hold, "
    "[custom_nodes/README.md](../custom_nodes/README.md) how to write more. "
    "This page is written by `python -m tools.make_node_docs`.\n\n"
    "Noise is drawn per picture: picture *k* of a batch with seed *s* is the picture that seed *s* + *k* "
    "gives alone. For a single picture the start is the noise that ComfyUI draws for the seed "
    "([why](decisions/001-noise-per-picture.md)).\n"
)


def page() -> str:
    """The whole page."""
    registry = Registry()
    registry.load_package("nodes")
    types = sorted(registry.types.values(), key=lambda each: (each.category, each.id))
    parts = [HEAD]
    for category, members in groupby(types, key=lambda each: each.category):
        parts.append(f"## {category}\n")
        parts += ["\n".join(section(each)) + "\n" for each in members]
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
