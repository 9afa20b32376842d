"""What is known of node types: names, order, types and defaults of inputs and outputs."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from compat.nodes.declared import declared_of
from compat.nodes.dynamic import is_live
from graph.nodetype import NodeType
from graph.sockets import Condition, Grows
from graph.widgets import FileWidget, document_default

FACTS = ("comfy_nodes.json", "more_nodes.json")
"""What `tools/compact_comfy_nodes.py` writes, and types that the install it was asked of did not have."""
WIDGET_TYPES = ("INT", "FLOAT", "STRING", "BOOLEAN", "COMBO")
NO_DEFAULT = object()


@dataclass(frozen=True, slots=True)
class InputInfo:
    """One input of a node type, in the order of its declaration."""

    name: str
    type: str
    optional: bool = False
    widget: bool = False
    control: bool = False
    """Whether the interface keeps "what happens to the seed after a run" behind this value."""
    upload: bool = False
    default: object = NO_DEFAULT
    when: tuple[Condition, ...] = ()
    """The choices with which it is there."""
    grows: Grows | None = None


@dataclass(frozen=True, slots=True)
class NodeInfo:
    title: str
    inputs: tuple[InputInfo, ...]
    outputs: tuple[tuple[str, str], ...]
    """Name and type of each."""

    @property
    def widgets(self) -> tuple[InputInfo, ...]:
        return tuple(given for given in self.inputs if given.widget)

    @property
    def sockets(self) -> tuple[InputInfo, ...]:
        return tuple(given for given in self.inputs if not given.widget)

    def input(self, name: str) -> InputInfo | None:
        return next((given for given in self.inputs if given.name == name), None)

    def drawn_sockets(self, linked: Collection[str]) -> list[InputInfo]:
        """The sockets; of those that grow as many as up to the last linked one, and one more."""
        drawn: list[InputInfo] = []
        waiting: list[InputInfo] = []
        for given in self.sockets:
            if waiting and waiting[0].grows != given.grows:
                drawn, waiting = [*drawn, waiting[0]], []
            if given.grows is None:
                drawn.append(given)
            elif given.name in linked or sum(each.grows == given.grows for each in drawn) < given.grows.least:
                drawn, waiting = [*drawn, *waiting, given], []
            else:
                waiting.append(given)
        return drawn + waiting[:1]

    def chosen_widgets(self, values: Mapping[str, Any]) -> Iterator[InputInfo]:
        """Those that there are after what is chosen; `values` may be filled while they are asked for."""
        return (given for given in self.widgets if is_live(given.when, values))


ObjectInfo = Mapping[str, NodeInfo]


def known_nodes(types: Mapping[str, NodeType] | None = None) -> ObjectInfo:
    """ComfyUI's core nodes, and of our own those that it does not have."""
    known = _core_nodes()
    ours = {name: _own_info(declared) for name, declared in (types or {}).items() if name not in known}
    return {**known, **ours}


@cache
def _core_nodes() -> ObjectInfo:
    folder = Path(__file__).parent / "data"
    facts = [json.loads((folder / name).read_text("utf-8")) for name in FACTS]
    return {name: _node_info(fact) for each in facts for name, fact in each.items()}


def _node_info(fact: Mapping[str, Any]) -> NodeInfo:
    inputs = tuple(
        InputInfo(
            name=given["name"],
            type=given["type"],
            optional=given.get("optional", False),
            widget=given["type"] in WIDGET_TYPES and not given.get("socket", False),
            control=given.get("control", False),
            upload=given.get("upload", False),
            default=given.get("default", NO_DEFAULT),
        )
        for given in fact["inputs"]
    )
    return NodeInfo(fact["title"], inputs, tuple((name, type_) for name, type_ in fact["outputs"]))


@lru_cache(4096)
def _own_info(declared: NodeType) -> NodeInfo:
    pack = declared_of(declared)
    theirs = pack is not None
    inputs = tuple(
        InputInfo(
            name=given.name,
            type=given.type_name,
            optional=given.optional if theirs else not given.required,
            widget=given.widget is not None,
            control=getattr(given.widget, "kind", None) == "seed",
            upload=theirs and isinstance(given.widget, FileWidget),
            default=NO_DEFAULT
            if document_default(given.default) is None
            else document_default(given.default),
            when=given.when,
            grows=given.grows if theirs else None,
        )
        for given in sorted(declared.inputs, key=lambda given: not given.required)  # as interfaces list them
    )
    outputs = tuple((output.name, output.type_name) for output in declared.outputs)
    return NodeInfo(declared.title, inputs, outputs)


def unique(names: Sequence[str]) -> list[str]:
    """IMAGE, MASK, IMAGE -> IMAGE, MASK, IMAGE_2."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return result
