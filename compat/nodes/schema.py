"""Nodes that declare themselves by a schema, ComfyUI's newer way, read into the same declaration."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from types import ModuleType
from typing import Any

from compat.nodes.calling import settled
from compat.nodes.declared import Declared, given_inputs
from compat.nodes.dynamic import flat, roots

FLAGS = {
    "is_deprecated": "DEPRECATED",
    "is_experimental": "EXPERIMENTAL",
    "is_dev_only": "DEV_ONLY",
    "is_api_node": "API_NODE",
    "not_idempotent": "NOT_IDEMPOTENT",
}


def schema_nodes(module: ModuleType) -> Iterator[tuple[str, tuple[Any, Callable[[], Declared]]]]:
    """By id, each class that a pack's extension names, and what reads it."""
    entry = getattr(module, "comfy_entrypoint", None)
    if entry is None:
        return
    extension = settled(entry())
    settled(extension.on_load())
    for source in settled(extension.get_node_list()):
        yield _id(source), (source, partial(read_schema, source))


def _id(source: Any) -> str:
    try:
        return str(source.define_schema().node_id)
    except Exception:  # told when it is read
        return getattr(source, "__name__", repr(source))


def read_schema(source: Any) -> Declared:
    """The declaration of a class with a schema."""
    from compat.shims.comfy_api.latest._io import input_types

    schema = source.define_schema()
    given, outputs = given_inputs(input_types(schema)), schema.outputs
    return Declared(
        id=str(schema.node_id),
        source=source,
        function="execute",
        inputs=flat(given),
        hidden={each.name: each.value for each in schema.hidden},
        returns=tuple(each.io_type for each in outputs),
        names=tuple(each.display_name or each.id or each.io_type for each in outputs),
        lists=tuple(each.is_output_list for each in outputs),
        takes_lists=schema.is_input_list,
        sink=schema.is_output_node,
        title=schema.display_name or str(schema.node_id),
        category=schema.category,
        help=schema.description or "",
        output_help=tuple(each.tooltip or "" for each in outputs),
        search=tuple(schema.search_aliases or ()),
        flags=frozenset(flag for name, flag in FLAGS.items() if getattr(schema, name)),
        read=lambda: input_types(source.define_schema()),
        make=lambda: type(source.__name__, (source,), {"__module__": source.__module__}),
        roots=roots(given),
        told_apart=True,
    )
