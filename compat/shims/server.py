"""ComfyUI's server as packs see it: they declare routes, and send messages to whoever listens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compat.nodes.here import STEP, host
from compat.nodes.importing import lacking
from compat.nodes.values import ExecutionBlocker as ExecutionBlocker

__getattr__ = lacking(__name__)


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


class PromptServer:
    """The one server, which is there before any request."""

    instance: PromptServer

    routes = _Routes()
    client_id: str | None = None

    def send_sync(self, event: str, data: Any, sid: str | None = None) -> None:
        """Tell those who listen to packs; without any it is lost, as it is without an interface there."""
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
