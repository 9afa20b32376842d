"""The guard: refusals as JSON, Host and Origin checks, and the headers that keep a page in its place."""

import errno
import ipaddress
import logging
import socket
import sqlite3
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

from graph.problems import Problem
from service.protocol import Refusal, answer_problems, refuse

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
NO_NAME = frozenset({errno.ENAMETOOLONG, errno.EINVAL})
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM})
NOT_STORED = NO_ROOM | {errno.EEXIST, errno.ENOTDIR, errno.EISDIR}
"""There is no room, or something else lies where a folder should be."""
ROOM = "See that there is room on the disk, and that its folders can be written to."
READS = frozenset({"GET", "HEAD"})
POLICY = (
    "default-src 'self'; script-src {scripts}; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY.format(scripts="'self'"),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def is_wildcard(address: str) -> bool:
    return address in ("0.0.0.0", "::", "")


@web.middleware
async def answer_refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Everything that goes wrong is a list of Problems."""
    try:
        return await handler(request)
    except Refusal as refusal:
        refused = answer_problems(refusal.status, refusal.problems, refusal.headers)
        if not request.content.is_eof():
            refused.force_close()  # What was not read of the body must not be taken for the next request.
        return refused
    except web.HTTPException as error:
        if error.status < 400:
            raise
        kept = {name: error.headers[name] for name in ("Allow",) if name in error.headers}
        message = f"{request.method} {request.path[:200]}: {error.reason}"
        return answer_problems(error.status, [Problem(f"http_{error.status}", message)], kept)
    except ConnectionError:
        raise  # The client has left: nobody reads an answer.
    except Exception as error:
        if getattr(error, "errno", None) in NO_NAME:
            return answer_problems(400, [Problem("path_refused", "no file can have this name")])
        logging.getLogger(__name__).exception("%s %s", request.method, request.path)
        if isinstance(error, sqlite3.OperationalError) or getattr(error, "errno", None) in NOT_STORED:
            return answer_problems(
                507, [Problem("not_stored", f"this cannot be stored: {error}", remedy=ROOM)]
            )
        wrong = Problem("internal_error", f"the server failed: {type(error).__name__}: {error}")
        return answer_problems(500, [wrong])


def guard(listen: str) -> Middleware:
    """Refuse other names for this machine (DNS rebinding) and writes that other pages send."""
    names = {*LOCAL, listen.lower()}
    if is_wildcard(listen):
        names.add(socket.gethostname().lower())

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        host = _host_name(request.host)
        if host not in names and not (is_wildcard(listen) and _is_address(host)):
            raise refuse(
                403,
                "wrong_host",
                f"this server is not {request.host[:200]!r}",
                "Open it by the address that it printed.",
            )
        writes = request.method not in READS or request.headers.get("Upgrade", "").lower() == "websocket"
        origin = request.headers.get("Origin")
        if writes and origin is not None and origin.lower().partition("://")[2] != request.host.lower():
            raise refuse(403, "wrong_origin", f"a page of {origin[:200]!r} may not do this")
        return await handler(request)

    return check


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)


def _host_name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _is_address(host: str) -> bool:
    """A name can be made to point anywhere, an address cannot."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
