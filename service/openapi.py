"""Routes as data, and the OpenAPI 3.1 document that they make."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from aiohttp import web

from service.schemas import COMPONENTS, TEXT, Schema, ref

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PROBLEM_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Route:
    """One address: who answers it, what it takes, and what it gives."""

    method: str
    path: str
    handler: Handler
    gives: Schema | str | None = None
    """The JSON that it answers with; the media type, where it is not JSON."""
    status: int = 200
    takes: Schema | None = None
    """The JSON of its body; None where there is none."""
    body_optional: bool = False
    form: Schema | None = None
    """The fields of its multipart body."""
    query: Mapping[str, Schema] = field(default_factory=dict)
    headers: Mapping[str, Schema] = field(default_factory=dict)

    @property
    def is_described(self) -> bool:
        """The editor's own files are not part of the protocol."""
        return self.path.startswith("/api/")


def document_of(routes: Sequence[Route], version: str) -> dict[str, Any]:
    """The protocol as OpenAPI."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        if route.is_described:
            path = re.sub(r"\{(\w+):[^}]*\}", r"{\1}", route.path)
            paths.setdefault(path, {})[route.method.lower()] = _operation(route, path)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tessera", "version": version},
        "paths": paths,
        "components": {
            "schemas": COMPONENTS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def _operation(route: Route, path: str) -> dict[str, Any]:
    named = [
        *(_parameter(name, "path", TEXT) for name in re.findall(r"\{(\w+)\}", path)),
        *(_parameter(name, "query", schema) for name, schema in route.query.items()),
        *(_parameter(name, "header", schema) for name, schema in route.headers.items()),
    ]
    summary = (route.handler.__doc__ or "").strip().partition("\n")[0]
    name = f"{route.method.lower()}_{re.sub(r'[^a-z]+', '_', path.removeprefix('/api/v1/')).strip('_')}"
    operation: dict[str, Any] = {"operationId": name, "summary": summary, "parameters": named}
    if route.takes is not None:
        content = {"application/json": {"schema": route.takes}}
        operation["requestBody"] = {"required": not route.body_optional, "content": content}
    if route.form is not None:
        content = {"multipart/form-data": {"schema": route.form}}
        operation["requestBody"] = {"required": True, "content": content}
    operation["responses"] = _responses(route)
    return operation


def _parameter(name: str, place: str, schema: Schema) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": schema}


def _responses(route: Route) -> dict[str, Any]:
    good: dict[str, Any] = {"description": HTTPStatus(route.status).phrase}
    if isinstance(route.gives, str):
        good["content"] = {route.gives: {}}
    elif route.gives is not None:
        good["content"] = {"application/json": {"schema": route.gives}}
    wrong = {"description": "What is wrong", "content": {PROBLEM_TYPE: {"schema": ref("Problems")}}}
    return {str(route.status): good, "default": wrong}
