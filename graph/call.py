"""Calls: one step's function called with its arguments; whatever happens comes back as data."""

from __future__ import annotations

import asyncio
import errno
import inspect
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graph.artifacts import Artifact, Blocked, Shown
from graph.checked import StepLink
from graph.context import Cancelled, Context, NodeError
from graph.curves import Curve
from graph.frozen import Fingerprint, Watch, give_copies
from graph.lists import LISTS, Deferred, Each, Keyed
from graph.nodetype import NodeType
from graph.plan import Step
from graph.problems import Problem, scalar, words
from graph.sockets import Input, Lazy
from graph.widgets import Refused

if TYPE_CHECKING:
    from graph.zones import Zone

MOST_DETAILS = 20_000
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
NOT_WRITABLE = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
OUR_CODE = str(Path(__file__).parent)


@dataclass(slots=True)
class Outcome:
    """What became of a call: outputs and artifacts, or a Problem, or neither where it was cancelled."""

    outputs: tuple[object, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    seconds: float = 0.0
    memory: Mapping[str, int] | None = None
    """The most that the program held meanwhile, in bytes by tier, where it was measured."""
    problem: Problem | None = None
    cancelled: bool = False
    wanted: str | None = None
    """The lazy input that was asked for and is not there yet."""
    lost: bool = False
    """Whether what was to be loaded from disk is not there."""
    same_as: str | None = None
    """The key of an earlier result with the same content, of a result that was compared."""
    zone: Zone | None = None
    """What is to be run in the step's place, turn by turn."""
    lacks: str | None = None
    """Of a zone, the end of the first turn that was skipped."""

    @property
    def is_whole(self) -> bool:
        """Whether it is all that the step makes."""
        return self.problem is None and not self.cancelled and self.wanted is None and self.zone is None


Gather = Callable[[], dict[str, Any]]
ValueOf = Callable[[str, int], object]
"""What a step id's output at a position is; LookupError where it is not made yet."""


class Wanted(BaseException):
    """Ends a call that asks for a lazy input which is not there yet; it is called again when it is."""


class WrongResult(Exception):
    """A node that does not return what its annotation says."""


def gather(step: Step, node_type: NodeType, value_of: ValueOf) -> dict[str, Any]:
    """A step's arguments: its literals and, by `value_of(step id, position)`, what its links bring."""
    arguments = dict(step.literals)
    lazy: dict[str, list[StepLink]] = {}
    for link in step.links:
        if link.plain:
            arguments[link.input] = value_of(link.source, link.position)
        elif link.lazy:
            lazy.setdefault(link.input, []).append(link)
        else:
            _arrive(arguments, step, node_type.inputs_by_name.get(link.input), link, value_of)
    for name, links in lazy.items():
        arguments[name] = Lazy(partial(_ask, step, node_type.inputs_by_name[name], links, value_of))
    if node_type.mutates and not step.mapped:
        give_copies(arguments, node_type.mutates)
    return arguments


def _arrive(
    arguments: dict[str, Any], step: Step, given: Input | None, link: StepLink, value_of: ValueOf
) -> None:
    """Put what a link brings among the arguments, as the input takes it."""
    value = value_of(link.source, link.position)
    if isinstance(value, Blocked) or isinstance(arguments.get(link.input), Blocked):
        arguments[link.input] = value if isinstance(value, Blocked) else arguments[link.input]
        return
    if link.each and isinstance(value, LISTS):
        arguments[link.input] = Each(link, value)
        return
    if given is not None and given.list:
        if link.spread and link.input not in arguments and _goes_whole(value, link):
            arguments[link.input] = value
            return
        arriving = list(value) if link.spread and isinstance(value, LISTS) else [value]
        arriving = [fitted(step, given, link, item) for item in arriving if not isinstance(item, Blocked)]
        before = arguments.get(link.input)
        arguments[link.input] = [*before, *arriving] if isinstance(before, LISTS) else arriving
    else:
        arguments[link.input] = fitted(step, given, link, value)


def _goes_whole(value: object, link: StepLink) -> bool:
    """Whether a list arrives as it is, with what its items are known by."""
    if link.conversion is not None or not isinstance(value, Keyed | Deferred):
        return False
    return isinstance(value, Deferred) or not any(isinstance(item, Blocked) for item in value)


def fitted(step: Step, given: Input | None, link: StepLink, value: Any) -> Any:
    """A value as a declared input takes it: converted, and by the rules of its widget."""
    if link.conversion is not None:
        value = link.conversion.convert(value)
    if given is not None and given.widget is not None and isinstance(value, str | int | float | Curve):
        value = _checked(step, link.input, given.widget.canonical, value)
    return value


def _ask(step: Step, given: Input, links: Sequence[StepLink], value_of: ValueOf) -> object:
    """The value of a lazy input, or Wanted where one of its sources is not made yet."""
    arguments: dict[str, Any] = {}
    for link in links:
        try:
            value_of(link.source, link.position)
        except LookupError:
            raise Wanted(given.name) from None
        _arrive(arguments, step, given, link, value_of)
    return arguments[given.name]


def _checked(step: Step, name: str, canonical: Callable[[object, None], object], value: object) -> object:
    try:
        return canonical(value, None)
    except Refused as refused:
        raise NodeError(
            refused.reason + ", which a link brought", code=refused.code, input=name, remedy=refused.remedy
        ) from None


def call(
    step: Step,
    node_type: NodeType,
    gathered: Gather,
    context: Context,
    fingerprint: Fingerprint | None = None,
) -> Outcome:
    """Call a step's function in this thread. Never raises. A fingerprint checks that inputs stay the same."""
    if fingerprint is None:
        return _call(step, node_type, gathered, context)
    watch = Watch(fingerprint, node_type.mutates)
    outcome = _call(step, node_type, partial(watch.over, gathered), context)
    return _judged(step, watch, outcome)


def _call(step: Step, node_type: NodeType, gathered: Gather, context: Context) -> Outcome:
    started = time.perf_counter()
    try:
        arguments = gathered()
        if (blocked := kept_from(step, node_type, arguments)) is not None:
            return blocked
        value = node_type.run(**_with_context(node_type, arguments, context))
        if node_type.style == "generator":
            value = _drain(node_type, value, context)
        outputs, artifacts = unpack(node_type, value)
    except BaseException as error:
        return failed(step, error, context)
    return Outcome(outputs, artifacts, time.perf_counter() - started)


async def call_async(
    step: Step,
    node_type: NodeType,
    gathered: Gather,
    context: Context,
    fingerprint: Fingerprint | None = None,
) -> Outcome:
    """Await a step's function on this loop. Never raises."""
    if fingerprint is None:
        return await _call_async(step, node_type, gathered, context)
    watch = Watch(fingerprint, node_type.mutates)
    outcome = await _call_async(step, node_type, partial(watch.over, gathered), context)
    return _judged(step, watch, outcome)


async def _call_async(step: Step, node_type: NodeType, gathered: Gather, context: Context) -> Outcome:
    started = time.perf_counter()
    try:
        arguments = gathered()
        if (blocked := kept_from(step, node_type, arguments)) is not None:
            return blocked
        value = node_type.run(**_with_context(node_type, arguments, context))
        if inspect.isasyncgen(value):
            value = await _drain_async(node_type, value, context)
        else:
            value = await value
        outputs, artifacts = unpack(node_type, value)
    except BaseException as error:
        return failed(step, error, context)
    return Outcome(outputs, artifacts, time.perf_counter() - started)


def kept_from(step: Step, node_type: NodeType, arguments: dict[str, Any]) -> Outcome | None:
    """What becomes of a step that an input is kept from."""
    name = next((name for name, value in arguments.items() if isinstance(value, Blocked)), None)
    if name is None:
        return None
    reason = arguments[name].reason
    if not reason:
        return Outcome((Blocked(),) * len(node_type.outputs))
    message = f"{step.type}.{name} is blocked: {reason}"
    return Outcome(problem=Problem("input_blocked", message, step.node, name))


def _judged(step: Step, watch: Watch, outcome: Outcome) -> Outcome:
    """What a node made of an input that it changed is not kept."""
    problem = outcome.problem or watch.problem(step.node, step.type)
    return outcome if problem is None or outcome.cancelled else Outcome(problem=problem)


def _with_context(node_type: NodeType, arguments: dict[str, Any], context: Context) -> dict[str, Any]:
    if node_type.context is not None:
        arguments[node_type.context] = context
    return arguments


def _drain(node_type: NodeType, values: Any, context: Context) -> object:
    """Each yield is the result so far, a mark of progress and a chance to cancel; the last one stays."""
    last, count = None, 0
    with closing(values):
        for value in values:
            last, count = value, count + 1
            _mark(node_type, count, context)
    return last


async def _drain_async(node_type: NodeType, values: Any, context: Context) -> object:
    last, count = None, 0
    async with aclosing(values):
        async for value in values:
            last, count = value, count + 1
            _mark(node_type, count, context)
    return last


def _mark(node_type: NodeType, count: int, context: Context) -> None:
    context.check_cancelled()
    if node_type.context is None:  # one that has the context tells its progress itself
        context.progress(count, None)


def unpack(node_type: NodeType, value: object) -> tuple[tuple[object, ...], tuple[Artifact, ...]]:
    """The outputs and artifacts in what a function returned."""
    if isinstance(value, Shown):
        return unpack(node_type, value.value)[0], value.artifacts
    if node_type.artifacts:
        artifacts = tuple(value) if isinstance(value, list | tuple) else (value,)
        for artifact in artifacts:
            if not isinstance(artifact, Artifact):
                raise WrongResult(f"it returned {words(artifact)} where its annotation promises artifacts")
        return (), artifacts
    expected = len(node_type.outputs)
    if not expected:
        return (), ()
    if not node_type.packed:
        outputs: tuple[object, ...] = (value,)
    elif isinstance(value, tuple | list) and len(value) == expected:
        outputs = tuple(value)
    else:
        raise WrongResult(f"it returned {words(value)} where its annotation promises {expected} outputs")
    for output, each in zip(node_type.outputs, outputs, strict=True):
        if output.list and not isinstance(each, (*LISTS, Blocked)):
            raise WrongResult(f"it returned {words(each)} where {output.name} is a list")
    return outputs, ()


def failed(step: Step, error: BaseException, context: Context) -> Outcome:
    if isinstance(error, Cancelled | KeyboardInterrupt):
        return Outcome(cancelled=True)
    if isinstance(error, Wanted):
        return Outcome(wanted=str(error))
    if isinstance(error, asyncio.CancelledError) and context.cancelled:
        return Outcome(cancelled=True)
    kind = type(error).__name__
    message = f"{step.type}: {kind}: {_text(error)}"
    code, name, remedy = "node_failed", None, ""
    if isinstance(error, NodeError):
        message = f"{step.type}{f'.{error.input}' if error.input else ''}: {_text(error)}"
        code, name, remedy = error.code, error.input, error.remedy
    elif isinstance(error, MemoryError) or kind == "OutOfMemoryError":
        code, remedy = "out_of_memory", "Make the picture or the batch smaller, or free memory."
    elif isinstance(error, FileNotFoundError):
        code, remedy = "file_not_found", "Put the file back, or choose another."
    elif isinstance(error, OSError) and error.errno in NO_ROOM:
        message = f"{step.type}: there is no room on the disk for {error.filename or 'a file'}"
        code, remedy = "disk_full", "Make room on the disk, then run again: what is done is kept."
    elif isinstance(error, OSError) and error.errno in NOT_WRITABLE:
        message = f"{step.type}: {error.filename or 'the file'} may not be read or written by the server"
        code, remedy = "not_writable", "Give the server's user leave for that file and its folder."
    if step.instance is not None and step.instance.coordinate:
        message += f" (at {', '.join(f'{axis} {words(value)}' for axis, value in step.instance.coordinate)})"
    problem = Problem(
        code, message, step.node, name, given=scalar(kind), remedy=remedy, details=_details(error)
    )
    return Outcome(problem=problem)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # an exception whose own text fails
        return "(without words)"


def _details(error: BaseException) -> str:
    """The traceback from the node's own frame on."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next and trace.tb_frame.f_code.co_filename.startswith(OUR_CODE):
        trace = trace.tb_next
    text = "".join(traceback.format_exception(type(error), error, trace))
    return text if len(text) <= MOST_DETAILS else "…" + text[-MOST_DETAILS:]
