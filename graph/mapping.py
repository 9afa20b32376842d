"""Mapping: a step into which lists lead item by item is called once for each, and makes lists of its outputs.

Lists are zipped: item k of one goes with item k of the others. The longest says how many calls there are;
shorter ones repeat their last item, so that a single value goes with all.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from graph.artifacts import Blocked
from graph.call import Gather, Outcome, call, call_async, failed, fitted, kept_from
from graph.context import Context
from graph.frozen import Fingerprint, give_copies
from graph.items import Items
from graph.lists import LISTS, Each, Keyed
from graph.nodetype import NodeType
from graph.plan import Step
from graph.sockets import Lazy

TOLD = 100
"""How often a mapped step tells its progress between items, at most."""


def call_each(
    step: Step,
    node_type: NodeType,
    gathered: Gather,
    context: Context,
    fingerprint: Fingerprint | None,
    items: Items,
) -> Outcome:
    """Call a mapped step's function for every item in this thread. Never raises."""
    calls = _Calls(step, node_type, context, items)
    calls.begin(gathered)
    while calls.ended is None:
        calls.take(call(step, node_type, calls.gather, calls.context, fingerprint))
    return calls.ended


async def call_each_async(
    step: Step,
    node_type: NodeType,
    gathered: Gather,
    context: Context,
    fingerprint: Fingerprint | None,
    items: Items,
) -> Outcome:
    """Await a mapped step's function for every item on this loop. Never raises."""
    calls = _Calls(step, node_type, context, items)
    calls.begin(gathered)
    while calls.ended is None:
        calls.take(await call_async(step, node_type, calls.gather, calls.context, fingerprint))
    return calls.ended


class _Calls:
    """The calls of one mapped step, one after the other; `ended` is what became of all of them."""

    def __init__(self, step: Step, node_type: NodeType, context: Context, items: Items) -> None:
        self.ended: Outcome | None = None
        self.context = context
        self._step, self._node_type, self._whole = step, node_type, context
        self._arguments: Mapping[str, Any] = {}
        self._items = items
        self._made: list[Outcome] = []
        self._keys: list[str] = []
        self._count = self._shown = 0
        self._started = time.perf_counter()

    def begin(self, gathered: Gather) -> None:
        try:
            arguments = gathered()
        except BaseException as error:
            self.ended = failed(self._step, error, self._whole)
            return
        self._arguments = arguments
        self.ended = kept_from(self._step, self._node_type, arguments)
        if self.ended is None:
            lengths = {name: len(each.items) for name, each in arguments.items() if isinstance(each, Each)}
            self._count = 0 if 0 in lengths.values() else max(lengths.values())
            warn_of_lengths(self._whole, self._step.type, lengths)
            self._next()

    def take(self, outcome: Outcome) -> None:
        """Take in what became of one item, and go on to the next."""
        if outcome.problem is not None:
            message = f"{outcome.problem.message} (item {len(self._made) + 1} of {self._count})"
            self.ended = Outcome(problem=replace(outcome.problem, message=message))
        elif outcome.cancelled or outcome.wanted is not None:
            self.ended = outcome
        else:
            self._items.keep(self._keys[-1], outcome)
            self._done(outcome)
            self._next()

    def _done(self, outcome: Outcome) -> None:
        self._made.append(outcome)
        self._shown += len(outcome.artifacts)
        done = len(self._made)
        if done * TOLD // self._count != (done - 1) * TOLD // self._count:
            self._whole.progress(done, self._count)

    def gather(self) -> dict[str, Any]:
        """The arguments of the call of the next item."""
        place = len(self._made)
        arguments = dict(self._arguments)
        for name, value in self._arguments.items():
            if isinstance(value, Each):
                item = value.items[min(place, len(value.items) - 1)]
                given = self._node_type.inputs_by_name.get(name)
                if not isinstance(item, Blocked):
                    item = fitted(self._step, given, value.link, item)
                    item = Lazy(partial(_same, item)) if given is not None and given.lazy else item
                arguments[name] = item
        give_copies(arguments, self._node_type.mutates)
        return arguments

    def _next(self) -> None:
        """Go on to the next item that is not known, or to the end."""
        for place in range(len(self._made), self._count):
            if self._whole.cancelled:
                self.ended = Outcome(cancelled=True)
                return
            self._keys.append(self._items.key(self._arguments, place))
            known = self._items.known(self._keys[-1])
            if known is None:
                self.context = self._whole.at_item(place, self._count, self._shown)
                return
            self._done(known)
        self.ended = self._joined()

    def _joined(self) -> Outcome:
        """The outputs of all items as lists, the artifacts in their order."""
        outputs = tuple(self._output(place) for place in range(len(self._node_type.outputs)))
        artifacts = tuple(artifact for outcome in self._made for artifact in outcome.artifacts)
        return Outcome(outputs, artifacts, time.perf_counter() - self._started)

    def _output(self, place: int) -> Keyed:
        """One output of all items; lists are joined."""
        declared = self._node_type.outputs[place]
        items: list[object] = []
        keys: list[str] = []
        for key, outcome in zip(self._keys, self._made, strict=True):
            made = outcome.outputs[place]
            several = list(made) if declared.list and isinstance(made, LISTS) else [made]
            items += several
            keys += (f"{key}.{declared.name!r}[{number}]" for number in range(len(several)))
        return Keyed(items, keys)


def warn_of_lengths(context: Context, where: str, lengths: Mapping[str, int]) -> None:
    """Tell what is likely a mistake: lists of different lengths, and empty ones."""
    for name in [name for name, length in lengths.items() if not length]:
        message = f"{where}.{name} is an empty list, so {where} is not called"
        context.warn(message, code="empty_list", input=name)
    if 0 not in lengths.values() and len(set(lengths.values()) - {1}) > 1:
        shown = ", ".join(f"{name} has {length} items" for name, length in lengths.items())
        message = f"{where}: {shown}; shorter lists repeat their last item"
        remedy = "Give lists of the same length, or make all combinations with ListCross."
        context.warn(message, code="lists_differ", remedy=remedy)


def _same(value: object) -> object:
    return value
