"""Inputs of ours as ComfyUI's INPUT_TYPES would declare them."""

from __future__ import annotations

from typing import Any

from compat.nodes.adapter import comfy_type
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


def input_types(declared: NodeType, folders: Folders) -> dict[str, dict[str, Any]]:
    sections: dict[str, dict[str, Any]] = {"required": {}, "optional": {}}
    for given in declared.inputs:
        sections["optional" if given.optional else "required"][given.name] = _spec(given, folders)
    return {name: found for name, found in sections.items() if found or name == "required"}


def _spec(given: Input, folders: Folders) -> tuple[Any, dict[str, Any]]:
    options: dict[str, Any] = {"tooltip": given.help} if given.help else {}
    default = document_default(given.default)
    options |= {} if default is None else {"default": default}
    match given.widget:
        case NumberWidget(kind, low, high, step):
            limits = {"min": low, "max": high, "step": step}
            options |= {name: value for name, value in limits.items() if value is not None}
            return ("FLOAT" if kind == "float" else "INT"), options
        case TextWidget(multiline):
            return "STRING", {**options, "multiline": multiline}
        case ToggleWidget():
            return "BOOLEAN", options
        case ChoiceWidget() as widget:
            return list(widget.options()), options
        case FileWidget() as widget:
            return list(widget.names(folders)), options
        case CurveWidget(low, high):
            return "CURVE", {**options, "min": low, "max": high}
    return comfy_type(given.type_name), options
