"""One run of a plan: hands ready steps to lanes, takes their outcomes, and lets values go after use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from graph.artifacts import Artifact
from graph.batching import alike
from graph.call import Outcome
from graph.calls import Calls
from graph.cutoff import AT_ONCE_BYTES, is_same, last_result
from graph.entry import Entry, Found, Stored
from graph.events import (
    Event,
    FromNode,
    RunFinished,
    RunStarted,
    RunStatus,
    StepCached,
    StepFailed,
    StepFinished,
    StepProgress,
    StepSkipped,
    StepStarted,
)
from graph.frozen import CODE
from graph.history import FAILED, SKIPPED
from graph.plan import Plan, usable
from graph.problems import Problem
from graph.ready import HERE, Ready
from graph.records import IN, OUT
from graph.skip import Skips
from graph.skipper import Skipper, UnderWay
from graph.skipping import Dropped, SkippableCourse
from graph.step import Step
from graph.trace import Trace
from graph.turns import Turns

if TYPE_CHECKING:
    from graph.execute import Executor

BEAT = 0.02
"""Seconds between looks at the cancel event while an async step, which cannot look, is under way."""
WOKEN = -1
"""In the place of an outcome's: nothing has come out, there is something to be looked at."""

Emit = Callable[[Event], None]


class Run:
    """The state of one run; everything goes by the step's place in the plan.

    Only the scheduling thread changes it; lanes read arguments, emit, and put outcomes into a queue.
    """

    def __init__(
        self,
        executor: Executor,
        plan: Plan,
        run_id: str,
        emit: Emit,
        cancel: threading.Event,
        document: Mapping[str, object] | None,
        trace: Trace | None,
        skips: Skips,
    ) -> None:
        self._executor = executor
        self._id = run_id
        self._emit_out = emit
        self._cancel = cancel
        self._course = SkippableCourse(
            plan, known=self._known, equal=executor.cache.same,
            ready=self._make_ready, cached=self._tell_cached,
        )  # fmt: skip
        self._ready = Ready(executor.lane_sizes)
        self._turns = Turns(self._course)
        self._course.lose = self._turns.lose
        self._under_way: dict[int, str] = {}
        self._compared: dict[int, Entry] = {}
        self._stops: dict[int, Callable[[], None]] = {}
        self._outcomes: SimpleQueue[tuple[int, Outcome]] = SimpleQueue()
        skips.heard_by(lambda: self._outcomes.put((WOKEN, Outcome())))
        self._skipper = Skipper(
            skips, self._course, self._turns, self._ready,
            UnderWay(self._under_way, self._compared, self._stops),
            tell=self._tell_skipped, go_on=self._tell_turns,
        )  # fmt: skip
        self._calls = Calls(
            executor, self._course,
            run_id=run_id, emit=self._emit_from_node, cancel=cancel, document=document, trace=trace,
            stopping=self._skipper.stopping, look=self._skipper.look_here,
        )  # fmt: skip
        self._cancelled = False
        self._lock = threading.Lock()
        self._open: set[str] = set()
        self.problems = [problem for problem in plan.problems if problem.severity == "error"]

    def go(self) -> RunStatus:
        """Run until nothing is left that can run."""
        self._emit(RunStarted(self._id))
        self._course.begin()
        while True:
            while self._under_way and not self._outcomes.empty():
                self._settle(*self._outcomes.get())
            self._skipper.look()
            place = None if self._cancel.is_set() else self._dispatch()
            if place is not None:
                self._run_here(place)
            elif self._under_way:
                self._wait()
            elif self._cancel.is_set() or not (self._ready or self._ready.next_stage()):
                break
        if self._cancelled or (self._course.is_left and self._cancel.is_set()):
            return "cancelled"
        return "failed" if self.problems else "succeeded"

    def give_up(self) -> None:
        """Stop what is under way, and wait for it, so that no step outlives its run."""
        self._cancel.set()
        while self._under_way:
            self._stop_async()
            place, _ = self._outcomes.get()
            self._under_way.pop(place, None)

    def finish(self, finished: RunFinished) -> None:
        """Emit the last event; what a straggler still says is dropped."""
        self._executor.cache.history.note(self._course.made())
        with self._lock:
            self._open.clear()
            self._emit_out(finished)

    def _known(self, key: str) -> Found | None:
        cache = self._executor.cache
        found = cache.get(key) or cache.find(key)
        return usable(found, self._executor.folders) if found is not None and found.artifacts else found

    # Handing out

    def _make_ready(self, place: int) -> None:
        step, course = self._course.steps[place], self._course
        node_type = step.node_type
        if place in course.loading:
            lane = "io"
        elif node_type is None or place in course.leaders or place in course.found or step.type == OUT:
            lane = HERE
        elif step.mapped:  # however brief one call is
            lane = node_type.lane
        else:
            lane = self._executor.lane_of(node_type)
        self._ready.add(place, lane, step.stage)

    def _dispatch(self) -> int | None:
        """Hand ready steps to free lanes, in the plan's order; return one to run in this thread."""
        ready = self._ready
        if not ready:
            return None
        if self._under_way:
            if self._executor.fingerprint is not None:
                return None  # one at a time, so that the one that changes an input is the one that is blamed
        elif (only := ready.pop_only()) is not None:
            return only  # nothing could overlap with it
        if not ready.is_all_here:
            for name, place in ready.hand_out():
                self._hand_out(name, place)
        return ready.pop_here()

    def _hand_out(self, name: str, place: int) -> None:
        places = [place, *self._mates(name, place)]
        for each in places:
            self._under_way[each] = HERE
            self._start(each)
        self._under_way[places[-1]] = name  # the lane is free when the last of them is done
        if name == "async":
            self._submit_async(place)
        else:
            values = self._calls.linked(place) if name == "gpu" else ()
            self._executor.lanes[name].submit(partial(self._work, places), values)

    def _mates(self, name: str, place: int) -> list[int]:
        """Steps that wait for the same lane and can be called together with one."""
        steps, most = self._course.steps, self._executor.most_together - 1
        what = alike(steps[place]) if most and place not in self._course.loading else None
        if what is None:
            return []
        return self._ready.join(name, lambda other: alike(steps[other]) == what, most)

    def _start(self, place: int) -> None:
        step = self._course.steps[place]
        if step.id in self._open or place in self._course.loading or step.type == IN:
            return  # it goes on with what it asked for, is cached, or is no node
        self._open.add(step.id)
        self._emit(StepStarted(self._id, step.id, step.instance))

    def _run_here(self, place: int) -> None:
        taken = self._course.taken_over(place)
        if self._turns.ends_at(place):
            self._end_turn(place)
        elif taken is None:
            self._start(place)
            self._skipper.here = place
            outcome = self._make(place)
            self._skipper.here = None
            self._take_in(place, outcome)
        else:
            self._tell_cached(place, taken[1])
            self._course.complete(place, *taken)

    def _work(self, places: Sequence[int]) -> Callable[[], None]:
        """Make steps in a lane; what is returned tells the last outcome, after which the lane is free."""
        together = self._calls.call_together(places) if len(places) > 1 else None
        *others, last = places
        for number, place in enumerate(others):
            self._outcomes.put((place, self._make(place) if together is None else together[number]))
        outcome = self._make(last) if together is None else together[-1]
        return partial(self._outcomes.put, (last, outcome))

    def _submit_async(self, place: int) -> None:
        outcomes = self._outcomes
        work, outcome = self._calls.coroutine(place)
        self._stops[place] = self._executor.async_lane.submit(work, lambda: outcomes.put((place, outcome())))

    def _make(self, place: int) -> Outcome:
        stored = self._course.loading.get(place)
        return self._calls.call(place) if stored is None else self._calls.load(place, stored)

    # Taking back

    def _wait(self) -> None:
        """Wait for an outcome. An async step cannot look at the cancel event: it is cancelled from here."""
        if self._cancel.is_set():
            self._stop_async()
        try:
            timeout = BEAT if self._stops and not self._cancel.is_set() else None
            outcome = self._outcomes.get(timeout=timeout)
        except Empty:
            return
        self._settle(*outcome)

    def _stop_async(self) -> None:
        for stop in self._stops.values():
            stop()
        self._stops.clear()

    def _settle(self, place: int, outcome: Outcome) -> None:
        """Free the lane of a step, and take its outcome in."""
        if place != WOKEN:
            name = self._under_way.pop(place)
            if name != HERE:
                self._ready.done(name)
            self._stops.pop(place, None)
            self._take_in(place, outcome)

    def _take_in(self, place: int, outcome: Outcome) -> None:
        """Keep and tell what was made, or why not."""
        step = self._course.steps[place]
        if place in self._compared:
            if outcome.same_as is not None:
                self._course.same[place] = self._executor.cache.equate(step.key, outcome.same_as)
            entry = self._compared.pop(place)
            self._course.complete(place, entry.outputs, entry.artifacts)
            return
        if place in self._course.loading:
            self._loaded(place, self._course.loading.pop(place), outcome)
            return
        if place in self._skipper.stopping and self._skipper.has_stopped(place, outcome):
            return
        if outcome.wanted is not None:
            skipped = self._course.bring(place, outcome.wanted)
            if skipped is not None:
                self._skipper.drop([Dropped(place, skipped)])
            return
        if outcome.zone is not None:
            self._go_on(place, self._turns.begin(place, outcome.zone))
            return
        self._open.discard(step.id)
        if outcome.cancelled:
            self._cancelled = True
            self._cancel.set()
        elif outcome.problem is not None:
            self._fail(place, step, _of_item(outcome.problem) if step.type == IN else outcome.problem)
        elif step.type == IN:
            self._course.complete(place, outcome.outputs, ())
        else:
            self._keep(place, step, outcome)

    def _fail(self, place: int, step: Step, problem: Problem) -> None:
        self.problems.append(problem)
        self._emit(StepFailed(self._id, step.id, problem, step.instance))
        self._executor.cache.history.lose(step.key, FAILED)
        if problem.code == CODE:  # what it changed is no longer what its key says
            for link in step.links:
                self._executor.cache.discard(self._course.steps[self._course.places[link.source]].key)
        self._course.abandon(place)
        for zone in self._turns.lost():
            around = self._course.steps[zone]
            self._open.discard(around.id)
            self._emit(StepFailed(self._id, around.id, problem, around.instance))

    def _keep(self, place: int, step: Step, outcome: Outcome) -> None:
        executor, node_type = self._executor, self._course.type_of(place)
        if not step.mapped:
            executor.learn(node_type, outcome.seconds)
        if outcome.artifacts and executor.folders is not None:
            outcome.artifacts = executor.folders.noted(outcome.artifacts)
        entry = Entry(outcome.outputs, outcome.artifacts, outcome.seconds)
        # Asked before it is stored: the disk then notes this result as the node's last.
        compares = place in self._course.consumers and not self._course.is_grafted(place)
        last = last_result(executor.cache, step) if compares else None
        executor.cache.put(step.key, entry)
        if node_type.repeats:
            executor.cache.store(step.key, entry, step.made_of)
        made = (outcome.seconds, outcome.artifacts, step.instance, entry.bytes, outcome.memory)
        self._emit(StepFinished(self._id, step.id, *made))
        if last is None or not self._compare(place, entry, *last):
            self._course.complete(place, outcome.outputs, outcome.artifacts)

    # Zones

    def _go_on(self, place: int, outcome: Outcome | None) -> None:
        """Take in what became of a zone, if it is over."""
        if outcome is None:
            return
        if outcome.lacks is None:
            self._take_in(place, outcome)
        else:
            self._skipper.drop([Dropped(place, self._course.places[outcome.lacks])])

    def _end_turn(self, last: int) -> None:
        zone = self._turns.end(last, self._calls.gathered)
        if zone is not None:
            self._tell_turns(zone)

    def _tell_turns(self, place: int) -> None:
        """Tell how many turns of a zone are done, and go on with it."""
        done, total = self._turns.count(place)
        self._emit(StepProgress(self._id, self._course.steps[place].id, done, total))
        self._go_on(place, self._turns.advance(place))

    # Early cut-off

    def _compare(self, place: int, entry: Entry, key: str, found: Found) -> bool:
        """Look whether this is what the node made the last time; True if the answer comes later."""
        cache = self._executor.cache
        if entry.bytes <= AT_ONCE_BYTES:
            if is_same(found, entry, cache.codec):
                self._course.same[place] = cache.equate(self._course.steps[place].key, key)
            return False
        self._compared[place] = entry
        self._under_way[place] = HERE
        self._executor.lanes["io"].submit(partial(self._look, place, key, found, entry))
        return True

    def _look(self, place: int, key: str, found: Found, entry: Entry) -> None:
        same = is_same(found, entry, self._executor.cache.codec)
        self._outcomes.put((place, Outcome(same_as=key if same else None)))

    # From the disk

    def _loaded(self, place: int, stored: Stored, outcome: Outcome) -> None:
        if outcome.lost:
            self._course.revive(place)
            return
        entry = Entry(outcome.outputs, stored.artifacts, stored.seconds, made=stored.made)
        self._executor.cache.put(stored.key, entry)
        self._course.complete(place, outcome.outputs, outcome.artifacts)

    # Telling

    def _tell_cached(self, place: int, artifacts: Sequence[Artifact]) -> None:
        step = self._course.steps[place]
        self._emit(StepCached(self._id, step.id, tuple(artifacts), step.instance))

    def _tell_skipped(self, place: int, because: int | None) -> None:
        step, needs = (
            self._course.steps[place],
            self._course.steps[because].id if because is not None else None,
        )
        self._open.discard(step.id)
        if step.type not in (IN, OUT):
            self._executor.cache.history.lose(step.key, SKIPPED)
            self._emit(StepSkipped(self._id, step.id, needs, step.instance))

    def _emit(self, event: Event) -> None:
        with self._lock:
            self._emit_out(event)

    def _emit_from_node(self, event: FromNode) -> None:
        with self._lock:
            if event.step in self._open:
                self._emit_out(event)


def _of_item(problem: Problem) -> Problem:
    """That an item cannot be made, told of the zone that takes it."""
    node = (problem.node or "").rpartition("/")[0]
    return replace(problem, node=node, message=f"an item that leads into it: {problem.message}")
