"""Sub-graphs as ComfyUI's interface knows them: what it is told of an instance, and instances taken away."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator
from dataclasses import replace

from compat.object_info import InputInfo, NodeInfo, ObjectInfo
from graph.flatten import flatten
from graph.records import IN, INSTANCE, Link, Subgraph
from graph.workflow import Workflow

DEEPEST = 64  # sub-graphs in one another


def with_instances(workflow: Workflow, info: ObjectInfo) -> ObjectInfo:
    """What is known of node types, with those of a document's own sub-graphs."""
    if not workflow.subgraphs:
        return info
    made: dict[str, NodeInfo] = {}
    known: ObjectInfo = ChainMap(made, dict(info))
    for subgraph in workflow.subgraphs.values():
        _add(subgraph, workflow, known, made, 0)
    return known


def _add(
    subgraph: Subgraph, workflow: Workflow, known: ObjectInfo, made: dict[str, NodeInfo], deep: int
) -> None:
    """Note what is known of a sub-graph's instances, after those that stand in it."""
    own = INSTANCE + subgraph.id
    if subgraph.is_zone or own in made:
        return
    made[own] = NodeInfo(subgraph.title, (), ())  # so that sub-graphs that hold themselves end here
    for node in subgraph.nodes:
        inner = workflow.subgraphs.get(node.type.removeprefix(INSTANCE))
        if node.type.startswith(INSTANCE) and inner is not None and deep < DEEPEST:
            _add(inner, workflow, known, made, deep + 1)
    outputs = tuple((each.name, their_type(each.type)) for each in subgraph.outputs)
    made[own] = NodeInfo(subgraph.title, tuple(_inputs(subgraph, known)), outputs)


def _inputs(subgraph: Subgraph, known: ObjectInfo) -> Iterator[InputInfo]:
    """Inputs of a signature, with the widgets of what they lead to first."""
    nodes = {node.id: node for node in subgraph.nodes}
    leads: dict[str, list[Link]] = {}
    for link in subgraph.links:
        if link.source == IN and link.target in nodes:
            leads.setdefault(link.output, []).append(link)
    for signed in subgraph.inputs:
        made = InputInfo(signed.name, their_type(signed.type), optional=True)
        for link in leads.get(signed.name, ()) if not signed.list else ():
            node = nodes[link.target]
            declared = known.get(node.type)
            given = declared.input(link.input) if declared else None
            if given is not None and given.widget:
                literal = node.inputs.get(link.input, given.default)
                default = literal if signed.default is None else signed.default
                made = replace(given, name=signed.name, control=False, upload=False, when=(), default=default)
                break
        yield made


def their_type(name: str) -> str:
    """`ANY` is their `*`, `A|B` their `A,B`; files are choices."""
    renamed = {"ANY": "*", "FILE": "COMBO"}
    return ",".join(renamed.get(member, member) for member in name.split("|"))


def without_instances(workflow: Workflow) -> Workflow:
    """The nodes of instances in their places, called as in ComfyUI's prompts: `instance:node`."""
    if not workflow.subgraphs:
        return workflow
    flat = flatten(workflow).workflow
    nodes = tuple(
        replace(node, id=name, record={**node.record, "id": name, "inputs": dict(node.inputs)})
        for node, name in ((node, prompt_id(node.id)) for node in flat.nodes)
    )
    links = tuple(Link(prompt_id(each[0]), each[1], prompt_id(each[2]), each[3]) for each in flat.links)
    document = {
        **{name: value for name, value in workflow.document.items() if name != "subgraphs"},
        "nodes": [node.record for node in nodes],
        "links": [{"from": list(each[:2]), "to": list(each[2:])} for each in links],
    }
    zones = {own: each for own, each in workflow.subgraphs.items() if each.is_zone}
    if zones:
        document["subgraphs"] = [each.record for each in zones.values()]
    return replace(workflow, nodes=nodes, links=links, document=document, subgraphs=zones)


def prompt_id(step: str) -> str:
    """A step's name as ComfyUI would call it."""
    return step.replace("/", ":")
