"""One run of a plan: hands ready steps to lanes, takes their outcomes, and lets values go after use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from graph.artifacts import Artifact
from graph.call import Outcome
from graph.calls import Calls
from graph.check import Checked
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
    StepStarted,
)
from graph.fate import decide
from graph.frozen import CODE
from graph.history import FAILED
from graph.holding import Holding
from graph.plan import Plan, usable
from graph.ready import HERE, Ready

if TYPE_CHECKING:
    from graph.execute import Executor

BEAT = 0.02
"""Seconds between looks at the cancel event while an async step, which cannot look, is under way."""

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
    ) -> None:
        self._executor = executor
        self._id = run_id
        self._emit_out = emit
        self._cancel = cancel
        self._plan = plan
        self._steps = plan.steps
        self._places = {step.id: place for place, step in enumerate(plan.steps)}
        self._holding = Holding(len(plan.steps))
        self._calls = Calls(
            executor, plan, self._places, self._holding,
            run_id=run_id, emit=self._emit_from_node, cancel=cancel, document=document,
        )  # fmt: skip
        self._sources: dict[int, Sequence[int]] = {}
        self._lacking: dict[int, int] = {}
        self._consumers: dict[int, list[int]] = {}
        self._leaders: dict[int, int] = {}
        self._artifacts: dict[int, tuple[Artifact, ...]] = {}
        self._ready = Ready(executor.lane_sizes)
        self._under_way: dict[int, str] = {}
        self._loading: dict[int, Stored] = {}
        """Results on disk that something needs."""
        self._stops: dict[int, Callable[[], None]] = {}
        self._outcomes: SimpleQueue[tuple[int, Outcome]] = SimpleQueue()
        self._cancelled = False
        self._lock = threading.Lock()
        self._open: set[str] = set()
        self._unmade: set[int] = set()
        self._dormant: set[int] = set()
        self.problems = [problem for problem in plan.problems if problem.severity == "error"]

    def go(self) -> RunStatus:
        """Run until nothing is left that can run."""
        self._emit(RunStarted(self._id))
        self._prepare()
        while True:
            while self._under_way and not self._outcomes.empty():
                self._settle(*self._outcomes.get())
            place = None if self._cancel.is_set() else self._dispatch()
            if place is not None:
                self._run_here(place)
            elif self._under_way:
                self._wait()
            elif self._cancel.is_set() or not (self._ready or self._ready.next_stage()):
                break
        if self._cancelled or (self._sources and self._cancel.is_set()):
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
        self._executor.cache.history.note(self._made())
        with self._lock:
            self._open.clear()
            self._emit_out(finished)

    # Before the first step: what is known, what runs, and who waits for whom

    def _prepare(self) -> None:
        steps, places = self._steps, self._places
        targets = [places[target] for target in self._plan.targets if steps[places[target]].key]
        fates = decide(steps, places, targets, self._known)
        for place, fate in enumerate(fates):
            step = steps[place]
            if fate.asker is not None:
                self._dormant.add(place)
            if fate.same_as is not None:
                self._leaders[place] = fate.same_as
                self._sources[place] = (fate.same_as,)
            elif fate.runs and step.key:
                self._sources[place] = [places[link.source] for link in step.links]
            elif step.key:
                artifacts = fate.entry.artifacts if fate.entry is not None else ()
                self._emit(StepCached(self._id, step.id, artifacts, step.instance))
        self._recall(
            {place: fate.entry for place, fate in enumerate(fates) if isinstance(fate.entry, Stored)}
        )
        for place, sources in self._sources.items():
            self._depend(place, sources)
        for place, fate in enumerate(fates):
            if isinstance(fate.entry, Entry):
                self._holding.keep(place, fate.entry.outputs)
        for place in [place for place in self._sources if not self._lacking[place]]:
            if place not in self._dormant:
                self._make_ready(place)

    def _depend(self, place: int, sources: Sequence[int]) -> None:
        """Announce all uses, and wait for what is not lazy."""
        for source in sources:
            self._holding.expect(source)
        self._lacking[place] = self._await(place, self._eager(place))

    def _eager(self, place: int) -> Sequence[int]:
        """The sources without which a step cannot be called."""
        sources = self._sources[place]
        if place in self._leaders or place in self._loading or not self._calls.type_of(place).has_lazy:
            return sources
        links = self._steps[place].links
        return [source for source, link in zip(sources, links, strict=True) if not link.lazy]

    def _await(self, place: int, sources: Iterable[int]) -> int:
        """Have a step wait for those of its sources that are not made; returns how many these are."""
        lacking = 0
        for source in sources:
            if source in self._sources:
                self._consumers.setdefault(source, []).append(place)
                lacking += 1
        return lacking

    def _known(self, place: int) -> Found | None:
        cache, key = self._executor.cache, self._steps[place].key
        found = cache.get(key) or cache.find(key)
        return usable(found, self._executor.folders) if found is not None and found.artifacts else found

    # Handing out

    def _make_ready(self, place: int) -> None:
        self._ready.add(place, self._lane(place), self._steps[place].stage)

    def _lane(self, place: int) -> str:
        if place in self._loading:
            return "io"
        node_type = self._calls.type_of(place)
        brief = node_type.lane != "async" and self._executor.is_brief(node_type)
        return HERE if brief or place in self._leaders else node_type.lane

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
        self._under_way[place] = name
        self._start(place)
        if name == "async":
            self._submit_async(place)
        else:
            self._executor.lanes[name].submit(partial(self._work, place))

    def _start(self, place: int) -> None:
        step = self._steps[place]
        if step.id in self._open or place in self._loading:  # it goes on with what it asked for, or is cached
            return
        self._open.add(step.id)
        self._emit(StepStarted(self._id, step.id, step.instance))

    def _run_here(self, place: int) -> None:
        leader = self._leaders.get(place)
        if leader is None:
            self._start(place)
            self._settle(place, self._make(place))
            return
        artifacts = self._artifacts.get(leader, ())
        step = self._steps[place]
        self._emit(StepCached(self._id, step.id, artifacts, step.instance))
        self._complete(place, self._holding.outputs(leader), artifacts)

    def _work(self, place: int) -> None:
        self._outcomes.put((place, self._make(place)))

    def _submit_async(self, place: int) -> None:
        outcomes = self._outcomes
        work, outcome = self._calls.coroutine(place)
        self._stops[place] = self._executor.async_lane.submit(work, lambda: outcomes.put((place, outcome())))

    def _make(self, place: int) -> Outcome:
        stored = self._loading.get(place)
        return self._calls.call(place) if stored is None else self._calls.load(stored)

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
        """Take an outcome in: keep and tell what was made, or why not."""
        step = self._steps[place]
        name = self._under_way.pop(place, HERE)
        if name != HERE:
            self._ready.done(name)
        self._stops.pop(place, None)
        if place in self._loading:
            self._loaded(place, self._loading.pop(place), outcome)
            return
        if outcome.wanted is not None:
            self._bring(place, outcome.wanted)
            return
        self._open.discard(step.id)
        if outcome.cancelled:
            self._cancelled = True
            self._cancel.set()
        elif outcome.problem is not None:
            self.problems.append(outcome.problem)
            self._emit(StepFailed(self._id, step.id, outcome.problem, step.instance))
            self._executor.cache.history.lose(step.key, FAILED)
            if outcome.problem.code == CODE:  # what it changed is no longer what its key says
                for link in step.links:
                    self._executor.cache.discard(self._steps[self._places[link.source]].key)
            self._abandon(place)
        else:
            self._executor.learn(self._calls.type_of(place), outcome.seconds)
            entry = Entry(outcome.outputs, outcome.artifacts, outcome.seconds)
            self._executor.cache.put(step.key, entry)
            if self._calls.type_of(place).repeats:
                self._executor.cache.store(step.key, entry)
            self._emit(StepFinished(self._id, step.id, outcome.seconds, outcome.artifacts, step.instance))
            self._complete(place, outcome.outputs, outcome.artifacts)

    def _complete(self, place: int, outputs: tuple[object, ...], artifacts: tuple[Artifact, ...]) -> None:
        self._holding.keep(place, outputs)
        if artifacts:
            self._artifacts[place] = artifacts
        for consumer in self._consumers.get(place, ()):
            self._lacking[consumer] -= 1
            if not self._lacking[consumer] and consumer in self._sources and consumer not in self._dormant:
                self._make_ready(consumer)
        self._release(place)

    def _bring(self, place: int, name: str) -> None:
        """Have the sources of a lazy input made, then call the step that asked for it again."""
        sources = [self._places[link.source] for link in self._steps[place].links if link.input == name]
        if not self._unmade.isdisjoint(sources):
            self._abandon(place)
            return
        self._lacking[place] = self._await(place, sources)
        if not self._lacking[place]:
            self._make_ready(place)
        self._wake(sources)

    def _wake(self, sources: list[int]) -> None:
        """Have sources made that slept, and what they need."""
        while sources:
            current = sources.pop()
            if current in self._dormant:
                self._dormant.remove(current)
                if not self._lacking[current]:
                    self._make_ready(current)
                sources += self._eager(current)

    # From the disk

    def _recall(self, stored: dict[int, Stored]) -> None:
        """Have what lies on disk loaded, where a step that runs needs it, or when one asks for it."""
        for place in list(self._sources) if stored else ():
            eager = self._eager(place) if place not in self._dormant else ()
            for source in self._sources[place]:
                if source in eager:
                    self._dormant.discard(source)
                elif source in stored and source not in self._loading:
                    self._dormant.add(source)
                if source in stored:
                    self._loading[source] = stored[source]
        self._sources.update((place, ()) for place in self._loading)

    def _loaded(self, place: int, stored: Stored, outcome: Outcome) -> None:
        if outcome.lost:
            self._revive(place)
            return
        entry = Entry(outcome.outputs, stored.artifacts, stored.seconds, made=stored.made)
        self._executor.cache.put(stored.key, entry)
        self._complete(place, outcome.outputs, outcome.artifacts)

    def _revive(self, place: int) -> None:
        """Have a step run whose result was on disk and is not: it needs what was thought not to be needed."""
        revived, waiting = [place], [place]
        while waiting:
            current = waiting.pop()
            sources = [self._places[link.source] for link in self._steps[current].links]
            self._sources[current] = sources
            for source in sources:
                self._holding.expect(source)
                if source in self._sources or source in self._unmade or self._holding.has(source):
                    continue
                found = self._known(source)
                if isinstance(found, Entry):
                    self._holding.keep(source, found.outputs)
                    continue
                self._sources[source] = ()
                revived.append(source)
                if found is None:
                    waiting.append(source)
                else:
                    self._loading[source] = found
        for current in revived:
            sources = list(self._sources[current])
            self._lacking[current] = self._await(current, sources)
            if not self._unmade.isdisjoint(sources):
                self._abandon(current)
            elif not self._lacking[current]:
                self._make_ready(current)
            self._wake([source for source in sources if source in self._dormant])

    def _made(self) -> list[Checked]:
        """What was known or made: the rest has failed, or still waits."""
        left = self._sources.keys() | self._unmade
        return [
            step.made_of
            for place, step in enumerate(self._steps)
            if step.made_of is not None and place not in left
        ]

    def _abandon(self, place: int) -> None:
        """Give up a step and all that needs it, and let go what only they would have used."""
        waiting = [place]
        while waiting:
            current = waiting.pop()
            if current in self._sources:
                self._unmade.add(current)
                self._dormant.discard(current)
                self._release(current)
                waiting += self._consumers.get(current, ())

    def _release(self, place: int) -> None:
        """Count its uses done; what slept for it alone will not be asked for."""
        waiting = [place]
        while waiting:
            for source in self._sources.pop(waiting.pop()):
                if not self._holding.used(source) and source in self._dormant:
                    self._dormant.remove(source)
                    self._unmade.add(source)
                    waiting.append(source)

    # Telling

    def _emit(self, event: Event) -> None:
        with self._lock:
            self._emit_out(event)

    def _emit_from_node(self, event: FromNode) -> None:
        with self._lock:
            if event.step in self._open:
                self._emit_out(event)
