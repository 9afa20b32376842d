"""Nodes that packs have replaced by others: prompts that still name the old ones are read as the new."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from compat.loose import items, record
from compat.nodes.expanding import is_link
from graph.migrate import Rename
from graph.nodetype import NodeType

Record = dict[str, Any]


@dataclass(frozen=True)
class NodeReplace:
    """An old node as a new one; without mappings, inputs and outputs are called and counted alike."""

    new_node_id: str
    old_node_id: str
    old_widget_ids: list[str] | None = None
    input_mapping: list[Record] | None = None
    """`{"new_id", "old_id"}`, or `{"new_id", "set_value"}`."""
    output_mapping: list[Record] | None = None
    """`{"new_idx", "old_idx"}`."""

    def __post_init__(self) -> None:
        """Say at load what would fail at every prompt."""
        if not all("new_id" in each for each in self.input_mapping or ()):
            raise ValueError(f"a mapping of inputs for {self.old_node_id} has no new_id")
        if not all({"new_idx", "old_idx"} <= each.keys() for each in self.output_mapping or ()):
            raise ValueError(f"a mapping of outputs for {self.old_node_id} has no new_idx or no old_idx")

    def as_dict(self) -> Record:
        return asdict(self)


def rename_of(by: NodeReplace, new: NodeType | None) -> Rename:
    """The same for documents, which name outputs: an old one that nobody knows is called by its number."""
    mapped = [each for each in items(by.input_mapping or ()) if "set_value" not in each and "old_id" in each]
    names = [output.name for output in new.outputs] if new is not None else []
    return Rename(
        id=by.new_node_id,
        before=(by.old_node_id,),
        inputs={each["old_id"]: each["new_id"] for each in mapped if each["old_id"] != each["new_id"]},
        outputs={
            f"output_{each['old_idx']}": names[each["new_idx"]]
            for each in items(by.output_mapping or ())
            if 0 <= each["new_idx"] < len(names)
        },
        values={each["new_id"]: each["set_value"] for each in by.input_mapping or () if "set_value" in each},
        replaces=True,
    )


def replaced(prompt: Record, known: Collection[str], replacements: Mapping[str, NodeReplace]) -> Record:
    """The prompt with new nodes in the place of old ones that are not there any more."""
    by: dict[str, NodeReplace] = {}
    for own, node in prompt.items():
        kind = record(node).get("class_type")
        if isinstance(kind, str) and kind not in known and kind in replacements:
            by[own] = replacements[kind]
    if not by:
        return prompt
    made = {own: _new(node, by[own]) if own in by else node for own, node in prompt.items()}
    return {own: _linked(node, by) for own, node in made.items()}


def _new(node: Record, by: NodeReplace) -> Record:
    inputs = record(node.get("inputs"))
    if by.input_mapping is not None:
        given: Record = {}
        for each in items(by.input_mapping):
            if "set_value" in each:
                given[each["new_id"]] = each["set_value"]
            elif each.get("old_id") in inputs:
                given[each["new_id"]] = inputs[each["old_id"]]
        inputs = given
    return {**node, "class_type": by.new_node_id, "inputs": inputs}


def _linked(node: Any, by: Mapping[str, NodeReplace]) -> Any:
    """A node whose links to outputs of replaced ones lead to the new outputs."""
    if not isinstance(node, dict) or not isinstance(node.get("inputs"), dict):
        return node

    def moved(value: Any) -> Any:
        mapping = by[value[0]].output_mapping if is_link(value) and value[0] in by else None
        places = {each["old_idx"]: each["new_idx"] for each in mapping or ()}
        return [value[0], places.get(value[1], value[1])] if mapping else value

    return {**node, "inputs": {name: moved(value) for name, value in node["inputs"].items()}}
