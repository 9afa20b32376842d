"""The model files that a workflow names, recorded in its document to be found under other names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from graph.folders import WORKING, Folders
from graph.infer import Outputs, family_of
from graph.nodetype import NodeType
from graph.records import Node
from graph.step import Step
from graph.wanted import FIELD, Named, Record, record_of, records_of
from graph.widgets import FileWidget
from graph.workflow import Workflow


def with_models(
    workflow: Workflow,
    types: Mapping[str, NodeType],
    folders: Folders,
    facts: Mapping[str, Outputs] | None = None,
    steps: tuple[Step, ...] = (),
) -> Record:
    """The workflow's document, with what is known now of the files that it names; the others are forgotten.

    `facts` tell the family of what a node loads; `steps` the files that they open by themselves.
    """
    document, before = workflow.to_json(), dict(records_of(workflow.document))
    families = {} if facts is None else {node: family_of(said) for node, said in facts.items()}
    named: dict[Named, str] = {}
    for node, at in _named(workflow, types):
        named[at] = named.get(at) or families.get(node, "")
    for path in {each for step in steps for each in (step.made_of.opened if step.made_of else ())}:
        if (place := folders.named(path)) is not None:
            named.setdefault(place, "")
    kept = {at: record for at, record in before.items() if at not in named and _is_said(at[1], workflow)}
    made = {at: record_of(folders, at, before.get(at, {}), family) for at, family in named.items()}
    records = [record for _, record in sorted({**kept, **made}.items()) if len(record) > 2]
    if records or FIELD in document:
        document[FIELD] = records
    return document


def _named(workflow: Workflow, types: Mapping[str, NodeType]) -> Iterator[tuple[str, Named]]:
    """The nodes of all graphs that name model files, and the files; those of a sweep, too."""
    inputs: dict[str, list[tuple[str, str, str]]] = {}
    for node in _nodes(workflow):
        if node.type not in inputs:
            declared = types.get(node.type)
            widgets = ((each.name, each.widget) for each in declared.inputs) if declared else ()
            inputs[node.type] = [
                (name, widget.folder, widget.inside)
                for name, widget in widgets
                if isinstance(widget, FileWidget) and widget.folder not in WORKING
            ]
        for name, folder, inside in inputs[node.type]:
            value = node.inputs.get(name)
            values = value.get("sweep") if isinstance(value, Mapping) else (value,)
            for each in values if isinstance(values, list | tuple) else ():
                if isinstance(each, str) and not inside:
                    yield node.id, (folder, each)


def _nodes(workflow: Workflow) -> Iterator[Node]:
    yield from workflow.nodes
    for subgraph in workflow.subgraphs.values():
        yield from subgraph.nodes


def _is_said(name: str, workflow: Workflow) -> bool:
    """Whether a literal names a file, or speaks of it, as a prompt does of an embedding."""
    stem = Path(name).stem
    literals = (value for node in _nodes(workflow) for value in node.inputs.values())
    return any(isinstance(each, str) and (each == name or stem in each) for each in literals)
