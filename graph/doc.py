"""Documentation of node types as Markdown, from their signatures and docstrings."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator

from graph.nodetype import NodeType
from graph.sockets import Input
from graph.widgets import ChoiceWidget, CurveWidget, FileWidget, NumberWidget, TextWidget


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
    cells = (f"`{given.name}`", given.type_name, default, "; ".join(facts))
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    """Text that cannot end its cell."""
    return " ".join(text.split()).replace("|", "\\|")


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
        case CurveWidget(min=low, max=high):
            return f"values from {low:g} to {high:g}"
        case FileWidget(folder=folder):
            return f"from the folder `{folder}`"
        case TextWidget(multiline=True):
            return "several lines"
    return ""
