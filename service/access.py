"""Access by token: for servers that others on the network can reach."""

import hmac
import secrets

from aiohttp import web
from aiohttp.typedefs import Middleware

from service.guard import Handler
from service.protocol import refuse

COOKIE = "tessera_token"
COOKIE_DAYS = 30
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Tessera</title>
<form action="/"><label>Token, as the server printed it:
<input name="token" type="password" required autofocus></label> <button>Open</button></form></html>"""


def new_token() -> str:
    return secrets.token_urlsafe(24)


def demand(token: str) -> Middleware:
    """Serve only those who know the token: from a header, the page's cookie, or the address."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        asked = request.query.get("token")
        if asked is not None and _same(asked, token):
            return _welcome(request, token) if request.path == "/" else await handler(request)
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and _same(bearer.strip(), token):
            return await handler(request)
        if _same(request.cookies.get(COOKIE, ""), token):
            return await handler(request)
        if request.path == "/" and "text/html" in request.headers.get("Accept", ""):
            return web.Response(text=PAGE, status=401, content_type="text/html")
        refusal = refuse(
            401,
            "token_needed",
            "this server wants its token",
            "Send it as 'Authorization: Bearer …', or open the address that the server printed.",
        )
        refusal.headers["WWW-Authenticate"] = "Bearer"
        raise refusal

    return check


def _welcome(request: web.Request, token: str) -> web.Response:
    """Keep the token in a cookie that no script reads and no other site sends, and out of the address."""
    answer = web.Response(status=303, headers={"Location": "/", "Cache-Control": "no-store"})
    answer.set_cookie(
        COOKIE, token, max_age=COOKIE_DAYS * 86400, httponly=True, samesite="Strict", secure=request.secure
    )
    return answer


def _same(given: str, token: str) -> bool:
    """In a time that tells nothing of where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())
