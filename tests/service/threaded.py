"""A real server in a thread of its own, for tests that ask without asyncio."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer

from graph.cache import Cache
from graph.execute import Executor
from graph.folders import Folders
from graph.registry import Registry
from service.app import create_app
from service.engine import Engine
from tests.service.conftest import PACK, chain, make_places


@contextmanager
def served(root: Path, extend: Callable[[web.Application], None] = lambda app: None) -> Iterator[str]:
    """The address of a server on a root with the pack of tiny nodes and one template."""
    (root / "custom_nodes").mkdir()
    (root / "custom_nodes/tiny.py").write_text(PACK)
    for folder in ("workflows", "web", "node_modules", "models/checkpoints"):
        (root / folder).mkdir(parents=True)
    (root / "package.json").write_text(json.dumps({"dependencies": {"a": "1"}}))
    (root / "workflows/nap.json").write_text(json.dumps(chain("Nap")))
    found: list[str] = []
    listening, done = threading.Event(), threading.Event()

    async def serve() -> None:
        folders = Folders(root)
        registry, cache = Registry(folders), Cache(2**24)
        with Executor(cache, folders) as executor:
            pack = root / "custom_nodes"
            engine = Engine(
                registry, folders, cache, executor, lambda: registry.load_folder(pack), lambda: None, dict
            )
            app = create_app(engine, make_places(root))
            extend(app)
            server = TestServer(app)
            await server.start_server()
            found.append(str(server.make_url("/")).rstrip("/"))
            listening.set()
            await asyncio.to_thread(done.wait)
            await server.close()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        assert listening.wait(20)
        yield found[0]
    finally:
        done.set()
        thread.join(20)
