"""How large a document is with all instances of sub-graphs opened, counted without opening them."""

from collections.abc import Iterator

from graph.problems import Problem
from graph.records import INSTANCE
from graph.workflow import Workflow

DEEPEST = 64  # sub-graphs in one another


def too_large(workflow: Workflow, most: int) -> Problem | None:
    """What is wrong with a document's size, before anything is made of it."""
    sizes: dict[str, int] = {}
    depths: dict[str, int] = {}
    for own in _inner_first(workflow):
        subgraph = workflow.subgraphs[own]
        held = list(_held(workflow, own))
        inside = sum(sizes.get(each, 0) for each in held)
        sizes[own] = min(len(subgraph.nodes) + len(subgraph.links) + inside, most + 1)
        depths[own] = 1 + max((depths.get(each, 0) for each in held), default=0)
    opened = [node.type.removeprefix(INSTANCE) for node in workflow.nodes if node.type.startswith(INSTANCE)]
    nodes, links = len(workflow.nodes), len(workflow.links)
    whole = nodes + links + sum(sizes.get(each, 0) for each in opened)
    whole = max(whole, nodes + links + sum(len(each.nodes) for each in workflow.subgraphs.values()))
    if whole > most:
        opened_too = " with what is in sub-graphs" if workflow.subgraphs else ""
        message = f"{nodes} nodes and {links} links are too many{opened_too}"
        return Problem("workflow_too_large", message, expected=f"at most {most} of both")
    if max(depths.values(), default=0) > DEEPEST:
        message = f"sub-graphs stand in one another deeper than {DEEPEST}"
        return Problem("workflow_too_large", message, remedy="Put fewer of them into each other.")
    return None


def _held(workflow: Workflow, own: str) -> Iterator[str]:
    """The sub-graphs whose instances stand in one."""
    for node in workflow.subgraphs[own].nodes:
        inner = node.type.removeprefix(INSTANCE)
        if node.type.startswith(INSTANCE) and inner in workflow.subgraphs:
            yield inner


def _inner_first(workflow: Workflow) -> Iterator[str]:
    """Sub-graphs after those that stand in them; rings, which the plan refuses, are cut open."""
    seen: set[str] = set()
    for start in workflow.subgraphs:
        waiting = [(start, False)]
        while waiting:
            own, done = waiting.pop()
            if done:
                yield own
            elif own not in seen:
                seen.add(own)
                waiting.append((own, True))
                waiting += [(each, False) for each in set(_held(workflow, own)) - seen]
