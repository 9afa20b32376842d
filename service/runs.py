"""Runs: one worker, and a state machine (queued, running, then succeeded, failed or cancelled).

The log is the truth: what a process leaves unfinished, the next one finds there and does.
"""

import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from graph.events import (
    Event,
    QueueChanged,
    RunEdited,
    RunFinished,
    RunInterrupted,
    RunQueued,
    StepPreview,
    StepProgress,
)
from graph.problems import Problem
from graph.skip import Skip
from service.log import Filing, Log
from service.queue import Queue, Ticket
from service.worker import Worker

LONGEST_QUEUE = 2000
MOST_KILLS = 3  # A run that was at work each time the server was killed may be what kills it.
Emit = Callable[[Event], None]
Execute = Callable[[Ticket, Emit], RunFinished]
"""Runs a ticket to its end in the worker's thread."""


class Runs:
    """The queue's one writer. Every method is called on the loop; `tell` hears all that happens."""

    def __init__(self, log: Log, execute: Execute, tell: Callable[[Sequence[Event]], None]) -> None:
        self._log, self._execute, self._tell = log, execute, tell
        self._queue = Queue()
        self._current: Ticket | None = None
        self._submitted = 0
        self._stopped_by_us: str | None = None
        self._state = "waiting"
        self._unlogged: list[Event] = []
        self._worker: Worker[Event] = Worker(self._receive)
        self._recover()

    @property
    def running(self) -> str | None:
        return self._current.id if self._current else None

    @property
    def current(self) -> Ticket | None:
        return self._current

    @property
    def waiting(self) -> list[Ticket]:
        """What waits, the next one first."""
        return self._queue.tickets

    @property
    def last_number(self) -> int:
        """How many runs were submitted since the start."""
        return self._submitted

    @property
    def is_full(self) -> bool:
        return len(self._queue) >= LONGEST_QUEUE

    @property
    def paused(self) -> bool:
        return self._log.recall("paused") == "yes"

    def start(self) -> None:
        """Begin with what waits: node types are there to run it."""
        if self._state == "waiting":
            self._state = "open"
            self._start_next()

    def submit(self, ticket: Ticket, filing: Filing | None = None) -> int:
        """Queue a run; the answer is its place in the log."""
        ticket, place = self._queue.placed(ticket)
        queued = RunQueued(ticket.id, ticket.title, ticket.client, ticket.steps, ticket.priority, place)
        filing = replace(filing or Filing(), targets=ticket.targets, webhook=ticket.webhook)
        seq = self._log.add_run(queued, ticket.document, filing)
        self._submitted += 1
        begins = self._may_start and not self._queue
        self._queue.add(ticket if begins else replace(ticket, order=None))
        self._tell([queued])
        self._start_next()
        return seq

    def edit(self, ticket: Ticket) -> bool:
        """Let a run that waits do something else; False where it does not wait any more."""
        if self._queue.find(ticket.id) is None:
            return False
        edited = RunEdited(ticket.id, ticket.title, ticket.steps)
        self._log.edit_run(edited, ticket.document, ticket.targets)
        self._queue.exchange(replace(ticket, order=None))
        self._tell([edited])
        return True

    def move(self, run: str, *, priority: int, position: int) -> None:
        """Put a run that waits in a position among those of a priority."""
        moves = self._queue.moves(run, priority=priority, position=position)
        self._commit(moves)
        self._queue.move(moves)

    def position(self, run: str, *, priority: int, without: str) -> int:
        return self._queue.position(run, priority=priority, without=without)

    def find(self, run: str) -> Ticket | None:
        """A run that waits."""
        return self._queue.find(run)

    def skip(self, ticket: Ticket, skip: Skip) -> None:
        """Have the run that works leave something out, also if it must begin anew."""
        self._log.add_skip(ticket.id, skip)
        ticket.skips.ask(skip)

    def cancel(self, run: str) -> None:
        """Cancel a run that waits or works; one that has ended stays as it is."""
        if self._current and self._current.id == run:
            self._current.cancel.set()
        if self._queue.remove(run):
            self._record([RunFinished(run, "cancelled", 0.0)])

    def cancel_all(self, client: str | None = None) -> list[str]:
        """Cancel whatever waits or works, of one client or of all."""
        waiting = [ticket.id for ticket in self.waiting if client in (None, ticket.client)]
        for run in waiting:
            self._queue.remove(run)
        self._record([RunFinished(run, "cancelled", 0.0) for run in waiting])
        if self._current is None or client not in (None, self._current.client):
            return waiting
        self._current.cancel.set()
        return [*waiting, self._current.id]

    def pause(self, paused: bool) -> None:
        """Start nothing that waits until the queue goes on; what works goes on working."""
        if paused != self.paused:
            self._commit([QueueChanged(paused)])
            self._start_next()

    async def close(self, timeout: float) -> bool:
        """Stop what works; it and what waits stay queued in the log, for the next start.

        False where a node did not stop in time.
        """
        self._state = "closing"
        if self._current and not self._current.cancel.is_set():
            self._stopped_by_us = self._current.id
            self._current.cancel.set()
        stopped = await self._worker.close(timeout)
        if self._stopped_by_us is not None:
            self._record([RunInterrupted(self._stopped_by_us, "stopped")])
        self._state = "closed"
        return stopped

    @property
    def _may_start(self) -> bool:
        return self._current is None and self._state == "open" and not self.paused

    def _start_next(self) -> None:
        if self._queue and self._may_start:
            self._current = self._queue.take()
            self._worker.submit(partial(_work, self._current, self._execute))

    def _receive(self, events: Sequence[Event]) -> None:
        if self._state == "closed":
            return  # A node that did not stop in time: its run waits for the next start.
        try:
            self._record([self._seen(event) for event in events])
        finally:
            if any(isinstance(event, RunFinished) for event in events):
                self._current = None
                self._start_next()

    def _seen(self, event: Event) -> Event:
        """A run that was cancelled because the server stops is not over."""
        match event:
            case RunFinished(run, "cancelled") if run == self._stopped_by_us:
                self._stopped_by_us = None
                return RunInterrupted(run, "stopped")
            case RunFinished(run) if run == self._stopped_by_us:
                self._stopped_by_us = None
        return event

    def _record(self, events: Sequence[Event]) -> None:
        self._unlogged += [event for event in events if not isinstance(event, StepProgress | StepPreview)]
        try:
            # What a full disk refuses is kept, and tried again with what comes next.
            self._log.append(self._unlogged)
            self._unlogged.clear()
        finally:
            self._tell(events)

    def _commit(self, events: Sequence[Event]) -> None:
        """Record what a client asks for, or raise and change nothing."""
        self._log.append([*self._unlogged, *events])
        self._unlogged.clear()
        self._tell(events)

    def _recover(self) -> None:
        """Find what an earlier process left: it waits, in its old order; what worked waits again."""
        for left in self._log.open_runs():
            if left.status == "running" and left.kills + 1 >= MOST_KILLS:
                self._log.append([RunFinished(left.ticket.id, "failed", 0.0, (_killed(left.kills + 1),))])
                continue
            if left.status == "running":
                self._log.append([RunInterrupted(left.ticket.id, "killed")])
            self._queue.add(left.ticket)
        self._queue.pass_by(self._log.newest_place())


def _killed(times: int) -> Problem:
    return Problem(
        code="server_killed",
        message=f"the server was killed {times} times while this run worked",
        remedy="It may need more memory than there is: retry it with smaller pictures or fewer at once.",
    )


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
