"""Model files: their names, and of each its size, digest, what its header tells and what uses it."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from aiohttp import web

from graph.folders import WORKING, Folders, PathRefused
from graph.nodetype import NodeType
from graph.widgets import FileWidget
from graph.workflow import FORMAT, VERSION
from service.bodies import nodes_of
from service.engine import Engine
from service.model_pictures import last_result, picture_beside
from service.protocol import answer, refuse
from service.state import ENGINE, LOG, PLACES, loaded_engine
from service.workflows import read_workflows

Record = dict[str, Any]


async def model_folders(request: web.Request) -> web.Response:
    """The model folders that there are, or that some node opens, and how much lies in each."""
    engine = await loaded_engine(request)
    return answer({"folders": await asyncio.to_thread(_folders, engine)})


def _folders(engine: Engine) -> list[Record]:
    inputs = (given for node_type in engine.registry.types.values() for given in node_type.inputs)
    kinds = {given.widget.folder for given in inputs if isinstance(given.widget, FileWidget)} - {*WORKING}
    there = engine.folders.root / "models"
    found = [path.name for path in there.iterdir() if path.is_dir()] if there.is_dir() else []
    kinds |= {name for name in found if not name.startswith(".")}
    return [_folder(engine, kind) for kind in sorted(kinds)]


def _folder(engine: Engine, kind: str) -> Record:
    names, size = engine.folders.names(kind), 0
    for name in names:
        with suppress(OSError):
            size += engine.folders.resolve(kind, name).stat().st_size
    return {"name": kind, "models": len(names), "bytes": size}


async def models(request: web.Request) -> web.Response:
    """The files of one model folder, as documents name them; with `details`, what is known of each."""
    engine, folder = await loaded_engine(request), request.match_info["folder"]
    try:
        known = any(path.is_dir() for path in engine.folders.directories(folder))
    except PathRefused:
        known = False
    if not known:
        raise refuse(404, "unknown_folder", f"there is no model folder {folder[:100]!r}")
    names = await asyncio.to_thread(engine.folders.names, folder)
    if asked := set(request.query.getall("name", ())):
        names = tuple(name for name in names if name in asked)
    if "details" not in request.query:
        return answer({"models": names})
    places = request.app[PLACES]
    users = await asyncio.to_thread(_users, [places.workflows, places.saved])
    described = [await asyncio.to_thread(_describe, engine, folder, name) for name in names]
    for record in described:
        record |= {
            "workflows": users.get(record["name"], []),
            "runs": request.app[LOG].naming(record["name"]),
            "result": last_result(request.app[LOG], record["name"]),
        }
    return answer({"models": names, "details": described})


def _describe(engine: Engine, folder: str, name: str) -> Record:
    path = engine.folders.resolve(folder, name)
    try:
        status, digest = path.stat(), engine.folders.digest(path)
    except OSError as error:
        return {"name": name, "problem": f"it cannot be read: {error.strerror}", "facts": {}}
    pictured = picture_beside(engine.folders, folder, name) is not None
    about = {"name": name, "bytes": status.st_size, "modified": status.st_mtime, "digest": digest}
    known = engine.folders.digests.known(path, status)
    if known is None:
        engine.folders.digests.ask(path)
    content = {"sha256": known.sha256} if known else {}
    return {**about, **content, "picture": pictured, "facts": _facts(engine, folder, name)}


async def digests(request: web.Request) -> web.Response:
    """The sha256 of every model file that was read by now, and how many were not."""
    folders = request.app[ENGINE].folders
    return answer(await asyncio.to_thread(_digests, folders, request.query.get("folder")))


def _digests(folders: Folders, only: str | None) -> Record:
    found, unread = [], 0
    for folder in folders.kinds():
        for name in folders.names(folder) if only in (None, folder) else ():
            known = folders.digests.known(folders.resolve(folder, name))
            if known is None:
                unread += 1
            else:
                found.append({"folder": folder, "name": name, "sha256": known.sha256})
    return {"digests": found, "unread": unread}


def _facts(engine: Engine, folder: str, name: str) -> Mapping[str, Any]:
    """What a plan knows of the outputs of a node that opens the file: its family, its role, its sizes."""
    for node_type, given in _openers(engine, folder):
        node = {"id": "opener", "type": node_type.id, "inputs": {given: name}}
        document = {"format": FORMAT, "version": VERSION, "nodes": [node]}
        order = engine.order(document, targets=["opener"])
        if found := order.plan.facts.get("opener"):
            return found
    return {}


def _openers(engine: Engine, folder: str) -> Iterator[tuple[NodeType, str]]:
    """Node types that choose a file of this folder and need nothing else."""
    for node_type in engine.registry.types.values():
        files = [
            each.name
            for each in node_type.inputs
            if isinstance(each.widget, FileWidget) and each.widget.folder == folder
        ]
        others = [each for each in node_type.inputs if each.required and each.widget is None]
        if len(files) == 1 and not others:
            yield node_type, files[0]


def _users(folders: list[Path]) -> dict[str, list[str]]:
    """Which workflows name a file in a literal."""
    users: dict[str, list[str]] = {}
    for folder in folders:
        for path, document in read_workflows(folder):
            for literal in sorted(set(_literals(document))):
                users.setdefault(literal, []).append(path.stem)
    return users


def _literals(document: Record) -> Iterator[str]:
    for node in nodes_of(document):
        inputs = node.get("inputs")
        values = inputs.values() if isinstance(inputs, dict) else ()
        yield from (value for value in values if isinstance(value, str))
