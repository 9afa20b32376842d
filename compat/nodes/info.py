"""A pack's node as /object_info tells it: what the pack has declared, as it stands now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compat.nodes.declared import Declared, declared_of
from compat.nodes.sockets import is_any
from graph.nodetype import NodeType


def info_of(node_type: NodeType) -> dict[str, object] | None:
    """The record of a node that a pack has declared; None for all others."""
    declared = declared_of(node_type)
    return None if declared is None else _record(node_type, declared)


def _record(node_type: NodeType, declared: Declared) -> dict[str, object]:
    types = declared.read()
    sections = {
        name: {each: _plain(spec) for each, spec in dict(found).items()}
        for name, found in types.items()
        if isinstance(found, Mapping)
    }
    record: dict[str, object] = {
        "input": sections,
        "input_order": {name: list(found) for name, found in sections.items()},
        "output": [_plain(kind) for kind in declared.returns],
        "output_is_list": list(declared.lists),
        "output_name": list(declared.names),
        "name": declared.id,
        "display_name": declared.title,
        "description": declared.help,
        "python_module": declared.source.__module__,
        "category": declared.category,
        "output_node": declared.sink,
        "search_aliases": list(declared.search),
    }
    if declared.output_help:
        record["output_tooltips"] = list(declared.output_help)
    flags = {"DEPRECATED": "deprecated", "EXPERIMENTAL": "experimental", "API_NODE": "api_node"}
    flags["DEV_ONLY"] = "dev_only"
    return record | {name: True for flag, name in flags.items() if flag in declared.flags}


def _plain(value: Any) -> Any:
    """What JSON can hold of a declaration."""
    if is_any(value):
        return "*"
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(each) for each in value]
    if isinstance(value, str):
        return str(value)
    if isinstance(value, float):
        return value if value - value == 0 else None
    return value if isinstance(value, bool | int | None) else repr(value)
