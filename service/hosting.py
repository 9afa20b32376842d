"""Hosting: the application on an address, from the first request to a quick end."""

import asyncio
import contextlib
import logging
import signal
import sys
import webbrowser
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from service.access import new_token
from service.app import create_app
from service.engine import Engine
from service.guard import LOCAL, is_wildcard
from service.metrics import JsonLines
from service.schema import LogInUse
from service.state import Places

GOODBYE = 2.0  # s that open requests have to end


def places_of(checkout: Path, root: Path) -> Places:
    return Places(
        web=checkout / "web",
        node_modules=checkout / "node_modules",
        package=checkout / "package.json",
        workflows=checkout / "workflows",
        log=root / "user" / "tessera.sqlite",
    )


async def host(
    engine: Engine,
    checkout: Path,
    *,
    listen: str,
    port: int,
    open_browser: bool,
    token: str | None = None,
    open_to_all: bool = False,
    log_json: bool = False,
    extend: Callable[[web.Application], None] = lambda app: None,
) -> int:
    """Serve until SIGINT or SIGTERM; the answer is the exit status. `extend` adds routes of others.

    Beyond loopback a token is demanded, a new one where none is given, unless the server is open to all.
    """
    _start_logging(log_json)
    if token is None and not open_to_all and listen.lower() not in LOCAL:
        token = new_token()
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl+C cancels this task instead
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
    app = create_app(engine, places_of(checkout, engine.folders.root), listen=listen, token=token)
    extend(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=GOODBYE)
    try:
        await runner.setup()
        site = web.TCPSite(runner, listen, port)
        await site.start()
        _greet(listen, _port(runner), token, open_browser=open_browser)
        await stop.wait()
    except LogInUse as error:
        return _fail(f"another Tessera uses this folder ({error}). Stop it, or choose another with --root.")
    except OSError as error:
        return _fail(f"cannot listen on {listen}:{port}: {error.strerror}. Choose another with --port.")
    finally:
        await runner.cleanup()
    return 0


def _port(runner: web.AppRunner) -> int:
    port: int = runner.addresses[0][1]
    return port


def _start_logging(as_json: bool) -> None:
    """Warnings for people, or everything that happens, a JSON object a line."""
    if not as_json:
        logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
        return
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def _greet(listen: str, port: int, token: str | None, *, open_browser: bool) -> None:
    name = "127.0.0.1" if is_wildcard(listen) else f"[{listen}]" if ":" in listen else listen
    url = f"http://{name}:{port}" + (f"/?token={token}" if token else "")
    print(f"Tessera is at {url}", flush=True)
    if token is None and listen.lower() not in LOCAL:
        print("warning: everyone who reaches this address can use it; no token is asked.", file=sys.stderr)
    if open_browser:
        webbrowser.open(url)


def _fail(message: str) -> int:
    print(f"error: {message}", file=sys.stderr)
    return 1
