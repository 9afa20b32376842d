"""The protocol's answers: JSON that every browser reads, and refusals as lists of Problems."""

import http
import json
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from graph.problems import Problem

JSON_BYTES = 32 * 2**20
COMPACT = json.JSONEncoder(separators=(",", ":"), allow_nan=False)
"""Made once: json.dumps makes one for every call, which costs a quarter of a short event."""


class Refusal(Exception):
    """A request that cannot be served, and why."""

    def __init__(self, status: int, problems: Sequence[Problem], headers: Mapping[str, str] | None = None):
        super().__init__("; ".join(problem.message for problem in problems))
        self.status, self.problems, self.headers = status, tuple(problems), dict(headers or {})


def refuse(status: int, code: str, message: str, remedy: str = "") -> Refusal:
    return Refusal(status, [Problem(code=code, message=message, remedy=remedy)])


def dump(value: object) -> str:
    """Compact JSON in ASCII, so that a lone surrogate from a client harms neither SQLite nor a socket."""
    try:
        return COMPACT.encode(value)
    except ValueError:
        return COMPACT.encode(_finite(value))


def _finite(value: Any) -> Any:
    """JSON knows no NaN and no infinity: they travel as text."""
    if isinstance(value, Mapping):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return repr(value) if isinstance(value, float) and value - value != 0 else value


def answer(value: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(text=dump(value), status=status, content_type="application/json", headers=headers)


def answer_problems(
    status: int, problems: Sequence[Problem], headers: Mapping[str, str] | None = None
) -> web.Response:
    """All Problems, in the shape of RFC 9457: its `type` and `detail` are those of the first error."""
    first = next((problem for problem in problems if problem.severity == "error"), None)
    said = {
        "type": f"urn:tessera:problem:{first.code}" if first else "about:blank",
        "title": http.HTTPStatus(status).phrase,
        "status": status,
        "detail": first.message if first else "",
        "problems": [problem.to_json() for problem in problems],
    }
    return web.Response(
        text=dump(said), status=status, content_type="application/problem+json", headers=headers
    )


def parse(text: bytes) -> Any:
    """Strict JSON: no NaN, no depth that overflows, no number that takes a minute to read."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise refuse(400, "malformed_json", "the JSON is nested too deeply") from None
    except ValueError as error:
        raise refuse(400, "malformed_json", f"not JSON: {error}", "Send one JSON object in UTF-8.") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


async def read_object(request: web.Request) -> dict[str, Any]:
    """The request's body, one JSON object of bounded size."""
    check_size(request, JSON_BYTES)
    document = parse(await request.read())
    if not isinstance(document, dict):
        raise refuse(400, "not_an_object", f"the body is a JSON {type(document).__name__}, not an object")
    return document


def check_size(request: web.Request, limit: int) -> None:
    """Refuse by the announced size, before anything is read."""
    if (request.content_length or 0) > limit:
        raise too_large(limit)


def too_large(limit: int) -> Refusal:
    return refuse(413, "too_large", f"the body is larger than {limit // 2**20} MB")
