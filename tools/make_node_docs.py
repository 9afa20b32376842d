"""Write docs/nodes.md from the catalogue: `python -m tools.make_node_docs`. A test holds it current."""

import inspect
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from graph.nodetype import NodeType
from graph.registry import Registry
from graph.sockets import Input
from graph.widgets import ChoiceWidget, FileWidget, NumberWidget, TextWidget

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


def page_of_pack(title: str, words: str, types: Iterable[NodeType]) -> str:
    """The page of a user's pack: its nodes with all that their docstrings say."""
    parts = [f"# {title}\n", *([f"{words}\n"] if words else [])]
    parts += ["\n".join(section(each, whole=True)) + "\n" for each in types]
    return "\n".join(parts)


def section(declared: NodeType, *, whole: bool = False) -> Iterator[str]:
    """One node: what it does, its inputs as a table, its outputs; `whole` adds the rest of its docstring."""
    yield f"### {declared.id}"
    title = f"*{declared.title}.* " if declared.title != declared.id else ""
    yield f"{title}{declared.help}\n"
    rest = (inspect.getdoc(declared.run) or "").partition("\n")[2].strip() if whole else ""
    if rest:
        yield f"{rest}\n"
    if declared.inputs:
        yield "| input | type | default | |"
        yield "|---|---|---|---|"
        yield from map(row, declared.inputs)
        yield ""
    outputs = ", ".join(f"`{output.name}`" for output in declared.outputs)
    yield f"Gives {outputs}." if outputs else "Ends a workflow."


def row(given: Input) -> str:
    """One input as a line of the table."""
    default = "" if given.widget is None or given.required else shown(given.default)
    facts = [fact for fact in (given.help, limits(given)) if fact]
    return f"| `{given.name}` | {given.type_name} | {default} | {'; '.join(facts)} |"


def shown(default: object) -> str:
    """A default as a document writes it."""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`" if default != "" else "empty"


def limits(given: Input) -> str:
    """What a widget takes."""
    match given.widget:
        case NumberWidget(kind="seed"):
            return "a seed"
        case NumberWidget(min=low, max=high) if low is not None and abs(low) < 2**62:
            return f"{low:g} to {high:g}"
        case ChoiceWidget():
            return ", ".join(f"`{choice}`" for choice in given.widget.options())
        case FileWidget(folder=folder):
            return f"from the folder `{folder}`"
        case TextWidget(multiline=True):
            return "several lines"
    return ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
