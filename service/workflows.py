"""Workflows that lie on the server: the templates that ship, and what users have saved."""

import asyncio
import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aiohttp import web

from graph.workflow import read_document
from service.protocol import Refusal, answer, dump, read_object, refuse
from service.state import PLACES, loaded_engine

NAME = re.compile(r"\w[\w .-]{0,98}\w|\w")
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.I)  # names that Windows keeps for itself
Record = dict[str, Any]


async def list_workflows(request: web.Request) -> web.Response:
    """Templates, then what users have saved."""
    places = request.app[PLACES]
    found = await asyncio.to_thread(
        lambda: [*read_workflows(places.workflows), *read_workflows(places.saved)]
    )
    described = [
        {
            "name": path.stem,
            "title": document.get("title", path.stem),
            "description": document.get("description", ""),
            "topic": document.get("topic", ""),
            "saved": path.parent == places.saved,
        }
        for path, document in found
    ]
    return answer({"workflows": described})


async def workflow_named(request: web.Request) -> Record:
    """The workflow that an address names; what a user saved comes before a template of its name."""
    name, places = request.match_info["name"].removesuffix(".json"), request.app[PLACES]
    for folder in (places.saved, places.workflows):
        path = folder / f"{name}.json"
        if is_name(name) and await asyncio.to_thread(path.is_file):
            document = parse_object(await asyncio.to_thread(path.read_bytes))
            if document is None:
                raise refuse(422, "unreadable_document", f"the file of {name!r} holds no JSON object")
            return document
    raise refuse(404, "unknown_workflow", f"there is no workflow {name[:100]!r}")


async def save_workflow(request: web.Request) -> web.Response:
    """Keep a workflow under a name, in the place of what was there: whole or not at all."""
    body, folder = await read_object(request), request.app[PLACES].saved
    name, document = request.match_info["name"].removesuffix(".json"), body.get("workflow")
    if not is_name(name):
        remedy = "Use letters, digits, spaces, dots, - and _."
        raise refuse(400, "outside_folder", f"{name[:100]!r} is no name for a workflow", remedy)
    workflow, problems = read_document(document)
    if workflow is None or problems:
        raise Refusal(422, problems)
    engine = await loaded_engine(request)
    await asyncio.to_thread(lambda: write_whole(folder / f"{name}.json", dump(engine.recorded(workflow))))
    return answer({"name": name}, status=201)


async def delete_workflow(request: web.Request) -> web.Response:
    """Forget what a user saved; templates stay."""
    name = request.match_info["name"].removesuffix(".json")
    path = request.app[PLACES].saved / f"{name}.json"
    if not is_name(name) or not await asyncio.to_thread(path.is_file):
        raise refuse(404, "unknown_workflow", f"nobody saved a workflow {name[:100]!r}")
    await asyncio.to_thread(path.unlink, missing_ok=True)
    return answer({"name": name})


def is_name(name: str) -> bool:
    """Whether a file of ours may be called so, on every system."""
    return bool(NAME.fullmatch(name)) and not DEVICES.fullmatch(name)


def read_workflows(folder: Path) -> Iterator[tuple[Path, Record]]:
    """The workflows of a folder, by their files."""
    for path in sorted(folder.glob("*.json")):
        document = parse_object(path.read_bytes())
        if document is not None:  # What is not JSON is told to those who ask for it by name.
            yield path, document


def parse_object(text: bytes) -> Record | None:
    """A JSON object, or None for anything else."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def write_whole(path: Path, text: str) -> None:
    """Put a text in the place of a file: whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{uuid.uuid4().hex}")
    beside.write_text(text, "utf-8")
    beside.replace(path)
