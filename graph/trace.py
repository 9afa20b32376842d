"""Traces: what ran where and when, in the JSON that Perfetto and chrome://tracing open."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from pathlib import Path

ASYNC = "async"


class Trace:
    """Spans of calls by thread, with their lanes as the threads' names. Any thread may add to it."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._spans: list[dict[str, object]] = []
        self._threads: dict[int, str] = {}
        self._lock = threading.Lock()

    def now(self) -> float:
        """Microseconds since the trace began."""
        return (time.perf_counter() - self._began) * 1e6

    def span(
        self,
        name: str,
        kind: str,
        began: float,
        *,
        lane: str | None = None,
        memory: Mapping[str, int] | None = None,
        **facts: object,
    ) -> None:
        """A call that ends now in this thread. Those of the async lane overlap: each gets its own line."""
        ended = self.now()
        thread = threading.current_thread()
        span = {"name": name, "cat": kind, "pid": 1, "tid": thread.native_id or 0, "args": facts}
        with self._lock:
            self._threads[thread.native_id or 0] = thread.name
            if lane == ASYNC:
                about = {**span, "id": len(self._spans)}
                self._spans += [{**about, "ph": "b", "ts": began}, {**about, "ph": "e", "ts": ended}]
            else:
                self._spans.append({**span, "ph": "X", "ts": began, "dur": ended - began})
            for tier, size in (memory or {}).items():
                counter = {"ph": "C", "name": f"{tier} memory", "pid": 1, "ts": ended}
                self._spans.append({**counter, "args": {"bytes": size}})

    def to_json(self) -> dict[str, object]:
        with self._lock:
            names = [
                {"ph": "M", "name": "thread_name", "pid": 1, "tid": number, "args": {"name": name}}
                for number, name in self._threads.items()
            ]
            program = {"ph": "M", "name": "process_name", "pid": 1, "args": {"name": "Tessera"}}
            return {"traceEvents": [program, *names, *self._spans], "displayTimeUnit": "ms"}

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(self.to_json()), "utf-8")
