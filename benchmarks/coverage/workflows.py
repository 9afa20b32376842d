"""Whether a saved workflow uses nodes of a row, and plans without anything missing but the user's files."""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from graph.cache import Cache
from graph.folders import Folders
from graph.plan import plan
from graph.registry import Registry
from graph.workflow import read_document

ROOT = Path(__file__).resolve().parents[2]
OF_THE_USER = {"file_not_found", "missing_embedding"}
"""Codes of Problems that name a file which does not ship."""


@cache
def built_in() -> tuple[Registry, Folders]:
    """The nodes that ship, over the folders of this checkout."""
    folders = Folders(ROOT)
    registry = Registry(folders)
    registry.load_package("nodes")
    return registry, folders


def problems_of(names: Sequence[str], nodes: Sequence[str]) -> Iterator[str]:
    """What is wrong with the workflows of a row, one sentence each."""
    registry, folders = built_in()
    if not names:
        yield "no workflow uses it"
    for name in names:
        path = ROOT / "workflows" / f"{name}.json"
        if not path.exists():
            yield f"{name}: there is no such workflow"
            continue
        document = json.loads(path.read_text("utf-8"))
        if not {each["type"] for each in document["nodes"]} & set(nodes):
            yield f"{name}: has none of the nodes"
        workflow, problems = read_document(document)
        planned = plan(workflow, registry, folders=folders, cache=Cache(2**20)).problems if workflow else ()
        for problem in (*problems, *planned):
            if problem.severity == "error" and problem.code not in OF_THE_USER:
                yield f"{name}: {problem.message}"


@cache
def used_by_workflows() -> frozenset[str]:
    """The nodes that some workflow which ships uses."""
    paths = (ROOT / "workflows").glob("*.json")
    documents = (json.loads(path.read_text("utf-8")) for path in paths)
    return frozenset(each["type"] for document in documents for each in document["nodes"])
