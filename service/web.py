"""The editor's files as they are, and the browser packages that package.json names under /vendor/."""

import asyncio
import base64
import hashlib
import json
import mimetypes
import re
from pathlib import Path

from aiohttp import web

from service.guard import POLICY
from service.protocol import refuse
from service.state import PLACES

IMPORT_MAP = re.compile(rb'<script type="importmap">(.*?)</script>', re.DOTALL)
# Said here, since the machine's own table may be wrong and a module of a wrong type does not load.
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
}


async def index(request: web.Request) -> web.StreamResponse:
    """The page. Its import map is the one inline script, allowed by its digest."""
    path = request.app[PLACES].web / "index.html"
    response = _serve(path)
    page = await asyncio.to_thread(path.read_bytes)
    digests = [base64.b64encode(hashlib.sha256(text).digest()) for text in IMPORT_MAP.findall(page)]
    scripts = " ".join(["'self'", *(f"'sha256-{digest.decode()}'" for digest in digests)])
    response.headers["Content-Security-Policy"] = POLICY.format(scripts=scripts)
    return response


async def web_file(request: web.Request) -> web.StreamResponse:
    return _serve(_inside(request.app[PLACES].web, request.match_info["path"]))


async def vendor_file(request: web.Request) -> web.StreamResponse:
    """A file of a package that the editor depends on; what only development needs is not served."""
    places, path = request.app[PLACES], request.match_info["path"]
    package = await asyncio.to_thread(places.package.read_text, "utf-8")
    for name in json.loads(package).get("dependencies", {}):
        if path.startswith(f"{name}/"):
            return _serve(_inside(places.node_modules / name, path.removeprefix(f"{name}/")))
    raise web.HTTPNotFound


def _inside(folder: Path, name: str) -> Path:
    """The file of this name below the folder; hidden files and ways out do not exist."""
    parts = re.split(r"[/\\]", name)
    if "\0" in name or any(part.startswith(".") or ":" in part for part in parts):
        raise web.HTTPNotFound
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise web.HTTPNotFound
    return path


def _serve(path: Path) -> web.FileResponse:
    if not path.is_file():
        raise refuse(404, "http_404", f"there is no page {path.name!r}")
    kind = TYPES.get(path.suffix.lower()) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return web.FileResponse(path, headers={"Cache-Control": "no-cache", "Content-Type": kind})
