"""The executor: runs a plan step by step in lanes; what is known is looked up, what is done is kept."""

from __future__ import annotations

import os
import threading
import time
import traceback
from collections.abc import Mapping

from graph.cache import Cache
from graph.devices import DeviceLanes, Devices
from graph.events import RunFinished, RunStatus
from graph.folders import Folders
from graph.frozen import Fingerprint
from graph.lanes import AsyncLane, Lane
from graph.meter import Meter
from graph.nodetype import NodeType
from graph.plan import Plan
from graph.problems import Problem
from graph.ready import HERE
from graph.run import Emit, Run
from graph.skip import Skips
from graph.trace import Trace

BRIEF = 0.0002
"""Seconds. A type of node that takes less is called here: a hand-off to a thread costs 30 us."""


class Executor:
    """Runs plans. It lives as long as the program: its lanes, and what it learned about durations."""

    def __init__(
        self,
        cache: Cache,
        folders: Folders,
        *,
        cpu_workers: int | None = None,
        io_workers: int = 8,
        services: Mapping[type, object] | None = None,
        fingerprint: Fingerprint | None = None,
        meter: Meter | None = None,
        most_together: int = 1,
        devices: Devices | None = None,
    ) -> None:
        self.cache = cache
        self.folders = folders
        self.services = services or {}
        self.meter = meter
        self.most_together = 1 if fingerprint is not None else max(1, most_together)
        """How many steps that differ in one literal may be called as one batch."""
        self.fingerprint = fingerprint
        """Given, every call is checked: a node that changes an input in place fails. Steps run one by one."""
        self.lanes: dict[str, Lane | DeviceLanes] = {
            "gpu": Lane("gpu", 1) if devices is None else DeviceLanes(devices),
            "cpu": Lane("cpu", cpu_workers or os.cpu_count() or 1),
            "io": Lane("io", io_workers),
        }
        self.async_lane = AsyncLane()
        self.lane_sizes = {**{name: lane.size for name, lane in self.lanes.items()}, "async": AsyncLane.size}
        self.typical_seconds: dict[NodeType, float] = {}

    def run(
        self,
        plan: Plan,
        *,
        run_id: str,
        emit: Emit,
        cancel: threading.Event | None = None,
        document: Mapping[str, object] | None = None,
        trace: Trace | None = None,
        skips: Skips | None = None,
    ) -> RunFinished:
        """Run a plan to its end in this thread and its lanes. Emits RunFinished exactly once, and returns it.

        `emit` is called from several threads, one at a time. `skips` may be asked at any time.
        """
        started = time.perf_counter()
        self.cache.refresh()
        self.cache.want(run_id, [step.key for step in plan.steps])
        skips = skips if skips is not None else Skips()
        run = Run(self, plan, run_id, emit, cancel or threading.Event(), document, trace, skips)
        status: RunStatus = "cancelled"
        try:
            status = run.go()
        except Exception as error:  # a bug of ours or of `emit`; the run still ends, and once
            status = "failed"
            run.problems.append(_internal(error))
            run.give_up()
        finally:
            seconds = time.perf_counter() - started
            finished = RunFinished(run_id, status, seconds, tuple(run.problems))
            self.cache.unwant(run_id)
            skips.heard_by(lambda: None)
            run.finish(finished)
        return finished

    def close(self) -> None:
        """End the lanes' threads."""
        for lane in self.lanes.values():
            lane.close()
        self.async_lane.close()

    def __enter__(self) -> Executor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def lane_of(self, node_type: NodeType) -> str:
        """Where a node of this type is called; a zone only says what is to run."""
        if node_type.subgraph is not None:
            return HERE
        brief = self.typical_seconds.get(node_type, BRIEF) < BRIEF and node_type.lane != "async"
        return HERE if brief else node_type.lane

    def is_brief(self, node_type: NodeType) -> bool:
        return self.typical_seconds.get(node_type, BRIEF) < BRIEF

    def learn(self, node_type: NodeType, seconds: float) -> None:
        """Remember how long a type takes: a long call counts at once, and is forgotten slowly."""
        known = self.typical_seconds.get(node_type, seconds)
        self.typical_seconds[node_type] = max(seconds, 0.7 * known + 0.3 * seconds)


def _internal(error: Exception) -> Problem:
    details = "".join(traceback.format_exception(error))
    remedy = "This is an error in Tessera: please report it with the workflow."
    return Problem("internal_error", f"{type(error).__name__}: {error}", remedy=remedy, details=details)
