"""Node types as ComfyUI describes them: the answer of /object_info, made from our registry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compat.nodes.info import info_of
from compat.object_info import NodeInfo, ObjectInfo
from graph.folders import Folders
from graph.nodetype import NodeType
from graph.sockets import Input
from graph.widgets import (
    ChoiceWidget,
    CurveWidget,
    FileWidget,
    NumberWidget,
    TextWidget,
    ToggleWidget,
    document_default,
)

OPTION_FIELDS = ("min", "max", "step")


def shapes(types: Mapping[str, NodeType], info: ObjectInfo, folders: Folders) -> dict[str, object]:
    """All node types; one whose choices cannot be listed is left out."""
    found: dict[str, object] = {}
    for name, declared in types.items():
        try:
            found[name] = shape(declared, info.get(name), folders)
        except Exception:  # a pack's own function of choices; the catalogue tells it
            continue
    return found


def shape(declared: NodeType, known: NodeInfo | None, folders: Folders) -> dict[str, object]:
    if (told := info_of(declared)) is not None:  # a pack's own declaration
        return told
    sections: dict[str, dict[str, object]] = {"required": {}, "optional": {}}
    encodes = any(given.type_name == "CLIP" for given in declared.inputs)
    for given in declared.inputs:
        section = "required" if is_required(given, known) and not is_drawn(given) else "optional"
        sections[section][given.name] = spec(given, known, folders, dynamic=encodes)
    if not sections["optional"]:
        del sections["optional"]
    return {
        "input": sections,
        "input_order": {name: list(given) for name, given in sections.items()},
        "output": [comfy_type(output.type_name) for output in declared.outputs],
        "output_is_list": [output.list for output in declared.outputs],
        "output_name": [output.name for output in declared.outputs],
        "name": declared.id,
        "display_name": declared.title,
        "description": declared.help,
        "python_module": declared.run.__module__,
        "category": declared.category,
        "output_node": declared.sink,
        "search_aliases": list(declared.search),
    }


def is_drawn(given: Input) -> bool:
    """Whether it is a curve with a default: an interface that cannot draw one need not say it."""
    return isinstance(given.widget, CurveWidget) and given.default is not None


def is_required(given: Input, known: NodeInfo | None) -> bool:
    """Whether a prompt must say it: as ComfyUI has it; of ours, all but optional sockets and additions."""
    if known is None:
        return not given.optional
    there = known.input(given.name)
    return there is not None and not there.optional


def comfy_type(name: str) -> str:
    """`ANY` is their `*`, `A|B` their `A,B`."""
    return ",".join("*" if member == "ANY" else member for member in name.split("|"))


def spec(given: Input, known: NodeInfo | None, folders: Folders, *, dynamic: bool = False) -> list[object]:
    """[type or choices, options]."""
    there = known.input(given.name) if known else None
    options: dict[str, Any] = {"tooltip": given.help} if given.help else {}
    if (default := document_default(given.default)) is not None:
        options["default"] = default
    match given.widget:
        case NumberWidget(kind) as widget:
            record = widget.to_json(folders)
            options |= {name: record[name] for name in OPTION_FIELDS if record.get(name) is not None}
            if kind == "seed" or (there is not None and there.control):
                options["control_after_generate"] = True
            if kind == "float":
                return ["FLOAT", options]
            return ["INT", {name: _whole(value) for name, value in options.items()}]
        case TextWidget(multiline, placeholder):
            options |= {"multiline": multiline, "dynamicPrompts": multiline and dynamic}
            return ["STRING", options | ({"placeholder": placeholder} if placeholder else {})]
        case ToggleWidget():
            return ["BOOLEAN", options]
        case ChoiceWidget() as widget:
            return [list(widget.options()), options]
        case FileWidget(folder, upload) as widget:
            options |= {"image_upload": True} if upload and folder == "input" else {}
            return [list(widget.names(folders)), options]
        case CurveWidget(low, high):
            return ["CURVE", options | {"min": low, "max": high}]
    return [comfy_type(given.type_name), options]


def _whole(value: object) -> object:
    """Bounds of whole numbers are written without a point."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
