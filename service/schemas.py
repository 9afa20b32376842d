"""JSON Schemas of what the protocol sends and takes, by the names that docs/protocol.md uses."""

from collections.abc import Mapping
from typing import Any

from graph.workflow import FORMAT, VERSION
from service.fields import LONGEST_NAME, PRIORITIES, STATUSES

Schema = Mapping[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
TRUTH: Schema = {"type": "boolean"}
ANYTHING: Schema = {}
OBJECT: Schema = {"type": "object"}
SCALAR: Schema = {"type": ["string", "number", "boolean", "null"]}
PRIORITY: Schema = {"type": "integer", "minimum": PRIORITIES[0], "maximum": PRIORITIES[-1]}
STATUS: Schema = {"enum": list(STATUSES)}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def many(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def record(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """An object; fields that are not named are let through."""
    properties = {**required, **(optional or {})}
    return {"type": "object", "properties": properties, "required": list(required)}


VALUES: Schema = {"type": "object", "description": "values by node.input or by the name of a parameter"}
TARGETS = maybe(many(TEXT))
CHOICES: Mapping[str, Schema] = {"targets": TARGETS, "set": maybe(VALUES)}
ORDER: Mapping[str, Schema] = {
    **CHOICES,
    "client": maybe({"type": "string", "maxLength": LONGEST_NAME}),
    "priority": PRIORITY,
    "webhook": maybe({"type": "string", "format": "uri"}),
}
STARTED = record({"run": TEXT, "seq": WHOLE})
QUEUED_RUN = record({"id": TEXT, "title": TEXT, "client": TEXT, "priority": WHOLE, "place": NUMBER})
PROBLEM = record(
    {
        "code": TEXT,
        "severity": {"enum": ["error", "warning"]},
        "node": maybe(TEXT),
        "input": maybe(TEXT),
        "message": TEXT,
        "given": SCALAR,
        "expected": TEXT,
        "remedy": TEXT,
        "fixes": many(record({"label": TEXT, "patch": many(OBJECT)})),
    },
    {"details": TEXT},
)
PLACED = {"step": TEXT, "node": TEXT, "coordinate": OBJECT}
ARTIFACT = record(
    {"kind": TEXT},
    {"folder": TEXT, "name": TEXT, "width": WHOLE, "height": WHOLE, "text": TEXT, "digest": TEXT, **PLACED},
)
RUN: Mapping[str, Schema] = {
    "id": TEXT,
    "seq": WHOLE,
    "title": TEXT,
    "client": TEXT,
    "status": STATUS,
    "priority": WHOLE,
    "place": NUMBER,
    "queued": NUMBER,
    "started": maybe(NUMBER),
    "finished": maybe(NUMBER),
    "seconds": maybe(NUMBER),
    "problems": many(ref("Problem")),
    "artifacts": many(ref("Artifact")),
}
SOCKET = {"name": TEXT, "type": TEXT, "list": TRUTH}
NODE_TYPE = record(
    {
        "id": TEXT,
        "title": TEXT,
        "category": TEXT,
        "help": TEXT,
        "sink": TRUTH,
        "lane": TEXT,
        "inputs": many(
            record(
                {**SOCKET, "required": TRUTH, "lazy": TRUTH, "help": TEXT, "widget": maybe(OBJECT)},
                {"grows": record({"row": TEXT, "least": WHOLE}), "when": many(OBJECT)},
            )
        ),
        "outputs": many(record(SOCKET)),
        "search": many(TEXT),
    }
)
CHANGE = record(
    {"node": TEXT, "type": maybe(TEXT), "change": {"enum": ["added", "removed", "changed"]}},
    {"field": {"enum": ["type", "mode"]}, "input": TEXT, "from": ANYTHING, "to": ANYTHING},
)
WORKFLOW = record(
    {"format": {"const": FORMAT}, "version": {"type": "integer", "minimum": 1, "maximum": VERSION}},
    {
        "title": TEXT,
        "nodes": many(record({"id": {"type": "string", "minLength": 1}, "type": TEXT}, {"inputs": OBJECT})),
        "links": many(
            record({name: {**many(TEXT), "minItems": 2, "maxItems": 2} for name in ("from", "to")})
        ),
        "parameters": many(OBJECT),
    },
)
COMPONENTS: Mapping[str, Schema] = {
    "Artifact": ARTIFACT,
    "Change": CHANGE,
    "Event": record(
        {"seq": WHOLE, "time": NUMBER, "run": maybe(TEXT), "type": TEXT}, {"step": TEXT, **PLACED}
    ),
    "NodeType": NODE_TYPE,
    "Problem": PROBLEM,
    "Problems": record(
        {"type": TEXT, "title": TEXT, "status": WHOLE, "detail": TEXT, "problems": many(ref("Problem"))}
    ),
    "Queue": record({"paused": TRUTH, "running": maybe(TEXT), "waiting": many(QUEUED_RUN)}),
    "Run": record(RUN),
    "RunWithDocument": record({**RUN, "document": OBJECT, "targets": TARGETS}),
    "Workflow": WORKFLOW,
}
