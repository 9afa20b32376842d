"""A run's calls: what a step is called with, in whichever lane; nothing here changes the run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence, Set
from functools import partial
from typing import TYPE_CHECKING, Any

from graph.axes import Instance
from graph.batching import call_batch
from graph.call import Gather, Outcome, call, call_async, failed, gather, kept_from
from graph.context import Context, MadeBy, NodeError
from graph.disk import Torn
from graph.entry import Stored
from graph.events import FromNode
from graph.items import Items
from graph.lock import made_by
from graph.mapping import call_each, call_each_async
from graph.nodetype import NodeType
from graph.returned import Returned, holds_wires
from graph.skip import Flag, StepFlag
from graph.step import Step
from graph.sweep import document_at
from graph.trace import ASYNC, Trace
from graph.zones import zone_of

if TYPE_CHECKING:
    from graph.course import Course
    from graph.execute import Executor


class Calls:
    """Calls steps by their place in the plan, with what the run holds; any lane may use it."""

    def __init__(
        self,
        executor: Executor,
        course: Course,
        *,
        run_id: str,
        emit: Callable[[FromNode], None],
        cancel: threading.Event,
        document: Mapping[str, object] | None,
        trace: Trace | None,
        stopping: Set[int],
        look: Callable[[], None],
    ) -> None:
        """`stopping` are steps that are skipped while they work; `look` takes in what is to be skipped."""
        self._executor, self._course = executor, course
        self._stopping, self._look = stopping, look
        self._run_id, self._emit, self._cancel, self._document = run_id, emit, cancel, document
        self._trace = trace
        self._bare = self._new_context("", None, MadeBy, cancel)
        """Enough for functions that do not ask for a context."""

    def call(self, place: int) -> Outcome:
        """Call a step in this thread; what takes longer than measuring is measured."""
        if place in self._stopping:
            return Outcome(cancelled=True)
        step, node_type = self._course.steps[place], self._course.type_of(place)
        if node_type.subgraph is not None:
            return self._zone(step, node_type)
        meter = None if self._executor.is_brief(node_type) else self._executor.meter
        began = self._trace.now() if self._trace is not None else 0.0
        if meter is not None:
            meter.begin()
        fingerprint = self._executor.fingerprint
        gathered, context = self._gather(place), self._context(place)
        if step.mapped:
            outcome = call_each(step, node_type, gathered, context, fingerprint, self._items(place))
        else:
            outcome = call(step, node_type, gathered, context, fingerprint)
        if meter is not None:
            outcome.memory = meter.end()
        if holds_wires(outcome.outputs):
            outcome = self._returned(step, outcome, gathered, context)
        if self._trace is not None:
            self._trace.span(step.id, "step", began, memory=outcome.memory, type=step.type)
        return outcome

    def call_together(self, places: Sequence[int]) -> list[Outcome] | None:
        """Call steps that are alike as one batch; None where they are to be called one by one."""
        steps = [self._course.steps[place] for place in places]
        meter, trace = self._executor.meter, self._trace
        began = trace.now() if trace is not None else 0.0
        if meter is not None:
            meter.begin()
        contexts = [self._context(place) for place in places]
        made = call_batch(steps, self._course.type_of(places[0]), self._gather(places[0]), contexts)
        memory = meter.end() if meter is not None else None
        for outcome in made or ():
            outcome.memory = memory
        if trace is not None and made is not None:
            ids = [step.id for step in steps]
            trace.span(ids[0], "batch", began, memory=memory, type=steps[0].type, steps=ids)
        return made

    def coroutine(self, place: int) -> tuple[Coroutine[object, object, None], Callable[[], Outcome]]:
        """What awaits an async step, and what says afterwards what became of it."""
        outcome = Outcome(cancelled=True)  # of a task that is cancelled before it starts

        async def work() -> None:
            nonlocal outcome
            step, node_type = self._course.steps[place], self._course.type_of(place)
            gathered, context = self._gather(place), self._context(place)
            began = self._trace.now() if self._trace is not None else 0.0
            fingerprint = self._executor.fingerprint
            if step.mapped:
                items = self._items(place)
                outcome = await call_each_async(step, node_type, gathered, context, fingerprint, items)
            else:
                outcome = await call_async(step, node_type, gathered, context, fingerprint)
            if holds_wires(outcome.outputs):
                outcome = self._returned(step, outcome, gathered, context)
            if self._trace is not None:
                self._trace.span(step.id, "step", began, lane=ASYNC, type=step.type)

        return work(), lambda: outcome

    def _zone(self, step: Step, node_type: NodeType) -> Outcome:
        """A zone with what leads into it, to be run turn by turn."""
        assert node_type.subgraph is not None  # it is a zone
        context = self._new_context(step.id, step.instance, MadeBy, self._cancel)
        try:
            arguments = gather(step, node_type, self._value)
            if (blocked := kept_from(step, node_type, arguments)) is not None:
                return blocked
            return Outcome(zone=zone_of(step, node_type.subgraph, arguments, context))
        except BaseException as error:
            return failed(step, error, context)

    def _returned(self, step: Step, outcome: Outcome, gathered: Gather, context: Context) -> Outcome:
        """The graph that a node has returned, to be run in its place."""
        try:
            if step.mapped:
                raise NodeError("it returns a graph for an item of a list", remedy="Put it into a map.")
            setting = self._course.plan.setting
            assert setting is not None  # plans that are run are made by `plan`
            return Outcome(zone=Returned(step, outcome.outputs, outcome.artifacts, gathered(), setting))
        except BaseException as error:
            return failed(step, error, context)

    def linked(self, place: int) -> list[object]:
        """The values that links bring to a step, as they are."""
        course = self._course
        sources = [(course.places[link.source], link.position) for link in course.steps[place].links]
        return [course.holding.outputs(source)[at] for source, at in sources if course.holding.has(source)]

    def gathered(self, place: int) -> dict[str, Any]:
        """What leads into a step, as it takes it."""
        return self._gather(place)()

    def load(self, place: int, stored: Stored) -> Outcome:
        """Load a step's result from the disk."""
        began = self._trace.now() if self._trace is not None else 0.0
        outcome = self._loaded(stored)
        if self._trace is not None:
            step = self._course.steps[place]
            self._trace.span(step.id, "load", began, type=step.type, bytes=stored.bytes, lost=outcome.lost)
        return outcome

    def _loaded(self, stored: Stored) -> Outcome:
        disk = self._executor.cache.disk
        try:
            outputs = disk.load(stored) if disk is not None else ()
        except Torn:
            return Outcome(lost=True)
        return Outcome(outputs, stored.artifacts, stored.seconds)

    def _gather(self, place: int) -> Callable[[], dict[str, Any]]:
        return partial(gather, self._course.steps[place], self._course.type_of(place), self._value)

    def _value(self, step_id: str, position: int) -> object:
        course = self._course
        return course.holding.outputs(course.places[step_id])[position]

    def _items(self, place: int) -> Items:
        """The items of a mapped step; while calls are checked, each is made anew, and a sink shows all."""
        executor, node_type = self._executor, self._course.type_of(place)
        keeps = node_type.repeats and not node_type.sink and executor.fingerprint is None
        return Items(self._course.steps[place], executor.cache if keeps else None, executor.folders)

    def _context(self, place: int) -> Context:
        step, node_type = self._course.steps[place], self._course.type_of(place)
        if node_type.context is None and node_type.style == "plain" and not step.mapped:
            return self._bare
        made = partial(made_by, self._course.steps, self._course.places, place)
        flag = StepFlag(place, self._stopping, self._cancel, self._look)
        return self._new_context(step.id, step.instance, made, flag)

    def _new_context(
        self, node_id: str, instance: Instance | None, made_by: Callable[[], MadeBy], cancel: Flag
    ) -> Context:
        return Context(
            node_id=node_id,
            run_id=self._run_id,
            emit=self._emit,
            cancel=cancel,
            folders=self._executor.folders,
            document=document_at(self._document, instance),
            services=self._executor.services,
            instance=instance,
            made_by=made_by,
        )
