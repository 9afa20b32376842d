"""All graphs of a document as it was stored, however broken: its own, and those of its sub-graphs."""

from collections.abc import Iterator, Mapping
from typing import Any

from graph.records import INSTANCE

Record = Mapping[str, Any]


def bodies(document: object) -> Iterator[tuple[str, Record]]:
    """Each graph, and what the names of its nodes begin with: nothing, or `@refine/`."""
    if not isinstance(document, Mapping):
        return
    yield "", document
    for subgraph in records(document, "subgraphs"):
        if isinstance(subgraph.get("id"), str):
            yield f"{INSTANCE}{subgraph['id']}/", subgraph


def records(graph: Record, field: str) -> list[Record]:
    """The objects of a list; nothing of what is none."""
    found = graph.get(field)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list | tuple) else []


def nodes_of(document: object) -> Iterator[Record]:
    """The nodes of all graphs."""
    for _, graph in bodies(document):
        yield from records(graph, "nodes")
