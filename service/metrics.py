"""Measurements in Prometheus' text format, and a line in the journal for each request and each run."""

import json
import logging
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from aiohttp import web

from graph.events import Event, RunFinished, StepCached, StepFailed, StepFinished, StepSkipped
from service.guard import Handler
from service.state import ENGINE, HUB, LOG, METRICS, RUNS

JOURNAL = logging.getLogger("tessera")
BUCKETS = (0.01, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)  # s of a run
Labels = tuple[tuple[str, str], ...]


class Metrics:
    """What has happened since the start, counted."""

    def __init__(self) -> None:
        self.runs: Counter[str] = Counter()
        self.steps: Counter[str] = Counter()
        self.buckets: Counter[float] = Counter()
        self.requests: Counter[Labels] = Counter()
        self.run_seconds = 0.0
        self.request_seconds = 0.0

    def hear(self, events: Sequence[Event]) -> None:
        for event in events:
            match event:
                case RunFinished(run, status, seconds):
                    self.runs[status] += 1
                    self.run_seconds += seconds
                    self.buckets.update(bound for bound in BUCKETS if seconds <= bound)
                    JOURNAL.info("run", extra={"run": run, "status": status, "seconds": round(seconds, 3)})
                case StepFinished():
                    self.steps["finished"] += 1
                case StepCached():
                    self.steps["cached"] += 1
                case StepSkipped():
                    self.steps["skipped"] += 1
                case StepFailed(run, step, problem):
                    self.steps["failed"] += 1
                    JOURNAL.warning("step", extra={"run": run, "step": step, "code": problem.code})

    def request(self, request: web.Request, status: int, seconds: float) -> None:
        """Count by route, not by address: addresses are without number."""
        resource = request.match_info.route.resource
        route = resource.canonical if resource else "none"
        labels = (("method", request.method), ("route", route), ("status", str(status)))
        self.requests[labels] += 1
        self.request_seconds += seconds
        said = {"method": request.method, "path": request.path[:200], "status": status}
        JOURNAL.info("request", extra={**said, "seconds": round(seconds, 4)})


@web.middleware
async def observe(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count and journal every request; the address without its query, which may hold a token."""
    started, response = time.perf_counter(), None
    try:
        response = await handler(request)
        return response
    finally:
        lasts = type(response) in (web.WebSocketResponse, web.StreamResponse)  # as long as its client stays
        seconds = 0.0 if lasts else time.perf_counter() - started
        request.app[METRICS].request(request, response.status if response else 499, seconds)


async def metrics(request: web.Request) -> web.Response:
    """What has happened since the start, for Prometheus."""
    app = request.app
    seen, runs, cache = app[METRICS], app[RUNS], app[ENGINE].cache
    lines = [
        *_family("runs_total", "counter", "Runs that have ended", _by("status", seen.runs)),
        *_histogram(seen),
        *_family("steps_total", "counter", "Steps by what became of them", _by("state", seen.steps)),
        *_family("queue_waiting", "gauge", "Runs that wait", {(): len(runs.waiting)}),
        *_family("queue_running", "gauge", "Runs that work", {(): int(runs.running is not None)}),
        *_family("queue_paused", "gauge", "1 while the queue starts nothing", {(): int(runs.paused)}),
        *_family("events_total", "counter", "Events in the log", {(): app[LOG].last}),
        *_family("clients", "gauge", "Open websockets and streams", {(): len(app[HUB])}),
        *_family("cache_bytes", "gauge", "Bytes that the cache holds", {(): cache.bytes}),
        *_family("cache_budget_bytes", "gauge", "Bytes that it may hold", {(): cache.budget_bytes}),
        *_family("http_requests_total", "counter", "Requests by route", seen.requests),
        *_family("http_seconds_total", "counter", "Seconds of all requests", {(): seen.request_seconds}),
        *_family("cpu_seconds_total", "counter", "CPU time of the process", {(): time.process_time()}),
    ]
    return web.Response(text="\n".join(lines) + "\n", content_type="text/plain", charset="utf-8")


def _by(label: str, counts: Mapping[str, float]) -> dict[Labels, float]:
    return {((label, name),): count for name, count in counts.items()}


def _histogram(seen: Metrics) -> Iterable[str]:
    total = sum(seen.runs.values())
    buckets: dict[Labels, float] = {(("le", str(bound)),): seen.buckets[bound] for bound in BUCKETS}
    head, help_, *rows = _family("run_seconds", "histogram", "Seconds that runs took", buckets)
    yield from (head, help_, *(row.replace("run_seconds{", "run_seconds_bucket{") for row in rows))
    yield f'tessera_run_seconds_bucket{{le="+Inf"}} {total}'
    yield f"tessera_run_seconds_sum {seen.run_seconds:.6f}"
    yield f"tessera_run_seconds_count {total}"


def _family(name: str, kind: str, help_: str, values: Mapping[Labels, float]) -> list[str]:
    lines = [f"# HELP tessera_{name} {help_}.", f"# TYPE tessera_{name} {kind}"]
    for labels, value in values.items():
        said = ",".join(f"{label}={json.dumps(text)}" for label, text in labels)
        lines.append(f"tessera_{name}{{{said}}} {value}" if said else f"tessera_{name} {value}")
    return lines


class JsonLines(logging.Formatter):
    """One JSON object a line, with whatever a record carries beside its message."""

    USUAL = frozenset(logging.makeLogRecord({}).__dict__)

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, object] = {
            "time": round(record.created, 3),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        said |= {name: value for name, value in vars(record).items() if name not in self.USUAL}
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        return json.dumps(said, default=str)
