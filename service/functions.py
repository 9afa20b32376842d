"""Workflows as functions: named parameters, typed by the inputs that they set."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from graph.curves import INTERPOLATIONS
from graph.folders import Folders
from graph.instances import types_of
from graph.registry import Registry
from graph.workflow import read_document
from service.orders import queue_run
from service.protocol import answer, read_object, refuse
from service.state import loaded_engine
from service.workflows import workflow_named

Record = dict[str, Any]


def _number(widget: Record) -> Record:
    schema: Record = {"type": "number" if widget["kind"] == "float" else "integer"}
    for bound, name in (("min", "minimum"), ("max", "maximum")):
        if widget.get(bound) is not None:
            schema[name] = widget[bound]
    return schema


CURVE: Record = {
    "points": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}, "minItems": 1},
    "interpolation": {"enum": list(INTERPOLATIONS)},
}
SCHEMAS: Mapping[str, Callable[[Record], Record]] = {
    "int": _number,
    "float": _number,
    "seed": _number,
    "text": lambda widget: {"type": "string"},
    "toggle": lambda widget: {"type": "boolean"},
    "choice": lambda widget: {"enum": widget["choices"]},
    "curve": lambda widget: {"type": "object", "properties": CURVE, "required": ["points"]},
    "file": lambda widget: {"type": "string", "examples": widget["choices"][:20]},
}


def parameters_of(document: object, registry: Registry, folders: Folders) -> Record:
    """The JSON Schema of a workflow's parameters; a sweep of values may stand in the place of each."""
    workflow, _ = read_document(document)
    named = workflow.document.get("parameters") if workflow else None
    known = types_of(workflow, registry.now) if workflow else {}
    nodes = {node.id: node for node in workflow.nodes} if workflow else {}
    types = {}
    for record in named if isinstance(named, list) else ():
        match record:
            case {"name": str(name), "node": str(node), "input": str()} if node in nodes:
                node_type = known.get(nodes[node].type)
                catalogued = node_type.to_json(folders)["inputs"] if node_type else []
                types[name] = _schema(record, catalogued, nodes[node].inputs)
    return {"type": "object", "properties": types, "additionalProperties": False}


def _schema(parameter: Record, catalogued: Any, literals: Mapping[str, object]) -> Record:
    given = parameter["input"]
    widget = next((each["widget"] for each in catalogued if each["name"] == given), None)
    schema = SCHEMAS[widget["kind"]](widget) if widget else {}
    default = literals.get(given, widget["default"] if widget else None)
    title = parameter["label"] if isinstance(parameter.get("label"), str) else parameter["name"]
    return {"title": title, **schema, **({} if default is None else {"default": default})}


async def show_workflow(request: web.Request) -> web.Response:
    """A workflow and the parameters that it takes as a function."""
    engine = await loaded_engine(request)
    document = await workflow_named(request)
    described = await asyncio.to_thread(parameters_of, document, engine.registry, engine.folders)
    return answer({"workflow": document, "parameters": described})


async def call_workflow(request: web.Request) -> web.Response:
    """Run a workflow that lies on the server with other values."""
    body = await read_object(request)
    if "workflow" in body:
        raise refuse(422, "wrong_field", "the address names the workflow: the body has none")
    return await queue_run(request, {**body, "workflow": await workflow_named(request)})
