"""Runs: a queue, one worker, and a state machine (queued, running, then succeeded, failed or cancelled)."""

import threading
import traceback
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from graph.events import Event, RunFinished, RunQueued, RunStatus, StepPreview, StepProgress, StepState
from graph.problems import Problem
from service.log import Log
from service.worker import Worker

LONGEST_QUEUE = 1000
Emit = Callable[[Event], None]


@dataclass(frozen=True)
class Ticket:
    """One run as it waits: the document as it was sent, and what it was planned to do."""

    id: str
    document: Mapping[str, Any]
    targets: tuple[str, ...] | None
    title: str
    client: str
    steps: tuple[StepState, ...]
    cancel: threading.Event = field(default_factory=threading.Event)


Execute = Callable[[Ticket, Emit], RunFinished]
"""Runs a ticket to its end in the worker's thread."""


class Runs:
    """The queue's one writer. Every method is called on the loop; `tell` hears all that happens."""

    def __init__(self, log: Log, execute: Execute, tell: Callable[[Sequence[Event]], None]) -> None:
        self._log, self._execute, self._tell = log, execute, tell
        self._waiting: deque[Ticket] = deque()
        self._current: Ticket | None = None
        self._closing = False
        self._unlogged: list[Event] = []
        self._worker: Worker[Event] = Worker(self._receive)
        self._finish_forgotten()

    @property
    def running(self) -> str | None:
        return self._current.id if self._current else None

    @property
    def is_full(self) -> bool:
        return len(self._waiting) >= LONGEST_QUEUE

    def submit(self, ticket: Ticket) -> int:
        """Queue a run; the answer is its place in the log."""
        queued = RunQueued(ticket.id, ticket.title, ticket.client, ticket.steps)
        seq = self._log.add_run(queued, ticket.document)
        self._waiting.append(ticket)
        self._tell([queued])
        self._start_next()
        return seq

    def cancel(self, run: str) -> None:
        """Cancel a run that waits or works; one that has ended stays as it is."""
        if self._current and self._current.id == run:
            self._current.cancel.set()
        for ticket in [ticket for ticket in self._waiting if ticket.id == run]:
            self._waiting.remove(ticket)
            self._record([RunFinished(run, "cancelled", 0.0)])

    async def close(self, timeout: float) -> bool:
        """Cancel what works; False where a node did not stop in time.

        What waits stays queued in the log, and is finished as cancelled at the next start.
        """
        self._closing = True
        if self._current:
            self._current.cancel.set()
        return await self._worker.close(timeout)

    def _start_next(self) -> None:
        if self._current is None and self._waiting and not self._closing:
            self._current = self._waiting.popleft()
            self._worker.submit(partial(_work, self._current, self._execute))

    def _receive(self, events: Sequence[Event]) -> None:
        try:
            self._record(events)
        finally:
            if any(isinstance(event, RunFinished) for event in events):
                self._current = None
                self._start_next()

    def _record(self, events: Sequence[Event]) -> None:
        self._unlogged += [event for event in events if not isinstance(event, StepProgress | StepPreview)]
        try:
            # What a full disk refuses is kept, and tried again with what comes next.
            self._log.append(self._unlogged)
            self._unlogged.clear()
        finally:
            self._tell(events)

    def _finish_forgotten(self) -> None:
        """Runs that an earlier process left: what waited is cancelled, what worked has failed."""
        stopped = Problem(
            code="server_stopped",
            message="the server stopped before the run had finished",
            remedy="Run the workflow again.",
        )
        for run, status in self._log.open_runs():
            ended: RunStatus = "cancelled" if status == "queued" else "failed"
            self._log.append([RunFinished(run, ended, 0.0, (stopped,))])


def _work(ticket: Ticket, execute: Execute, say: Emit) -> None:
    """Run a ticket; whatever happens, the last thing said is RunFinished."""
    try:
        finished = execute(ticket, say)
    except BaseException as error:
        # Also SystemExit and the like: a node pack that calls sys.exit must not end the worker.
        traceback.print_exc()
        wrong = Problem(code="internal_error", message=f"the run broke off: {type(error).__name__}: {error}")
        finished = RunFinished(ticket.id, "failed", 0.0, (wrong,))
    say(finished)
