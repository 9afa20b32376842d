"""ComfyUI's server as packs see it: they declare routes, and send messages to whoever listens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web

from compat.nodes.here import STEP, host
from compat.nodes.importing import MissingPart, lacking
from compat.shims.comfy.utils import send_preview

__getattr__ = lacking(__name__)


class BinaryEventTypes:
    """Messages that are no text."""

    PREVIEW_IMAGE = 1
    UNENCODED_PREVIEW_IMAGE = 2
    TEXT = 3
    PREVIEW_IMAGE_WITH_METADATA = 4


class _Routes:
    """Takes routes as aiohttp's tables do: `@routes.get("/mine")`."""

    def route(self, method: str, path: str, **_: Any) -> Callable[[Any], Any]:
        def declare(handler: Any) -> Any:
            host().routes.append((method, path, handler))
            return handler

        return declare

    def get(self, path: str, **more: Any) -> Callable[[Any], Any]:
        return self.route("GET", path, **more)

    def post(self, path: str, **more: Any) -> Callable[[Any], Any]:
        return self.route("POST", path, **more)

    def put(self, path: str, **more: Any) -> Callable[[Any], Any]:
        return self.route("PUT", path, **more)

    def patch(self, path: str, **more: Any) -> Callable[[Any], Any]:
        return self.route("PATCH", path, **more)

    def delete(self, path: str, **more: Any) -> Callable[[Any], Any]:
        return self.route("DELETE", path, **more)


class _Application:
    """What packs add routes to without a decorator."""

    def add_routes(self, routes: Any) -> None:
        for route in routes:
            if not isinstance(route, web.RouteDef):
                raise MissingPart("server.PromptServer.instance.app.add_routes of files")
            host().routes.append((route.method, route.path, route.handler))

    def __getattr__(self, name: str) -> Any:
        raise MissingPart(f"server.PromptServer.instance.app.{name}")


class PromptServer:
    """The one server, which is there before any request."""

    instance: PromptServer

    routes = _Routes()
    app = _Application()
    client_id: str | None = None

    def __getattr__(self, name: str) -> Any:
        raise MissingPart(f"server.PromptServer.instance.{name}")

    def add_on_prompt_handler(self, handler: Callable[[Any], Any]) -> None:
        """Have every prompt that a client sends changed before it is read."""
        host().prompt_handlers.append(handler)

    def send_sync(self, event: str | int, data: Any, sid: str | None = None) -> None:
        """Tell those who listen to packs; without any it is lost, as it is without an interface there."""
        if event == BinaryEventTypes.UNENCODED_PREVIEW_IMAGE:
            send_preview(data)
            return
        if not isinstance(event, str):
            raise MissingPart(f"server.PromptServer.instance.send_sync({event!r}, …)")
        for listen in host().listeners:
            listen(event, data, sid)

    def send_progress_text(self, text: str, node_id: str, sid: str | None = None) -> None:
        self.send_sync("progress_text", {"text": text, "node": node_id}, sid)

    @property
    def last_node_id(self) -> str | None:
        step = STEP.get()
        return None if step is None else step.node_id

    @property
    def last_prompt_id(self) -> str | None:
        step = STEP.get()
        return None if step is None else step.run_id


PromptServer.instance = PromptServer()
