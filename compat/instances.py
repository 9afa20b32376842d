"""Sub-graphs as ComfyUI's interface knows them: what it is told of an instance, and instances taken away."""

from __future__ import annotations

from collections import ChainMap
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
    for own, subgraph in workflow.subgraphs.items():
        if not subgraph.is_zone:
            made[INSTANCE + own] = _info(subgraph, workflow, known, ())
    return known


def _info(subgraph: Subgraph, workflow: Workflow, info: ObjectInfo, within: tuple[str, ...]) -> NodeInfo:
    nodes = {node.id: node for node in subgraph.nodes}
    inputs = []
    for signed in subgraph.inputs:
        made = InputInfo(signed.name, their_type(signed.type), optional=True)
        for link in subgraph.links:
            node = nodes.get(link.target)
            if link.source != IN or link.output != signed.name or node is None or signed.list:
                continue
            known, inner = info.get(node.type), workflow.subgraphs.get(node.type.removeprefix(INSTANCE))
            if known is None and inner is not None and inner.id not in within and len(within) < DEEPEST:
                known = _info(inner, workflow, info, (*within, subgraph.id))
            given = known.input(link.input) if known else None
            if given is not None and given.widget:
                literal = node.inputs.get(link.input, given.default)
                default = literal if signed.default is None else signed.default
                made = replace(given, name=signed.name, control=False, upload=False, when=(), default=default)
                break
        inputs.append(made)
    outputs = tuple((each.name, their_type(each.type)) for each in subgraph.outputs)
    return NodeInfo(subgraph.title, tuple(inputs), outputs)


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
