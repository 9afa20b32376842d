"""Fields of requests: each is read as what it must be, or refused with what was expected."""

import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from graph.problems import words
from service.history import Search
from service.protocol import Refusal, refuse

PRIORITIES = range(-100, 101)
LONGEST_NAME = 200
LONGEST_KEY = 255
PAGE, LONGEST_PAGE = 100, 1000  # runs
STATUSES = ("queued", "running", "succeeded", "failed", "cancelled")


def wrong_field(name: str, expected: str, given: object) -> Refusal:
    return refuse(422, "wrong_field", f"{name!r} is {words(given)}, not {expected}")


def targets_of(body: Mapping[str, Any]) -> tuple[str, ...] | None:
    targets = body.get("targets")
    if targets is None:
        return None
    if not isinstance(targets, list) or not all(isinstance(target, str) for target in targets):
        raise wrong_field("targets", "a list of node ids", targets)
    return tuple(targets)


def values_of(body: Mapping[str, Any]) -> dict[str, object]:
    values = body.get("set")
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise wrong_field("set", 'an object like {"sampler.seed": 7}', values)
    return values


def client_of(body: Mapping[str, Any]) -> str:
    client = body.get("client")
    if client is not None and not isinstance(client, str):
        raise wrong_field("client", "a name", client)
    return (client or "")[:LONGEST_NAME]


def priority_of(body: Mapping[str, Any], default: int = 0) -> int:
    priority = body.get("priority", default)
    if not isinstance(priority, int) or isinstance(priority, bool) or priority not in PRIORITIES:
        raise wrong_field("priority", f"a whole number from {PRIORITIES[0]} to {PRIORITIES[-1]}", priority)
    return priority


def webhook_of(body: Mapping[str, Any]) -> str | None:
    address = body.get("webhook")
    if address is None:
        return None
    try:
        parts = urlsplit(address) if isinstance(address, str) and len(address) < 2000 else None
        usable = parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname)
        usable = usable and (parts is None or parts.port is None or parts.port > 0) and address.isascii()
    except ValueError:
        usable = False
    if not usable:
        raise wrong_field("webhook", "an address that begins with http:// or https://", address)
    return str(address)


def key_of(request: web.Request) -> str | None:
    """The client's own name for what it asks, so that asking again does not do it again."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise refuse(
            400, "wrong_key", f"an Idempotency-Key has 1 to {LONGEST_KEY} printable ASCII characters"
        )
    return key


def whole(request: web.Request, name: str, *, least: int = 0, most: int = 2**62) -> int | None:
    """A whole number in the query; None where it is not there."""
    text = request.query.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 18 and least <= int(text) <= most):
        raise refuse(400, "wrong_query", f"{name} is a whole number from {least} to {most}")
    return int(text)


def search_of(request: web.Request) -> Search:
    """What of the history a query asks for."""
    status = request.query.get("status")
    if status is not None and status not in STATUSES:
        raise refuse(400, "wrong_query", f"status is one of {', '.join(STATUSES)}")
    return Search(
        text=request.query.get("text", ""),
        status=status,
        client=request.query.get("client"),
        since=seconds(request, "since"),
        until=seconds(request, "until"),
        before=whole(request, "before"),
        limit=whole(request, "limit", least=1, most=LONGEST_PAGE) or PAGE,
    )


def seconds(request: web.Request, name: str) -> float | None:
    """A time in seconds since 1970 in the query."""
    text = request.query.get(name)
    if text is None:
        return None
    try:
        value = float(text) if text.isascii() and len(text) <= 30 else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise refuse(400, "wrong_query", f"{name} is a time in seconds since 1970")
    return value
