"""Sub-graphs that users keep as nodes for other workflows: each a document that holds one instance of it."""

import asyncio
from pathlib import Path

from aiohttp import web

from graph.workflow import read_document
from service.protocol import Refusal, answer, dump, read_object, refuse
from service.state import PLACES
from service.workflows import Record, is_name, parse_object, read_workflows, write_whole

REMEDY = "Use letters, digits, spaces, dots, - and _."


async def list_subgraphs(request: web.Request) -> web.Response:
    """All that are kept, each with its document: a node of it is added without asking again."""
    found = await asyncio.to_thread(lambda: [*read_workflows(request.app[PLACES].subgraphs)])
    return answer({"subgraphs": [{"name": path.stem, "workflow": document} for path, document in found]})


async def show_subgraph(request: web.Request) -> web.Response:
    """The document of one."""
    path = await _file(request)
    document = parse_object(await asyncio.to_thread(path.read_bytes))
    if document is None:
        raise refuse(422, "unreadable_document", f"the file of {path.stem!r} holds no JSON object")
    return answer({"workflow": document})


async def save_subgraph(request: web.Request) -> web.Response:
    """Keep one under a name, in the place of what was there."""
    body, name = await read_object(request), _name(request)
    if not is_name(name):
        raise refuse(400, "outside_folder", f"{name[:100]!r} is no name for a sub-graph", REMEDY)
    document: Record = body.get("workflow") or {}
    workflow, problems = read_document(document)
    if workflow is None or problems:
        raise Refusal(422, problems)
    if not _is_instance(document):
        said = "a sub-graph is kept as a document that holds one node, an instance of one of its sub-graphs"
        raise refuse(422, "no_subgraph", said, "Keep the node of a sub-graph alone.")
    path = request.app[PLACES].subgraphs / f"{name}.json"
    await asyncio.to_thread(write_whole, path, dump(document))
    return answer({"name": name}, status=201)


async def delete_subgraph(request: web.Request) -> web.Response:
    """Forget one; workflows that took it hold their own copy."""
    path = await _file(request)
    await asyncio.to_thread(path.unlink, missing_ok=True)
    return answer({"name": path.stem})


def _name(request: web.Request) -> str:
    return request.match_info["name"].removesuffix(".json")


async def _file(request: web.Request) -> Path:
    name = _name(request)
    path = request.app[PLACES].subgraphs / f"{name}.json"
    if not is_name(name) or not await asyncio.to_thread(path.is_file):
        raise refuse(404, "unknown_subgraph", f"nobody keeps a sub-graph {name[:100]!r}")
    return path


def _is_instance(document: Record) -> bool:
    """Whether a document that was read holds one node only, of a sub-graph that it brings."""
    nodes, kept = document.get("nodes", []), {f"@{graph['id']}" for graph in document.get("subgraphs", [])}
    return len(nodes) == 1 and nodes[0]["type"] in kept
